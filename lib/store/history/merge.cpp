// SPDX-License-Identifier: GPL-3.0-or-later
// Making larger files out of smaller ones, and roll-ups out of raw files.
#include <algorithm>
#include <limits>
#include <map>

#include "lib/store/history/blocks.hpp"
#include "lib/store/history/file_reader.hpp"
#include "lib/store/history/file_writer.hpp"
#include "lib/store/history/history.hpp"

namespace outstation::store {
namespace {

constexpr std::int64_t kHourNs = 3'600'000'000'000;
constexpr std::int64_t kEverNs[] = {std::numeric_limits<std::int64_t>::min(),
                                    std::numeric_limits<std::int64_t>::max()};

// After the end of a day its last window must still be sealed.
std::int64_t merge_delay_ns(Span span) {
    return span == Span::day ? 3 * kHourNs : 31 * 24 * kHourNs;
}

using Definitions = std::map<std::pair<std::string, std::uint32_t>, wire::SeriesDef>;

// Definitions of all files, those of later files for earlier ones, by device.
Result<void> copy_definitions(const std::vector<std::unique_ptr<HistoryFile>>& files, HistoryWriter& writer,
                              std::vector<HistoryDamage>& damage) {
    Definitions all;
    for (const auto& file : files) {
        const auto ok =
            file->definitions(damage, [&](const std::vector<wire::SeriesDef>& defs) -> Result<void> {
                for (const wire::SeriesDef& def : defs) all[{def.device, def.id}] = def;
                return {};
            });
        if (!ok) return ok;
    }
    for (const auto& [key, def] : all) {
        if (const auto ok = writer.add_definitions({def}); !ok) return ok;
    }
    return {};
}

class Merge {
  public:
    Merge(HistoryWriter& writer, Level level, Span span)
        : writer_(writer), recode_(span == Span::day && (level == Level::m15 || level == Level::h1)) {}

    Result<void> run(std::vector<std::unique_ptr<HistoryFile>>& files) {
        std::map<std::string, std::vector<std::pair<HistoryFile*, HistoryFile::Device>>> devices;
        for (const auto& file : files) {
            const auto found = file->devices();
            if (!found) return fail(found.error());
            for (const HistoryFile::Device& device : *found)
                devices[device.name].emplace_back(file.get(), device);
            if (const auto ok = copy_batches(*file); !ok) return ok;
            const auto missing = file->missing();
            if (!missing) return fail(missing.error());
            for (const SequenceRange& range : *missing) {
                if (const auto ok = writer_.add_missing(range); !ok) return ok;
            }
        }
        for (const auto& [name, places] : devices) {
            if (const auto ok = recode_ ? recode(name, places) : copy(places); !ok) return ok;
        }
        return copy_definitions(files, writer_, damage_);
    }
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
        RollUp out(name, writer_.head().level);
        SequenceRange sequences{~std::uint64_t{0}, 0};
        const auto take = [&](BlockRow& row) -> Result<void> {
            auto block = BlockReader::open(std::move(row.body));
            if (!block) return fail(block.error());
            const auto columns = read_buckets(*block);
            if (!columns) return fail(columns.error());
            for (const BucketColumn& column : *columns) out.add(column);
            sequences = {std::min(sequences.first, row.sequences.first),
                         std::max(sequences.last, row.sequences.last)};
            return {};
        };
        for (const auto& [file, device] : places) {
            const auto ok = file->blocks(device, kEverNs[0], kEverNs[1], damage_, take);
            if (!ok) return ok;
        }
        if (out.empty()) return {};
        const auto row = out.encode(sequences, writer_.seed());
        if (!row) return fail(row.error());
        return writer_.add(*row);
    }

    HistoryWriter& writer_;
    bool recode_;
    std::vector<HistoryDamage> damage_;
};

}  // namespace

std::vector<HistoryFileInfo> HistoryStore::next_run(std::int64_t now_ns, Span span) const {
    std::vector<HistoryFileInfo> run;
    const auto fits = [&](const HistoryFileInfo& info) {
        const std::int64_t start_ns = span_start_ns(span, info.head.start_ns);
        return info.head.span <= span && !damaged_.contains(info.name) &&
               span_end_ns(span, start_ns) + merge_delay_ns(span) <= now_ns;
    };
    const auto follows = [&](const HistoryFileInfo& info) {
        const Head& before = run.back().head;
        return before.level == info.head.level && before.identity == info.head.identity &&
               before.sequences.last + 1 == info.head.sequences.first &&
               span_start_ns(span, before.start_ns) == span_start_ns(span, info.head.start_ns);
    };
    for (const HistoryFileInfo& info : infos_) {
        if (!run.empty() && fits(info) && follows(info)) {
            run.push_back(info);
        } else if (run.size() >= 2) {
            return run;
        } else {
            run.clear();
            if (fits(info)) run.push_back(info);
        }
    }
    return run.size() >= 2 ? run : std::vector<HistoryFileInfo>();
}

Result<std::size_t> HistoryStore::merge(std::int64_t now_ns, std::size_t at_most) {
    std::size_t made = 0;
    for (const Span span : {Span::day, Span::month}) {
        while (made < at_most) {
            const std::vector<HistoryFileInfo> run = next_run(now_ns, span);
            if (run.empty()) break;
            const auto merged = merge_files(run, span);
            if (!merged) return fail(merged.error().in("merge"));
            if (*merged) ++made;
        }
    }
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
        if (!file && file.error().code == ErrorCode::io) return fail(file.error());
        if (!file) return damaged_.insert(part.name), false;
        files.push_back(std::move(*file));
    }
    auto writer = make_writer(head);
    if (!writer) return fail(writer.error());
    for (const HistoryFileInfo& part : parts) (*writer)->count(part.head.values, part.head.minutes);
    Merge work(**writer, head.level, span);
    const auto done = work.run(files);
    if (!done && done.error().code != ErrorCode::malformed) return fail(done.error());
    for (const HistoryDamage& damage : work.damage()) damaged_.insert(damage.file);
    if (!work.damage().empty()) return false;
    if (!done) {
        for (const HistoryFileInfo& part : parts) damaged_.insert(part.name);
        return false;
    }
    auto info = (*writer)->finish();
    if (!info) return fail(info.error());
    files.clear();
    if (const auto ok = replace(parts, {std::move(*info)}); !ok) return fail(ok.error());
    return true;
}

Result<std::vector<HistoryFileInfo>> HistoryStore::roll_up_file(const HistoryFileInfo& raw,
                                                                const std::vector<Level>& levels) {
    const auto file = open_file(raw.name);
    if (!file) return fail(file.error());
    const auto devices = (*file)->devices();
    if (!devices) return fail(devices.error());
    std::vector<std::unique_ptr<HistoryWriter>> writers;
    for (const Level level : levels) {
        Head head = raw.head;
        head.level = level;
        auto writer = make_writer(head);
        if (!writer) return fail(writer.error());
        writers.push_back(std::move(*writer));
    }
    CounterPoints counters = counters_before(raw.head.identity.epoch, raw.head.sequences.first);
    std::vector<HistoryDamage> damage;  // readers tell it; here it is a gap
    for (const HistoryFile::Device& device : *devices) {
        std::vector<RollUp> roll_ups;
        std::vector<RollUp*> pointers;
        for (const Level level : levels) roll_ups.emplace_back(device.name, level);
        for (RollUp& roll_up : roll_ups) pointers.push_back(&roll_up);
        DevicePoints points(counters);
        SequenceRange sequences{~std::uint64_t{0}, 0};
        const auto take = [&](BlockRow& row) -> Result<void> {
            auto block = BlockReader::open(std::move(row.body));
            if (!block) return {};
            sequences = {std::min(sequences.first, row.sequences.first),
                         std::max(sequences.last, row.sequences.last)};
            (void)roll_up_block(*block, points, believable(raw.head), pointers);
            return {};
        };
        if (const auto ok = (*file)->blocks(device, kEverNs[0], kEverNs[1], damage, take); !ok)
            return fail(ok.error());
        for (std::size_t i = 0; i < levels.size(); ++i) {
            if (roll_ups[i].empty()) continue;
            const auto row = roll_ups[i].encode(sequences, writers[i]->seed());
            if (!row) return fail(row.error());
            if (const auto ok = writers[i]->add(*row); !ok) return fail(ok.error());
            writers[i]->count(roll_ups[i].values(), 0);
        }
    }
    std::vector<HistoryFileInfo> out;
    for (const auto& writer : writers) {
        const auto copied =
            (*file)->definitions(damage, [&](const auto& defs) { return writer->add_definitions(defs); });
        if (!copied) return fail(copied.error());
        auto info = writer->finish();
        if (!info) return fail(info.error());
        out.push_back(std::move(*info));
    }
    return out;
}

}  // namespace outstation::store
