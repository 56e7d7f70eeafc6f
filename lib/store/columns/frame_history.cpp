// SPDX-License-Identifier: GPL-3.0-or-later
// Sources: found by device and list of series, defined once.
#include "lib/store/columns/frame_history.hpp"

namespace outstation::store {

namespace columns {

void Source::saw_wall(std::int64_t now_ns) {
    const std::uint64_t step = static_cast<std::uint64_t>(now_ns) - static_cast<std::uint64_t>(wall_ns);
    const auto expected = static_cast<std::uint64_t>(step_ns);
    // The mean of the last few steps, so that one late answer does not spoil the next guess.
    const auto change = static_cast<std::uint64_t>(static_cast<std::int64_t>(step - expected) >> 2);
    step_ns = static_cast<std::int64_t>(stepped ? expected + change : step);
    stepped = true;
    wall_ns = now_ns;
}

}  // namespace columns

bool columns::Source::gave(const wire::SampleRecord& record) const {
    return device == record.device && counter_series == record.counter_series &&
           gauge_series == record.gauge_series;
}

std::size_t FrameHistory::find(const wire::SampleRecord& record) {
    // Devices answer in much the same order every time.
    if (++last_found < sources.size() && sources[last_found].gave(record)) return last_found;
    const auto known = by_device.find(record.device);
    if (known == by_device.end()) return sources.size();
    for (const std::size_t number : known->second) {
        if (sources[number].gave(record)) return last_found = number;
    }
    return sources.size();
}

const columns::Source* FrameHistory::source_of(const wire::SampleRecord& record) {
    const std::size_t number = find(record);
    return number == sources.size() ? nullptr : &sources[number];
}

void FrameHistory::define(const wire::SampleRecord& record) {
    auto& numbers = by_device[record.device];
    crowded = crowded || numbers.size() >= columns::kSourcesOfDevice;
    numbers.push_back(sources.size());
    columns::Source source;
    source.device = record.device;
    source.counter_series = record.counter_series;
    source.gauge_series = record.gauge_series;
    source.states.resize(record.size());
    source.gauge_bits.resize(record.gauges.size());
    values += record.size();
    name_octets += record.device.size();
    sources.push_back(std::move(source));
}

bool FrameHistory::has_room(std::size_t records, std::size_t more_values, std::size_t more_octets) const {
    return !crowded && sources.size() + records <= columns::kMaxSources &&
           values + more_values <= columns::kMaxFrameValues &&
           name_octets + more_octets <= columns::kMaxFrameNameOctets;
}

}  // namespace outstation::store
