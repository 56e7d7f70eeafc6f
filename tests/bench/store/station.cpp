// SPDX-License-Identifier: GPL-3.0-or-later
// Cycles, windows and days of the store that is measured.
#include "tests/bench/store/station.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace outstation::bench {
namespace {

constexpr std::int64_t kHourNs = 60 * kTelemetryCycleNs;
constexpr std::int64_t kStepNs = 5 * kTelemetryCycleNs;
constexpr std::int64_t kTimeOfMerging_ns = 28 * kHourNs;
constexpr int kTurnsOfMerging = 4;  // two files are made in one

}  // namespace

BenchStation::BenchStation(const std::string& directory, std::size_t devices, std::size_t flushes,
                           bool real_syncs)
    : flushes_(flushes), files_(real_syncs), room_(devices) {
    store::Journal::Options options;
    options.directory = directory;
    store::StoreOpened opened;
    auto made = store::open_journal_store({loop_, files_, flusher_, reader_, keeper_}, options, opened);
    if (!made) {
        std::cerr << made.error().text << "\n";
        std::exit(1);
    }
    store_ = std::move(*made);
    room_.define(*store_);
}

void BenchStation::append(Batches batches) {
    for (auto& batch : batches)
        store_->append({"bench", 1, ++counter_}, std::move(batch), [](const Result<store::Accepted>& done) {
            if (!done) std::abort();
        });
}

void BenchStation::flush() {
    store_->flush([this] { loop_.stop(); });
    loop_.run();
}

void BenchStation::seal() {
    store_->seal([this] { loop_.stop(); });
    loop_.run();
}

void BenchStation::run_cycle() {
    for (std::size_t i = 0; i < flushes_; ++i) {
        Batches batches = room_.batches(cycle_, i, flushes_);
        samples_ += static_cast<double>(values_of(batches));
        const double before = bench::cpu_us();
        append(std::move(batches));
        commits_ms_.push_back(ms_of([this] { flush(); }));
        cpu_us_ += bench::cpu_us() - before;
    }
    loop_.set_wall(time_of(++cycle_));
    if (cycle_ % kCyclesOfWindow != 0) return;
    most_rss_mb_ = std::max(most_rss_mb_, rss_mb());
    const double before = bench::cpu_us();
    seal();
    flush();
    cpu_us_ += bench::cpu_us() - before;
    sealed_samples_ = samples_;
}

void BenchStation::merge_day() {
    loop_.set_wall(kTelemetryStartNs + kTimeOfMerging_ns);
    const double before = bench::cpu_us();
    for (int i = 0; i < kTurnsOfMerging; ++i) seal();
    flush();
    cpu_us_ += bench::cpu_us() - before;
    sealed_samples_ = samples_;
}

void BenchStation::ask_range(std::size_t from_hour, std::size_t to_hour) {
    const auto at = [](std::size_t hour) {
        return kTelemetryStartNs + static_cast<std::int64_t>(hour) * kHourNs;
    };
    store_->range({{room_.a_series()}, at(from_hour), at(to_hour), kStepNs, 0}, [this](const auto& reply) {
        if (!reply || !reply->damaged.empty()) std::abort();
        loop_.stop();
    });
    loop_.run();
}

}  // namespace outstation::bench
