// SPDX-License-Identifier: GPL-3.0-or-later
// Encoding of poll_messages.hpp.
#include "lib/wire/poll_messages.hpp"

#include "lib/wire/codec.hpp"

namespace outstation::wire {

OUTSTATION_WIRE_MESSAGE(PollStatusRequest);
OUTSTATION_WIRE_MESSAGE(PollStatus);
OUTSTATION_WIRE_MESSAGE(PollStatusReply);
OUTSTATION_WIRE_MESSAGE(WhyRequest);
OUTSTATION_WIRE_MESSAGE(PollExchange);
OUTSTATION_WIRE_MESSAGE(PollPart);
OUTSTATION_WIRE_MESSAGE(PollSource);
OUTSTATION_WIRE_MESSAGE(WhyReply);
OUTSTATION_WIRE_MESSAGE(SweepRequest);
OUTSTATION_WIRE_MESSAGE(SweepStatus);
OUTSTATION_WIRE_MESSAGE(Candidate);
OUTSTATION_WIRE_MESSAGE(RefusedCredential);
OUTSTATION_WIRE_MESSAGE(SweepState);
OUTSTATION_WIRE_MESSAGE(IgnoreCandidate);
OUTSTATION_WIRE_MESSAGE(CandidatesRequest);
OUTSTATION_WIRE_MESSAGE(CandidatesReply);

}  // namespace outstation::wire
