// SPDX-License-Identifier: GPL-3.0-or-later
// A page of state changes from stored, newest first, which looks at a part of its records for each question.
#pragma once

#include <functional>

#include "daemons/webd/upstream.hpp"

namespace outstation::webd {

struct EventPage {
    std::vector<wire::StoredState> events;
    std::vector<wire::DamagedSpan> damaged;
    std::uint64_t next = 0;  // before which the next page goes on; 0: these were the last
    Error error{ErrorCode::io, "not asked"};
    bool answered = false;  // false: `error` says why
};

// Asks until the page has as many as are wanted, or eight parts were looked at: then it may have fewer, or
// none, and go on all the same.
void ask_events(Upstream& stored, const wire::EventsRequest& request,
                const std::function<void(const EventPage&)>& done);

}  // namespace outstation::webd
