// SPDX-License-Identifier: GPL-3.0-or-later
// The gap ledger, newest first: what was not collected, dropped, thinned or damaged, and why.
#include <algorithm>

#include "daemons/webd/fleet.hpp"
#include "daemons/webd/handlers.hpp"
#include "daemons/webd/json.hpp"

namespace outstation::webd {
namespace {

const char* account_name(wire::Account account) {
    switch (account) {
        case wire::Account::not_collected:
            return "not_collected";
        case wire::Account::dropped:
            return "dropped";
        case wire::Account::thinned:
            return "thinned";
        case wire::Account::damaged:
            return "damaged";
        case wire::Account::unknown:
            break;
    }
    return "unknown";
}

// Null for 0: not known, or not over.
Json moment(std::int64_t wall_ns) {
    return wall_ns == 0 ? Json(nullptr) : json_time(wall_ns);
}

Json name_of_device(const std::string& id, const wire::ConfigReply& config) {
    const auto it = std::find_if(config.devices.begin(), config.devices.end(),
                                 [&id](const wire::DeviceConfig& device) { return device.id == id; });
    return it != config.devices.end() ? Json(name_of(*it)) : json_text(id);
}

// The contract's schema LedgerEntry.
Json entry_json(const wire::StoredLedger& entry, const wire::ConfigReply& config) {
    const wire::LedgerRecord& record = entry.record;
    const bool numbered = record.first_sequence != 0;
    return Json{{"sequence", entry.sequence == 0 ? Json(nullptr) : Json(entry.sequence)},
                {"account", account_name(record.account)},
                {"stream", std::string(stream_name(record.stream))},
                {"device", json_text(record.device)},
                {"device_name", name_of_device(record.device, config)},
                {"from", moment(record.from_ns)},
                {"to", moment(record.to_ns)},
                {"reason", clean_text(record.reason)},
                {"first_sequence", numbered ? Json(record.first_sequence) : Json(nullptr)},
                {"last_sequence", numbered ? Json(record.last_sequence) : Json(nullptr)}};
}

}  // namespace

void get_ledger(Site& site, const CallPtr& call) {
    const auto limit = integer_query(*call, "limit", 50, 1, 500);
    if (!limit) return;
    const auto before = integer_query(*call, "cursor", 0, 0, std::int64_t{1} << 62);
    if (!before) return;
    wire::LedgerRequest request;
    request.device = std::string(call->request->query("device").value_or(""));
    request.before_sequence = static_cast<std::uint64_t>(*before);
    request.limit = static_cast<std::uint32_t>(*limit);
    site.stored().ask<wire::LedgerReply>(request, [&site, call](const Seen<wire::LedgerReply>& seen) {
        if (!seen.value) return call->unavailable(seen.error, site.stored());
        Json items = Json::array();
        for (const auto& entry : seen.value->entries) items.push_back(entry_json(entry, *site.config()));
        const bool more = seen.value->more && seen.value->entries.back().sequence != 0;
        call->reply(
            Json{{"items", std::move(items)},
                 {"next", more ? Json(std::to_string(seen.value->entries.back().sequence)) : Json(nullptr)}});
    });
}

}  // namespace outstation::webd
