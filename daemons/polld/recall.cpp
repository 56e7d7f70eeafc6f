// SPDX-License-Identifier: GPL-3.0-or-later
// Three questions: the folded states, the last status of every interface, the last uptime of every device.
#include "daemons/polld/recall.hpp"

#include <cmath>
#include <map>
#include <string_view>
#include <unordered_map>

namespace outstation::polld {
namespace {

using namespace std::chrono_literals;
constexpr Duration kTimeout = 20s;
constexpr double kOperUp = 1;  // ifOperStatus up(1), RFC 2863
constexpr const char* kOperStatus = "if_oper_status";
constexpr const char* kUptime = "sys_uptime_seconds";

// Of the interfaces of one device, those whose names were told.
using Indexes = std::unordered_map<std::string_view, std::string_view>;

Indexes indexes_of(const Recalled& device) {
    Indexes out;
    for (const auto& [index, interface] : device.interfaces) {
        if (interface.name) out.emplace(*interface.name, index);
    }
    return out;
}

std::string_view label_of(const wire::SeriesDef& series, std::string_view name) {
    for (const auto& label : series.labels) {
        if (label.name == name) return label.value;
    }
    return {};
}

// Empty: not known. Where no name was told it is the ifIndex, too.
std::string index_of(const wire::SeriesDef& series, const Indexes& indexes) {
    if (const std::string_view index = label_of(series, "if_index"); !index.empty())
        return std::string(index);
    if (!label_of(series, "if_mac").empty()) return {};  // the name is not its own
    const std::string_view name = label_of(series, "if_name");
    if (const auto found = indexes.find(name); found != indexes.end()) return std::string(found->second);
    return std::string(name.find_first_not_of("0123456789") == std::string_view::npos ? name : "");
}

std::optional<std::string> if_any(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

Recalled::Interface recalled(const wire::InterfaceStateRow& row) {
    Recalled::Interface out;
    if (row.has_state) out.up = row.up;
    out.told = row.has_state;
    if (row.named) out.name = row.name;
    out.descr = if_any(row.descr);
    out.alias = if_any(row.alias);
    return out;
}

}  // namespace

void take_states(const wire::DeviceStatesReply& reply, StateSource::States& states) {
    for (const wire::DeviceStateRow& row : reply.devices) {
        Recalled& device = states[row.device];
        if (row.state != wire::DeviceState::unknown) device.up = row.state == wire::DeviceState::up;
        for (const auto& attribute : row.attributes) device.attributes[attribute.name] = attribute.value;
        for (const auto& interface : row.interfaces) device.interfaces[interface.index] = recalled(interface);
        for (const auto& one : row.components)
            device.components[one.key] = {one.name, one.severity, one.text};
        for (const auto& one : row.neighbours)
            device.neighbours[one.key] = {one.port, one.protocol, one.text};
    }
}

// A port that was renamed, or renamed back, has a row for each name: the value of last counts. What an event
// said stands.
void take_oper_status(const wire::LatestReply& reply, StateSource::States& states) {
    std::map<std::string, Indexes> indexes;  // by device
    for (const wire::LatestRow& row : reply.rows) {
        const auto [its, is_new] = indexes.try_emplace(row.series.device);
        if (is_new) its->second = indexes_of(states[row.series.device]);
        const std::string index = index_of(row.series, its->second);
        if (index.empty() || row.gauge == 0) continue;
        auto& interface = states[row.series.device].interfaces[index];
        if (interface.told || row.wall_ns < interface.value_ns) continue;
        interface.up = row.gauge == kOperUp;
        interface.value_ns = row.wall_ns;
    }
}

void take_uptimes(const wire::LatestReply& reply, StateSource::States& states) {
    for (const wire::LatestRow& row : reply.rows) {
        if (row.gauge > 0 && row.gauge < 1e9)
            states[row.series.device].uptime = static_cast<std::uint64_t>(std::llround(row.gauge * 100));
    }
}

struct IpcStateSource::Work {
    States states;
    Answer answer;
};

void IpcStateSource::ask(Answer answer) {
    ask_states(std::make_shared<Work>(Work{{}, std::move(answer)}), "");
}

void IpcStateSource::ask_states(const std::shared_ptr<Work>& work, const std::string& after) {
    client_.request<wire::DeviceStatesReply>(wire::DeviceStatesRequest{"", true, after, true}, kTimeout,
                                             [this, work](const Result<wire::DeviceStatesReply>& reply) {
                                                 if (!reply) return work->answer(fail(reply.error()));
                                                 take_states(*reply, work->states);
                                                 if (reply->more && !reply->devices.empty())
                                                     return ask_states(work, reply->devices.back().device);
                                                 ask_latest(work, kOperStatus, 0, take_oper_status);
                                             });
}

void IpcStateSource::ask_latest(const std::shared_ptr<Work>& work, const std::string& metric,
                                std::uint32_t after_id, Take take) {
    client_.request<wire::LatestReply>(wire::LatestRequest{"", metric, after_id, 0}, kTimeout,
                                       [this, work, metric, take](const Result<wire::LatestReply>& reply) {
                                           if (!reply) return work->answer(fail(reply.error()));
                                           take(*reply, work->states);
                                           if (reply->more && !reply->rows.empty())
                                               return ask_latest(work, metric, reply->rows.back().series.id,
                                                                 take);
                                           if (metric == kUptime)
                                               return work->answer(std::move(work->states));
                                           ask_latest(work, kUptime, 0, take_uptimes);
                                       });
}

}  // namespace outstation::polld
