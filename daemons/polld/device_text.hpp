// SPDX-License-Identifier: GPL-3.0-or-later
// Text from devices is hostile data: made valid UTF-8, without control characters, of bounded length.
#pragma once

#include <string>
#include <string_view>

namespace outstation::polld {

inline constexpr std::size_t kMaxLabelBytes = 255;
inline constexpr std::size_t kMaxAttributeBytes = 1024;

// Bytes that are not UTF-8 become U+FFFD, control characters a space; cut at a character; outer spaces
// removed.
[[nodiscard]] std::string clean_text(std::string_view raw, std::size_t max_bytes);
// "00:11:22:33:44:55"; anything but 6 bytes as hex pairs too, empty for none.
[[nodiscard]] std::string mac_text(std::string_view raw);

}  // namespace outstation::polld
