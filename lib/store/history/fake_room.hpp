// SPDX-License-Identifier: GPL-3.0-or-later
// A small room of devices with reproducible samples, for tests of history: what it gave is known, so that
// what history answers can be compared. Threads: one.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "lib/store/history/history.hpp"
#include "lib/store/history/reader.hpp"
#include "lib/store/history/sealer.hpp"
#include "lib/store/journal/fake_file_system.hpp"

namespace outstation::store {

class FakeRoom {
  public:
    static constexpr std::int64_t kStartNs = 1'767'225'600'000'000'000;  // 2026-01-01 00:00 UTC
    static constexpr std::int64_t kWindowNs = 7'200'000'000'000;

    FakeRoom(std::size_t devices, std::int64_t interval_ns) : devices_(devices), interval_ns_(interval_ns) {}

    // Measures the next window of two hours.
    void measure_window();
    // Measures into the present window without advancing: one record with these gauges of device 0.
    void add_odd_record(const std::vector<double>& gauges);
    // Seals the window measured last. Returns what commit said.
    Result<HistoryFileInfo> seal(HistoryStore& store) const;
    // The same by a clock that shows this.
    Result<HistoryFileInfo> seal(HistoryStore& store, std::int64_t time_ns) const;
    // `windows` of them, each measured and sealed. False: one was not.
    bool seal_windows(HistoryStore& store, int windows);
    // Gives all but the newest window the quarters of an hour and hours that a former version sealed with it.
    static bool add_roll_ups(FakeFileSystem& files);
    // Plans and cuts, as often as there is something to cut. False: a cut failed.
    static bool cut_all(HistoryStore& store, const HistoryLimits& limits, std::int64_t now_ns);

    [[nodiscard]] const std::vector<NumberedRecord>& records() const { return all_; }
    [[nodiscard]] std::uint64_t window_first() const { return window_first_; }
    [[nodiscard]] std::uint64_t last() const { return all_.size(); }
    [[nodiscard]] std::int64_t now_ns() const { return kStartNs + windows_ * kWindowNs; }
    [[nodiscard]] wire::BatchMark batch() const;
    [[nodiscard]] static std::string device_name(std::size_t device);
    // Of a device: four gauges, then four counters.
    [[nodiscard]] static std::uint32_t series_id(std::size_t device, std::size_t n);
    [[nodiscard]] static HistorySeries series(std::size_t device, std::size_t n);
    [[nodiscard]] static std::vector<wire::SeriesDef> definitions(std::size_t device);
    static Identity identity();
    static HistoryStore::Options options();

  private:
    void measure(std::size_t device, std::int64_t wall_ns);

    std::size_t devices_;
    std::int64_t interval_ns_;
    std::int64_t windows_ = 0;
    std::uint64_t window_first_ = 1;
    std::vector<NumberedRecord> all_;
    std::uint64_t state_ = 88172645463325252;
    std::map<std::uint32_t, std::uint64_t> counters_;
};

}  // namespace outstation::store
