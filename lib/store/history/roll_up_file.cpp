// SPDX-License-Identifier: GPL-3.0-or-later
// Roll-ups of a finer file, which may be damaged.
#include <algorithm>

#include "lib/store/history/blocks.hpp"
#include "lib/store/history/coverage.hpp"
#include "lib/store/history/file_reader.hpp"
#include "lib/store/history/file_writer.hpp"
#include "lib/store/history/history.hpp"
#include "lib/store/history/roll_up_writer.hpp"

namespace outstation::store {
namespace {

class FileRollUp {
  public:
    // `before`: the file that ends where this one begins, or null.
    FileRollUp(HistoryFile& file, HistoryFile* before, HistoryWriter& writer)
        : file_(file), before_(before), writer_(writer), wanted_(writer.head().sequences) {}

    Result<void> run() {
        if (const auto lost = file_.missing(); lost && file_.head().level != Level::raw) {
            for (const SequenceRange& range : *lost) {
                if (wanted_.overlaps(range)) damage_.push_back({"", "", 0, 0, range, ""});
            }
        }
        const std::vector<ChunkRow> definitions = read_definitions();
        const auto devices = file_.devices();
        if (!devices) return damage_.push_back(file_.damaged(devices.error().text)), Result<void>();
        for (const HistoryFile::Device& device : *devices) {
            if (const auto ok = add(device); !ok) return ok;
        }
        return writer_.add_definitions(definitions);
    }
    // In which sequences something could not be read.
    [[nodiscard]] Coverage lost() const {
        Coverage out;
        for (const HistoryDamage& damage : damage_) {
            const SequenceRange some{std::max(damage.sequences.first, wanted_.first),
                                     std::min(damage.sequences.last, wanted_.last)};
            out.add(some.first <= some.last ? some : wanted_);  // not known where
        }
        return out;
    }

  private:
    // Those that can be read, as they lie there; other files and the journal have the others, too.
    std::vector<ChunkRow> read_definitions() {
        std::vector<HistoryDamage> lost_names;
        std::vector<ChunkRow> out;
        const auto unpack = [&out](const ChunkRow& chunk) {
            auto defs = unpack_definitions(chunk);
            if (defs) out.push_back(chunk);
            return defs;
        };
        const auto learn = [this](const auto& defs) -> Result<void> {
            for (const wire::SeriesDef& def : defs) rules_.learn(def);
            return {};
        };
        (void)file_.definitions(lost_names, learn, unpack);
        return out;
    }
    Result<void> add(const HistoryFile::Device& device) {
        RollUpWriter out(writer_, device.name);
        CounterPoints counters;
        if (before_ != nullptr) before_->last_counters(device.name, rules_.uptime_of(device.name), counters);
        DevicePoints points(counters, rules_);
        const auto take = [&](BlockRow& row) -> Result<void> {
            const HistoryDamage place{file_.name(), device.name, row.t0_ns, row.t1_ns, row.sequences, ""};
            auto block = BlockReader::open(std::move(row.body));
            const auto ok = block ? gather(*block, device.name, place.sequences, points, out.gathered())
                                  : Result<void>(fail(block.error()));
            if (!ok) damage_.push_back(place);
            return out.added(place.sequences);
        };
        if (const auto ok = file_.blocks(device, wanted_, damage_, take); !ok) return ok;
        return out.finish();
    }
    Result<void> gather(BlockReader& block, const std::string& device, const SequenceRange& sequences,
                        DevicePoints& points, RollUp& to) {
        // Another file has a part of it that cannot be told from the rest.
        if (!wanted_.contains(sequences)) return fail(ErrorCode::malformed, "a block of two files");
        if (file_.head().level == Level::raw)
            return roll_up_block(block, points, rules_.uptime_of(device), believable(file_.head()), to);
        return read_buckets(block, [&to](const BucketColumn& column) { to.add(column); });
    }

    HistoryFile& file_;
    HistoryFile* before_;
    HistoryWriter& writer_;
    SequenceRange wanted_;
    CounterRules rules_;
    std::vector<HistoryDamage> damage_;
};

Result<void> add_lost(HistoryWriter& writer, const Head& finer, const Coverage& lost) {
    if (!lost.ranges().empty()) writer.cover(finer.t0_ns, finer.t1_ns);
    for (const SequenceRange& range : lost.ranges()) {
        if (const auto ok = writer.add_missing(range); !ok) return ok;
    }
    return {};
}

}  // namespace

Result<HistoryFileInfo> HistoryStore::roll_up_range(const HistoryFileInfo& finer, Level level,
                                                    const SequenceRange& range, bool give_up) {
    Head head = finer.head;
    head.level = level;
    head.sequences = range;
    auto writer = make_writer(head);
    if (!writer) return fail(writer.error());
    const auto file = open_file(finer.name);
    // The device below, or the memory, may be well again later.
    if (!file && file.error().code != ErrorCode::malformed && !give_up)
        return rest(finer.name, file.error()), fail(file.error());
    Coverage lost;
    if (file) {
        const auto before = file_before(head);
        FileRollUp work(**file, before.get(), **writer);
        if (const auto ok = work.run(); !ok) return fail(ok.error());
        if ((*file)->failed() && !give_up)
            return rest(finer.name, *(*file)->failed()), fail(*(*file)->failed());
        lost = work.lost();
    } else {
        lost.add(range);
    }
    if (const auto ok = add_lost(**writer, finer.head, lost); !ok) return fail(ok.error());
    return (*writer)->finish();
}

Result<void> HistoryStore::roll_up(const HistoryFileInfo& finer, Level level, bool give_up) {
    const Coverage have = coverage_of(infos_, level, finer.head.identity.epoch);
    for (const SequenceRange& range : have.without(finer.head.sequences)) {
        auto made = roll_up_range(finer, level, range, give_up);
        if (!made) return fail(made.error());
        (void)replace({}, {std::move(*made)});  // nothing of it is to be unlinked
    }
    return {};
}

}  // namespace outstation::store
