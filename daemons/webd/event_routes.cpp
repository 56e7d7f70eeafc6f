// SPDX-License-Identifier: GPL-3.0-or-later
// State changes, newest first; the reachability of one device.
#include <algorithm>

#include "daemons/webd/damaged_json.hpp"
#include "daemons/webd/event_json.hpp"
#include "daemons/webd/event_pages.hpp"
#include "daemons/webd/handlers.hpp"
#include "daemons/webd/strip.hpp"

namespace outstation::webd {
void get_events(Site& site, const CallPtr& call) {
    const auto limit = integer_query(*call, "limit", 50, 1, 500);
    if (!limit) return;
    const auto before = integer_query(*call, "cursor", 0, 0, std::int64_t{1} << 62);
    if (!before) return;
    const wire::EventsRequest request{std::string(call->request->query("device").value_or("")),
                                      static_cast<std::uint64_t>(*before), static_cast<std::uint32_t>(*limit),
                                      false};
    ask_events(site.stored(), request, [&site, call](const EventPage& page) {
        if (!page.answered) return call->unavailable(page.error, site.stored());
        Json items = Json::array();
        for (const wire::StoredState& event : page.events) items.push_back(event_json(event, *site.config()));
        call->reply(Json{{"items", std::move(items)},
                         {"next", page.next != 0 ? Json(std::to_string(page.next)) : Json(nullptr)},
                         {"damaged", damaged_json(page.damaged)}});
    });
}

void get_history(Site& site, const CallPtr& call) {
    const auto hours = integer_query(*call, "hours", 24, 1, 720);
    if (!hours) return;
    const auto ticks = integer_query(*call, "ticks", 96, 1, 200);
    if (!ticks) return;
    const std::string& id = call->request->params.at("id");
    const auto& devices = site.config()->devices;
    if (std::none_of(devices.begin(), devices.end(), [&id](const auto& device) { return device.id == id; }))
        return call->fail(404, "not_found", "there is no such device");
    ask_strips(site, Groups{{"", {id}}}, *hours, *ticks, [call](const std::map<std::string, Strip>& strips) {
        call->reply(strip_json(strips.at("")));
    });
}

}  // namespace outstation::webd
