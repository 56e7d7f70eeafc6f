// SPDX-License-Identifier: GPL-3.0-or-later
// Definitions and batches of the room.
#include "tests/bench/store/room.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>

namespace outstation::bench {
namespace {

constexpr std::size_t kDevicesOfBatch = 10;

// As long as those of a switch's interfaces and sensors.
wire::SeriesDef definition(const std::string& device, std::size_t slot, bool counter) {
    const std::string index = std::to_string(slot + 1);
    wire::SeriesDef def;
    def.device = device;
    def.metric = counter ? "if_in_octets_total" : "temperature_celsius";
    def.labels = {{counter ? "if_index" : "sensor_index", index},
                  {counter ? "if_name" : "sensor_name", "GigabitEthernet1/0/" + index}};
    def.kind = counter ? SeriesKind::counter : SeriesKind::gauge;
    def.oid = (counter ? "1.3.6.1.2.1.31.1.1.1.6." : "1.3.6.1.2.1.99.1.1.1.4.") + index;
    return def;
}

}  // namespace

void Room::define(store::Store& store) const {
    for (const wire::SampleRecord& record : *records_) {
        const std::set<std::uint32_t> counters(record.counter_series.begin(), record.counter_series.end());
        const std::uint32_t first = std::min(record.counter_series[0], record.gauge_series[0]);
        for (std::uint32_t slot = 0; slot < record.size(); ++slot) {
            const std::uint32_t id = first + slot;
            const auto given = store.define(definition(record.device, slot, counters.contains(id)));
            if (!given || *given != id) std::abort();
        }
    }
}

Batches Room::batches(std::size_t cycle, std::size_t flush, std::size_t flushes) {
    if (cycle > cycle_) records_ = &telemetry_.next();
    cycle_ = cycle;
    Batches out;
    const std::size_t devices = records_->size();
    for (std::size_t d = flush * devices / flushes; d < (flush + 1) * devices / flushes; ++d) {
        if (out.empty() || out.back().size() == kDevicesOfBatch) out.emplace_back();
        out.back().push_back((*records_)[d]);
    }
    return out;
}

std::size_t values_of(const Batches& batches) {
    std::size_t values = 0;
    for (const auto& batch : batches) {
        for (const wire::SampleRecord& record : batch) values += record.size();
    }
    return values;
}

}  // namespace outstation::bench
