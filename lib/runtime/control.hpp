// SPDX-License-Identifier: GPL-3.0-or-later
// Answers what every daemon answers: status, metrics, log level. Keeps the worst loop lag of the last minute.
#pragma once

#include <array>
#include <functional>

#include "lib/ipc/server.hpp"
#include "lib/runtime/log.hpp"
#include "lib/runtime/metrics.hpp"

namespace outstation::runtime {

class Control {
  public:
    struct Source {
        std::function<void(std::vector<wire::StatusField>&)> describe;
        std::function<void(Metrics&)> metrics;
    };
    Control(Loop& loop, Log& log, std::string daemon, Source source);
    void serve(ipc::Server& server);
    [[nodiscard]] wire::StatusReply status();

  private:
    void collect_lag();
    [[nodiscard]] Duration worst_lag() const;
    [[nodiscard]] WallTime started();
    [[nodiscard]] std::string metrics();

    Loop& loop_;
    Log& log_;
    std::string daemon_;
    Source source_;
    MonoTime start_;
    WallTime started_;
    std::array<Duration, 7> lags_{};  // six times ten seconds, and the running one
    std::size_t lag_slot_ = 0;
    Timer lag_timer_;
};

}  // namespace outstation::runtime
