// SPDX-License-Identifier: GPL-3.0-or-later
// Connecting a command to a daemon.
#include "daemons/ctl/ask.hpp"

#include <iterator>

#include "daemons/ctl/interrupt.hpp"

namespace outstation::ctl {
namespace {

constexpr Duration kLook = std::chrono::milliseconds(200);

}  // namespace

Result<Asker> Asker::connect(const std::string& run_dir, const std::string& daemon) {
    auto loop = make_epoll_loop();
    if (!loop) return fail(loop.error());
    auto client = std::make_unique<ipc::Client>(**loop, run_dir + "/" + daemon + ".sock",
                                                wire::Hello{"outstation", OUTSTATION_VERSION, 1});
    client->start();
    if (!client->connected())
        return fail(ErrorCode::timeout, daemon + " does not run here (" + client->last_error() + ")");
    return Asker(daemon, std::move(*loop), std::move(client));
}

Result<void> Asker::wait() {
    look();
    loop_->run();
    looking_ = {};
    return go_on();
}

// A signal does not wake the loop.
void Asker::look() {
    looking_ = loop_->after(kLook, [this] {
        if (go_on()) return look();
        loop_->stop();
    });
}

Error Asker::explain(const Error& error) const {
    if (error.code == ErrorCode::timeout || !client_->connected())
        return Error{ErrorCode::timeout, daemon_ + " does not answer (" + error.text + ")"};
    return error.in(daemon_);
}

Result<std::vector<wire::DeviceStateRow>> ask_states(Asker& stored, wire::DeviceStatesRequest request) {
    std::vector<wire::DeviceStateRow> out;
    for (bool more = true; more;) {
        auto reply = stored.ask<wire::DeviceStatesReply>(request);
        if (!reply) return fail(reply.error());
        more = reply->more && !reply->devices.empty();
        out.insert(out.end(), std::make_move_iterator(reply->devices.begin()),
                   std::make_move_iterator(reply->devices.end()));
        if (more) request.after = out.back().device;
    }
    return out;
}

}  // namespace outstation::ctl
