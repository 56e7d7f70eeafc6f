// SPDX-License-Identifier: GPL-3.0-or-later
// One question to one daemon, waited for: how commands talk to the station.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lib/ipc/client.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::ctl {

inline constexpr const char* kDaemons[] = {"stored", "confd", "authd", "probed", "polld", "alertd", "webd"};

class Asker {
  public:
    // Fails with timeout when nobody listens on the daemon's socket.
    [[nodiscard]] static Result<Asker> connect(const std::string& run_dir, const std::string& daemon);

    // Errors name the daemon; timeout when it does not answer or goes away meanwhile, refused when a signal
    // was noted (interrupt.hpp), else what it said.
    template <typename Reply, typename Request>
    [[nodiscard]] Result<Reply> ask(const Request& request, Duration timeout = std::chrono::seconds(5)) {
        const auto result = std::make_shared<Result<Reply>>(fail(ErrorCode::bug, "no answer"));
        client_->request<Reply>(request, timeout, [result, loop = loop_.get()](Result<Reply> reply) {
            *result = std::move(reply);
            loop->stop();
        });
        if (const auto waited = wait(); !waited) return fail(waited.error());
        if (!*result) return fail(explain(result->error()));
        return std::move(*result);
    }

  private:
    Asker(std::string daemon, std::unique_ptr<Loop> loop, std::unique_ptr<ipc::Client> client)
        : daemon_(std::move(daemon)), loop_(std::move(loop)), client_(std::move(client)) {}
    [[nodiscard]] Error explain(const Error& error) const;
    [[nodiscard]] Result<void> wait();
    void look();

    std::string daemon_;
    std::unique_ptr<Loop> loop_;
    std::unique_ptr<ipc::Client> client_;
    Timer looking_;
};

// Connects, asks, and lets go.
template <typename Reply, typename Request>
[[nodiscard]] Result<Reply> ask(const std::string& run_dir, const std::string& daemon, const Request& request,
                                Duration timeout = std::chrono::seconds(5)) {
    auto asker = Asker::connect(run_dir, daemon);
    if (!asker) return fail(asker.error());
    return asker->ask<Reply>(request, timeout);
}

// The folded states of all devices, with what the request asks for.
[[nodiscard]] Result<std::vector<wire::DeviceStateRow>> ask_states(Asker& stored,
                                                                   wire::DeviceStatesRequest request = {});

}  // namespace outstation::ctl
