// SPDX-License-Identifier: GPL-3.0-or-later
// Retention: what must go so that limits of age and size hold, and taking it away.
#include <algorithm>

#include "lib/store/history/coverage.hpp"
#include "lib/store/history/file_reader.hpp"
#include "lib/store/history/file_writer.hpp"
#include "lib/store/history/history.hpp"

namespace outstation::store {
namespace {

// A minute's row has five numbers where a sample has one, but they pack well: with fewer samples a minute
// than this, minutes would not be smaller.
constexpr std::uint64_t kSamplesWorthMinutes = 4;
constexpr std::uint64_t kSizeOfMinute = 3;  // of a sample, for the estimate

bool worth_minutes(const Head& head) {
    return head.minutes > 0 && head.records / head.minutes >= kSamplesWorthMinutes;
}

std::uint64_t octets_after(const HistoryCut& cut) {
    if (!cut.to_minutes) return 0;
    const Head& head = cut.file.head;
    return std::min(cut.file.octets, cut.file.octets / head.records * head.minutes * kSizeOfMinute);
}

class Plan {
  public:
    Plan(std::vector<HistoryFileInfo> files, const HistoryLimits& limits, std::int64_t now_ns)
        : files_(std::move(files)), limits_(limits), now_ns_(now_ns) {
        std::stable_sort(files_.begin(), files_.end(), [](const auto& a, const auto& b) {
            return a.head.identity.epoch != b.head.identity.epoch
                       ? a.head.t1_ns < b.head.t1_ns
                       : a.head.sequences.first < b.head.sequences.first;
        });
        for (const HistoryFileInfo& file : files_) octets_ += file.octets;
    }

    std::vector<HistoryCut> run() {
        for (const Level level : kLevels) cut_old(level);
        for (const Level level : kLevels) {
            while (limits_.octets != 0 && octets_ > limits_.octets && cut_oldest(level)) continue;
        }
        return std::move(cuts_);
    }
    [[nodiscard]] const std::vector<HistoryFileInfo>& staying() const { return files_; }

  private:
    [[nodiscard]] std::int64_t limit_of(Level level) const {
        const std::int64_t limits[] = {limits_.raw_ns, limits_.m1_ns, limits_.m15_ns, limits_.h1_ns};
        return limits[static_cast<std::size_t>(level)];
    }
    // Roll-ups stay as long as what they are made from; the newest raw file stays.
    [[nodiscard]] bool may_go(const HistoryFileInfo& file) const {
        const auto holds = [&](const HistoryFileInfo& other) {
            return other.head.identity == file.head.identity && other.head.level < file.head.level &&
                   other.head.level <= Level::m1 && other.head.sequences.overlaps(file.head.sequences);
        };
        const auto newer = [&](const HistoryFileInfo& other) {
            return other.head.level == Level::raw && other.head.start_ns > file.head.start_ns;
        };
        if (file.head.level == Level::raw) return std::any_of(files_.begin(), files_.end(), newer);
        return std::none_of(files_.begin(), files_.end(), holds);
    }
    void cut_old(Level level) {
        if (limit_of(level) == 0) return;
        for (std::size_t i = 0; i < files_.size();) {
            const Head& head = files_[i].head;
            const bool old =
                head.level == level && span_end_ns(head.span, head.start_ns) <= now_ns_ - limit_of(level);
            if (old && may_go(files_[i])) {
                cut(i);
            } else {
                ++i;
            }
        }
    }
    bool cut_oldest(Level level) {
        for (std::size_t i = 0; i < files_.size(); ++i) {
            if (files_[i].head.level != level || !may_go(files_[i])) continue;
            cut(i);
            return true;
        }
        return false;
    }
    void cut(std::size_t i) {
        HistoryCut out{files_[i], false, {}};
        const bool minutes_stay =
            limits_.m1_ns == 0 ||
            span_end_ns(out.file.head.span, out.file.head.start_ns) > now_ns_ - limits_.m1_ns;
        out.to_minutes = out.file.head.level == Level::raw && worth_minutes(out.file.head) && minutes_stay;
        octets_ -= out.file.octets;
        files_.erase(files_.begin() + static_cast<std::ptrdiff_t>(i));
        octets_ += octets_after(out);  // a guess: what it makes is not cut by the same plan
        cuts_.push_back(std::move(out));
    }
    std::vector<HistoryFileInfo> files_;
    const HistoryLimits& limits_;
    std::int64_t now_ns_;
    std::uint64_t octets_ = 0;
    std::vector<HistoryCut> cuts_;
};

}  // namespace

Result<std::vector<HistoryCut>> HistoryStore::plan_cuts(const HistoryLimits& limits, std::int64_t now_ns) {
    Plan plan(files(), limits, now_ns);
    std::vector<HistoryCut> out = plan.run();
    for (HistoryCut& cut : out) {
        auto losses = losses_of(cut, plan.staying());
        if (!losses) return fail(losses.error());
        cut.losses = std::move(*losses);
    }
    return out;
}

Result<std::vector<HistoryLoss>> HistoryStore::losses_of(const HistoryCut& cut,
                                                         const std::vector<HistoryFileInfo>& staying) {
    HistoryLoss loss;
    loss.from = cut.file.head.level;
    loss.t0_ns = cut.file.head.t0_ns;
    loss.t1_ns = cut.file.head.t1_ns;
    loss.gone = !cut.to_minutes;
    loss.left = Level::m1;
    for (const Level level : {Level::h1, Level::m15, Level::m1}) {
        const Coverage left = coverage_of(staying, level, cut.file.head.identity.epoch);
        if (cut.to_minutes || level <= loss.from || !left.overlaps(cut.file.head.sequences)) continue;
        loss.left = level;
        loss.gone = false;
    }
    std::vector<HistoryLoss> out;
    const auto file = open_file(cut.file.name);
    const auto devices =
        file ? (*file)->devices() : Result<std::vector<HistoryFile::Device>>(fail(file.error()));
    if (!devices && devices.error().code == ErrorCode::io) return fail(devices.error());
    if (!devices) return std::vector<HistoryLoss>{loss};  // of all devices: the list cannot be read
    for (const HistoryFile::Device& device : *devices) {
        loss.device = device.name;
        out.push_back(loss);
    }
    return out;
}

Result<void> HistoryStore::cut(const HistoryCut& cut) {
    const std::vector<HistoryFileInfo> now = files();
    if (std::find(now.begin(), now.end(), cut.file) == now.end())
        return fail(ErrorCode::not_found, cut.file.name + ": is not there any more");
    std::vector<HistoryFileInfo> made;
    if (cut.to_minutes) {
        auto minutes = roll_up_file(cut.file, {Level::m1});
        if (!minutes) return fail(minutes.error().in("thin"));
        made = std::move(*minutes);
    }
    return replace({cut.file}, std::move(made));
}

}  // namespace outstation::store
