// SPDX-License-Identifier: GPL-3.0-or-later
// The map of the room: what devices say of their neighbours, made into links, with the state of each.
#include <algorithm>
#include <unordered_map>

#include "daemons/webd/handlers.hpp"
#include "daemons/webd/topology_json.hpp"
#include "lib/wire/neighbour_rows.hpp"

namespace outstation::webd {
namespace {

constexpr Duration kShareNeighbours = std::chrono::seconds(10);  // devices are asked every 15 minutes
constexpr std::uint32_t kAlarmsAPage = 500;

struct Scene {
    std::shared_ptr<const Fleet> fleet;
    Pages<wire::DeviceStatesReply> neighbours;
    Pages<wire::AlarmList> alarms;
};

bool next_states(wire::DeviceStatesRequest& request, const wire::DeviceStatesReply& reply) {
    if (!reply.more || reply.devices.empty()) return false;
    request.after = reply.devices.back().device;
    return true;
}

bool next_alarms(wire::AlarmListRequest& request, const wire::AlarmList& list) {
    request.cursor = list.next;
    return !list.next.empty();
}

topology::Map map_of(const Scene& scene) {
    std::unordered_map<std::string, const wire::DeviceStateRow*> rows;
    for (const auto& page : scene.neighbours.pages)
        for (const auto& row : page->devices) rows[row.device] = &row;
    std::vector<topology::Device> devices;
    for (const wire::DeviceConfig& config : scene.fleet->config->devices) {
        const auto row = rows.find(config.id);
        devices.push_back(wire::topology_device(config, row == rows.end() ? nullptr : row->second));
    }
    return topology::draw(devices);
}

WorstAlarms worst_of(const Pages<wire::AlarmList>& alarms) {
    WorstAlarms out;
    for (const auto& page : alarms.pages) {
        for (const wire::AlarmRow& row : page->alarms) {
            if (!row.record.alarm) continue;
            // The worst has the lowest number.
            const auto [worst, is_new] = out.try_emplace(row.record.device, row.record.alarm->severity);
            if (!is_new) worst->second = std::min(worst->second, row.record.alarm->severity);
        }
    }
    return out;
}

}  // namespace

void get_topology(Site& site, const CallPtr& call) {
    const std::string device(call->request->query("device").value_or(""));
    const auto& known = site.config()->devices;
    const bool is_known = device.empty() || std::any_of(known.begin(), known.end(),
                                                        [&](const auto& one) { return one.id == device; });
    if (!is_known) return call->fail(404, "not_found", "there is no such device");
    auto scene = std::make_shared<Scene>();
    auto join = std::make_shared<Join>([&site, call, scene, device] {
        if (!scene->neighbours.known) return call->unavailable(scene->neighbours.error, site.stored());
        Json json = topology_json(map_of(*scene), *scene->fleet, worst_of(scene->alarms), device);
        json["alarms_known"] = scene->alarms.known && scene->alarms.fresh;
        json["fresh"] = scene->neighbours.fresh;
        json["as_of"] = json_time(site.now_ns());
        call->reply(json);
    });
    join->begin();
    ask_fleet(site, [scene, join](std::shared_ptr<const Fleet> fleet) {
        scene->fleet = std::move(fleet);
        join->finish();
    });
    join->begin();
    ask_pages(PageWalk<wire::DeviceStatesReply, wire::DeviceStatesRequest>{
        site.stored(), wire::DeviceStatesRequest{"", false, "", true}, next_states, kShareNeighbours,
        [scene, join](Pages<wire::DeviceStatesReply> pages) {
            scene->neighbours = std::move(pages);
            join->finish();
        }});
    join->begin();
    wire::AlarmListRequest alarms;
    alarms.scope = wire::AlarmScope::active;
    alarms.limit = kAlarmsAPage;
    ask_pages(PageWalk<wire::AlarmList, wire::AlarmListRequest>{
        site.alertd(), alarms, next_alarms, Upstream::kShareFor, [scene, join](Pages<wire::AlarmList> pages) {
            scene->alarms = std::move(pages);
            join->finish();
        }});
    join->close();
}

}  // namespace outstation::webd
