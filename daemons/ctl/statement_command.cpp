// SPDX-License-Identifier: GPL-3.0-or-later
// Devices by class: how often they are asked, by how many requests and octets a minute.
#include "daemons/ctl/statement_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "daemons/ctl/ask.hpp"
#include "daemons/ctl/table.hpp"
#include "daemons/ctl/time_text.hpp"
#include "lib/runtime/log.hpp"
#include "lib/wire/config_messages.hpp"
#include "lib/wire/poll_messages.hpp"

namespace outstation::ctl {
namespace {

using nlohmann::json;

struct Load {
    double requests = 0;  // a minute
    double bytes = 0;
};

struct Class {
    unsigned devices = 0;
    unsigned polled = 0;  // those of which there are figures
    std::uint64_t least_ms = UINT64_MAX;
    std::uint64_t most_ms = 0;
    Load sum;
    Load most;  // of one device
};

// Of the time from the first poll to the last, and the interval that the first stands for.
Load load_of(const wire::PollStatus& poll) {
    const double minutes = (static_cast<double>(poll.last_ns - poll.first_ns) / 1e9 +
                            static_cast<double>(poll.interval_ms) / 1e3) /
                           60;
    if (minutes <= 0) return {};
    return {static_cast<double>(poll.all_requests) / minutes, static_cast<double>(poll.all_bytes) / minutes};
}

void add(Class& to, const wire::DeviceConfig& device, const wire::PollStatus* poll) {
    ++to.devices;
    if (poll == nullptr || poll->first_ns == 0) return;
    ++to.polled;
    to.least_ms = std::min(to.least_ms, device.interval_ms);
    to.most_ms = std::max(to.most_ms, device.interval_ms);
    const Load load = load_of(*poll);
    to.sum.requests += load.requests;
    to.sum.bytes += load.bytes;
    to.most.requests = std::max(to.most.requests, load.requests);
    to.most.bytes = std::max(to.most.bytes, load.bytes);
}

std::map<std::string, Class> classes_of(const std::vector<wire::DeviceConfig>& devices,
                                        const std::vector<wire::PollStatus>& polls) {
    std::map<std::string, const wire::PollStatus*> by_device;
    for (const wire::PollStatus& poll : polls) by_device[poll.device] = &poll;
    std::map<std::string, Class> out;
    for (const wire::DeviceConfig& device : devices) {
        const auto poll = by_device.find(device.id);
        add(out[device.device_class.empty() ? "other" : device.device_class], device,
            poll == by_device.end() ? nullptr : poll->second);
    }
    return out;
}

std::string interval_text(const Class& of) {
    const auto text = [](std::uint64_t ms) { return fmt::format("{:g} s", static_cast<double>(ms) / 1e3); };
    if (of.polled == 0) return "-";
    return of.least_ms == of.most_ms ? text(of.least_ms) : text(of.least_ms) + " to " + text(of.most_ms);
}

std::vector<std::string> row_of(const std::string& name, const Class& of) {
    if (of.polled == 0)
        return {runtime::printable(name), std::to_string(of.devices), "-", "-", "-", "-", "-", "none"};
    const auto polled = static_cast<double>(of.polled);
    return {runtime::printable(name),
            std::to_string(of.devices),
            interval_text(of),
            fmt::format("{:.1f}", of.sum.requests / polled),
            fmt::format("{:.1f}", of.most.requests),
            short_bytes(of.sum.bytes / polled),
            short_bytes(of.most.bytes),
            "none"};
}

json json_of(const std::string& name, const Class& of) {
    const double polled = std::max(1.0, static_cast<double>(of.polled));
    return {{"class", name},
            {"devices", of.devices},
            {"devices_polled", of.polled},
            {"interval_s",
             {{"least", of.polled == 0 ? 0.0 : static_cast<double>(of.least_ms) / 1e3},
              {"most", static_cast<double>(of.most_ms) / 1e3}}},
            {"requests_per_minute", {{"mean", of.sum.requests / polled}, {"most", of.most.requests}}},
            {"bytes_per_minute", {{"mean", of.sum.bytes / polled}, {"most", of.most.bytes}}},
            {"writes", 0}};
}

void print(const std::string& station, const std::map<std::string, Class>& classes) {
    std::cout << "What " << (station.empty() ? "this station" : runtime::printable(station))
              << " asks of its devices. " << iso_time(now_ns()) << "\n\n";
    Table table(
        {"CLASS", "DEVICES", "POLLED EVERY", "REQUESTS/MIN", "AT MOST", "BYTES/MIN", "AT MOST", "WRITES"});
    for (const auto& [name, one] : classes) table.add(row_of(name, one));
    std::cout << table.text()
              << "\nOf one device: the mean of its class, and the one that is asked the most. Measured since "
                 "polling began;\n"
                 "bytes are those of SNMP messages, both ways. A device is sent one request at a time, each "
                 "in one\n"
                 "datagram, and less when it is slow. Nothing is written to devices: SET is never sent.\n";
}

}  // namespace

int show_statement(const Target& target) {
    const auto config = ask<wire::ConfigReply>(target.run_dir, "confd", wire::ConfigRequest{});
    if (!config) return failed(target, config.error());
    const auto polls = ask<wire::PollStatusReply>(target.run_dir, "polld", wire::PollStatusRequest{});
    if (!polls) return failed(target, polls.error());
    const auto classes = classes_of(config->devices, polls->devices);
    if (!target.json) {
        print(config->station.name, classes);
        return kDone;
    }
    json rows = json::array();
    for (const auto& [name, one] : classes) rows.push_back(json_of(name, one));
    std::cout << json{{"classes", rows}}.dump(2, ' ', false, json::error_handler_t::replace) << "\n";
    return kDone;
}

}  // namespace outstation::ctl
