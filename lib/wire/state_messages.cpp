// SPDX-License-Identifier: GPL-3.0-or-later
// Encoding of state_messages.hpp.
#include "lib/wire/state_messages.hpp"

#include "lib/wire/codec.hpp"

namespace outstation::wire {

OUTSTATION_WIRE_MESSAGE(FactRow);
OUTSTATION_WIRE_MESSAGE(SearchRequest);
OUTSTATION_WIRE_MESSAGE(StatesRequest);
OUTSTATION_WIRE_MESSAGE(StateHistoryRequest);
OUTSTATION_WIRE_MESSAGE(FactsReply);

}  // namespace outstation::wire
