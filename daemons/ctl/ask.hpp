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

class Asker {
  public:
    // Fails with timeout when nobody listens on the daemon's socket.
    [[nodiscard]] static Result<Asker> connect(const std::string& run_dir, const std::string& daemon);

    // Errors name the daemon; timeout when it does not answer or goes away meanwhile, else what it said.
    template <typename Reply, typename Request>
    [[nodiscard]] Result<Reply> ask(const Request& request, Duration timeout = std::chrono::seconds(5)) {
        Result<Reply> result = fail(ErrorCode::bug, "no answer");
        client_->request<Reply>(request, timeout, [&](Result<Reply> reply) {
            result = std::move(reply);
            loop_->stop();
        });
        loop_->run();
        if (!result) return fail(explain(result.error()));
        return result;
    }

  private:
    Asker(std::string daemon, std::unique_ptr<Loop> loop, std::unique_ptr<ipc::Client> client)
        : daemon_(std::move(daemon)), loop_(std::move(loop)), client_(std::move(client)) {}
    [[nodiscard]] Error explain(const Error& error) const;

    std::string daemon_;
    std::unique_ptr<Loop> loop_;
    std::unique_ptr<ipc::Client> client_;
};

// Connects, asks, and lets go.
template <typename Reply, typename Request>
[[nodiscard]] Result<Reply> ask(const std::string& run_dir, const std::string& daemon,
                                const Request& request) {
    auto asker = Asker::connect(run_dir, daemon);
    if (!asker) return fail(asker.error());
    return asker->ask<Reply>(request);
}

// The folded states of all devices.
[[nodiscard]] Result<std::vector<wire::DeviceStateRow>> ask_states(Asker& stored);

}  // namespace outstation::ctl
