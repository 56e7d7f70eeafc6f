// SPDX-License-Identifier: GPL-3.0-or-later
// The parts of a device: interfaces, sensors, processors and storage.
#include <algorithm>
#include <charconv>
#include <map>

#include "daemons/webd/components.hpp"
#include "daemons/webd/fleet.hpp"
#include "daemons/webd/handlers.hpp"
#include "daemons/webd/json.hpp"

namespace outstation::webd {
namespace {

// RFC 2863, ifAdminStatus and ifOperStatus, from 1 on.
constexpr const char* kAdmin[] = {"up", "down", "testing"};
constexpr const char* kOper[] = {"up",      "down",        "testing",         "unknown",
                                 "dormant", "not_present", "lower_layer_down"};

template <std::size_t N>
Json enum_json(const std::optional<double>& value, const char* const (&names)[N]) {
    if (!value || *value < 1 || *value > static_cast<double>(N)) return nullptr;
    return names[static_cast<std::size_t>(*value) - 1];
}

Json series_id(std::uint32_t id) {
    return id == 0 ? Json(nullptr) : Json(std::to_string(id));
}

Json interface_json(const Interface& one) {
    const auto bits = [](const std::optional<double>& octets) {
        return octets ? Json(*octets * 8) : Json(nullptr);
    };
    return Json{{"if_index", one.if_index},
                {"name", clean_text(one.name)},
                {"descr", json_text(one.descr)},
                {"alias", json_text(one.alias)},
                {"type", json_number(one.type)},
                {"mac", json_text(one.mac)},
                {"admin", enum_json(one.admin, kAdmin)},
                {"oper", enum_json(one.oper, kOper)},
                {"speed_bps", json_number(one.speed_bps)},
                {"in_bps", bits(one.in_octets_per_s)},
                {"out_bps", bits(one.out_octets_per_s)},
                {"in_errors_per_s", json_number(one.in_errors_per_s)},
                {"out_errors_per_s", json_number(one.out_errors_per_s)},
                {"in_series", series_id(one.in_series)},
                {"out_series", series_id(one.out_series)},
                {"time", json_time(one.time_ns)}};
}

Json sensor_json(const Sensor& one) {
    constexpr const char* kStatus[] = {"ok", "unavailable",
                                       "nonoperational"};  // RFC 3433, EntitySensorStatus
    return Json{{"name", clean_text(one.name)},
                {"kind", one.kind},
                {"unit", one.unit},
                {"value", json_number(one.value)},
                {"status", enum_json(one.status, kStatus)},
                {"series", series_id(one.series)},
                {"time", json_time(one.time_ns)}};
}

Json resources_json(const Resources& resources) {
    Json processors = Json::array();
    for (const Processor& one : resources.processors) {
        processors.push_back({{"name", clean_text(one.name)},
                              {"load_ratio", json_number(one.load_ratio)},
                              {"series", series_id(one.series)}});
    }
    Json storage = Json::array();
    for (const Storage& one : resources.storage) {
        const bool known = one.size_bytes && one.used_bytes && *one.size_bytes > 0;
        storage.push_back(
            {{"name", clean_text(one.name)},
             {"kind", one.kind},
             {"size_bytes", json_number(one.size_bytes)},
             {"used_bytes", json_number(one.used_bytes)},
             {"used_ratio", known ? json_number(*one.used_bytes / *one.size_bytes) : Json(nullptr)},
             {"series", series_id(one.series)}});
    }
    return Json{{"processors", std::move(processors)}, {"storage", std::move(storage)}};
}

// Fetches the latest values of the device in the path, or answers 404 or 503.
void with_rows(Site& site, const CallPtr& call,
               std::function<void(const wire::DeviceConfig&, const Rows&)> then) {
    const std::string& id = call->request->params.at("id");
    const auto config = site.config();
    const auto it = std::find_if(config->devices.begin(), config->devices.end(),
                                 [&id](const wire::DeviceConfig& device) { return device.id == id; });
    if (it == config->devices.end()) return call->fail(404, "not_found", "there is no such device");
    ask_latest(site, id, "", [&site, call, config, device = &*it, then = std::move(then)](const Rows& rows) {
        if (!rows.known) return call->unavailable(rows.error, site.stored());
        then(*device, rows);
    });
}

}  // namespace

void get_interfaces(Site& site, const CallPtr& call) {
    const auto page = numbered_page_query(*call);
    if (!page) return;
    with_rows(site, call, [&site, call, page = *page](const wire::DeviceConfig& device, const Rows& rows) {
        const auto interfaces =
            interfaces_of(rows, Freshness{site.now_ns(), interval_of(*site.config(), &device)});
        Json items = Json::array();
        std::string next;
        for (const Interface& one : interfaces) {
            if (page.after > 0 && one.if_index <= page.after) continue;
            if (items.size() == page.limit) {
                next = items.back()["if_index"].dump();
                break;
            }
            items.push_back(interface_json(one));
        }
        call->reply(page_json(std::move(items), interfaces.size(), next, site.now_ns()));
    });
}

void get_sensors(Site& site, const CallPtr& call) {
    with_rows(site, call, [&site, call](const wire::DeviceConfig& device, const Rows& rows) {
        Json items = Json::array();
        for (const Sensor& one :
             sensors_of(rows, Freshness{site.now_ns(), interval_of(*site.config(), &device)}))
            items.push_back(sensor_json(one));
        call->reply(Json{{"items", std::move(items)}, {"as_of", json_time(site.now_ns())}});
    });
}

void get_resources(Site& site, const CallPtr& call) {
    with_rows(site, call, [&site, call](const wire::DeviceConfig& device, const Rows& rows) {
        Json json = resources_json(
            resources_of(rows, Freshness{site.now_ns(), interval_of(*site.config(), &device)}));
        json["as_of"] = json_time(site.now_ns());
        call->reply(json);
    });
}

}  // namespace outstation::webd
