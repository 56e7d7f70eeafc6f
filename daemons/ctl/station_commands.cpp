// SPDX-License-Identifier: GPL-3.0-or-later
// Looking at a running station.
#include "daemons/ctl/station_commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "daemons/ctl/ask.hpp"
#include "daemons/ctl/table.hpp"
#include "daemons/ctl/time_text.hpp"
#include "lib/runtime/log.hpp"
#include "lib/wire/config_messages.hpp"
#include "lib/wire/poll_messages.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::ctl {
namespace {

using nlohmann::json;
using runtime::printable;

double age_s(std::int64_t wall_ns) {
    return static_cast<double>(now_ns() - wall_ns) / 1e9;
}

std::string age(std::int64_t wall_ns) {
    return wall_ns == 0 ? "-" : short_duration(age_s(wall_ns));
}

void print(const json& value) {
    std::cout << value.dump(2, ' ', false, json::error_handler_t::replace) << "\n";
}

json status_json(const std::string& name, const Result<wire::StatusReply>& reply) {
    if (!reply) return {{"name", name}, {"running", false}, {"error", reply.error().text}};
    json details = json::object();
    for (const auto& field : reply->details) details[field.name] = field.value;
    return {{"name", name},
            {"running", true},
            {"version", reply->version},
            {"pid", reply->pid},
            {"uptime_s", age_s(reply->started_ns)},
            {"rss_bytes", reply->rss_bytes},
            {"loop_lag_ms", static_cast<double>(reply->worst_loop_lag_ns) / 1e6},
            {"details", details}};
}

std::vector<std::string> status_row(const std::string& name, const Result<wire::StatusReply>& reply) {
    if (!reply) return {name, "not running", "-", "-", "-", "-", printable(reply.error().text)};
    std::string details;
    for (const auto& field : reply->details)
        details += (details.empty() ? "" : ", ") + field.name + " " + printable(field.value);
    return {name,
            "running",
            std::to_string(reply->pid),
            age(reply->started_ns),
            short_bytes(static_cast<double>(reply->rss_bytes)),
            fmt::format("{:.1f} ms", static_cast<double>(reply->worst_loop_lag_ns) / 1e6),
            details};
}

std::string state_name(wire::DeviceState state) {
    if (state == wire::DeviceState::up) return "up";
    if (state == wire::DeviceState::down) return "down";
    return "unknown";
}

// What three daemons know of one device.
struct DeviceView {
    wire::DeviceConfig config;
    wire::DeviceStateRow state;
    wire::PollStatus poll;
};

struct Devices {
    std::vector<DeviceView> views;
    std::vector<Error> missing;  // daemons that could not say what they know

    // The exit code of a command that showed them.
    [[nodiscard]] int outcome(const Target& target) const {
        int code = kDone;
        for (const Error& error : missing) code = failed(target, error);
        return code;
    }
};

Result<Devices> read_devices(const Target& target) {
    const auto config = ask<wire::ConfigReply>(target.run_dir, "confd", wire::ConfigRequest{});
    if (!config) return fail(config.error());
    auto stored = Asker::connect(target.run_dir, "stored");
    const Result<std::vector<wire::DeviceStateRow>> states =
        stored ? ask_states(*stored) : fail(stored.error());
    const auto polls = ask<wire::PollStatusReply>(target.run_dir, "polld", wire::PollStatusRequest{});
    std::map<std::string, DeviceView> by_id;
    for (const auto& device : config->devices) by_id[device.id].config = device;
    if (states) {
        for (const auto& row : *states) {
            if (const auto it = by_id.find(row.device); it != by_id.end()) it->second.state = row;
        }
    }
    if (polls) {
        for (const auto& row : polls->devices) {
            if (const auto it = by_id.find(row.device); it != by_id.end()) it->second.poll = row;
        }
    }
    Devices out;
    for (auto& [id, view] : by_id) out.views.push_back(std::move(view));
    if (!states) out.missing.push_back(states.error());
    if (!polls) out.missing.push_back(polls.error());
    return out;
}

json device_json(const DeviceView& view) {
    json attributes = json::object();
    for (const auto& attribute : view.state.attributes) attributes[attribute.name] = attribute.value;
    return {{"id", view.config.id},
            {"name", view.config.name},
            {"address", view.config.address},
            {"port", view.config.port},
            {"class", view.config.device_class},
            {"location", view.config.location},
            {"state", state_name(view.state.state)},
            {"since_ns", view.state.since_ns},
            {"reason", view.state.reason},
            {"last_poll_ns", view.poll.last_ns},
            {"rtt_ms", static_cast<double>(view.poll.rtt_ns) / 1e6},
            {"values", view.poll.values},
            {"error", view.poll.error},
            {"attributes", attributes}};
}

std::string value_text(const wire::LatestRow& row) {
    return row.series.kind == SeriesKind::counter ? std::to_string(row.counter)
                                                  : fmt::format("{}", row.gauge);
}

std::string labels_text(const wire::SeriesDef& series) {
    std::string out;
    for (const auto& label : series.labels) out += (out.empty() ? "" : ", ") + label.name + "=" + label.value;
    return printable(out);
}

Result<std::vector<wire::LatestRow>> read_latest(const Target& target, const std::string& device,
                                                 const std::string& metric) {
    auto asker = Asker::connect(target.run_dir, "stored");
    if (!asker) return fail(asker.error());
    std::vector<wire::LatestRow> rows;
    for (;;) {
        wire::LatestRequest request;
        request.device = device;
        request.metric = metric;
        request.after_id = rows.empty() ? 0 : rows.back().series.id;
        auto reply = asker->ask<wire::LatestReply>(request);
        if (!reply) return fail(reply.error());
        rows.insert(rows.end(), reply->rows.begin(), reply->rows.end());
        if (!reply->more || reply->rows.empty()) return rows;
    }
}

json latest_json(const wire::LatestRow& row) {
    json labels = json::object();
    for (const auto& label : row.series.labels) labels[label.name] = label.value;
    json value = row.series.kind == SeriesKind::counter ? json(row.counter) : json(row.gauge);
    return {{"id", row.series.id}, {"metric", row.series.metric}, {"labels", labels}, {"oid", row.series.oid},
            {"value", value},      {"time_ns", row.wall_ns}};
}

}  // namespace

int show_status(const Target& target) {
    Table table({"DAEMON", "STATE", "PID", "UP", "MEMORY", "LAG", "DETAILS"});
    json daemons = json::array();
    bool all = true;
    for (const char* name : kDaemons) {
        const auto reply = ask<wire::StatusReply>(target.run_dir, name, wire::StatusRequest{});
        all = all && reply;
        table.add(status_row(name, reply));
        daemons.push_back(status_json(name, reply));
    }
    if (target.json) {
        print({{"daemons", daemons}});
    } else {
        std::cout << table.text();
    }
    return all ? kDone : kAway;
}

int show_devices(const Target& target) {
    const auto devices = read_devices(target);
    if (!devices) return failed(target, devices.error());
    if (target.json) {
        json items = json::array();
        for (const auto& view : devices->views) items.push_back(device_json(view));
        print({{"devices", items}});
        return devices->outcome(target);
    }
    Table table(
        {"ID", "NAME", "ADDRESS", "CLASS", "STATE", "SINCE", "LAST POLL", "RTT", "VALUES", "LOCATION"});
    for (const auto& view : devices->views) {
        const std::string state =
            state_name(view.state.state) +
            (view.state.reason.empty() ? "" : " (" + printable(view.state.reason) + ")");
        table.add({view.config.id, printable(view.config.name), view.config.address, view.config.device_class,
                   state, age(view.state.since_ns), age(view.poll.last_ns),
                   view.poll.rtt_ns == 0
                       ? "-"
                       : fmt::format("{:.1f} ms", static_cast<double>(view.poll.rtt_ns) / 1e6),
                   std::to_string(view.poll.values), printable(view.config.location)});
    }
    std::cout << table.text();
    return devices->outcome(target);
}

int show_device(const Target& target, const std::string& device, const std::string& metric) {
    const auto devices = read_devices(target);
    if (!devices) return failed(target, devices.error());
    const auto view = std::find_if(devices->views.begin(), devices->views.end(),
                                   [&](const auto& d) { return d.config.id == device; });
    if (view == devices->views.end())
        return failed(target, Error{ErrorCode::not_found, "no device has the id " + device});
    const auto rows = read_latest(target, device, metric);
    if (!rows) return failed(target, rows.error());
    if (target.json) {
        json out = device_json(*view);
        out["series"] = json::array();
        for (const auto& row : *rows) out["series"].push_back(latest_json(row));
        print(out);
        return devices->outcome(target);
    }
    std::cout << printable(view->config.name) << " (" << device << ", " << view->config.address
              << "): " << state_name(view->state.state) << "\n";
    for (const auto& attribute : view->state.attributes) {
        std::cout << "  " << attribute.name << ": " << printable(attribute.value) << "\n";
    }
    if (!view->poll.error.empty()) std::cout << "  last error: " << printable(view->poll.error) << "\n";
    Table table({"METRIC", "LABELS", "VALUE", "AGE", "OID"});
    for (const auto& row : *rows) {
        table.add(
            {row.series.metric, labels_text(row.series), value_text(row), age(row.wall_ns), row.series.oid});
    }
    std::cout << table.text();
    return devices->outcome(target);
}

}  // namespace outstation::ctl
