// SPDX-License-Identifier: GPL-3.0-or-later
// A recording that may be handed on: what tells whose device it is, and where, is replaced by stand-ins of
// the same shape, the same for the same, in values and in the OIDs that hold them as an index. Makers,
// models, versions, names of parts and all numbers stay. What is taken for what stands in
// docs/formats/recording.md. Pure. Threads: any.
#pragma once

#include <string>
#include <vector>

#include "drivers/pack/findings.hpp"
#include "drivers/pack/values.hpp"

namespace outstation::pack {

struct Known {
    std::vector<std::string> secrets;  // communities, users: they appear nowhere, not even within a word
    Findings findings;  // of the packs: its serial numbers, names and aliases go, its models stay
};
struct Redacted {
    ValueTable values;
    std::size_t stand_ins = 0;  // so many values have one
    std::size_t dropped = 0;    // values that were left out
};
[[nodiscard]] Redacted redact(const ValueTable& values, const Known& known);

}  // namespace outstation::pack
