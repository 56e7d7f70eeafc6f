// SPDX-License-Identifier: GPL-3.0-or-later
// Putting together what is known of each device.
#include "daemons/webd/fleet.hpp"

#include <algorithm>
#include <unordered_map>

#include "daemons/webd/json.hpp"
#include "daemons/webd/metric_names.hpp"

namespace outstation::webd {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::int64_t kDefaultInterval = 60'000 * kNsPerMs;
constexpr std::int64_t kIntervalsUntilUnknown = 3;
constexpr std::int64_t kIntervalsWhenDown = 5;  // polld asks a dead device every fourth interval
constexpr double kOperUp = 1;                   // RFC 2863, ifOperStatus

// Devices by id; ids in rows of devices that are not configured any more find nothing.
using ById = std::unordered_map<std::string, DeviceView*>;

bool next_page(wire::DeviceStatesRequest& request, const wire::DeviceStatesReply& reply) {
    if (!reply.more || reply.devices.empty()) return false;
    request.after = reply.devices.back().device;
    return true;
}

void add_states(Fleet& fleet, const ById& by_id) {
    for (const auto& page : fleet.states.pages) {
        for (const auto& row : page->devices) {
            if (const auto it = by_id.find(row.device); it != by_id.end()) it->second->stored = &row;
        }
    }
    if (fleet.polls.value) {
        for (const auto& row : fleet.polls.value->devices) {
            if (const auto it = by_id.find(row.device); it != by_id.end()) it->second->poll = &row;
        }
    }
}

void add_values(const Fleet& fleet, const ById& by_id) {
    const auto view_of = [&by_id](const wire::LatestRow& row) -> DeviceView* {
        const auto it = by_id.find(row.series.device);
        return it == by_id.end() ? nullptr : it->second;
    };
    fleet.uptimes.each([&](const wire::LatestRow& row) {
        DeviceView* view = view_of(row);
        if (view == nullptr) return;
        view->uptime_s = row.gauge;
        view->last_seen_ns = std::max(view->last_seen_ns, row.wall_ns);
    });
    // What the device showed long before its last answer is not there any more.
    const auto current_view_of = [&view_of](const wire::LatestRow& row) -> DeviceView* {
        DeviceView* view = view_of(row);
        const bool old =
            view != nullptr && row.wall_ns + kIntervalsUntilUnknown * view->interval_ns < view->last_seen_ns;
        return old ? nullptr : view;
    };
    fleet.oper.each([&](const wire::LatestRow& row) {
        DeviceView* view = current_view_of(row);
        if (view == nullptr) return;
        view->interfaces_total = view->interfaces_total.value_or(0) + 1;
        view->interfaces_up = view->interfaces_up.value_or(0) + (row.gauge == kOperUp ? 1 : 0);
    });
    fleet.sensors.each([&](const wire::LatestRow& row) {
        if (DeviceView* view = current_view_of(row)) view->sensors = view->sensors.value_or(0) + 1;
    });
}

// up = answered its last poll; down = did not; unknown = never polled, or the last result is older than three
// intervals (five when it was down).
void decide_state(DeviceView& view, const Fleet& fleet, std::int64_t now_ns) {
    if (view.stored == nullptr || view.stored->state == wire::DeviceState::unknown) {
        view.reason = fleet.states.known ? "not_polled" : "no_store";
        return;
    }
    view.state = view.stored->state;
    view.since_ns = view.stored->since_ns;
    view.reason = view.state == wire::DeviceState::down ? view.stored->reason : "";
    if (view.state == wire::DeviceState::up && view.poll != nullptr && view.poll->error.empty())
        view.last_seen_ns = std::max(view.last_seen_ns, view.poll->last_ns);
    std::int64_t result_ns = std::max(view.last_seen_ns, view.since_ns);
    if (view.poll != nullptr) result_ns = std::max(result_ns, view.poll->last_ns);
    const auto patience = view.state == wire::DeviceState::down ? kIntervalsWhenDown : kIntervalsUntilUnknown;
    if (!fleet.store_connected() || now_ns - result_ns <= patience * view.interval_ns) return;
    view.state = wire::DeviceState::unknown;
    view.since_ns = result_ns;
    view.reason = "not_polled";
}

void assemble(Fleet& fleet, std::int64_t now_ns) {
    fleet.devices.reserve(fleet.config->devices.size());
    for (const auto& device : fleet.config->devices) {
        DeviceView view;
        view.config = &device;
        view.interval_ns = view.configured_ns = interval_of(*fleet.config, &device);
        fleet.devices.push_back(std::move(view));
    }
    ById by_id;
    for (DeviceView& view : fleet.devices) by_id.emplace(view.config->id, &view);
    add_states(fleet, by_id);
    add_values(fleet, by_id);
    for (DeviceView& view : fleet.devices) {
        if (view.poll != nullptr && view.poll->interval_ms > 0)
            view.interval_ns = static_cast<std::int64_t>(view.poll->interval_ms) * kNsPerMs;
        decide_state(view, fleet, now_ns);
    }
}

}  // namespace

std::int64_t interval_of(const wire::ConfigReply& config, const wire::DeviceConfig* device) {
    std::uint64_t ms = device != nullptr ? device->interval_ms : 0;
    if (ms == 0) ms = config.station.poll_interval_ms;
    return ms == 0 ? kDefaultInterval : static_cast<std::int64_t>(ms) * kNsPerMs;
}

Json device_name_json(const std::string& id, const wire::ConfigReply& config) {
    const auto it = std::find_if(config.devices.begin(), config.devices.end(),
                                 [&id](const wire::DeviceConfig& device) { return device.id == id; });
    return it != config.devices.end() ? Json(name_of(*it)) : json_text(id);
}

std::string name_of(const wire::DeviceConfig& device) {
    return clean_text(device.name.empty() ? device.id : device.name);
}

std::string_view DeviceView::attribute(std::string_view name) const {
    if (stored == nullptr) return {};
    for (const auto& label : stored->attributes) {
        if (label.name == name) return label.value;
    }
    return {};
}

const DeviceView* Fleet::find(const std::string& id) const {
    const auto it = std::find_if(devices.begin(), devices.end(),
                                 [&id](const DeviceView& view) { return view.config->id == id; });
    return it == devices.end() ? nullptr : &*it;
}

void ask_fleet(Site& site, std::function<void(std::shared_ptr<const Fleet>)> callback) {
    auto fleet = std::make_shared<Fleet>();
    fleet->config = site.config();
    auto join = std::make_shared<Join>([&site, fleet, callback = std::move(callback)] {
        assemble(*fleet, site.now_ns());
        callback(fleet);
    });
    join->begin();
    ask_pages(PageWalk<wire::DeviceStatesReply, wire::DeviceStatesRequest>{
        site.stored(), wire::DeviceStatesRequest{}, next_page, Upstream::kShareFor,
        [fleet, join](Pages<wire::DeviceStatesReply> pages) {
            fleet->states = std::move(pages);
            join->finish();
        }});
    site.polld().ask(wire::PollStatusRequest{}, fleet->polls, fleet, join);
    ask_latest(site, "", metric::kUptime, fleet->uptimes, fleet, join);
    ask_latest(site, "", metric::kIfOper, fleet->oper, fleet, join);
    ask_latest(site, "", metric::kSensorStatus, fleet->sensors, fleet, join);
    join->close();
}

std::string_view state_name(wire::DeviceState state) {
    if (state == wire::DeviceState::up) return "up";
    return state == wire::DeviceState::down ? "down" : "unknown";
}

Json device_json(const DeviceView& device) {
    const wire::DeviceConfig& config = *device.config;
    return Json{
        {"id", config.id},
        {"name", name_of(config)},
        {"address", config.address},
        {"class", config.device_class.empty() ? "other" : config.device_class},
        {"location", json_text(config.location)},
        {"state", state_name(device.state)},
        {"since", json_time(device.since_ns)},
        {"last_seen", json_time(device.last_seen_ns)},
        {"reason", json_text(device.reason)},
        {"uptime_s", device.state == wire::DeviceState::up ? json_number(device.uptime_s) : Json(nullptr)},
        {"interfaces_up", json_number(device.interfaces_up)},
        {"interfaces_total", json_number(device.interfaces_total)},
        {"sensors", json_number(device.sensors)}};
}

}  // namespace outstation::webd
