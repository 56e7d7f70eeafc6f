// SPDX-License-Identifier: GPL-3.0-or-later
// How the values of the room move.
#include "tests/bench/store/telemetry.hpp"

#include <cmath>
#include <numbers>

namespace outstation::bench {
namespace {

constexpr double kCyclesOfDay = 1440;

// Slots of a device: octet counters, error counters, gauges, temperatures, states, uptime, percentages.
constexpr std::size_t kErrors = 16;
constexpr std::size_t kGauges = 24;
constexpr std::size_t kTemperatures = 36;
constexpr std::size_t kStates = 42;
constexpr std::size_t kUptime = 51;
constexpr std::size_t kPercentages = 52;

bool is_counter(std::size_t slot) {
    return slot < kGauges || slot == kUptime;
}

double rounded(double value, double parts) {
    return std::round(value * parts) / parts;
}

}  // namespace

Telemetry::Telemetry(std::size_t devices, std::uint64_t seed)
    : state_(seed),
      records_(devices),
      values_(devices * kSeriesOfDevice),
      rates_(values_.size()),
      levels_(values_.size()) {
    for (std::size_t device = 0; device < devices; ++device) {
        wire::SampleRecord& record = records_[device];
        record.device = "sw-" + std::to_string(10'000 + device);
        record.stamp.boot_id = "0123456789abcdef";
        record.stamp.quality = ClockQuality::synchronised;
        boots_ns_.push_back(kTelemetryStartNs - static_cast<std::int64_t>(unit() * 3e16));
        for (std::size_t slot = 0; slot < kSeriesOfDevice; ++slot) {
            start(device, slot);
            const auto id = static_cast<std::uint32_t>(device * kSeriesOfDevice + slot + 1);
            (is_counter(slot) ? record.counter_series : record.gauge_series).push_back(id);
        }
        record.counters.resize(record.counter_series.size());
        record.gauges.resize(record.gauge_series.size());
    }
}

double Telemetry::unit() {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t x = state_;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return static_cast<double>((x ^ (x >> 31)) >> 11) * 0x1p-53;
}

double Telemetry::normal() {
    return (unit() + unit() + unit() + unit() - 2.0) * std::numbers::sqrt3;
}

void Telemetry::start(std::size_t device, std::size_t slot) {
    const std::size_t at = device * kSeriesOfDevice + slot;
    const double u = unit();
    double& value = values_[at];
    double& rate = rates_[at];
    levels_[at] = unit();
    if (slot < kErrors) {
        rate = u < .35 ? 0 : u < .5 ? 20 + 300 * unit() : std::exp(7 + 11 * unit());
        value = rate == 0 && unit() < .5 ? 0 : std::floor(std::exp(unit() * 30));
    } else if (slot < kGauges) {
        rate = u < .8 ? 0 : u < .95 ? .002 : .3;
        value = rate != 0 ? std::floor(unit() * 1e5) : u < .6 ? 0 : std::floor(u * 1000);
    } else if (slot < kTemperatures) {
        constexpr std::size_t kMemory = 29, kVoltage = 31, kPower = 33, kSessions = 34, kLight = 35;
        value = slot < 26           ? 0
                : slot < kMemory    ? 2 * u
                : slot < kVoltage   ? 1e5 + std::floor(u * 8e6) * 4
                : slot < kPower     ? 220 + 10 * u
                : slot == kPower    ? std::floor(80 + 400 * u)
                : slot == kSessions ? std::floor(50 + 5000 * u)
                : slot == kLight    ? -3 - 15 * u
                                    : 0;
        rate = value;
    } else if (slot < kStates) {
        rate = value = std::floor(22 + 40 * u);
    } else if (slot < kUptime) {
        value = u < .7 ? 1 : u < .9 ? 2 : std::floor(u * 100);
    } else if (slot >= kPercentages) {
        levels_[at] = slot < 56 ? 2 + 60 * u * u : slot < 58 ? 10 + 70 * u : slot == 58 ? 30 + 50 * u : 0;
        value = slot >= 56 ? levels_[at] : 0;
    }
}

double Telemetry::gauge(std::size_t slot, std::size_t at, double day) {
    const double value = values_[at];
    const double rate = rates_[at];
    if (slot < 26)
        return rounded((.3 + 40 * levels_[at] * levels_[at]) * std::exp(.12 * normal()) +
                           (unit() < .01 ? 30 * unit() : 0),
                       1000);
    if (slot < 29) return rounded(std::fabs(value + .2 * (rate * (.5 + day) - value) + .05 * normal()), 100);
    if (slot < 31) return unit() < .7 ? std::fmax(4, value + 4 * std::floor(200 * normal())) : value;
    if (slot < 33) return rounded(value + .3 * (rate - value) + .15 * normal(), 10);
    if (slot == 33) return std::round(rate * (.8 + .2 * day) + 3 * normal());
    if (slot == 34)
        return std::floor(std::fmax(0, value + .1 * (rate * day - value) + .02 * rate * normal()));
    return rounded(rate + .03 * normal(), 100);
}

double Telemetry::percentage(std::size_t slot, std::size_t at, double day) {
    double& level = levels_[at];
    if (slot < 56)
        return std::round(
            std::fmin(100, std::fabs(level * (.5 + day) + .15 * level * normal() + (unit() < .02 ? 30 : 0))));
    if (slot < 58) {
        if (unit() < .1) level += .01 * unit();
        return rounded(level, 100);
    }
    if (slot == 58) {
        level += .002 * (50 - level) + .1 * normal();
        return rounded(level, 10);
    }
    return unit() < .01 ? 10 * std::floor(1 + unit() * 3) : 0;
}

void Telemetry::move(std::size_t device, std::size_t slot, double day) {
    const std::size_t at = device * kSeriesOfDevice + slot;
    double& value = values_[at];
    const double rate = rates_[at];
    if (slot < kErrors) {
        if (rate > 0) value += std::floor(rate * 60 * day * (unit() < .03 ? 4 : 1) * (.6 + .8 * unit()));
    } else if (slot < kGauges) {
        if (rate > 0 && unit() < rate) value += 1 + std::floor(unit() * 3);
    } else if (slot < kTemperatures) {
        value = gauge(slot, at, day);
    } else if (slot < kStates) {
        const double u = unit();
        if (u < .05) value += value > rate + 2 * day ? -1 : value < rate - 1 ? 1 : u < .025 ? 1 : -1;
    } else if (slot < kUptime) {
        if (unit() < .0002) value = value == 1 ? 2 : 1;
    } else if (slot == kUptime) {
        constexpr std::int64_t kTickNs = 10'000'000;
        value = static_cast<double>((records_[device].stamp.wall_ns - boots_ns_[device]) / kTickNs);
    } else {
        value = percentage(slot, at, day);
    }
}

void Telemetry::stamp(std::size_t device) {
    const double u = unit();
    const double late_ms = u < .9 ? 20 * u : -60 * std::log(1.0001 - u);
    const auto spread =
        static_cast<std::int64_t>(device) * kTelemetryCycleNs / static_cast<std::int64_t>(records_.size());
    wire::WireStamp& stamp = records_[device].stamp;
    stamp.wall_ns = kTelemetryStartNs + static_cast<std::int64_t>(cycle_) * kTelemetryCycleNs + spread +
                    static_cast<std::int64_t>(late_ms * 1e6);
    stamp.mono_ns = stamp.wall_ns - kTelemetryStartNs;
}

const std::vector<wire::SampleRecord>& Telemetry::next() {
    const double turn = static_cast<double>(cycle_) * 2 * std::numbers::pi / kCyclesOfDay;
    const double day = 0.55 - 0.45 * std::cos(turn + .4);
    for (std::size_t device = 0; device < records_.size(); ++device) {
        stamp(device);
        wire::SampleRecord& record = records_[device];
        std::size_t counter = 0;
        std::size_t gauge_at = 0;
        for (std::size_t slot = 0; slot < kSeriesOfDevice; ++slot) {
            move(device, slot, day);
            const double value = values_[device * kSeriesOfDevice + slot];
            if (is_counter(slot)) {
                record.counters[counter++] = static_cast<std::uint64_t>(value);
            } else {
                record.gauges[gauge_at++] = value;
            }
        }
    }
    ++cycle_;
    return records_;
}

}  // namespace outstation::bench
