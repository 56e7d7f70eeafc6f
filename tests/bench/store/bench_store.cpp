// SPDX-License-Identifier: GPL-3.0-or-later
// What a sample costs in the store: 60,000 series (1,000 devices of 60) a minute, flushed in six turns, real
// files. Goals are not judged yet: they are those of the columnar codec, which the frames have room for.
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
constexpr std::size_t kDevices = 1000;
constexpr std::size_t kCountersOfDevice = 40;
constexpr std::size_t kGaugesOfDevice = 20;
constexpr std::size_t kSlots = 6;  // flushes a cycle, as with 10 s flushes of a 60 s cycle
constexpr std::size_t kDevicesOfBatch = 10;
constexpr std::int64_t kCycleNs = 60'000'000'000;
constexpr std::int64_t kStartNs = 1'763'700'000'000'000'000;

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
    explicit Room(store::Store& store) {
        for (std::size_t d = 0; d < kDevices; ++d) {
            wire::SampleRecord& record = records_.emplace_back();
            record.device = "device-" + std::to_string(d);
            record.stamp = {0, 0, "bench-store-boot", ClockQuality::synchronised};
            for (std::size_t i = 0; i < kCountersOfDevice + kGaugesOfDevice; ++i) define(store, record, i);
        }
    }
    // The batches of one slot of one cycle.
    std::vector<std::vector<wire::SampleRecord>> slot(std::size_t cycle, std::size_t number) {
        std::vector<std::vector<wire::SampleRecord>> out;
        for (std::size_t d = number; d < kDevices; d += kSlots) {
            move(records_[d], cycle);
            if (out.empty() || out.back().size() == kDevicesOfBatch) out.emplace_back();
            out.back().push_back(records_[d]);
        }
        return out;
    }
    [[nodiscard]] std::uint32_t a_series() const { return records_[kDevices / 2].counter_series[1]; }

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

void print(const char* name, double value, const char* unit, bool json) {
    if (json) {
        std::cout << "{\"name\":\"store." << name << "\",\"value\":" << value << ",\"unit\":\"" << unit
                  << "\",\"floor\":null,\"peer\":null,\"peer_value\":null,\"goal\":null,\"ok\":null}\n";
    } else {
        std::cout << "store." << name << "  " << value << " " << unit << "\n";
    }
}

double bytes_in_frames(const std::string& directory) {
    // Segments are made whole in advance: what counts is up to the last octet written.
    double sum = 0;
    const auto files = store::make_real_file_system();
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        const std::string name = entry.path().filename();
        if (!name.starts_with("samples-")) continue;
        const auto contents = store::load_segment(*files, directory, name, {});
        if (contents) sum += static_cast<double>(contents->segment.end_offset);
    }
    return sum;
}

int run(const std::string& directory, std::size_t cycles, bool json) {
    Bench bench(directory);
    Room room(*bench.store);
    std::vector<double> commits_ms;
    double cpu = 0;
    std::size_t samples = 0;
    std::uint64_t counter = 0;
    for (std::size_t cycle = 0; cycle < cycles; ++cycle) {
        for (std::size_t slot = 0; slot < kSlots; ++slot) {
            auto batches = room.slot(cycle, slot);
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
    }
    std::sort(commits_ms.begin(), commits_ms.end());
    auto start = Clock::now();
    const auto latest = bench.store->latest({"", "", 0, 1000});
    const double latest_ms = ms_since(start);
    start = Clock::now();
    bench.store->range({{room.a_series()}, kStartNs, kStartNs + 24 * 60 * kCycleNs, 60 * kCycleNs, 0},
                       [&](const auto& reply) {
                           if (!reply || latest.rows.size() != 1000) std::exit(1);
                           bench.loop->stop();
                       });
    bench.loop->run();
    const double range_ms = ms_since(start);
    const auto count = static_cast<double>(samples);
    print("cpu_per_sample", cpu / count, "us", json);
    print("disk_bytes_per_sample", bytes_in_frames(directory) / count, "B", json);
    print("device_bytes_per_sample", bench.files.octets() / count, "B", json);
    print("commit_p99", commits_ms[commits_ms.size() * 99 / 100], "ms", json);
    print("latest_1000", latest_ms, "ms", json);
    print("range_per_hour_of_data", range_ms * 60.0 / static_cast<double>(cycles), "ms", json);
    print("rss", status_number("VmRSS") / 1024.0, "MB", json);
    return 0;
}

}  // namespace
}  // namespace outstation

int main(int argc, char** argv) {
    bool quick = false;
    bool json = false;
    for (int i = 1; i < argc; ++i) {
        quick = quick || std::string_view(argv[i]) == "--quick";
        json = json || std::string_view(argv[i]) == "--json";
    }
    char directory[] = "/var/tmp/outstation-bench-store-XXXXXX";
    if (mkdtemp(directory) == nullptr) return 1;
    const int code = outstation::run(std::string(directory) + "/journal", quick ? 20 : 120, json);
    std::filesystem::remove_all(directory);
    return code;
}
