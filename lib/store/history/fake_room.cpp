// SPDX-License-Identifier: GPL-3.0-or-later
// Reproducible samples of a room.
#include "lib/store/history/fake_room.hpp"

namespace outstation::store {
namespace {

constexpr std::size_t kGauges = 4;
constexpr std::size_t kSeries = 8;

}  // namespace

Identity FakeRoom::identity() {
    Identity out;
    for (std::size_t i = 0; i < out.station.size(); ++i) out.station[i] = static_cast<char>(0xa0 + i);
    out.epoch = 0x123456789a;
    return out;
}

HistoryStore::Options FakeRoom::options() {
    return {"history", identity()};
}

std::string FakeRoom::device_name(std::size_t device) {
    return "switch-" + std::to_string(device);
}

std::uint32_t FakeRoom::series_id(std::size_t device, std::size_t n) {
    return static_cast<std::uint32_t>(device * kSeries + n + 1);
}

HistorySeries FakeRoom::series(std::size_t device, std::size_t n) {
    return {series_id(device, n), device_name(device), n < kGauges ? SeriesKind::gauge : SeriesKind::counter};
}

std::vector<wire::SeriesDef> FakeRoom::definitions(std::size_t device) {
    std::vector<wire::SeriesDef> out;
    for (std::size_t n = 0; n < kSeries; ++n) {
        wire::SeriesDef def;
        def.id = series_id(device, n);
        def.device = device_name(device);
        def.metric = n < kGauges ? "temperature_celsius" : "interface_receive_bytes_total";
        def.labels = {{"component", std::to_string(n)}};
        def.kind = series(device, n).kind;
        def.oid = "1.3.6.1.2.1.31.1.1.1.6." + std::to_string(n);
        out.push_back(std::move(def));
    }
    return out;
}

void FakeRoom::measure(std::size_t device, std::int64_t wall_ns) {
    const auto next = [&] {
        return state_ = state_ * 6364136223846793005U + 1442695040888963407U, state_ >> 33;
    };
    NumberedRecord out;
    out.sequence = all_.size() + 1;
    out.record.device = device_name(device);
    out.record.stamp.wall_ns = wall_ns + static_cast<std::int64_t>(next() % 1'000'000);
    out.record.stamp.mono_ns = wall_ns - kStartNs + 5'000'000'000;
    out.record.stamp.boot_id = "0123456789abcdef";
    out.record.stamp.quality = ClockQuality::synchronised;
    for (std::size_t n = 0; n < kGauges; ++n) {
        out.record.gauge_series.push_back(series_id(device, n));
        out.record.gauges.push_back(n == 0 ? 230.0 : static_cast<double>(200 + next() % 100) / 10.0);
    }
    for (std::size_t n = kGauges; n < kSeries; ++n) {
        std::uint64_t& counter = counters_[series_id(device, n)];
        counter = next() % 200 == 0 ? 0 : counter + (n == kGauges ? 0 : next() % 100'000);
        out.record.counter_series.push_back(series_id(device, n));
        out.record.counters.push_back(counter);
    }
    all_.push_back(std::move(out));
}

void FakeRoom::measure_window() {
    window_first_ = all_.size() + 1;
    const std::int64_t from_ns = now_ns();
    for (std::int64_t at_ns = from_ns; at_ns < from_ns + kWindowNs; at_ns += interval_ns_) {
        for (std::size_t device = 0; device < devices_; ++device) measure(device, at_ns);
    }
    ++windows_;
}

void FakeRoom::add_odd_record(const std::vector<double>& gauges) {
    NumberedRecord out;
    out.sequence = all_.size() + 1;
    out.record.device = device_name(0);
    out.record.stamp.wall_ns = 1'000'000'000;  // 1970: a wrong clock
    for (std::size_t i = 0; i < gauges.size(); ++i) {
        // The same series twice, and not in order.
        out.record.gauge_series.push_back(series_id(0, 3 - i % 3));
        out.record.gauges.push_back(gauges[i]);
    }
    all_.push_back(std::move(out));
}

wire::BatchMark FakeRoom::batch() const {
    wire::BatchMark out;
    out.daemon = "polld";
    out.incarnation = 7;
    out.counter = window_first_;
    out.first_sequence = window_first_;
    out.count = static_cast<std::uint32_t>(last() - window_first_ + 1);
    return out;
}

Result<HistoryFileInfo> FakeRoom::seal(HistoryStore& store) const {
    return seal(store, now_ns() - kWindowNs / 2);
}

bool FakeRoom::add_roll_ups(FakeFileSystem& files) {
    FakeFileSystem made;
    for (const std::string& path : files.paths()) {
        if (!made.open(path, FileSystem::Mode::create)) return false;
        made.set_contents(path, files.contents(path));
    }
    for (const HistoryLimits& limits : {HistoryLimits{1, 1}, HistoryLimits{1, 1, 1}}) {
        HistoryStore::Opened opened;
        const auto store = HistoryStore::open(made, options(), opened);
        if (!store) return false;
        const auto cuts = (*store)->plan_cuts(limits, kStartNs + 400 * kWindowNs);
        for (const HistoryCut& cut : cuts.value()) {
            if (!(*store)->cut(cut)) return false;
        }
        for (const HistoryFileInfo& info : (*store)->files()) {
            const std::string path = "history/" + info.name;
            if (info.head.level == Level::raw) continue;
            if (!files.open(path, FileSystem::Mode::create)) return false;
            files.set_contents(path, made.contents(path));
        }
    }
    return true;
}

bool FakeRoom::cut_all(HistoryStore& store, const HistoryLimits& limits, std::int64_t now_ns) {
    for (;;) {
        const auto cuts = store.plan_cuts(limits, now_ns);
        if (!cuts) return false;
        if (cuts->empty()) return true;
        for (const HistoryCut& cut : *cuts) {
            if (!store.cut(cut)) return false;
        }
    }
}

bool FakeRoom::seal_windows(HistoryStore& store, int windows) {
    for (int i = 0; i < windows; ++i) {
        measure_window();
        if (!seal(store)) return false;
    }
    return true;
}

Result<HistoryFileInfo> FakeRoom::seal(HistoryStore& store, std::int64_t time_ns) const {
    auto sealer = store.seal({window_first_, last()}, time_ns);
    if (!sealer) return fail(sealer.error());
    for (std::size_t device = 0; device < devices_; ++device) {
        std::vector<NumberedRecord> records;
        for (std::size_t i = window_first_ - 1; i < all_.size(); ++i) {
            if (all_[i].record.device == device_name(device)) records.push_back(all_[i]);
        }
        const auto ok = (*sealer)->add(device_name(device), records, definitions(device));
        if (!ok) return fail(ok.error());
    }
    if (const auto ok = (*sealer)->add_batches({batch()}); !ok) return fail(ok.error());
    return (*sealer)->commit();
}

}  // namespace outstation::store
