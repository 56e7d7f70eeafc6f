// SPDX-License-Identifier: GPL-3.0-or-later
// Field by field.
#include "lib/wire/neighbour_rows.hpp"

namespace outstation::wire {

topology::Device topology_device(const DeviceConfig& config, const DeviceStateRow* row) {
    topology::Device out;
    out.id = config.id;
    out.name = config.name.empty() ? config.id : config.name;
    out.device_class = config.device_class;
    out.address = config.address;
    if (row == nullptr) return out;
    for (const WireLabel& attribute : row->attributes)
        if (attribute.name == "sys_name") out.sys_name = attribute.value;
    for (const NeighbourRow& neighbour : row->neighbours)
        out.evidence.push_back(
            {parse_neighbour(neighbour.protocol, neighbour.port, neighbour.text), neighbour.since_ns});
    return out;
}

}  // namespace outstation::wire
