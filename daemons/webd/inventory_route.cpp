// SPDX-License-Identifier: GPL-3.0-or-later
// What a device is built of, from the facts of its parts (docs/formats/state.md).
#include <algorithm>

#include "daemons/webd/handlers.hpp"
#include "daemons/webd/json.hpp"
#include "daemons/webd/site.hpp"
#include "lib/wire/state_messages.hpp"

namespace outstation::webd {
namespace {

constexpr std::string_view kPart = "part:";  // before its name
constexpr std::uint32_t kMostParts = 500;

// "kind=module; model=X; serial=Y": what it does not say is empty.
std::string field_of(std::string_view text, std::string_view name) {
    while (!text.empty()) {
        const std::string_view pair = text.substr(0, text.find("; "));
        text.remove_prefix(std::min(text.size(), pair.size() + 2));
        if (pair.substr(0, pair.find('=')) == name && pair.size() > name.size())
            return std::string(pair.substr(name.size() + 1));
    }
    return {};
}

Json part_json(const wire::FactRow& fact) {
    return Json{{"component", clean_text(fact.component)},
                {"name", json_text(fact.name)},
                {"kind", json_text(field_of(fact.value, "kind"))},
                {"model", json_text(field_of(fact.value, "model"))},
                {"serial", json_text(field_of(fact.value, "serial"))},
                {"version", json_text(field_of(fact.value, "version"))},
                {"since", json_time(fact.since_ns)}};
}

}  // namespace

void get_inventory(Site& site, const CallPtr& call) {
    wire::StatesRequest request;
    request.device = call->request->params.at("id");
    const auto& devices = site.config()->devices;
    if (std::none_of(devices.begin(), devices.end(),
                     [&request](const auto& device) { return device.id == request.device; }))
        return call->fail(404, "not_found", "there is no such device");
    request.after_component = kPart;
    request.limit = kMostParts;
    site.stored().ask<wire::FactsReply>(request, [&site, call](const Seen<wire::FactsReply>& seen) {
        if (!seen.value) return call->unavailable(seen.error, site.stored());
        Json items = Json::array();
        for (const wire::FactRow& fact : seen.value->facts)
            if (fact.component.starts_with(kPart) && !fact.value.empty()) items.push_back(part_json(fact));
        call->reply(Json{{"items", std::move(items)}, {"behind", seen.value->behind}});
    });
}

}  // namespace outstation::webd
