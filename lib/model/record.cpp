// SPDX-License-Identifier: GPL-3.0-or-later
// Names of the streams.
#include "lib/model/record.hpp"

namespace outstation {

std::string_view stream_name(StreamId id) {
    switch (id) {
        case StreamId::state:
            return "state";
        case StreamId::samples:
            return "samples";
        case StreamId::logs:
            return "logs";
        case StreamId::flows:
            return "flows";
        case StreamId::audit:
            return "audit";
        case StreamId::jobs:
            return "jobs";
        case StreamId::ledger:
            return "ledger";
    }
    return "unknown";
}

std::optional<StreamId> stream_from(std::uint64_t number) {
    for (const StreamId id : kStreams) {
        if (static_cast<std::uint64_t>(id) == number) return id;
    }
    return std::nullopt;
}

}  // namespace outstation
