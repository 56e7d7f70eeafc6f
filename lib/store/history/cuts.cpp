// SPDX-License-Identifier: GPL-3.0-or-later
// Retention: what must go so that limits of age and size hold, and taking it away.
#include <algorithm>
#include <map>
#include <tuple>

#include "lib/store/clocks/ages.hpp"
#include "lib/store/clocks/clocks.hpp"
#include "lib/store/history/coverage.hpp"
#include "lib/store/history/head.hpp"
#include "lib/store/history/history.hpp"
#include "lib/store/history/roll_up_size.hpp"

namespace outstation::store {
namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000;

struct Aged {
    HistoryFileInfo info;
    std::int64_t age_ns = 0;
    bool planned = false;  // not there yet: a cut of this plan makes it
    bool readable = true;
};

// Our files last; of each row of numbers by level, then by sequence, which no wrong clock changes.
void sort_by_age(std::vector<Aged>& files, const Epochs& ours) {
    std::map<std::uint64_t, std::int64_t> epochs;
    for (const Aged& file : files) {
        const std::int64_t at_ns = file.info.head.start_ns;
        const auto [epoch, made] = epochs.emplace(file.info.head.identity.epoch, at_ns);
        if (!made) epoch->second = std::max(epoch->second, at_ns);
    }
    const auto key = [&](const Aged& file) {
        const Head& head = file.info.head;
        const bool is_ours = ours.has(head.identity);
        const std::uint64_t epoch = is_ours ? 0 : head.identity.epoch;
        return std::tuple(is_ours, is_ours ? 0 : epochs[epoch], epoch, head.level, head.sequences.first);
    };
    std::stable_sort(files.begin(), files.end(),
                     [&](const auto& a, const auto& b) { return key(a) < key(b); });
}

// By those of its level, up to now. One whose time cannot be is as old as the next.
void find_ages(std::vector<Aged>& files, const Epochs& ours, std::int64_t now_ns, std::int64_t steady_ns) {
    Ages ages(now_ns, steady_ns);
    for (std::size_t i = files.size(); i-- > 0;) {
        const Head& head = files[i].info.head;
        const bool last = i + 1 == files.size() || files[i + 1].info.head.level != head.level ||
                          !ours.are_one(files[i + 1].info.head.identity, head.identity);
        if (last) ages = Ages(now_ns, steady_ns);
        const bool possible = head.start_ns >= Clocks::kFirstPossible_ns && head.start_ns - now_ns < kDayNs;
        files[i].age_ns = possible ? ages.of(span_end_ns(head.span, head.start_ns)) : ages.last();
    }
}

class Plan {
  public:
    Plan(std::vector<Aged> files, const Epochs& ours, const HistoryLimits& limits, std::int64_t now_ns)
        : files_(std::move(files)), limits_(limits) {
        sort_by_age(files_, ours);
        find_ages(files_, ours, now_ns, limits.steady_ns);
        for (const Aged& file : files_) {
            octets_ += file.info.octets;
            if (file.info.head.level == Level::raw && file.info.head.records > 0) newest_ = file.info.name;
        }
    }

    std::vector<HistoryCut> run() {
        for (const Level level : kLevels) cut_old(level);
        for (const Level level : kLevels) {
            while (limits_.octets != 0 && octets_ > limits_.octets && cut_oldest(level)) continue;
        }
        return std::move(cuts_);
    }
    // What can be answered from after it.
    [[nodiscard]] std::vector<HistoryFileInfo> staying() const {
        std::vector<HistoryFileInfo> out;
        for (const Aged& file : files_) {
            if (file.readable) out.push_back(file.info);
        }
        return out;
    }

  private:
    [[nodiscard]] std::int64_t limit_of(Level level) const {
        const std::int64_t limits[] = {limits_.raw_ns, limits_.m1_ns, limits_.m15_ns, limits_.h1_ns};
        return limits[static_cast<std::size_t>(level)];
    }
    // Roll-ups stay as long as what they are made from; the newest raw file stays.
    [[nodiscard]] bool may_go(const Aged& file) const {
        const auto holds = [&](const Aged& other) {
            return other.info.head.identity == file.info.head.identity &&
                   other.info.head.level < file.info.head.level && other.info.head.level <= Level::m1 &&
                   other.info.head.sequences.overlaps(file.info.head.sequences);
        };
        return !file.planned && file.info.name != newest_ && !limits_.held.contains(file.info.name) &&
               std::none_of(files_.begin(), files_.end(), holds);
    }
    [[nodiscard]] bool is_old(const Aged& file, Level level) const {
        return limit_of(level) != 0 && file.age_ns >= limit_of(level);
    }
    void cut_old(Level level) {
        for (std::size_t i = 0; i < files_.size();) {
            if (files_[i].info.head.level == level && is_old(files_[i], level) && may_go(files_[i])) {
                i = cut(i);
            } else {
                ++i;
            }
        }
    }
    bool cut_oldest(Level level) {
        for (std::size_t i = 0; i < files_.size(); ++i) {
            if (files_[i].info.head.level != level || !may_go(files_[i])) continue;
            cut(i);
            return true;
        }
        return false;
    }
    [[nodiscard]] bool is_there(const Head& head, Level level) const {
        Coverage there;
        for (const Aged& file : files_) {
            if (file.readable && file.info.head.level == level && file.info.head.identity == head.identity)
                there.add(file.info.head.sequences);
        }
        return there.contains(head.sequences);
    }
    // To what it is rolled up before it goes: nothing where that is there already, or has no room. What goes
    // for its size must become smaller; what goes for its age need not.
    [[nodiscard]] std::optional<Level> next_level(const Aged& file, bool aged) const {
        const Head& head = file.info.head;
        if (!file.readable || head.records == 0) return std::nullopt;
        for (const Level level : kLevels) {
            if (level <= head.level || is_old(file, level)) continue;
            const bool small = level == Level::h1 || is_worth(head, level) || (aged && level == Level::m15);
            if (small && is_there(head, level)) return std::nullopt;
            if (small && room_to_roll_up(file.info, level) <= limits_.room_octets) return level;
        }
        return std::nullopt;
    }
    // Returns where the next file is.
    std::size_t cut(std::size_t i) {
        Aged file = files_[i];
        const bool aged = is_old(file, file.info.head.level);
        HistoryCut out{file.info, next_level(file, aged), aged};
        octets_ -= out.file.octets;
        files_.erase(files_.begin() + static_cast<std::ptrdiff_t>(i));
        if (out.rolled_up_to) {
            file.planned = true;
            file.info.head.level = *out.rolled_up_to;
            file.info.name = history_name(file.info.head);
            file.info.octets = octets_rolled_up(out.file, *out.rolled_up_to);
            octets_ += file.info.octets;
            files_.push_back(std::move(file));
        }
        cuts_.push_back(std::move(out));
        return i;
    }
    std::vector<Aged> files_;
    const HistoryLimits& limits_;
    std::string newest_;  // raw file that can be read
    std::uint64_t octets_ = 0;
    std::vector<HistoryCut> cuts_;
};

// Whatever stays has all devices of the file.
void find_loss(HistoryCut& cut, const std::vector<HistoryFileInfo>& staying) {
    const Head& head = cut.file.head;
    cut.gone = true;
    for (const Level level : {Level::h1, Level::m15, Level::m1}) {
        if (level <= head.level) continue;
        if (!coverage_of(staying, level, head.identity.epoch).overlaps(head.sequences)) continue;
        cut.left = level;
        cut.gone = false;
    }
}

}  // namespace

Result<std::vector<HistoryCut>> HistoryStore::plan_cuts(const HistoryLimits& limits, std::int64_t now_ns) {
    std::vector<Aged> all;
    for (HistoryFileInfo& info : files()) all.push_back(Aged{std::move(info)});
    std::uint64_t foreign_octets = 0;
    for (UnreadableFile& file : unreadable()) {
        SequenceRange& range = file.info.head.sequences;
        if (range.last == kNoLastSequence) range.last = range.first;  // nothing says where it ended
        if (file.foreign) foreign_octets += file.info.octets;
        if (file.foreign) continue;
        all.push_back(Aged{std::move(file.info)});
        all.back().readable = false;
    }
    HistoryLimits ours = limits;
    // Others' files stay, and take room.
    if (limits.octets != 0) ours.octets = std::max(limits.octets, foreign_octets + 1) - foreign_octets;
    Plan plan(std::move(all), options_.epochs, ours, now_ns);
    std::vector<HistoryCut> out = plan.run();
    const std::vector<HistoryFileInfo> staying = plan.staying();
    for (HistoryCut& cut : out) find_loss(cut, staying);
    return out;
}

std::uint64_t HistoryStore::octets_to_thin() const {
    std::uint64_t out = 0;
    for (const HistoryFileInfo& info : files()) {
        if (info.head.level != Level::raw) continue;
        for (const Level level : {Level::m1, Level::m15}) {
            if (is_worth(info.head, level)) out = std::max(out, room_to_roll_up(info, level));
        }
    }
    return out;
}

Result<void> HistoryStore::cut(const HistoryCut& cut) {
    const auto is_it = [&](const HistoryFileInfo& info) { return info.name == cut.file.name; };
    const bool there = std::any_of(infos_.begin(), infos_.end(), is_it) ||
                       std::any_of(unreadable_.begin(), unreadable_.end(),
                                   [&](const auto& file) { return is_it(file.info); });
    if (!there) return fail(ErrorCode::not_found, cut.file.name + ": is not there any more");
    if (cut.rolled_up_to) {
        if (const auto ok = roll_up(cut.file, *cut.rolled_up_to, cut.give_up); !ok)
            return fail(ok.error().in("thin"));
    }
    return replace({cut.file}, {});
}

}  // namespace outstation::store
