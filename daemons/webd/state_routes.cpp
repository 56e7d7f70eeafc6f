// SPDX-License-Identifier: GPL-3.0-or-later
// What is and was so of devices: search by words, the states of one device, the past of one attribute.
#include <algorithm>
#include <cmath>

#include "daemons/webd/fleet.hpp"
#include "daemons/webd/handlers.hpp"
#include "daemons/webd/json.hpp"
#include "lib/wire/state_messages.hpp"

namespace outstation::webd {
namespace {

constexpr std::size_t kLongestSearch = 200;  // octets; stored looks at 256
constexpr std::uint32_t kMostFound = 1000;   // facts in one answer of stored

const wire::DeviceConfig* find_device(const Site& site, const std::string& id) {
    const auto& devices = site.config()->devices;
    const auto it =
        std::find_if(devices.begin(), devices.end(), [&id](const auto& device) { return device.id == id; });
    return it == devices.end() ? nullptr : &*it;
}

// The contract's schema Fact.
Json fact_json(const wire::FactRow& fact) {
    return Json{{"component", json_text(fact.component)},  {"name", json_text(fact.name)},
                {"attribute", clean_text(fact.attribute)}, {"value", clean_text(fact.value)},
                {"reason", json_text(fact.reason)},        {"since", json_time(fact.since_ns)},
                {"until", json_time(fact.until_ns)}};
}

Json facts_json(const wire::FactsReply& reply, const std::string& next) {
    Json items = Json::array();
    for (const wire::FactRow& fact : reply.facts) items.push_back(fact_json(fact));
    return Json{{"items", std::move(items)},
                {"next", next.empty() ? Json(nullptr) : Json(next)},
                {"behind", reply.behind}};
}

// What was found of devices that are not configured any more is left out.
Json found_json(const Site& site, const wire::FactsReply& reply, std::size_t limit) {
    Json items = Json::array();
    bool more = reply.more;
    for (const wire::FactRow& fact : reply.facts) {
        const auto* device = find_device(site, fact.device);
        if (device == nullptr) continue;
        more = more || items.size() == limit;
        if (items.size() == limit) break;
        Json item{{"device", device->id}, {"device_name", name_of(*device)}};
        item.update(fact_json(fact));
        items.push_back(std::move(item));
    }
    return Json{{"items", std::move(items)}, {"more", more}, {"behind", reply.behind}};
}

// The place of a fact among those of its device: the attribute has no blank.
std::string cursor_of(const wire::FactRow& fact) {
    return fact.attribute + " " + fact.component;
}

}  // namespace

void get_search(Site& site, const CallPtr& call) {
    const auto limit = integer_query(*call, "limit", 50, 1, 500);
    if (!limit) return;
    const std::string typed(call->request->query("q").value_or(""));
    if (typed.empty() || typed.size() > kLongestSearch)
        return call->fail(400, "bad_request", "expected 1 to 200 octets of text", "q");
    site.stored().ask<wire::FactsReply>(
        wire::SearchRequest{typed, kMostFound}, [&site, call, limit](const Seen<wire::FactsReply>& seen) {
            if (!seen.value) return call->unavailable(seen.error, site.stored());
            call->reply(found_json(site, *seen.value, static_cast<std::size_t>(*limit)));
        });
}

void get_states(Site& site, const CallPtr& call) {
    const auto page = page_query(*call);
    if (!page) return;
    const auto* device = find_device(site, call->request->params.at("id"));
    if (device == nullptr) return call->fail(404, "not_found", "there is no such device");
    wire::StatesRequest request;
    request.device = device->id;
    if (call->request->query("at")) {
        const auto at = number_query(*call, "at");
        if (!at) return;
        request.at_ns = std::max<std::int64_t>(1, std::llround(*at * 1e9));
    }
    const auto blank = page->cursor.find(' ');
    request.after_attribute = page->cursor.substr(0, blank);
    if (blank != std::string::npos) request.after_component = page->cursor.substr(blank + 1);
    request.limit = static_cast<std::uint32_t>(page->limit);
    site.stored().ask<wire::FactsReply>(request, [&site, call](const Seen<wire::FactsReply>& seen) {
        if (!seen.value) return call->unavailable(seen.error, site.stored());
        call->reply(facts_json(*seen.value, seen.value->more ? cursor_of(seen.value->facts.back()) : ""));
    });
}

void get_state_history(Site& site, const CallPtr& call) {
    const auto page = numbered_page_query(*call);
    if (!page) return;
    const auto* device = find_device(site, call->request->params.at("id"));
    if (device == nullptr) return call->fail(404, "not_found", "there is no such device");
    wire::StateHistoryRequest request;
    request.device = device->id;
    request.component = std::string(call->request->query("component").value_or(""));
    request.attribute = std::string(call->request->query("attribute").value_or("state"));
    request.before_sequence = page->after;
    request.limit = static_cast<std::uint32_t>(page->limit);
    site.stored().ask<wire::FactsReply>(request, [&site, call](const Seen<wire::FactsReply>& seen) {
        if (!seen.value) return call->unavailable(seen.error, site.stored());
        const bool more = seen.value->more && !seen.value->facts.empty();
        call->reply(facts_json(*seen.value, more ? std::to_string(seen.value->facts.back().sequence) : ""));
    });
}

}  // namespace outstation::webd
