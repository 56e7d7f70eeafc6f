// SPDX-License-Identifier: GPL-3.0-or-later
// A pack to begin with for a device that is not known well: what is certain is written, what no pack reads of
// the maker's objects stands behind # with its first values. Pure. Threads: any.
#pragma once

#include <string>
#include <vector>

#include "drivers/pack/findings.hpp"
#include "drivers/pack/library.hpp"

namespace outstation::pack {

inline constexpr std::size_t kMostDraftLines = 300;  // of columns; more are counted

// `choices`: the packs of the device; `device`: what they say that it is. It loads as it is.
[[nodiscard]] std::string draft_pack(const Values& values, const std::vector<Choice>& choices,
                                     const Device& device);

}  // namespace outstation::pack
