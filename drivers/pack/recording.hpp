// SPDX-License-Identifier: GPL-3.0-or-later
// Recorded devices in the snmprec format: one `OID|tag|value` a line, tags as snmpsim writes them (2 integer,
// 4 octets, 4x octets in hex, 6 OID, 64 address, 65 Counter32, 66 Gauge32, 67 TimeTicks, 68 Opaque,
// 70 Counter64). Threads: any.
#pragma once

#include <string>
#include <string_view>

#include "drivers/pack/values.hpp"
#include "lib/model/result.hpp"

namespace outstation::pack {

inline constexpr std::size_t kMaxRecordingBytes = 64U << 20;

// Lines that are not in the format are left out and counted. `malformed` when no line is.
struct Recording {
    ValueTable values;
    std::size_t bad_lines = 0;
};
[[nodiscard]] Result<Recording> parse_recording(std::string_view text);
[[nodiscard]] Result<Recording> read_recording(const std::string& path);
// In the order of OIDs, so that snmpsim and parse_recording() read it again; what is no plain text in hex.
[[nodiscard]] std::string recording_text(const Values& values);

}  // namespace outstation::pack
