// SPDX-License-Identifier: GPL-3.0-or-later
// Encoding of poll_messages.hpp.
#include "lib/wire/poll_messages.hpp"

#include "lib/wire/codec.hpp"

namespace outstation::wire {

OUTSTATION_WIRE_MESSAGE(PollStatusRequest);
OUTSTATION_WIRE_MESSAGE(PollStatus);
OUTSTATION_WIRE_MESSAGE(PollStatusReply);

}  // namespace outstation::wire
