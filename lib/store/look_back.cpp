// SPDX-License-Identifier: GPL-3.0-or-later
// Latest values and usual distances from history.
#include "lib/store/look_back.hpp"

#include <algorithm>

namespace outstation::store {
namespace {

// Of a series: its last value and the one before, as the table has them.
constexpr std::size_t kValuesOfSeries = 2;
// Two distances: one may be a gap.
constexpr std::size_t kStampsOfDevice = 3;

}  // namespace

std::map<std::string, LookBack::Device> LookBack::wanted() const {
    std::map<std::string, Device> out;
    for (std::uint32_t id = 1; id <= dictionary_.last(); ++id) {
        const auto def = dictionary_.find(id);
        if (!def) continue;
        Device& device = out[def->device];
        if (!latest_.has(id)) device.series.emplace(id, def->kind);
    }
    for (auto& [name, device] : out) device.seen = collection_.knows(name);
    std::erase_if(out, [](const auto& entry) { return entry.second.series.empty() && entry.second.seen; });
    return out;
}

void LookBack::run(HistoryReader& reader) {
    std::map<std::string, Device> devices = wanted();
    std::set<std::string> names;
    for (const auto& [name, device] : devices) names.insert(name);
    const auto visit = [&](const std::string& name, BlockReader& block) {
        return take(name, devices.at(name), block);
    };
    if (!reader.look_back(names, visit)) return;  // what was found so far is true
    for (const auto& [name, device] : devices) {
        for (auto stamp = device.stamps.rbegin(); stamp != device.stamps.rend(); ++stamp) {
            wire::SampleRecord record;
            record.device = name;
            record.stamp = *stamp;
            collection_.recall(record);
        }
    }
}

// True: more of the device is wanted.
bool LookBack::take(const std::string& name, Device& device, BlockReader& block) {
    const auto stamps = block.stamps();
    if (!stamps) return true;
    if (!device.seen) take_stamps(name, device, **stamps);
    take_values(name, device, block, **stamps);
    return !device.series.empty() || (!device.seen && device.stamps.size() < kStampsOfDevice);
}

// While a device is down its records are no collection.
void LookBack::take_stamps(const std::string& name, Device& device, const RowStamps& stamps) const {
    for (std::size_t row = stamps.wall_ns.size(); row-- > 0 && device.stamps.size() < kStampsOfDevice;) {
        if (!states_.is_down(name, stamps.wall_ns[row])) device.stamps.push_back(stamps.stamp(row));
    }
}

void LookBack::take_values(const std::string& name, Device& device, BlockReader& block,
                           const RowStamps& stamps) {
    std::map<std::uint32_t, wire::SampleRecord> rows;
    ColumnData data;
    std::erase_if(device.series, [&](const auto& series) {
        const auto index = block.find({series.first, series.second, Part::value});
        if (!index || !block.column(*index, data) || data.rows.empty()) return false;
        for (std::size_t i = data.rows.size() - std::min(kValuesOfSeries, data.rows.size());
             i < data.rows.size(); ++i) {
            wire::SampleRecord& record = rows[data.rows[i]];
            if (series.second == SeriesKind::counter) {
                record.counter_series.push_back(series.first);
                record.counters.push_back(data.counters[i]);
            } else {
                record.gauge_series.push_back(series.first);
                record.gauges.push_back(data.gauges[i]);
            }
        }
        return true;
    });
    for (auto& [row, record] : rows) {
        record.device = name;
        record.stamp = stamps.stamp(row);
        latest_.add(record, {record.stamp.wall_ns, StampVerdict::as_is});
    }
}

}  // namespace outstation::store
