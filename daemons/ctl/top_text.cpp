// SPDX-License-Identifier: GPL-3.0-or-later
// The table of `top`, and its JSON.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "daemons/ctl/table.hpp"
#include "daemons/ctl/top.hpp"

namespace outstation::ctl {
namespace {

using nlohmann::json;

struct Counted {
    const char* daemon;
    const char* metric;
    const char* text;
};
constexpr Counted kRates[] = {
    {"polld", "polld_polls", "polls/s"},
    {"polld", "polld_values", "values read/s"},
    {"polld", "polld_requests", "requests/s"},
    {"polld", "polld_retries", "retries/s"},
    {"stored", "outstation_store_values", "values kept/s"},
    {"webd", "outstation_http_requests", "HTTP/s"},
};
constexpr Counted kQueues[] = {
    {"polld", "polld_unacknowledged_records", "records that polld keeps"},
    {"webd", "outstation_http_connections_open", "HTTP connections"},
};

struct DeviceCounts {
    std::size_t up = 0;
    std::size_t down = 0;
    std::size_t unknown = 0;
};

DeviceCounts count(const std::vector<wire::DeviceStateRow>& devices) {
    DeviceCounts out;
    for (const wire::DeviceStateRow& device : devices)
        ++(device.state == wire::DeviceState::up     ? out.up
           : device.state == wire::DeviceState::down ? out.down
                                                     : out.unknown);
    return out;
}

std::string number(const std::optional<double>& value) {
    return value ? fmt::format("{:.1f}", *value) : "-";
}

std::optional<double> queue(const StationLook& look, const Counted& counted) {
    const DaemonLook* daemon = find_daemon(look, counted.daemon);
    if (daemon == nullptr) return std::nullopt;
    const auto it = daemon->metrics.find(counted.metric);
    return it == daemon->metrics.end() ? std::nullopt : std::optional<double>(it->second);
}

std::string head(const StationLook& before, const StationLook& after) {
    std::string out = "devices: ";
    if (after.devices) {
        const DeviceCounts devices = count(*after.devices);
        out += fmt::format("{} up, {} down, {} unknown\n", devices.up, devices.down, devices.unknown);
    } else {
        out += "not known, stored does not answer\n";
    }
    std::string rates;
    for (const Counted& each : kRates)
        rates += fmt::format("{}{} {}", rates.empty() ? "" : ", ",
                             number(metric_rate(before, after, each.daemon, each.metric)), each.text);
    std::string queues;
    for (const Counted& each : kQueues) {
        const auto depth = queue(after, each);
        queues += fmt::format("{}{} {}", queues.empty() ? "" : ", ",
                              depth ? fmt::format("{:.0f}", *depth) : "-", each.text);
    }
    return out + rates + "\n" + queues + "\n";
}

std::string store_text(const StationLook& before, const StationLook& after) {
    if (!after.store) return "";
    Table table({"STREAM", "ACCEPTED/s", "DURABLE/s", "NOT DURABLE", "SIZE"});
    for (const wire::StreamStatus& stream : after.store->streams) {
        const StreamRates rates = rates_of(before, after, stream.stream);
        table.add({std::string(stream_name(stream.stream)), number(rates.accepted_per_s),
                   number(rates.durable_per_s), std::to_string(rates.pending),
                   short_bytes(static_cast<double>(stream.bytes))});
    }
    return table.text() + fmt::format("oldest record that is not durable: {:.1f} s\n",
                                      static_cast<double>(after.store->durable_lag_ns) / 1e9);
}

std::string daemons_text(const StationLook& before, const StationLook& after) {
    Table table({"DAEMON", "CPU", "MEMORY", "LAG", "WRITES"});
    for (const DaemonLook& daemon : after.daemons) {
        if (!daemon.running) {
            table.add({daemon.name, "not running"});
            continue;
        }
        const DaemonRates rates = rates_of(before, after, daemon.name);
        const auto& written = rates.written_bytes_per_s;
        table.add({daemon.name, rates.cpu_ratio ? fmt::format("{:.1f} %", *rates.cpu_ratio * 100) : "-",
                   short_bytes(static_cast<double>(daemon.rss_bytes)),
                   fmt::format("{:.1f} ms", static_cast<double>(daemon.worst_loop_lag_ns) / 1e6),
                   written ? short_bytes(*written) + "/s" : "-"});
    }
    return table.text();
}

json or_null(const std::optional<double>& value) {
    return value ? json(*value) : json();
}

json daemon_json(const StationLook& before, const StationLook& after, const DaemonLook& daemon) {
    json out = {{"name", daemon.name}, {"running", daemon.running}};
    if (!daemon.running) return out;
    const DaemonRates rates = rates_of(before, after, daemon.name);
    out["cpu_ratio"] = or_null(rates.cpu_ratio);
    out["rss_bytes"] = daemon.rss_bytes;
    out["loop_lag_ms"] = static_cast<double>(daemon.worst_loop_lag_ns) / 1e6;
    out["written_bytes_per_s"] = or_null(rates.written_bytes_per_s);
    return out;
}

}  // namespace

std::string top_text(const StationLook& before, const StationLook& after) {
    return head(before, after) + "\n" + store_text(before, after) + "\n" + daemons_text(before, after);
}

std::string top_json(const StationLook& before, const StationLook& after) {
    json out = {{"seconds", std::chrono::duration<double>(after.at - before.at).count()}};
    if (after.devices) {
        const DeviceCounts devices = count(*after.devices);
        out["devices"] = {{"up", devices.up}, {"down", devices.down}, {"unknown", devices.unknown}};
    }
    for (const Counted& each : kRates)
        out["rates"][each.metric] = or_null(metric_rate(before, after, each.daemon, each.metric));
    for (const Counted& each : kQueues) out["queues"][each.metric] = or_null(queue(after, each));
    out["streams"] = json::array();
    if (after.store) {
        out["durable_lag_s"] = static_cast<double>(after.store->durable_lag_ns) / 1e9;
        for (const wire::StreamStatus& stream : after.store->streams) {
            const StreamRates rates = rates_of(before, after, stream.stream);
            out["streams"].push_back({{"stream", stream_name(stream.stream)},
                                      {"accepted_per_s", or_null(rates.accepted_per_s)},
                                      {"durable_per_s", or_null(rates.durable_per_s)},
                                      {"pending", rates.pending},
                                      {"bytes", stream.bytes}});
        }
    }
    out["daemons"] = json::array();
    for (const DaemonLook& daemon : after.daemons)
        out["daemons"].push_back(daemon_json(before, after, daemon));
    return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace outstation::ctl
