// SPDX-License-Identifier: GPL-3.0-or-later
// Encoding of probe_messages.hpp.
#include "lib/wire/probe_messages.hpp"

#include "lib/wire/codec.hpp"

namespace outstation::wire {

OUTSTATION_WIRE_MESSAGE(ProbeRequest);
OUTSTATION_WIRE_MESSAGE(ProbedAddress);
OUTSTATION_WIRE_MESSAGE(ProbeReply);

}  // namespace outstation::wire
