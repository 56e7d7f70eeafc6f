// SPDX-License-Identifier: GPL-3.0-or-later
// The timers of a loop: ordered by time, then by creation. Both loops use it. Loop's thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "lib/event/loop.hpp"

namespace outstation::detail {

class TimerQueue {
  public:
    [[nodiscard]] Timer add(MonoTime at, std::function<void()> on_due);
    [[nodiscard]] std::optional<MonoTime> next() const;
    // Runs what is due at `now`. A timer added meanwhile runs in a later call, so that no timer starves the
    // descriptors.
    void run_due(MonoTime now);

  private:
    using Key = std::pair<MonoTime, std::uint64_t>;
    using Entries = std::map<Key, std::function<void()>>;
    class Handle;

    std::shared_ptr<Entries> entries_ = std::make_shared<Entries>();  // handles may outlive the loop
    std::uint64_t created_ = 0;
};

}  // namespace outstation::detail
