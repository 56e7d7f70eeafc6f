// SPDX-License-Identifier: GPL-3.0-or-later
// What the records of a station on trial hold: everything follows from the record's number.
#pragma once

#include <cstdint>
#include <string>

namespace outstation::faults {

inline constexpr std::size_t kCounters = 12;
inline constexpr std::uint64_t kDevices = 5;
inline constexpr const char* kCounterDevice = "sw";
inline constexpr const char* kGaugeMetric = "batch_number";

inline std::string counter_metric(std::size_t column) {
    return "value_" + std::to_string(column) + "_total";
}

inline std::uint64_t value_of(std::uint64_t number, std::size_t column) {
    std::uint64_t x = number * 0x9e3779b97f4a7c15ULL + column;
    x ^= x >> 31;
    return x * 0xbf58476d1ce4e5b9ULL;
}

inline std::string device_of(std::uint64_t batch) {
    return "sw-" + std::to_string(batch % kDevices);
}

}  // namespace outstation::faults
