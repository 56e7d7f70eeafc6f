// SPDX-License-Identifier: GPL-3.0-or-later
// Making larger files out of smaller ones, and the hours of each day.
#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "lib/store/history/blocks.hpp"
#include "lib/store/history/coverage.hpp"
#include "lib/store/history/file_reader.hpp"
#include "lib/store/history/file_writer.hpp"
#include "lib/store/history/history.hpp"
#include "lib/store/history/roll_up_size.hpp"
#include "lib/store/history/roll_up_writer.hpp"
#include "lib/store/journal/crc32c.hpp"

namespace outstation::store {
namespace {

constexpr std::size_t kMostParts = 64;  // of a run; all are open at once

constexpr std::int64_t kHourNs = 3'600'000'000'000;
constexpr std::int64_t kEverNs[] = {std::numeric_limits<std::int64_t>::min(),
                                    std::numeric_limits<std::int64_t>::max()};

// Parts that wait for room get their hours as a whole, or when they have waited so long, each its own.
constexpr std::int64_t kPartsWaitNs = 24 * kHourNs;

// After the end of a day its last window must still be sealed.
bool is_over(Span span, std::int64_t start_ns, std::int64_t now_ns) {
    const std::int64_t delay_ns = span == Span::day ? 3 * kHourNs : 31 * 24 * kHourNs;
    return span_end_ns(span, span_start_ns(span, start_ns)) + delay_ns <= now_ns;
}

using Definitions = std::map<std::pair<std::string, std::uint32_t>, wire::SeriesDef>;

bool says_the_same(const ChunkRow& a, const ChunkRow& b) {
    return a.crc == b.crc && a.codec == b.codec && a.octets == b.octets && a.body == b.body;
}

// The chunks of definitions of the first file, where all files have the same ones; as a rule they have. They
// go over as they are, like blocks.
std::optional<std::vector<ChunkRow>> common_chunks(const std::vector<std::unique_ptr<HistoryFile>>& files,
                                                   std::vector<HistoryDamage>& damage) {
    std::vector<ChunkRow> first, here;
    const auto take = [&here](const ChunkRow& chunk) -> Result<std::vector<wire::SeriesDef>> {
        here.push_back(chunk);
        if (crc32c(chunk.body) != chunk.crc) return fail(ErrorCode::malformed, "a chunk is damaged");
        return std::vector<wire::SeriesDef>();
    };
    for (const auto& file : files) {
        (void)file->definitions(
            damage, [](const auto&) { return Result<void>(); }, take);
        if (file == files.front()) first = here;
        if (!std::equal(first.begin(), first.end(), here.begin(), here.end(), &says_the_same))
            return std::nullopt;
        here.clear();
    }
    return first;
}

// Definitions of all files, those of later files for earlier ones, by device. A chunk that the file before
// has, too, says nothing new.
Result<void> copy_definitions(const std::vector<std::unique_ptr<HistoryFile>>& files, HistoryWriter& writer,
                              std::vector<HistoryDamage>& damage) {
    const auto common = common_chunks(files, damage);
    if (!damage.empty()) return {};
    if (common) return writer.add_definitions(*common);
    Definitions all;
    std::set<std::tuple<std::uint8_t, std::uint32_t, std::uint32_t, std::string>> before, here;
    const auto unpack = [&](const ChunkRow& chunk) -> Result<std::vector<wire::SeriesDef>> {
        const auto at = here.emplace(chunk.codec, chunk.octets, chunk.crc, chunk.body).first;
        if (before.contains(*at)) return std::vector<wire::SeriesDef>();
        return unpack_definitions(chunk);
    };
    const auto take = [&all](const std::vector<wire::SeriesDef>& defs) -> Result<void> {
        for (const wire::SeriesDef& def : defs) all[{def.device, def.id}] = def;
        return {};
    };
    for (const auto& file : files) {
        if (const auto ok = file->definitions(damage, take, unpack); !ok) return ok;
        before = std::exchange(here, {});
    }
    for (auto& [key, def] : all) {
        std::vector<wire::SeriesDef> one(1);
        one[0] = std::move(def);
        if (const auto ok = writer.add_definitions(std::move(one)); !ok) return ok;
    }
    return {};
}

class Merge {
  public:
    Merge(HistoryWriter& writer, Level level, Span span)
        : writer_(writer), recode_(span == Span::day && (level == Level::m15 || level == Level::h1)) {}

    // What cannot be read is damage(); fails when the new file cannot be written.
    Result<void> run(const std::vector<std::unique_ptr<HistoryFile>>& files) {
        std::map<std::string, Places> devices;
        for (const auto& file : files) {
            const auto found = file->devices();
            const auto missing = file->missing();
            if (!found || !missing) {
                damage_.push_back(file->damaged((!found ? found.error() : missing.error()).text));
                continue;
            }
            for (const HistoryFile::Device& device : *found)
                devices[device.name].emplace_back(file.get(), device);
            for (const SequenceRange& range : *missing) {
                if (const auto ok = writer_.add_missing(range); !ok) return ok;
            }
            if (const auto ok = copy_batches(*file); !ok) return ok;
        }
        for (const auto& [name, places] : devices) {
            if (!damage_.empty()) return {};
            if (const auto ok = recode_ ? recode(name, places) : copy(places); !ok) return ok;
        }
        return copy_definitions(files, writer_, damage_);
    }
    [[nodiscard]] bool recodes() const { return recode_; }
    [[nodiscard]] const std::vector<HistoryDamage>& damage() const { return damage_; }

  private:
    using Places = std::vector<std::pair<HistoryFile*, HistoryFile::Device>>;

    Result<void> copy_batches(HistoryFile& file) {
        return file.batches(damage_, [&](const auto& batches) { return writer_.add_batches(batches); });
    }
    Result<void> copy(const Places& places) {
        for (const auto& [file, device] : places) {
            const auto ok = file->blocks(device, kEverNs[0], kEverNs[1], damage_,
                                         [&](BlockRow& row) { return writer_.add(row); });
            if (!ok) return ok;
        }
        return {};
    }
    Result<void> recode(const std::string& name, const Places& places) {
        RollUpWriter out(writer_, name);
        const auto take = [&](BlockRow& row) -> Result<void> {
            const HistoryDamage place{"", name, row.t0_ns, row.t1_ns, row.sequences, ""};
            auto block = BlockReader::open(std::move(row.body));
            const auto ok =
                block ? read_buckets(*block, [&](const auto& column) { out.gathered().add(column); })
                      : Result<void>(fail(block.error()));
            if (!ok) damage_.push_back(place);
            return out.added(row.sequences);
        };
        for (const auto& [file, device] : places) {
            const std::size_t before = damage_.size();
            const auto ok = file->blocks(device, kEverNs[0], kEverNs[1], damage_, take);
            if (!ok) return ok;
            for (std::size_t i = before; i < damage_.size(); ++i) damage_[i].file = file->name();
        }
        return out.finish();
    }

    HistoryWriter& writer_;
    bool recode_;
    std::vector<HistoryDamage> damage_;
};

}  // namespace

std::vector<HistoryFileInfo> HistoryStore::next_run(std::int64_t now_ns, Span span, const MergeRoom& room) {
    std::vector<HistoryFileInfo> run;
    std::uint64_t octets = 0;  // of the run
    const auto fits = [&](const HistoryFileInfo& info) {
        // What has the span already would be merged under its own name, where a reader could take the whole
        // for the part.
        return info.head.span < span && !damaged_.contains(info.name) && !resting_.contains(info.name) &&
               !room.held.contains(info.name) && is_over(span, info.head.start_ns, now_ns);
    };
    const auto follows = [&](const HistoryFileInfo& info) {
        const Head& before = run.back().head;
        return before.level == info.head.level && before.identity == info.head.identity &&
               before.sequences.last + 1 == info.head.sequences.first &&
               span_start_ns(span, before.start_ns) == span_start_ns(span, info.head.start_ns);
    };
    for (const HistoryFileInfo& info : infos_) {
        const bool goes_on = !run.empty() && run.size() < kMostParts && fits(info) && follows(info) &&
                             octets <= room.largest_octets && info.octets <= room.largest_octets - octets;
        const bool has_room = octets + info.octets <= room.free_octets;
        if (!goes_on || !has_room) {
            if (run.size() >= 2) return run;
            if (goes_on) hold_back(run.front(), info, room);
            run.clear();
            octets = 0;
            if (!fits(info)) continue;
        }
        run.push_back(info);
        octets += info.octets;
    }
    return run.size() >= 2 ? run : std::vector<HistoryFileInfo>();
}

void HistoryStore::hold_back(const HistoryFileInfo& first, const HistoryFileInfo& second,
                             const MergeRoom& room) {
    waiting_.insert({first.name, second.name});
    tell_room("merging " + first.name + " and those behind it", first.octets + second.octets, room);
}

void HistoryStore::tell_room(std::string what, std::uint64_t octets, const MergeRoom& room) {
    if (!held_back_.empty()) return;
    held_back_ = what.append(" needs ").append(std::to_string(octets)).append(" octets; there are ");
    held_back_.append(std::to_string(room.free_octets));
}

void HistoryStore::rest(const std::string& name, const Error& why) {
    resting_[name] = {merging_at_ns_, name + ": " + why.text};
}

// Those whose hour is over, and those that are not there any more.
void HistoryStore::wake_resting() {
    std::erase_if(resting_, [this](const auto& file) {
        return time_between(file.second.since_ns, merging_at_ns_) >= static_cast<std::uint64_t>(kHourNs) ||
               std::none_of(infos_.begin(), infos_.end(),
                            [&](const HistoryFileInfo& info) { return info.name == file.first; });
    });
}

// One that is damaged stays so; the device below, or the memory, may be well again later.
void HistoryStore::pass_over(const std::string& name, const Error& why) {
    if (why.code != ErrorCode::malformed && why.code != ErrorCode::refused) return rest(name, why);
    damaged_.insert(name);
    without_hours_.insert(name);
}

std::optional<HistoryFileInfo> HistoryStore::next_without_hours(std::int64_t now_ns, const MergeRoom& room) {
    for (const HistoryFileInfo& info : infos_) {
        const Head& head = info.head;
        const std::int64_t patience_ns = waiting_.contains(info.name) ? kPartsWaitNs : 0;
        if (head.level > Level::m1 || !is_over(Span::day, head.start_ns, now_ns - patience_ns) ||
            without_hours_.contains(info.name) || resting_.contains(info.name) ||
            coverage_of(infos_, Level::h1, head.identity.epoch).contains(head.sequences))
            continue;
        const std::uint64_t octets = room_for_hours(info);
        if (octets <= room.free_octets) return info;
        tell_room("making the hours of " + info.name, octets, room);
    }
    return std::nullopt;
}

// The day is over: nothing will be merged with them before the month is.
Result<bool> HistoryStore::make_hours(HistoryFileInfo info) {
    if (const auto file = open_file(info.name); !file) return pass_over(info.name, file.error()), false;
    info.head.span = std::max(info.head.span, Span::day);
    info.head.start_ns = span_start_ns(info.head.span, info.head.start_ns);
    const auto ok = roll_up(info, Level::h1, false);
    if (!ok && !resting_.contains(info.name)) return fail(ok.error());
    return ok.has_value();
}

Result<std::size_t> HistoryStore::merge(std::int64_t now_ns, std::size_t at_most, MergeRoom room) {
    held_back_.clear();
    waiting_.clear();
    merging_at_ns_ = now_ns;
    wake_resting();
    if (const auto ok = unlink_gone(); !ok) held_back_ = ok.error().text;
    const std::uint64_t before = octets();
    const std::uint64_t most_octets = before + std::min(room.free_octets, kAnyRoom - before);
    std::size_t made = 0;
    for (const Span span : {Span::day, Span::month}) {
        while (made < at_most) {
            const std::vector<HistoryFileInfo> run = next_run(now_ns, span, room);
            if (run.empty()) break;
            const auto merged = merge_files(run, span);
            if (!merged) return fail(merged.error().in("merge"));
            if (*merged) ++made;
        }
        while (span == Span::day && made < at_most) {
            const auto next = next_without_hours(now_ns, room);
            if (!next) break;
            const auto done = make_hours(*next);
            if (!done) return fail(done.error().in("hours"));
            if (*done) ++made;
            room.free_octets = most_octets - std::min(most_octets, octets());
        }
    }
    if (held_back_.empty() && !resting_.empty()) held_back_ = resting_.begin()->second.why;
    return made;
}

Result<bool> HistoryStore::merge_files(const std::vector<HistoryFileInfo>& parts, Span span) {
    Head head = parts.front().head;
    head.span = span;
    head.start_ns = span_start_ns(span, head.start_ns);
    head.sequences.last = parts.back().head.sequences.last;
    std::vector<std::unique_ptr<HistoryFile>> files;
    for (const HistoryFileInfo& part : parts) {
        auto file = open_file(part.name);
        if (!file) return pass_over(part.name, file.error()), false;
        files.push_back(std::move(*file));
    }
    auto writer = make_writer(head);
    if (!writer) return fail(writer.error());
    Merge work(**writer, head.level, span);
    for (const HistoryFileInfo& part : parts)
        (*writer)->count(work.recodes() ? 0 : part.head.values, part.head.minutes);
    if (const auto done = work.run(files); !done) return fail(done.error());
    for (const auto& file : files) {
        if (file->failed()) rest(file->name(), *file->failed());
    }
    for (const HistoryDamage& damage : work.damage()) {
        if (!resting_.contains(damage.file)) damaged_.insert(damage.file);
    }
    if (!work.damage().empty()) return false;
    auto info = (*writer)->finish();
    if (!info) return fail(info.error());
    files.clear();
    if (const auto ok = replace(parts, {std::move(*info)}); !ok) return fail(ok.error());
    return true;
}

}  // namespace outstation::store
