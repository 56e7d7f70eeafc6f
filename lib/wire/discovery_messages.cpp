// SPDX-License-Identifier: GPL-3.0-or-later
// Encoding of discovery_messages.hpp.
#include "lib/wire/discovery_messages.hpp"

#include <algorithm>

#include "lib/wire/codec.hpp"

namespace outstation::wire {

OUTSTATION_WIRE_MESSAGE(DifferencesRequest);
OUTSTATION_WIRE_MESSAGE(Difference);
OUTSTATION_WIRE_MESSAGE(DifferencesReply);
OUTSTATION_WIRE_MESSAGE(SettleDifference);
OUTSTATION_WIRE_MESSAGE(Known);
OUTSTATION_WIRE_MESSAGE(KnownState);

bool has_moved(const Difference& difference) {
    const auto& differs = difference.differs;
    return !difference.device.empty() && !difference.now.addresses.empty() &&
           std::find(differs.begin(), differs.end(), "address") != differs.end();
}

}  // namespace outstation::wire
