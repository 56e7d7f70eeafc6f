// SPDX-License-Identifier: GPL-3.0-or-later
// Status, metrics and log level over the daemon's own socket.
#include "lib/runtime/control.hpp"

#include <unistd.h>

#include <algorithm>

#include "lib/runtime/process.hpp"

namespace outstation::runtime {

using namespace std::chrono_literals;

Control::Control(Loop& loop, Log& log, std::string daemon, Source source)
    : loop_(loop),
      log_(log),
      daemon_(std::move(daemon)),
      source_(std::move(source)),
      start_(loop.now()),
      started_(loop.wall()) {
    collect_lag();
}

// When it started, by the wall clock of now: a box may start in 1970 and hear the time later. What is less
// than a step is no other start.
WallTime Control::started() {
    const WallTime started = loop_.wall() - (loop_.now() - start_);
    if (std::chrono::abs(started - started_) > 1s) started_ = started;
    return started_;
}

void Control::collect_lag() {
    lags_[lag_slot_] = loop_.take_worst_lag();
    lag_slot_ = (lag_slot_ + 1) % lags_.size();
    lag_timer_ = loop_.after(10s, [this] { collect_lag(); });
}

Duration Control::worst_lag() const {
    return *std::max_element(lags_.begin(), lags_.end());
}

wire::StatusReply Control::status() {
    wire::StatusReply reply;
    reply.daemon = daemon_;
    reply.version = OUTSTATION_VERSION;
    reply.pid = static_cast<std::uint32_t>(getpid());
    reply.started_ns = started().time_since_epoch().count();
    reply.rss_bytes = own_rss_bytes();
    reply.worst_loop_lag_ns = static_cast<std::uint64_t>(worst_lag().count());
    reply.log_level = level_name(log_.level());
    if (source_.describe) source_.describe(reply.details);
    return reply;
}

std::string Control::metrics() {
    Metrics out;
    const std::vector<Label> labels = {{"daemon", daemon_}};
    out.gauge("outstation_daemon_start_time_seconds", "When the daemon started, seconds since 1970 UTC.",
              std::chrono::duration<double>(started().time_since_epoch()).count(), labels);
    out.gauge("outstation_daemon_resident_memory_bytes", "Resident memory of the daemon.",
              static_cast<double>(own_rss_bytes()), labels);
    out.gauge("outstation_daemon_loop_lag_seconds", "Longest turn of the event loop in the last minute.",
              std::chrono::duration<double>(worst_lag()).count(), labels);
    if (source_.metrics) source_.metrics(out);
    return out.text();
}

void Control::serve(ipc::Server& server) {
    server.on<wire::StatusRequest>([this](ipc::Peer&, const wire::StatusRequest&,
                                          const ipc::Responder& responder) { responder.reply(status()); });
    server.on<wire::MetricsRequest>(
        [this](ipc::Peer&, const wire::MetricsRequest&, const ipc::Responder& responder) {
            responder.reply(wire::MetricsReply{metrics()});
        });
    server.on<wire::LogLevelRequest>(
        [this](ipc::Peer& peer, const wire::LogLevelRequest& request, const ipc::Responder& responder) {
            const auto level = level_from(request.level);
            if (!peer.is_console())
                return responder.fail(Error{ErrorCode::refused, "only the console sets the log level"});
            if (!level)
                return responder.fail(
                    Error{ErrorCode::malformed, "log level: expected error, warning, info or debug"});
            log_.set_level(*level);
            responder.reply(wire::Done{});
        });
}

}  // namespace outstation::runtime
