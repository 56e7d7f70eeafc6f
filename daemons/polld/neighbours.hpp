// SPDX-License-Identifier: GPL-3.0-or-later
// The neighbours that packs found of a device, as they are told: each once, clean, and of each kind no more
// than a room needs. A port at which a bridge has learned several MACs leads on to others, so these are left
// out; and all of them where not everything could be read: then nobody knows which MAC is alone. Pure;
// threads: any.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "drivers/pack/findings.hpp"
#include "lib/model/neighbour.hpp"

namespace outstation::polld {

// Of one device, all together.
inline constexpr std::size_t kMaxNeighbours = 256;

// By key, for those of one protocol come one after the other.
using Neighbours = std::map<std::string, Neighbour>;
[[nodiscard]] Neighbours neighbours_of(const std::vector<pack::Link>& links, bool is_whole = true);

}  // namespace outstation::polld
