// SPDX-License-Identifier: GPL-3.0-or-later
// Encoding of the records.
#include "lib/wire/records.hpp"

#include "lib/wire/codec.hpp"

namespace outstation::wire {

SeriesInfo SeriesDef::info() const {
    SeriesInfo out;
    out.key.device = device;
    out.key.metric = metric;
    for (const WireLabel& label : labels) out.key.labels.push_back({label.name, label.value});
    out.kind = kind;
    out.oid = oid;
    out.scale = scale == 0.0 ? 1.0 : scale;
    return out;
}

SeriesDef SeriesDef::of(std::uint32_t id, const SeriesInfo& info) {
    SeriesDef out;
    out.id = id;
    out.device = info.key.device;
    out.metric = info.key.metric;
    for (const Label& label : info.key.labels) out.labels.push_back({label.name, label.value});
    out.kind = info.kind;
    out.oid = info.oid;
    out.scale = info.scale;
    return out;
}

OUTSTATION_WIRE_MESSAGE(SeriesDef);
OUTSTATION_WIRE_MESSAGE(SampleRecord);
OUTSTATION_WIRE_MESSAGE(StateRecord);
OUTSTATION_WIRE_MESSAGE(FrameBody);

}  // namespace outstation::wire
