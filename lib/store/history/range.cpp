// SPDX-License-Identifier: GPL-3.0-or-later
// Range questions: which levels and files to read, and reading them.
#include <algorithm>
#include <limits>
#include <map>

#include "lib/store/history/blocks.hpp"
#include "lib/store/history/coverage.hpp"
#include "lib/store/history/file_reader.hpp"
#include "lib/store/history/reader_retry.hpp"
#include "lib/store/history/steps.hpp"

namespace outstation::store {
namespace {

// For the sample before the first: two windows, so that there is one at intervals of up to an hour and more.
constexpr std::int64_t kLookBackNs = 4 * 3'600'000'000'000;

Result<void> check(const HistoryRange& question) {
    if (question.series.empty() || question.series.size() > kMaxHistorySeries)
        return fail(ErrorCode::malformed,
                    "1 to " + std::to_string(kMaxHistorySeries) + " series can be asked for");
    if (question.from_ns < 0 || question.to_ns <= question.from_ns || question.step_ns < 0)
        return fail(ErrorCode::malformed, "the range is empty or negative");
    if (question.step_ns > 0 &&
        static_cast<std::uint64_t>((question.to_ns - question.from_ns - 1) / question.step_ns + 1) >
            kMaxHistoryPoints / question.series.size())
        return fail(ErrorCode::exhausted, "too many steps: ask for a larger step");
    return {};
}

// The coarsest one of which each step has whole buckets.
Level best_level(const HistoryRange& question) {
    Level best = Level::raw;
    for (const Level level : {Level::m1, Level::m15, Level::h1}) {
        const std::int64_t length_ns = bucket_ns(level);
        if (question.step_ns > 0 && question.step_ns % length_ns == 0 && question.from_ns % length_ns == 0)
            best = level;
    }
    return best;
}

// That one, then the finer ones, then the coarser ones.
std::vector<Level> order_of_levels(Level best) {
    const auto first = static_cast<std::size_t>(best);
    std::vector<Level> out;
    for (std::size_t i = first + 1; i-- > 0;) out.push_back(kLevels[i]);
    for (std::size_t i = first + 1; i < kLevelCount; ++i) out.push_back(kLevels[i]);
    return out;
}

}  // namespace

class HistoryReader::Range {
  public:
    Range(HistoryReader& reader, const HistoryRange& question)
        : reader_(reader), question_(question), best_(best_level(question)) {
        for (const HistorySeries& series : question.series) {
            has_counters_ = has_counters_ || series.kind == SeriesKind::counter;
            by_device_[series.device].push_back(columns_.size());
            columns_.emplace_back(series, question);
            if (series.is_32_bit) rules_.of_32_bits.insert(series.id);
            if (series.uptime) rules_.uptimes[series.device] = *series.uptime;
        }
        infos_ = reader.store_.files();
    }

    Result<HistoryAnswer> run() {
        for (const Level level : order_of_levels(best_)) {
            for (StepColumn& column : columns_) column.start_level(level);
            if (const auto ok = read_level(level); !ok) return fail(ok.error());
        }
        tell_unreadable();
        for (StepColumn& column : columns_) answer_.columns.push_back(column.finish());
        return std::move(answer_);
    }

  private:
    [[nodiscard]] std::int64_t look_from_ns(Level level) const {
        if (level != Level::raw || question_.step_ns == 0 || !has_counters_) return question_.from_ns;
        return question_.from_ns - std::min(std::max(kLookBackNs, question_.max_gap_ns), question_.from_ns);
    }
    // A bucket is found by its newest sample, which may come after the end of the last step that it is for.
    [[nodiscard]] std::int64_t look_to_ns(Level level) const {
        const std::int64_t length_ns = bucket_ns(level), to_ns = question_.to_ns;
        if (question_.step_ns == 0 || level == Level::raw || to_ns % length_ns == 0) return to_ns;
        return std::min(to_ns, std::numeric_limits<std::int64_t>::max() - length_ns) + length_ns -
               to_ns % length_ns;
    }

    Result<void> read_level(Level level) {
        counters_.clear();
        std::uint64_t next = 0;
        for (const HistoryFileInfo& info : infos_) {
            const Head& head = info.head;
            if (head.level != level || head.t1_ns < look_from_ns(level) || head.t0_ns >= look_to_ns(level) ||
                covered_[head.identity.epoch].contains(head.sequences))
                continue;
            if (level == Level::raw && head.sequences.first != next) {
                if (const auto ok = learn_counters_before(head); !ok) return ok;
            }
            if (const auto ok = read_file(info); !ok) return ok;
            next = head.sequences.last + 1;
        }
        return {};
    }

    // Rates of the first samples go on from what another level, or a file that it covers, has before them.
    Result<void> learn_counters_before(const Head& head) {
        if (question_.step_ns == 0 || !has_counters_) return {};
        const HistoryFileInfo* const info = before(infos_, reader_.store_.epochs(), head);
        if (info == nullptr || info->head.t1_ns < look_from_ns(Level::raw)) return {};
        const auto file = reader_.file(*info);
        if (!file && reader_.went_away(file.error())) return fail(file.error());
        if (!file) return {};
        for (const auto& [name, columns] : by_device_)
            (*file)->last_counters(name, rules_.uptime_of(name), counters_);
        return {};
    }

    void tell_unreadable() {
        for (const UnreadableFile& file : reader_.store_.unreadable()) {
            const Head& head = file.info.head;
            if (!file.elsewhere && head.t0_ns < question_.to_ns && head.t1_ns >= question_.from_ns)
                answer_.damage.push_back(damage_of(file));
        }
    }

    Result<void> read_file(const HistoryFileInfo& info) {
        const std::size_t damage_before = answer_.damage.size();
        const auto file = reader_.file(info);
        if (!file && reader_.went_away(file.error())) return fail(file.error());
        ++answer_.files;
        answer_.levels[static_cast<std::size_t>(info.head.level)] = true;
        if (!file) return answer_.damage.push_back(damage_of(info, file.error().text)), Result<void>();
        for (const auto& [device, columns] : by_device_) {
            if (const auto ok = read_device(**file, device, columns); !ok) return ok;
        }
        (*file)->lost(answer_.damage);
        // Where something is damaged the other levels are asked, too.
        const bool whole = answer_.damage.size() == damage_before;
        (whole ? covered_ : damaged_)[info.head.identity.epoch].add(info.head.sequences);
        return {};
    }

    Result<void> read_device(HistoryFile& file, const std::string& name,
                             const std::vector<std::size_t>& columns) {
        const auto device = file.device(name);
        if (!device) return answer_.damage.push_back(file.damaged(device.error().text, name)), Result<void>();
        if (!*device) return {};
        DevicePoints points(counters_, rules_, question_.max_gap_ns);
        return file.blocks(**device, look_from_ns(file.head().level), look_to_ns(file.head().level) - 1,
                           answer_.damage, [&](BlockRow& row) -> Result<void> {
                               const HistoryDamage place{file.name(), name,          row.t0_ns,
                                                         row.t1_ns,   row.sequences, ""};
                               auto block = BlockReader::open(std::move(row.body));
                               const auto ok = block ? read_block(*block, file.head(), place, columns, points)
                                                     : Result<void>(fail(block.error()));
                               if (!ok) {
                                   answer_.damage.push_back(place);
                                   answer_.damage.back().what = ok.error().text;
                               }
                               return check_points();
                           });
    }

    // Each record is counted once, whatever files have it.
    Result<void> read_block(BlockReader& block, const Head& head, const HistoryDamage& place,
                            const std::vector<std::size_t>& columns, DevicePoints& points) {
        const Coverage& covered = covered_[head.identity.epoch];
        const bool counted = covered.contains(place.sequences);
        const bool joins = head.level <= best_ && !covered.overlaps(place.sequences) &&
                           !damaged_[head.identity.epoch].overlaps(place.sequences);
        for (const std::size_t i : columns) columns_[i].set_joins(joins);
        if (head.level == Level::raw) return read_samples(block, columns, points, !counted);
        return counted ? Result<void>() : read_roll_up(block, columns);
    }

    Result<void> read_samples(BlockReader& block, const std::vector<std::size_t>& columns,
                              DevicePoints& points, bool counts) {
        const auto wall_ns = block.wall_ns();
        if (!wall_ns) return fail(wall_ns.error());
        auto uptimes = uptimes_of(block, question_.series[columns.front()].uptime, (*wall_ns)->size());
        if (!uptimes) return fail(uptimes.error());
        points.start_block(**wall_ns, std::move(*uptimes));
        for (const std::size_t i : columns) {
            const HistorySeries& series = question_.series[i];
            const auto index = block.find({series.id, series.kind, Part::value});
            if (!index) continue;
            if (const auto ok = block.column(*index, data_); !ok) return ok;
            points.column(data_, **wall_ns, [&](const DevicePoints::Point& point) {
                if (counts) columns_[i].add(point);
            });
        }
        return {};
    }

    Result<void> read_roll_up(BlockReader& block, const std::vector<std::size_t>& columns) {
        for (const std::size_t i : columns) {
            const auto buckets = read_buckets(block, question_.series[i].id);
            if (!buckets) return fail(buckets.error());
            columns_[i].add(*buckets);
        }
        return {};
    }

    Result<void> check_points() const {
        std::size_t points = 0;
        for (const StepColumn& column : columns_) points += column.points();
        if (points > kMaxHistoryPoints)
            return fail(ErrorCode::exhausted, "too many points: ask for a shorter time");
        return {};
    }

    HistoryReader& reader_;
    const HistoryRange& question_;
    const Level best_;
    std::vector<HistoryFileInfo> infos_;
    std::map<std::string, std::vector<std::size_t>> by_device_;
    std::vector<StepColumn> columns_;
    std::map<std::uint64_t, Coverage> covered_;  // by epoch; of files that were read
    std::map<std::uint64_t, Coverage> damaged_;  // of files that could be read in part
    CounterPoints counters_;
    CounterRules rules_;
    ColumnData data_;
    bool has_counters_ = false;
    HistoryAnswer answer_;
};

Result<HistoryAnswer> HistoryReader::range(const HistoryRange& question) {
    if (const auto ok = check(question); !ok) return fail(ok.error());
    return retry<HistoryAnswer>([&] { return Range(*this, question).run(); });
}

}  // namespace outstation::store
