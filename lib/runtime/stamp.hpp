// SPDX-License-Identifier: GPL-3.0-or-later
// The box's own identity in time: boot id, clock quality, incarnation.
#pragma once

#include <cstdint>
#include <string>

#include "lib/event/loop.hpp"
#include "lib/model/record.hpp"

namespace outstation::runtime {

// 16 bytes of /proc/sys/kernel/random/boot_id; zeros where there is none.
[[nodiscard]] std::string read_boot_id();
// What the kernel knows of the clock's synchronisation (adjtimex).
[[nodiscard]] ClockQuality read_clock_quality();
// A number that no earlier start of any process had, with overwhelming probability. Never 0.
[[nodiscard]] std::uint64_t make_incarnation();

// Makes stamps; reads the boot id once and the clock's quality once a minute.
class Stamper {
  public:
    explicit Stamper(Loop& loop);
    [[nodiscard]] Stamp now();

  private:
    Loop& loop_;
    std::string boot_id_;
    ClockQuality quality_;
    MonoTime quality_read_;
};

}  // namespace outstation::runtime
