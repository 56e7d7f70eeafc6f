// SPDX-License-Identifier: GPL-3.0-or-later
// Whether the store can write: whether it answers, whether what it accepts reaches the disk, and how long
// steps of alarms have waited for it. Plain data. Threads: the loop's.
#pragma once

#include <string>

#include "lib/event/loop.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::alertd {

class StoreWatch {
  public:
    // What lasts shorter is a restart, or a slow disk.
    static constexpr Duration kPatience = std::chrono::seconds(10);

    explicit StoreWatch(MonoTime now) : answered_(now) {}
    void on_status(const wire::StoreStatus& status, MonoTime now);
    // How long the oldest step has waited to be on disk, and why.
    void on_outbox(Duration waits, const std::string& why);
    // Empty: it writes.
    [[nodiscard]] std::string trouble(MonoTime now) const;

  private:
    MonoTime answered_;
    Duration lag_{0};  // of what it has accepted, beyond the flush interval
    Duration waits_{0};
    std::string why_;      // of the oldest step, the last that was given
    std::string failing_;  // as stored says
};

}  // namespace outstation::alertd
