// SPDX-License-Identifier: GPL-3.0-or-later
// About the station: identity, certificate, daemons, store, host; and the contract itself.
#include "daemons/webd/handlers.hpp"
#include "daemons/webd/host.hpp"
#include "daemons/webd/json.hpp"
#include "daemons/webd/openapi_text.hpp"
#include "daemons/webd/site.hpp"
#include "daemons/webd/station_json.hpp"
#include "lib/model/record.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::webd {
namespace {

struct About {
    Seen<wire::StoreStatus> store;
    std::vector<Seen<wire::StatusReply>> daemons;
};

Json daemon_json(const std::string& name, const Seen<wire::StatusReply>& seen, std::int64_t now_ns) {
    Json json{{"name", name},         {"state", "stopped"},     {"pid", nullptr},    {"uptime_s", nullptr},
              {"rss_bytes", nullptr}, {"loop_lag_ms", nullptr}, {"version", nullptr}};
    if (!seen.fresh || !seen.value) return json;
    const wire::StatusReply& status = *seen.value;
    json["state"] = "running";
    json["pid"] = status.pid;
    json["uptime_s"] = static_cast<double>(now_ns - status.started_ns) / 1e9;
    json["rss_bytes"] = status.rss_bytes;
    json["loop_lag_ms"] = static_cast<double>(status.worst_loop_lag_ns) / 1e6;
    json["version"] = json_text(status.version);
    return json;
}

// Levels of detail by their number; what a newer stored may have beyond them is left out.
constexpr const char* kLevels[] = {"raw", "m1", "m15", "h1"};

Json history_json(const std::vector<wire::HistoryLevelStatus>& levels) {
    Json json = Json::array();
    for (const wire::HistoryLevelStatus& level : levels) {
        if (level.level >= std::size(kLevels)) continue;
        json.push_back({{"level", kLevels[level.level]},
                        {"from", json_time(level.from_ns)},
                        {"to", json_time(level.to_ns)},
                        {"bytes", level.bytes},
                        {"files", level.files}});
    }
    return json;
}

Json failing_json(const wire::StoreStatus& status) {
    if (status.failing.empty()) return nullptr;
    return {{"since", json_time(status.failing_since_ns)}, {"reason", status.failing}};
}

Json store_json(const wire::StoreStatus& status) {
    Json streams = Json::array();
    for (const wire::StreamStatus& stream : status.streams) {
        streams.push_back({{"name", stream_name(stream.stream)},
                           {"first_sequence", stream.first_sequence},
                           {"last_sequence", stream.last_sequence},
                           {"durable_sequence", stream.durable_sequence},
                           {"bytes", stream.bytes},
                           {"oldest", json_time(stream.oldest_ns)}});
    }
    return Json{{"bytes", status.bytes},
                {"limit_bytes", status.limit_bytes},
                {"flush_interval_s", static_cast<double>(status.flush_interval_ms) / 1e3},
                {"streams", std::move(streams)},
                {"history", history_json(status.history)},
                {"state_bytes", status.state_bytes},
                {"damaged_places", status.damaged_places},
                {"impossible_stamps", status.impossible_stamps},
                {"failing", failing_json(status)}};
}

void answer(Site& site, const Call& call, const About& about) {
    const std::int64_t now_ns = site.now_ns();
    Json json = station_json(*site.config(), now_ns);
    Json daemons = Json::array();
    std::int64_t started_ns = 0;
    for (std::size_t i = 0; i < about.daemons.size(); ++i) {
        daemons.push_back(daemon_json(site.daemons()[i].first, about.daemons[i], now_ns));
        const auto& status = about.daemons[i].value;
        if (status && (started_ns == 0 || status->started_ns < started_ns)) started_ns = status->started_ns;
    }
    json["now"] = json_time(now_ns);
    json["started"] = json_time(started_ns);
    json["certificate_sha256"] = site.parts().certificate_sha256;
    json["daemons"] = std::move(daemons);
    json["store"] = about.store.fresh && about.store.value ? store_json(*about.store.value) : Json(nullptr);
    json["host"] = site.host().json(site.loop().now());
    call.reply(json);
}

}  // namespace

void get_station(Site& site, const CallPtr& call) {
    auto about = std::make_shared<About>();
    about->daemons.resize(site.daemons().size());
    auto join = std::make_shared<Join>([&site, call, about] { answer(site, *call, *about); });
    site.stored().ask(wire::StoreStatusRequest{}, about->store, about, join);
    for (std::size_t i = 0; i < about->daemons.size(); ++i)
        site.daemons()[i].second->ask(wire::StatusRequest{}, about->daemons[i], about, join);
    join->close();
}

void get_openapi(Site&, const CallPtr& call) {
    call->reply(http::Response::of(200, "application/yaml; charset=utf-8", std::string(kOpenApiText)));
}

}  // namespace outstation::webd
