// SPDX-License-Identifier: GPL-3.0-or-later
// Records that a list lacks because the disk cannot give them any more, as the contract's schema DamagedSpan.
#pragma once

#include <vector>

#include "daemons/webd/json.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::webd {

[[nodiscard]] inline Json damaged_json(const std::vector<wire::DamagedSpan>& spans) {
    Json json = Json::array();
    for (const wire::DamagedSpan& span : spans) {
        const bool numbered = span.first_sequence != 0;
        json.push_back({{"from", json_time(span.from_ns)},
                        {"to", json_time(span.to_ns)},
                        {"first_sequence", numbered ? Json(span.first_sequence) : Json(nullptr)},
                        {"last_sequence", numbered ? Json(span.last_sequence) : Json(nullptr)}});
    }
    return json;
}

}  // namespace outstation::webd
