// SPDX-License-Identifier: GPL-3.0-or-later
// Everything the first screen shows, in one call.
#include <algorithm>
#include <unordered_map>

#include "daemons/webd/alarm_json.hpp"
#include "daemons/webd/components.hpp"
#include "daemons/webd/damaged_json.hpp"
#include "daemons/webd/event_json.hpp"
#include "daemons/webd/event_pages.hpp"
#include "daemons/webd/handlers.hpp"
#include "daemons/webd/interface_indexes.hpp"
#include "daemons/webd/metric_names.hpp"
#include "daemons/webd/rates.hpp"
#include "daemons/webd/station_json.hpp"
#include "daemons/webd/strip.hpp"

namespace outstation::webd {
namespace {

constexpr std::size_t kMostProblems = 20;
constexpr std::size_t kMostBusiest = 5;
constexpr std::uint32_t kMostEvents = 8;
constexpr std::string_view kLoopbackType = "24";  // IANAifType-MIB softwareLoopback(24)
constexpr std::int64_t kStripHours = 24;
constexpr std::int64_t kStripTicks = 96;

struct Scene {
    std::shared_ptr<const Fleet> fleet;
    Seen<wire::StoreStatus> store;
    EventPage events;
    Seen<wire::AlarmList> alarms;
    Rows in_octets;
    Rows out_octets;
    Rows speeds;
    Rows infos;
    std::map<std::string, Strip> strips;
};

std::string class_of(const DeviceView& device) {
    return device.config->device_class.empty() ? "other" : device.config->device_class;
}

struct Counts {
    int total = 0;
    int up = 0;
    int down = 0;
    int unknown = 0;
    void add(wire::DeviceState state) {
        ++total;
        if (state == wire::DeviceState::up) ++up;
        if (state == wire::DeviceState::down) ++down;
        if (state == wire::DeviceState::unknown) ++unknown;
    }
    [[nodiscard]] Json json() const {
        return Json{{"total", total}, {"up", up}, {"down", down}, {"unknown", unknown}};
    }
};

Json device_counts(const Fleet& fleet) {
    Counts counts;
    for (const DeviceView& device : fleet.devices) counts.add(device.state);
    return counts.json();
}

Json groups_json(const Scene& scene) {
    std::map<std::string, Counts> groups;
    for (const DeviceView& device : scene.fleet->devices) groups[class_of(device)].add(device.state);
    Json json = Json::array();
    for (const auto& [name, counts] : groups) {
        Json group{{"class", name}};
        group.update(counts.json());
        const auto strip = scene.strips.find(name);
        group["strip"] = strip_json(strip != scene.strips.end() ? strip->second : Strip{});
        json.push_back(std::move(group));
    }
    return json;
}

// Devices that do not answer, longest first.
Json problems_json(const Fleet& fleet) {
    std::vector<const DeviceView*> problems;
    for (const DeviceView& device : fleet.devices) {
        if (device.state != wire::DeviceState::up) problems.push_back(&device);
    }
    std::stable_sort(problems.begin(), problems.end(), [](const DeviceView* a, const DeviceView* b) {
        const bool a_down = a->state == wire::DeviceState::down;
        const bool b_down = b->state == wire::DeviceState::down;
        return a_down != b_down ? a_down : a->since_ns < b->since_ns;
    });
    if (problems.size() > kMostProblems) problems.resize(kMostProblems);
    Json json = Json::array();
    for (const DeviceView* device : problems) {
        json.push_back({{"device", device->config->id},
                        {"name", name_of(*device->config)},
                        {"state", state_name(device->state)},
                        {"since", json_time(device->since_ns)},
                        {"reason", json_text(device->reason)},
                        {"location", json_text(device->config->location)}});
    }
    return json;
}

struct Traffic {
    const wire::SeriesDef* series = nullptr;
    std::optional<double> in_bps;
    std::optional<double> out_bps;
    std::optional<double> speed_bps;
    bool is_loopback = false;
    [[nodiscard]] double most() const { return std::max(in_bps.value_or(0), out_bps.value_or(0)); }
};

std::vector<Traffic> busiest_of(const Scene& scene, std::int64_t now_ns) {
    std::unordered_map<std::string, Traffic> interfaces;
    InterfaceIndexes indexes;
    scene.infos.each([&indexes](const wire::LatestRow& row) { indexes.add(row); });
    const auto place_of = [&](const wire::LatestRow& row) -> Traffic& {
        const std::string& index = indexes.of(row.series);
        return interfaces[row.series.device + "\n" + (index.empty() ? interface_name(row.series) : index)];
    };
    const auto rate = [&scene, now_ns](const wire::LatestRow& row) -> std::optional<double> {
        const DeviceView* device = scene.fleet->find(row.series.device);
        if (device == nullptr || now_ns - row.wall_ns > 3 * device->interval_ns) return std::nullopt;
        const auto octets = rate_of(row, 3 * device->interval_ns);
        return octets ? std::optional(*octets * 8) : std::nullopt;
    };
    // An interface may have an old series beside the current one: of another name, or of its 32-bit counter.
    scene.in_octets.each([&](const wire::LatestRow& row) {
        Traffic& traffic = place_of(row);
        const auto in_bps = rate(row);
        if (in_bps || traffic.series == nullptr) traffic.series = &row.series;
        if (in_bps) traffic.in_bps = in_bps;
    });
    scene.out_octets.each([&](const wire::LatestRow& row) {
        if (const auto out_bps = rate(row)) place_of(row).out_bps = out_bps;
    });
    scene.speeds.each([&](const wire::LatestRow& row) {
        if (row.gauge > 0) place_of(row).speed_bps = row.gauge;
    });
    scene.infos.each([&](const wire::LatestRow& row) {
        if (label_of(row.series, metric::kIfType) == kLoopbackType) place_of(row).is_loopback = true;
    });
    std::vector<Traffic> sorted;
    for (const auto& [key, traffic] : interfaces) {
        if (traffic.series != nullptr && !traffic.is_loopback && traffic.most() > 0)
            sorted.push_back(traffic);
    }
    const std::size_t shown = std::min(kMostBusiest, sorted.size());
    std::partial_sort(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(shown), sorted.end(),
                      [](const Traffic& a, const Traffic& b) { return a.most() > b.most(); });
    sorted.resize(shown);
    return sorted;
}

Json busiest_json(const Scene& scene, std::int64_t now_ns) {
    Json json = Json::array();
    for (const Traffic& traffic : busiest_of(scene, now_ns)) {
        const DeviceView* device = scene.fleet->find(traffic.series->device);
        if (device == nullptr) continue;
        json.push_back({{"device", device->config->id},
                        {"device_name", name_of(*device->config)},
                        {"interface", clean_text(interface_name(*traffic.series))},
                        {"in_bps", json_number(traffic.in_bps)},
                        {"out_bps", json_number(traffic.out_bps)},
                        {"speed_bps", json_number(traffic.speed_bps)}});
    }
    return json;
}

// Null: not known. An alertd that has read a part of the journal knows a part of the alarms, and some that
// are over; one that evaluates nothing does not know that there are none.
Json alarms_json(const Seen<wire::AlarmList>& alarms) {
    if (!alarms.fresh) return nullptr;
    const wire::AlarmList& list = *alarms.value;
    const wire::AlarmCounts& counts = list.counts;
    const bool none = counts.critical + counts.major + counts.minor + counts.warning == 0;
    return list.partial || (list.behind && none) ? Json(nullptr) : counts_json(counts);
}

Json overview_json(Site& site, const Scene& scene) {
    const std::int64_t now_ns = site.now_ns();
    const wire::StoreStatus none;
    const wire::StoreStatus& store = scene.store.value ? *scene.store.value : none;
    Json events = Json::array();
    for (const auto& event : scene.events.events) events.push_back(event_json(event, *scene.fleet->config));
    return Json{{"now", json_time(now_ns)},
                {"data_time", json_time(store.newest_sample_ns)},
                {"store_connected", scene.store.fresh},
                {"poll_interval_s", static_cast<double>(interval_of(*scene.fleet->config, nullptr)) / 1e9},
                {"station", station_json(*scene.fleet->config, now_ns)},
                {"devices", device_counts(*scene.fleet)},
                {"needs_setup", needs_setup(*scene.fleet->config)},
                {"series", store.series},
                {"samples_per_second", json_number(site.samples_per_second(scene.store))},
                {"durable_lag_s",
                 scene.store.value ? Json(static_cast<double>(store.durable_lag_ns) / 1e9) : Json(nullptr)},
                {"problems", problems_json(*scene.fleet)},
                {"groups", groups_json(scene)},
                {"busiest", busiest_json(scene, now_ns)},
                {"alarms", alarms_json(scene.alarms)},
                {"events", std::move(events)},
                {"damaged", damaged_json(scene.events.damaged)},
                {"host", site.host().json(site.loop().now())}};
}

void with_fleet(Site& site, const CallPtr& call, const std::shared_ptr<Scene>& scene) {
    Groups groups;
    for (const DeviceView& device : scene->fleet->devices)
        groups[class_of(device)].push_back(device.config->id);
    auto join = std::make_shared<Join>([&site, call, scene] { call->reply(overview_json(site, *scene)); });
    site.stored().ask(wire::StoreStatusRequest{}, scene->store, scene, join);
    join->begin();
    ask_events(site.stored(), wire::EventsRequest{"", 0, kMostEvents, false},
               [scene, join](const EventPage& page) {
                   scene->events = page;
                   join->finish();
               });
    wire::AlarmListRequest counts;
    counts.limit = 1;
    site.alertd().ask(counts, scene->alarms, scene, join, Duration{0});
    ask_latest(site, "", metric::kIfInOctets, scene->in_octets, scene, join);
    ask_latest(site, "", metric::kIfOutOctets, scene->out_octets, scene, join);
    ask_latest(site, "", metric::kIfSpeed, scene->speeds, scene, join);
    ask_latest(site, "", metric::kIfInfo, scene->infos, scene, join);
    join->begin();
    ask_strips(site, groups, kStripHours, kStripTicks, [scene, join](std::map<std::string, Strip> strips) {
        scene->strips = std::move(strips);
        join->finish();
    });
    join->close();
}

}  // namespace

void get_overview(Site& site, const CallPtr& call) {
    ask_fleet(site, [&site, call](std::shared_ptr<const Fleet> fleet) {
        auto scene = std::make_shared<Scene>();
        scene->fleet = std::move(fleet);
        with_fleet(site, call, scene);
    });
}

}  // namespace outstation::webd
