// SPDX-License-Identifier: GPL-3.0-or-later
// The presence ping of RMCP (DMTF DSP0136, ASF 2.0), which a management controller answers without a password
// (IPMI 2.0 §13.2.3, §13.2.4). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/model/result.hpp"

namespace outstation::probe {

inline constexpr std::uint16_t kAsfPort = 623;
inline constexpr unsigned kAsfTags = 255;  // a tag of 255 asks for no answer

struct Pong {
    std::uint8_t tag = 0;  // of the ping it answers
    bool has_ipmi = false;
};

[[nodiscard]] std::string encode_presence_ping(std::uint8_t tag);

// malformed: no presence pong.
[[nodiscard]] Result<Pong> parse_presence_pong(std::string_view datagram);

}  // namespace outstation::probe
