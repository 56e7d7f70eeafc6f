// SPDX-License-Identifier: GPL-3.0-or-later
// Encoding of store_messages.hpp.
#include "lib/wire/store_messages.hpp"

#include "lib/wire/codec.hpp"

namespace outstation::wire {

OUTSTATION_WIRE_MESSAGE(DefineSeries);
OUTSTATION_WIRE_MESSAGE(AppendSamples);
OUTSTATION_WIRE_MESSAGE(AppendStates);
OUTSTATION_WIRE_MESSAGE(Appended);
OUTSTATION_WIRE_MESSAGE(LatestRequest);
OUTSTATION_WIRE_MESSAGE(LatestRow);
OUTSTATION_WIRE_MESSAGE(LatestReply);
OUTSTATION_WIRE_MESSAGE(RangeRequest);
OUTSTATION_WIRE_MESSAGE(RangeColumn);
OUTSTATION_WIRE_MESSAGE(RangeReply);
OUTSTATION_WIRE_MESSAGE(EventsRequest);
OUTSTATION_WIRE_MESSAGE(StoredState);
OUTSTATION_WIRE_MESSAGE(EventsReply);
OUTSTATION_WIRE_MESSAGE(StoreStatusRequest);
OUTSTATION_WIRE_MESSAGE(StreamStatus);
OUTSTATION_WIRE_MESSAGE(StoreStatus);
OUTSTATION_WIRE_MESSAGE(TailRequest);
OUTSTATION_WIRE_MESSAGE(Tail);
OUTSTATION_WIRE_MESSAGE(DurableMark);
OUTSTATION_WIRE_MESSAGE(ReplayRequest);
OUTSTATION_WIRE_MESSAGE(ReplayReply);
OUTSTATION_WIRE_MESSAGE(DeviceStatesRequest);
OUTSTATION_WIRE_MESSAGE(DeviceStateRow);
OUTSTATION_WIRE_MESSAGE(DeviceStatesReply);

}  // namespace outstation::wire
