// SPDX-License-Identifier: GPL-3.0-or-later
// The store as its daemon runs it, three workers and real files, under a wall clock that the benchmark sets:
// so a day passes, and is merged, in the time that the work takes. Threads: one, and the workers'.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "lib/event/loop.hpp"
#include "lib/store/store.hpp"
#include "tests/bench/store/meters.hpp"

namespace outstation::bench {

class SetClockLoop : public Loop {
  public:
    // Never back.
    void set_wall(std::int64_t wall_ns) { wall_ = std::max(wall_, WallTime(Duration(wall_ns))); }

    [[nodiscard]] MonoTime now() const override { return real_->now(); }
    [[nodiscard]] WallTime wall() const override { return wall_; }
    [[nodiscard]] Watch watch(int fd, Interest interest, std::function<void(Ready)> on_ready) override {
        return real_->watch(fd, interest, std::move(on_ready));
    }
    [[nodiscard]] Timer at(MonoTime at, std::function<void()> on_due) override {
        return real_->at(at, std::move(on_due));
    }
    void post(std::function<void()> task) override { real_->post(std::move(task)); }
    void run() override { real_->run(); }
    void stop() override { real_->stop(); }
    [[nodiscard]] Duration take_worst_lag() override { return real_->take_worst_lag(); }

  private:
    std::unique_ptr<Loop> real_ = make_epoll_loop().value();
    WallTime wall_{Duration(kTelemetryStartNs)};
};

class BenchStation {
  public:
    // `flushes`: of a cycle, over which the devices are spread. The room is defined.
    BenchStation(const std::string& directory, std::size_t devices, std::size_t flushes, bool real_syncs);

    // The next cycle, every flush of it waited for; with the last cycle of a window, its sealing.
    void run_cycle();
    // Whatever is in memory is sealed, and as it is some hours after midnight now, the day is merged.
    void merge_day();

    [[nodiscard]] store::Store& store() { return *store_; }
    // One series from the first hour on, in steps of five minutes.
    void ask_range(std::size_t from_hour, std::size_t to_hour);

    [[nodiscard]] std::size_t cycles() const { return cycle_; }
    [[nodiscard]] double samples() const { return samples_; }
    [[nodiscard]] double sealed_samples() const { return sealed_samples_; }
    [[nodiscard]] double cpu_us() const { return cpu_us_; }  // of the store, over all samples
    [[nodiscard]] double device_octets() const { return files_.octets(); }
    [[nodiscard]] const std::vector<double>& commits_ms() const { return commits_ms_; }
    [[nodiscard]] double most_rss_mb() const { return most_rss_mb_; }  // at the end of a window

    static constexpr std::size_t kCyclesOfWindow = 120;

  private:
    void append(Batches batches);
    void flush();
    void seal();
    [[nodiscard]] std::int64_t time_of(std::size_t cycle) const {
        return kTelemetryStartNs + static_cast<std::int64_t>(cycle) * kTelemetryCycleNs;
    }

    std::size_t flushes_;
    SetClockLoop loop_;
    CountingFiles files_;
    store::ThreadWorker flusher_{"flush"};
    store::ThreadWorker reader_{"read"};
    store::ThreadWorker keeper_{"keep"};
    std::unique_ptr<store::Store> store_;
    Room room_;
    std::size_t cycle_ = 0;
    std::uint64_t counter_ = 0;
    double samples_ = 0;
    double sealed_samples_ = 0;
    double cpu_us_ = 0;
    double most_rss_mb_ = 0;
    std::vector<double> commits_ms_;
};

}  // namespace outstation::bench
