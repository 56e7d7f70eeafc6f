// SPDX-License-Identifier: GPL-3.0-or-later
// What a sample costs in the store: 60,000 series (1,000 devices of 60) a minute, flushed in six turns,
// sealed every two hours, real files; a day of it, or four hours.
#include <sqlite3.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <set>

#include "lib/store/store.hpp"

namespace outstation {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kAllDevices = 1000;
constexpr std::size_t kCountersOfDevice = 40;
constexpr std::size_t kGaugesOfDevice = 20;
constexpr std::size_t kDevicesOfBatch = 10;
constexpr std::size_t kCyclesOfWindow = 120;
constexpr std::size_t kCyclesOfPeer = 5;
constexpr std::int64_t kCycleNs = 60'000'000'000;

// Now, so that what is sealed is not old enough to be merged: a station merges a day's files once.
const std::int64_t kStartNs = std::chrono::system_clock::now().time_since_epoch().count();

double cpu_us() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto of = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
    };
    return of(usage.ru_utime) + of(usage.ru_stime);
}

// A number from /proc/self/status.
double status_number(const std::string& name) {
    std::ifstream in("/proc/self/status");
    for (std::string word; in >> word;) {
        double value = 0;
        if (word == name + ":" && in >> value) return value;
    }
    return 0;
}

// Counts what reaches the device: whole pages, each once a sync.
class CountingFileSystem : public store::FileSystem {
  public:
    Result<std::unique_ptr<store::File>> open(const std::string& path, Mode mode) override {
        auto file = real_->open(path, mode);
        if (!file) return file;
        return std::make_unique<Counted>(std::move(*file), octets_);
    }
    Result<std::vector<std::string>> list(const std::string& d) override { return real_->list(d); }
    Result<void> make_directory(const std::string& path) override { return real_->make_directory(path); }
    Result<void> rename(const std::string& a, const std::string& b) override { return real_->rename(a, b); }
    Result<void> remove(const std::string& path) override { return real_->remove(path); }
    Result<void> sync_directory(const std::string& path) override { return real_->sync_directory(path); }
    Result<std::unique_ptr<store::FileLock>> lock(const std::string& path) override {
        return real_->lock(path);
    }
    [[nodiscard]] double octets() const { return static_cast<double>(octets_); }

  private:
    static constexpr std::uint64_t kPage = 4096;
    class Counted : public store::File {
      public:
        Counted(std::unique_ptr<store::File> real, std::uint64_t& octets)
            : real_(std::move(real)), octets_(octets) {}
        Result<std::string> read(std::uint64_t offset, std::size_t octets) const override {
            return real_->read(offset, octets);
        }
        Result<void> write(std::uint64_t offset, std::string_view bytes) override {
            for (std::uint64_t page = offset / kPage; page * kPage < offset + bytes.size(); ++page)
                dirty_.insert(page);
            return real_->write(offset, bytes);
        }
        Result<void> sync() override {
            octets_ += dirty_.size() * kPage;
            dirty_.clear();
            return real_->sync();
        }
        Result<std::uint64_t> size() const override { return real_->size(); }

      private:
        std::unique_ptr<store::File> real_;
        std::uint64_t& octets_;
        std::set<std::uint64_t> dirty_;
    };
    std::unique_ptr<store::FileSystem> real_ = store::make_real_file_system();
    std::uint64_t octets_ = 0;  // written by the flush worker, read when it is idle
};

double ms_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// Two in five counters stand still; the others and the gauges move as traffic and temperatures do.
class Room {
  public:
    Room(store::Store& store, std::size_t devices) {
        for (std::size_t d = 0; d < devices; ++d) {
            wire::SampleRecord& record = records_.emplace_back();
            record.device = "device-" + std::to_string(d);
            record.stamp = {0, 0, "bench-store-boot", ClockQuality::synchronised};
            for (std::size_t i = 0; i < kCountersOfDevice + kGaugesOfDevice; ++i) define(store, record, i);
        }
    }
    // The batches of one slot of one cycle.
    std::vector<std::vector<wire::SampleRecord>> slot(std::size_t cycle, std::size_t number,
                                                      std::size_t slots) {
        std::vector<std::vector<wire::SampleRecord>> out;
        for (std::size_t d = number; d < records_.size(); d += slots) {
            move(records_[d], cycle);
            if (out.empty() || out.back().size() == kDevicesOfBatch) out.emplace_back();
            out.back().push_back(records_[d]);
        }
        return out;
    }
    [[nodiscard]] std::uint32_t a_series() const { return records_[records_.size() / 2].counter_series[1]; }

  private:
    static void define(store::Store& store, wire::SampleRecord& record, std::size_t i) {
        const bool counter = i < kCountersOfDevice;
        const auto id = store.define({0,
                                      record.device,
                                      counter ? "if_in_octets_total" : "temperature_celsius",
                                      {{"name", std::to_string(i)}},
                                      counter ? SeriesKind::counter : SeriesKind::gauge,
                                      "",
                                      1.0});
        if (!id) std::abort();
        (counter ? record.counter_series : record.gauge_series).push_back(*id);
        if (counter) {
            record.counters.push_back(id.value() * 1'000'003ULL);
        } else {
            record.gauges.push_back(20.0);
        }
    }
    void move(wire::SampleRecord& record, std::size_t cycle) {
        record.stamp.wall_ns = kStartNs + static_cast<std::int64_t>(cycle) * kCycleNs +
                               static_cast<std::int64_t>(random_() % 20'000'000);
        record.stamp.mono_ns = record.stamp.wall_ns - kStartNs;
        for (std::size_t i = 0; i < record.counters.size(); ++i)
            record.counters[i] += i % 5 < 2 ? 0 : 1'000'000 + random_() % 200'000;
        for (double& gauge : record.gauges)
            if (random_() % 4 == 0) gauge += (random_() % 2 == 0 ? 0.5 : -0.5);
    }

    std::mt19937_64 random_{1};
    std::vector<wire::SampleRecord> records_;
};

struct Bench {
    explicit Bench(const std::string& directory) {
        store::Journal::Options options;
        options.directory = directory;
        store::StoreOpened opened;
        auto made = store::open_journal_store({*loop, files, flusher, reader, keeper}, options, opened);
        if (!made) {
            std::cerr << made.error().text << "\n";
            std::exit(1);
        }
        store = std::move(*made);
    }
    void flush() {
        store->flush([this] { loop->stop(); });
        loop->run();
    }

    std::unique_ptr<Loop> loop = make_epoll_loop().value();
    CountingFileSystem files;
    store::ThreadWorker flusher{"flush"};
    store::ThreadWorker reader{"read"};
    store::ThreadWorker keeper{"keep"};
    std::unique_ptr<store::Store> store;
};

// What there is to tell people and programs. A goal is an upper bound; 0: none.
struct Figure {
    const char* name;
    double value;
    const char* unit;
    double goal;
    double peer = 0;  // naive SQLite in the same run; 0: not measured
};

void print(const Figure& figure, bool json) {
    const auto or_null = [](double value) { return value > 0 ? std::to_string(value) : std::string("null"); };
    const bool ok = figure.goal == 0 || figure.value <= figure.goal;
    if (json) {
        std::cout << "{\"name\":\"store." << figure.name << "\",\"value\":" << figure.value << ",\"unit\":\""
                  << figure.unit
                  << "\",\"floor\":null,\"peer\":" << (figure.peer > 0 ? "\"sqlite rows\"" : "null")
                  << ",\"peer_value\":" << or_null(figure.peer) << ",\"goal\":" << or_null(figure.goal)
                  << ",\"ok\":" << (ok ? "true" : "false") << "}\n";
        return;
    }
    std::cout << "store." << figure.name << "  " << figure.value << " " << figure.unit;
    if (figure.goal > 0) std::cout << "  goal " << figure.goal << (ok ? "" : "  MISSED");
    if (figure.peer > 0) std::cout << "  sqlite rows " << figure.peer;
    std::cout << "\n";
}

// Of the files whose path has `part` in it.
double octets_of_files(const std::string& directory, const std::string& part = "/") {
    double sum = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
        if (entry.is_regular_file() && entry.path().string().find(part) != std::string::npos)
            sum += static_cast<double>(entry.file_size());
    }
    return sum;
}

struct Peer {
    double cpu_us = 0;
    double octets = 0;
};

// One row a sample, keyed by series and time, committed as often as the store flushes.
Peer measure_sqlite(const std::string& path, Room& room, std::size_t slots) {
    sqlite3* database = nullptr;
    const auto run = [&database](const char* sql) {
        if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK) std::abort();
    };
    if (sqlite3_open(path.c_str(), &database) != SQLITE_OK) std::abort();
    run("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
        "CREATE TABLE sample(series INTEGER, ns INTEGER, value, PRIMARY KEY(series, ns)) WITHOUT ROWID");
    sqlite3_stmt* insert = nullptr;
    if (sqlite3_prepare_v2(database, "INSERT INTO sample VALUES(?,?,?)", -1, &insert, nullptr) != SQLITE_OK)
        std::abort();
    std::size_t samples = 0;
    const auto put = [&](std::uint32_t series, std::int64_t wall_ns) {
        sqlite3_bind_int64(insert, 1, series);
        sqlite3_bind_int64(insert, 2, wall_ns);
        if (sqlite3_step(insert) != SQLITE_DONE) std::abort();
        sqlite3_reset(insert);
        ++samples;
    };
    double cpu = 0;
    for (std::size_t cycle = 0; cycle < kCyclesOfPeer; ++cycle) {
        for (std::size_t slot = 0; slot < slots; ++slot) {
            const auto batches = room.slot(cycle, slot, slots);
            const double before = cpu_us();
            run("BEGIN");
            for (const auto& batch : batches) {
                for (const auto& record : batch) {
                    for (std::size_t i = 0; i < record.counters.size(); ++i) {
                        sqlite3_bind_int64(insert, 3, static_cast<std::int64_t>(record.counters[i]));
                        put(record.counter_series[i], record.stamp.wall_ns);
                    }
                    for (std::size_t i = 0; i < record.gauges.size(); ++i) {
                        sqlite3_bind_double(insert, 3, record.gauges[i]);
                        put(record.gauge_series[i], record.stamp.wall_ns);
                    }
                }
            }
            run("COMMIT");
            cpu += cpu_us() - before;
        }
    }
    sqlite3_finalize(insert);
    sqlite3_close(database);
    const auto count = static_cast<double>(samples);
    return {cpu / count, static_cast<double>(std::filesystem::file_size(path)) / count};
}

// The middle of some runs of a question, so that one that had to wait does not count.
template <typename Ask>
double middle_ms(Ask&& ask) {
    std::vector<double> times;
    for (int i = 0; i < 21; ++i) {
        const auto start = Clock::now();
        ask();
        times.push_back(ms_since(start));
    }
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
}

void ask_range(Bench& bench, const Room& room, std::size_t cycles, std::size_t hours) {
    const std::int64_t to_ns = kStartNs + static_cast<std::int64_t>(cycles) * kCycleNs;
    const std::int64_t step_ns = 5 * kCycleNs;
    const std::int64_t from_ns = to_ns - static_cast<std::int64_t>(hours) * 60 * kCycleNs;
    bench.store->range({{room.a_series()}, from_ns / step_ns * step_ns, to_ns, step_ns, 0},
                       [&](const auto& reply) {
                           if (!reply) std::exit(1);
                           bench.loop->stop();
                       });
    bench.loop->run();
}

// `slots`: flushes of a cycle, over which the devices are spread.
int run(const std::string& directory, std::size_t devices, std::size_t hours, std::size_t slots, bool json) {
    Bench bench(directory + "/journal");
    Room room(*bench.store, devices);
    const Peer peer = measure_sqlite(directory + "/peer.db", room, slots);
    std::filesystem::remove(directory + "/peer.db");
    std::vector<double> commits_ms;
    double cpu = 0;
    std::size_t samples = 0;
    std::uint64_t counter = 0;
    // Half an hour behind the last seal: what is in memory takes part in the answers and in the memory.
    const std::size_t cycles = hours * 60 + 30;
    for (std::size_t cycle = 0; cycle < cycles; ++cycle) {
        for (std::size_t slot = 0; slot < slots; ++slot) {
            auto batches = room.slot(cycle, slot, slots);
            const double before = cpu_us();
            for (auto& batch : batches) {
                for (const auto& record : batch) samples += record.size();
                bench.store->append({"bench", 1, ++counter}, std::move(batch), [](const auto&) {});
            }
            const auto start = Clock::now();
            bench.flush();
            commits_ms.push_back(ms_since(start));
            cpu += cpu_us() - before;
        }
        if ((cycle + 1) % kCyclesOfWindow != 0) continue;
        const double before = cpu_us();
        bench.store->seal([&bench] { bench.loop->stop(); });
        bench.loop->run();
        bench.flush();
        cpu += cpu_us() - before;
    }
    std::sort(commits_ms.begin(), commits_ms.end());
    const double latest_ms = middle_ms([&bench] {
        if (bench.store->latest({"", "", 0, 1000}).rows.size() != 1000) std::exit(1);
    });
    const double range_ms = middle_ms([&] { ask_range(bench, room, cycles, 24); });
    const auto count = static_cast<double>(samples);
    const bool whole = hours >= 24;
    print({"cpu_per_sample", cpu / count, "us", 0.10, peer.cpu_us}, json);
    if (whole)
        print({"disk_bytes_per_sample", octets_of_files(directory) / count, "B", 1.0, peer.octets}, json);
    print({"disk_bytes_raw", octets_of_files(directory, "/raw-") / count, "B", 0}, json);
    print({"disk_bytes_m15", octets_of_files(directory, "/m15-") / count, "B", 0}, json);
    print({"disk_bytes_h1", octets_of_files(directory, "/h1-") / count, "B", 0}, json);
    print({"disk_bytes_journal", octets_of_files(directory, "/journal/") / count, "B", 0}, json);
    print({"device_bytes_per_sample", bench.files.octets() / count, "B", 6.0}, json);
    print({"commit_p99", commits_ms[commits_ms.size() * 99 / 100], "ms", 0}, json);
    print({whole ? "range_24h" : "range_of_all", range_ms, "ms", 0.5}, json);
    print({"latest_1000", latest_ms, "ms", 0.1}, json);
    print({"rss", status_number("VmRSS") / 1024.0, "MB", 60}, json);
    return 0;
}

}  // namespace
}  // namespace outstation

int main(int argc, char** argv) {
    bool quick = false;
    bool json = false;
    std::size_t flush_s = 10;
    std::size_t devices = outstation::kAllDevices;  // fewer under callgrind
    for (int i = 1; i < argc; ++i) {
        quick = quick || std::string_view(argv[i]) == "--quick";
        json = json || std::string_view(argv[i]) == "--json";
        if (std::string_view(argv[i]) == "--flush-seconds" && i + 1 < argc)
            flush_s = std::clamp<std::size_t>(std::strtoul(argv[i + 1], nullptr, 10), 1, 60);
        if (std::string_view(argv[i]) == "--devices" && i + 1 < argc)
            devices =
                std::clamp<std::size_t>(std::strtoul(argv[i + 1], nullptr, 10), 20, outstation::kAllDevices);
    }
    char directory[] = "/var/tmp/outstation-bench-store-XXXXXX";
    if (mkdtemp(directory) == nullptr) return 1;
    const int code = outstation::run(directory, devices, quick ? 2 : 24, 60 / flush_s, json);
    std::filesystem::remove_all(directory);
    return code;
}
