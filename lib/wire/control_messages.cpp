// SPDX-License-Identifier: GPL-3.0-or-later
// Encoding of control_messages.hpp.
#include "lib/wire/control_messages.hpp"

#include "lib/wire/codec.hpp"

namespace outstation::wire {

OUTSTATION_WIRE_MESSAGE(Hello);
OUTSTATION_WIRE_MESSAGE(ErrorReply);
OUTSTATION_WIRE_MESSAGE(Done);
OUTSTATION_WIRE_MESSAGE(StatusRequest);
OUTSTATION_WIRE_MESSAGE(StatusField);
OUTSTATION_WIRE_MESSAGE(StatusReply);
OUTSTATION_WIRE_MESSAGE(MetricsRequest);
OUTSTATION_WIRE_MESSAGE(MetricsReply);
OUTSTATION_WIRE_MESSAGE(LogLevelRequest);

}  // namespace outstation::wire
