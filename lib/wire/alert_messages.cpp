// SPDX-License-Identifier: GPL-3.0-or-later
// Encoding of alert_messages.hpp.
#include "lib/wire/alert_messages.hpp"

#include "lib/wire/codec.hpp"

namespace outstation::wire {

OUTSTATION_WIRE_MESSAGE(AlarmsRequest);
OUTSTATION_WIRE_MESSAGE(AlarmsReply);
OUTSTATION_WIRE_MESSAGE(AlarmListRequest);
OUTSTATION_WIRE_MESSAGE(AlarmList);
OUTSTATION_WIRE_MESSAGE(AlarmAct);
OUTSTATION_WIRE_MESSAGE(RuleTestRequest);
OUTSTATION_WIRE_MESSAGE(RuleTestReply);

}  // namespace outstation::wire
