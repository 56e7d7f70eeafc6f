// SPDX-License-Identifier: GPL-3.0-or-later
// The box's own identity in time: boot id, clock quality, incarnation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/event/loop.hpp"
#include "lib/model/record.hpp"

namespace outstation::runtime {

// The 16 bytes of a boot id written in hexadecimal, with or without dashes.
[[nodiscard]] std::optional<std::string> parse_boot_id(std::string_view text);
// Those of $OUTSTATION_BOOT_ID, which the units set (%b), because ProcSubset=pid hides the kernel's own file;
// else those of /proc/sys/kernel/random/boot_id; zeros where there is neither.
[[nodiscard]] std::string read_boot_id();

// What adjtimex says of the clock's synchronisation; or, where ProtectClock= forbids to ask (`state` below
// 0), whether systemd-timesyncd has synchronised it since the boot: its directory exists while it runs, the
// file `synchronized` in it from the first answer of a server on.
[[nodiscard]] ClockQuality clock_quality_of(int state, int status, const std::string& timesync_directory);
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
