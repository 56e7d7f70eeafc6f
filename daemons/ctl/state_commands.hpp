// SPDX-License-Identifier: GPL-3.0-or-later
// What stored knows of devices from their state records.
#pragma once

#include <cstdint>
#include <string>

#include "daemons/ctl/outcome.hpp"

namespace outstation::ctl {

// What is so now of any device and has all the words, best match first; at most `limit` rows.
[[nodiscard]] int search_states(const Target& target, const std::string& words, std::uint32_t limit);

// What is so of one device, or was so at a time as people write it (time_text.hpp); empty: now.
[[nodiscard]] int show_states(const Target& target, const std::string& device, const std::string& at);

}  // namespace outstation::ctl
