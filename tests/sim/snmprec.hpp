// SPDX-License-Identifier: GPL-3.0-or-later
// Recordings of devices as text, one instance a line: OID|TAG|VALUE. TAG is the number of the ASN.1 type; 'x'
// after it means hexadecimal, '~' means that the value moves (motion.hpp says how). '#' begins a comment
// line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/model/result.hpp"
#include "tests/sim/mib.hpp"

namespace outstation::sim {

inline constexpr std::size_t kMaxRecordingBytes = 64U << 20;

struct Recording {
    Mib mib;
    std::vector<std::string> left_out;  // "FILE:7: why": recordings of real devices have a few such lines
};

// `file` is only a name for messages.
[[nodiscard]] Recording parse_snmprec(std::string_view text, const std::string& file = "recording");
[[nodiscard]] Result<Recording> read_snmprec(const std::string& path);
[[nodiscard]] Result<std::string> read_text(const std::string& path);

}  // namespace outstation::sim
