// SPDX-License-Identifier: GPL-3.0-or-later
// Encoding of workbench_messages.hpp.
#include "lib/wire/workbench_messages.hpp"

#include "lib/wire/codec.hpp"

namespace outstation::wire {

OUTSTATION_WIRE_MESSAGE(RecordRequest);
OUTSTATION_WIRE_MESSAGE(RecordStatus);
OUTSTATION_WIRE_MESSAGE(RecordTextRequest);
OUTSTATION_WIRE_MESSAGE(RecordText);
OUTSTATION_WIRE_MESSAGE(ExplainRequest);
OUTSTATION_WIRE_MESSAGE(FoundCount);
OUTSTATION_WIRE_MESSAGE(PackUse);
OUTSTATION_WIRE_MESSAGE(ExplainReply);
OUTSTATION_WIRE_MESSAGE(DraftRequest);
OUTSTATION_WIRE_MESSAGE(DraftMistake);
OUTSTATION_WIRE_MESSAGE(DraftFinding);
OUTSTATION_WIRE_MESSAGE(DraftReply);

}  // namespace outstation::wire
