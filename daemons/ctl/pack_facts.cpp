// SPDX-License-Identifier: GPL-3.0-or-later
// Findings to JSON. What is not known is null.
#include "daemons/ctl/pack_facts.hpp"

#include <nlohmann/json.hpp>

namespace outstation::ctl {
namespace {

using nlohmann::json;

json text(const std::string& value) {
    return value.empty() ? json(nullptr) : json(value);
}

json number(const std::optional<double>& value) {
    return value ? json(*value) : json(nullptr);
}

json port_json(const pack::Port& port) {
    return {{"if_index", port.index},
            {"if_name", text(port.name)},
            {"if_descr", text(port.description)},
            {"if_alias", text(port.alias)},
            {"if_type", text(port.type)},
            {"speed_bps", number(port.speed_bps)},
            {"admin", text(port.admin)},
            {"oper", text(port.oper)},
            {"in_octets", number(port.in_octets)},
            {"out_octets", number(port.out_octets)}};
}

json sensor_json(const pack::Reading& sensor) {
    return {{"class", sensor.kind},          {"unit", sensor.unit},
            {"descr", sensor.label},         {"descr_zh", text(sensor.label_zh)},
            {"metric", text(sensor.metric)}, {"oid", pack::format_oid(sensor.oid)},
            {"value", sensor.value}};
}

json state_json(const pack::State& state) {
    return {{"descr", state.label},
            {"descr_zh", text(state.label_zh)},
            {"oid", pack::format_oid(state.oid)},
            {"value", state.value},
            {"text", state.text},
            {"severity", state.severity}};
}

json processor_json(const pack::Reading& processor) {
    return {{"descr", processor.label},
            {"descr_zh", text(processor.label_zh)},
            {"oid", pack::format_oid(processor.oid)},
            {"percent", processor.value}};
}

json space_json(const pack::Space& space) {
    return {{"descr", space.label},
            {"descr_zh", text(space.label_zh)},
            {"total_octets", space.total_octets ? *space.total_octets : 100},  // 100: only the share is known
            {"used_octets", number(space.total_octets ? space.used_octets : space.percent)},
            {"percent", number(space.percent)}};
}

json link_json(const pack::Link& link) {
    return {{"protocol", link.protocol},
            {"local_if_name", text(link.local_port)},
            {"remote_name", link.remote_name},
            {"remote_port", text(link.remote_port)}};
}

// Neighbours that have a name: others are for drawing the room alone.
std::vector<pack::Link> announced(std::vector<pack::Link> links) {
    std::erase_if(links, [](const pack::Link& link) { return link.remote_name.empty(); });
    return links;
}

json component_json(const pack::Component& part) {
    return {{"class", text(part.kind)},
            {"name", text(part.name)},
            {"descr", text(part.label)},
            {"model", text(part.model)},
            {"serial", text(part.serial)}};
}

json series_json(const pack::MetricValue& series) {
    return {{"name", series.name},
            {"oid", pack::format_oid(series.oid)},
            {"value", series.value},
            {"labels", series.tags}};
}

template <typename T, typename F>
json list(const std::vector<T>& rows, F to_json) {
    json out = json::array();
    for (const T& row : rows) out.push_back(to_json(row));
    return out;
}

}  // namespace

std::string facts_json(const pack::Findings& findings) {
    const pack::Device& device = findings.device;
    const json out = {{"device",
                       {{"vendor", text(device.vendor)},
                        {"class", text(device.kind)},
                        {"hardware", text(device.model)},
                        {"version", text(device.version)},
                        {"serial", text(device.serial)},
                        {"sys_name", text(device.name)},
                        {"sys_object_id", text(device.object_id)},
                        {"sys_descr", text(device.description)}}},
                      {"ports", list(findings.ports, port_json)},
                      {"sensors", list(findings.sensors, sensor_json)},
                      {"states", list(findings.states, state_json)},
                      {"processors", list(findings.processors, processor_json)},
                      {"memory", list(findings.memory, space_json)},
                      {"storage", list(findings.storage, space_json)},
                      {"links", list(announced(findings.links), link_json)},
                      {"inventory", list(findings.inventory, component_json)},
                      {"series", list(findings.metrics, series_json)}};
    return out.dump(1, ' ', false, json::error_handler_t::replace);
}

}  // namespace outstation::ctl
