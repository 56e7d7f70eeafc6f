// SPDX-License-Identifier: GPL-3.0-or-later
// What a sample costs in the store: 60,000 series (1,000 devices of 60) a minute, flushed every ten seconds,
// sealed every two hours, a day of it and the merging of the day; or four hours. And a day of 3,000 series.
#include <malloc.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "tests/bench/store/station.hpp"

namespace outstation::bench {
namespace {

constexpr std::size_t kAllDevices = 1000;
constexpr std::size_t kFewDevices = 50;  // 3,000 series
constexpr std::size_t kCyclesOfHour = 60;
constexpr std::size_t kHoursOfDay = 24;
constexpr std::size_t kUnsealedCycles = 30;  // what is in memory takes part in the answers and in the memory
constexpr int kQuestions = 51;
constexpr const char* kRows = "sqlite rows";

struct Options {
    bool quick = false;
    bool json = false;
    std::size_t flush_s = 10;
    std::size_t devices = kAllDevices;  // fewer under callgrind
    [[nodiscard]] std::size_t hours() const { return quick ? 4 : kHoursOfDay; }
    [[nodiscard]] std::size_t flushes() const { return 60 / flush_s; }
};

// What there is to tell people and programs. A goal is an upper bound. 0: none, or not measured.
struct Figure {
    const char* name;
    double value;
    const char* unit;
    double goal = 0;
    double floor = 0;
    double rows = 0;  // naive SQLite in the same run
};

void print(const Figure& figure, bool json) {
    const auto or_null = [](double value) { return value > 0 ? std::to_string(value) : std::string("null"); };
    const bool ok = figure.goal == 0 || figure.value <= figure.goal;
    if (json) {
        std::cout << "{\"name\":\"store." << figure.name << "\",\"value\":" << figure.value << ",\"unit\":\""
                  << figure.unit << "\",\"floor\":" << or_null(figure.floor) << ",\"peer\":";
        std::cout << (figure.rows > 0 ? std::string("\"") + kRows + "\"" : "null")
                  << ",\"peer_value\":" << or_null(figure.rows) << ",\"goal\":" << or_null(figure.goal)
                  << ",\"ok\":"
                  << (figure.goal == 0 ? "null"
                      : ok             ? "true"
                                       : "false")
                  << "}\n";
        return;
    }
    std::cout << "store." << figure.name << "  " << figure.value << " " << figure.unit;
    if (figure.goal > 0) std::cout << "  goal " << figure.goal << (ok ? "" : "  MISSED");
    if (figure.floor > 0) std::cout << "  floor " << figure.floor;
    if (figure.rows > 0) std::cout << "  " << kRows << " " << figure.rows;
    std::cout << std::endl;
}

// The middle of some runs of a question, so that one that had to wait does not count.
double middle_ms(const std::function<void()>& ask) {
    std::vector<double> times;
    for (int i = 0; i < kQuestions; ++i) times.push_back(ms_of(ask));
    return middle_of(std::move(times));
}

struct Levels {
    double raw = 0;
    double m15 = 0;
    double h1 = 0;
    [[nodiscard]] double all() const { return raw + m15 + h1; }
};

// Octets of history on disk by a sample that is sealed.
Levels levels_of(const std::string& directory, const BenchStation& station) {
    const auto of = [&](const char* part) {
        return octets_of_files(directory, part) / station.sealed_samples();
    };
    return {of("/raw-"), of("/m15-"), of("/h1-")};
}

void ask(BenchStation& station, const Options& options, bool merged) {
    const std::size_t hours = options.hours();
    const std::string name = options.quick ? "range_4h" : "range_24h";
    const auto range = [&](const char* what, std::size_t from, std::size_t to) {
        const double ms = middle_ms([&] { station.ask_range(from, to); });
        print({(name + what).c_str(), ms, "ms", 0.5}, options.json);
    };
    range(merged ? "_day" : "_windows", 0, hours);
    range(merged ? "_day_and_memory" : "", 1, hours + 1);
}

double latest_ms(const store::Store& store) {
    const wire::LatestRequest request{"", "", 0, 1000};
    if (wire::decode<wire::LatestReply>(store.latest(request).bytes).value().rows.size() != 1000)
        std::abort();
    return middle_ms([&] { (void)store.latest(request); });
}

void measure(const std::string& directory, const Options& options) {
    const Other rows = measure_rows(directory, options.devices, options.flushes());
    const Other plain = measure_plain(directory, options.devices, options.flushes());
    malloc_trim(0);
    BenchStation station(directory + "/journal", options.devices, options.flushes(), true);
    const auto tell = [&](const Figure& figure) { print(figure, options.json); };
    const std::size_t cycles = options.hours() * kCyclesOfHour;
    while (station.cycles() < cycles) station.run_cycle();
    const Levels levels = levels_of(directory, station);
    tell({"disk_bytes_raw", levels.raw, "B"});
    tell({"disk_bytes_m15", levels.m15, "B"});
    tell({"disk_bytes_h1", levels.h1, "B"});
    while (station.cycles() < cycles + kUnsealedCycles) station.run_cycle();
    ask(station, options, false);
    tell({"latest_1000", latest_ms(station.store()), "ms", 0.1});
    tell({"rss", rss_mb(), "MB", 60});
    tell({"rss_before_sealing", station.most_rss_mb(), "MB"});
    tell({"disk_journal", octets_of_files(directory, "/journal/") / 1e6, "MB"});

    station.merge_day();
    const Levels merged = levels_of(directory, station);
    tell({"disk_bytes_per_sample", merged.all(), "B", 1.0, 0, rows.octets});
    tell({"disk_bytes_raw_merged", merged.raw, "B"});
    tell({"disk_bytes_m15_merged", merged.m15, "B"});
    tell({"disk_bytes_h1_merged", merged.h1, "B"});
    tell({"cpu_per_sample", station.cpu_us() / station.samples(), "us", 0.10, plain.cpu_us, rows.cpu_us});
    tell({"device_bytes_per_sample", station.device_octets() / station.samples(), "B", 6.0});
    tell({"commit_p99", p99_of(station.commits_ms()), "ms", 0, plain.p99_ms, rows.p99_ms});
    while (station.cycles() < cycles + 2 * kUnsealedCycles) station.run_cycle();
    ask(station, options, true);
}

// What 3,000 series have written to the device in a day, the merging of it with them. Nothing waits for the
// device here: it is octets that count.
void measure_few(const std::string& directory, const Options& options) {
    BenchStation station(directory + "/few", kFewDevices, options.flushes(), false);
    while (station.cycles() < kHoursOfDay * kCyclesOfHour) station.run_cycle();
    station.merge_day();
    print({"device_a_day_of_3000", station.device_octets() / 1e6, "MB", 60}, options.json);
}

int run(const Options& options) {
    char directory[] = "/var/tmp/outstation-bench-store-XXXXXX";
    if (mkdtemp(directory) == nullptr) return 1;
    measure(directory, options);
    measure_few(directory, options);
    std::filesystem::remove_all(directory);
    return 0;
}

}  // namespace
}  // namespace outstation::bench

int main(int argc, char** argv) {
    outstation::bench::Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        const auto number = [&](std::size_t least, std::size_t most) {
            return std::clamp<std::size_t>(i + 1 < argc ? std::strtoul(argv[++i], nullptr, 10) : 0, least,
                                           most);
        };
        if (word == "--quick") options.quick = true;
        if (word == "--json") options.json = true;
        if (word == "--flush-seconds") options.flush_s = number(1, 60);
        if (word == "--devices") options.devices = number(20, outstation::bench::kAllDevices);
    }
    return outstation::bench::run(options);
}
