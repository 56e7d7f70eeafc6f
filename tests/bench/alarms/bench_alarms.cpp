// SPDX-License-Identifier: GPL-3.0-or-later
// What rules cost: 60,000 series with three rules each (a threshold, a rate, a forecast), samples every 60 s,
// as alertd gets them: Tail messages decoded, then evaluated. Beside it the floor: the same messages, each
// value compared with one limit.
#include <sys/resource.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "daemons/alertd/engine.hpp"
#include "daemons/alertd/rules_file.hpp"
#include "lib/wire/store_messages.hpp"
#include "lib/wire/wire.hpp"

namespace outstation::bench {
namespace {

using namespace alertd;

constexpr std::uint32_t kDevices = 300;
constexpr std::uint32_t kSeriesOfDevice = 200;
constexpr std::uint32_t kSeries = kDevices * kSeriesOfDevice;
constexpr std::int64_t kIntervalS = 60;
constexpr double kGoal = 0.02;
constexpr const char* kRules =
    "rules:\n"
    "  - {id: a, name: {zh: a, en: a}, kind: threshold, metric: m, above: {minor: 90, major: 95}, "
    "hysteresis: 2, "
    "for: 5 min}\n"
    "  - {id: b, name: {zh: b, en: b}, kind: rate, metric: m, over: 1 min, above: {minor: 50}, for: 5 min}\n"
    "  - {id: c, name: {zh: c, en: c}, kind: forecast, metric: m, limit: 100, within: {minor: 1 h}, window: "
    "6 h}\n";

class NoAlarms : public Engine::Alarms {
  public:
    Severity severity_of(const AlarmKey&) const override { return Severity::none; }
    const wire::WireStamp* changed_at(const AlarmKey&) const override { return nullptr; }
    bool is_open(const std::string&, const std::string&) const override { return false; }
    bool is_over_by_hand(const AlarmKey&, const Rule&) const override { return false; }
    void on_change(const Change&) override { ++changes; }
    std::size_t changes = 0;
};

double cpu_s() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// One round of all devices; a slow wave with some noise that passes limits now and then.
std::vector<std::string> messages_of(std::uint32_t round) {
    std::vector<std::string> out;
    for (std::uint32_t device = 0; device < kDevices; ++device) {
        wire::Tail tail;
        tail.stream = StreamId::samples;
        wire::SampleRecord record;
        record.device = "device-" + std::to_string(device);
        record.stamp = {kIntervalS * round * 1'000'000'000, (kIntervalS * round + 1) * 1'000'000'000, "boot",
                        ClockQuality::synchronised};
        for (std::uint32_t i = 0; i < kSeriesOfDevice; ++i) {
            const std::uint32_t id = device * kSeriesOfDevice + i + 1;
            record.gauge_series.push_back(id);
            const std::uint32_t noise = (id * 2654435761U + round * 40503U) >> 24;
            record.gauges.push_back(40 + static_cast<double>(noise) / 5);
        }
        tail.samples.push_back(std::move(record));
        out.push_back(wire::encode(tail));
    }
    return out;
}

template <typename Each>
double seconds_of(std::uint32_t rounds, Each each) {
    double total = 0;
    for (std::uint32_t round = 1; round <= rounds; ++round) {
        const auto messages = messages_of(round);
        const double began = cpu_s();
        for (const std::string& bytes : messages) each(wire::decode<wire::Tail>(bytes).value());
        total += cpu_s() - began;
    }
    return total;
}

int run(std::uint32_t rounds) {
    NoAlarms alarms;
    Engine engine(parse_rules(kRules, "bench").value(), alarms);
    for (std::uint32_t id = 1; id <= kSeries; ++id) {
        const std::string device = "device-" + std::to_string((id - 1) / kSeriesOfDevice);
        engine.define({id, device, "m", {{"n", std::to_string(id)}}, SeriesKind::gauge, "", 1.0});
    }
    engine.settle({0, 1, "boot", ClockQuality::synchronised});
    const double ours = seconds_of(rounds, [&](const wire::Tail& tail) {
        for (const auto& record : tail.samples) engine.on_sample(record);
    });
    std::size_t above = 0;
    const double floor = seconds_of(rounds, [&](const wire::Tail& tail) {
        for (const auto& record : tail.samples) {
            for (const double value : record.gauges) above += value > 90 ? 1 : 0;
        }
    });
    const double samples = static_cast<double>(rounds) * kSeries;
    const double share = ours / (static_cast<double>(rounds) * kIntervalS);
    std::printf(
        "{\"name\": \"alarms.core_share\", \"value\": %.6f, \"unit\": \"ratio\", \"floor\": %.6f, \"goal\": "
        "%.2f, \"ok\": %s}\n",
        share, floor / (static_cast<double>(rounds) * kIntervalS), kGoal, share <= kGoal ? "true" : "false");
    std::printf("{\"name\": \"alarms.cpu_per_sample\", \"value\": %.1f, \"unit\": \"ns\", \"floor\": %.1f}\n",
                ours / samples * 1e9, floor / samples * 1e9);
    std::fprintf(stderr, "%zu cells, %zu changes, %zu above\n", engine.cells(), alarms.changes, above);
    return share <= kGoal ? 0 : 1;
}

}  // namespace
}  // namespace outstation::bench

int main(int argc, char** argv) {
    bool quick = false;
    for (int i = 1; i < argc; ++i) quick |= std::string_view(argv[i]) == "--quick";
    return outstation::bench::run(quick ? 20 : 120);
}
