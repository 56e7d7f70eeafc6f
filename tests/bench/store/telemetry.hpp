// SPDX-License-Identifier: GPL-3.0-or-later
// A made-up room for the store's benchmarks: devices of 60 series each that move as those of switches,
// servers and power supplies do. The same seed gives the same values.
#pragma once

#include <cstdint>
#include <vector>

#include "lib/wire/records.hpp"

namespace outstation::bench {

inline constexpr std::size_t kSeriesOfDevice = 60;
inline constexpr std::int64_t kTelemetryStartNs = 1'767'225'600'000'000'000;  // 2026-01-01
inline constexpr std::int64_t kTelemetryCycleNs = 60'000'000'000;

class Telemetry {
  public:
    explicit Telemetry(std::size_t devices, std::uint64_t seed = 42);

    // The next cycle: one record a device, in order. Stamps are 0 to 18 ms late, a tenth of them more.
    const std::vector<wire::SampleRecord>& next();

  private:
    double unit();    // 0 to 1
    double normal();  // about standard normal
    void start(std::size_t device, std::size_t slot);
    void move(std::size_t device, std::size_t slot, double day);
    double gauge(std::size_t slot, std::size_t at, double day);
    double percentage(std::size_t slot, std::size_t at, double day);
    void stamp(std::size_t device);

    std::uint64_t state_;
    std::size_t cycle_ = 0;
    std::vector<wire::SampleRecord> records_;
    std::vector<double> values_, rates_, levels_;
    std::vector<std::int64_t> boots_ns_;
};

}  // namespace outstation::bench
