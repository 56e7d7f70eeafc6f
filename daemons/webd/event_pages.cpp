// SPDX-License-Identifier: GPL-3.0-or-later
// One question after the other.
#include "daemons/webd/event_pages.hpp"

#include <algorithm>
#include <memory>

namespace outstation::webd {
namespace {

constexpr int kMostQuestions = 8;

// A page on its way.
struct Turns {
    Upstream& stored;
    wire::EventsRequest request;
    std::function<void(const EventPage&)> done;
    std::uint32_t wanted = 0;
    int asked = 0;
    EventPage page{};

    // True when that was all.
    bool take(const wire::EventsReply& reply) {
        page.events.insert(page.events.end(), reply.events.begin(), reply.events.end());
        for (const wire::DamagedSpan& span : reply.damaged) {
            if (std::find(page.damaged.begin(), page.damaged.end(), span) == page.damaged.end())
                page.damaged.push_back(span);
        }
        page.next = request.before_sequence = reply.more ? reply.next_before : 0;
        request.limit = wanted - std::min(wanted, static_cast<std::uint32_t>(page.events.size()));
        return page.next == 0 || request.limit == 0 || ++asked == kMostQuestions;
    }
};

void ask_part(const std::shared_ptr<Turns>& turns) {
    turns->stored.ask<wire::EventsReply>(turns->request, [turns](const Seen<wire::EventsReply>& seen) {
        turns->page.answered = seen.value != nullptr;
        turns->page.error = seen.error;
        if (seen.value && !turns->take(*seen.value)) return ask_part(turns);
        turns->done(turns->page);
    });
}

}  // namespace

void ask_events(Upstream& stored, const wire::EventsRequest& request,
                const std::function<void(const EventPage&)>& done) {
    ask_part(std::make_shared<Turns>(Turns{stored, request, done, request.limit}));
}

}  // namespace outstation::webd
