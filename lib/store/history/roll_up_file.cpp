// SPDX-License-Identifier: GPL-3.0-or-later
// Roll-ups of a whole raw file, which may be damaged.
#include <limits>

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
    FileRollUp(HistoryFile& file, HistoryWriter& writer, CounterPoints& counters)
        : file_(file), writer_(writer), counters_(counters) {}

    Result<void> run() {
        const auto devices = file_.devices();
        if (!devices) return damage_.push_back(file_.damaged(devices.error().text)), Result<void>();
        for (const HistoryFile::Device& device : *devices) {
            if (const auto ok = add(device); !ok) return ok;
        }
        std::vector<HistoryDamage> lost_names;  // other files and the journal have them, too
        return file_.definitions(lost_names, [&](const auto& defs) { return writer_.add_definitions(defs); });
    }
    // In which sequences something could not be read.
    [[nodiscard]] Coverage lost() const {
        Coverage out;
        const SequenceRange& all = file_.head().sequences;
        for (const HistoryDamage& damage : damage_) {
            const SequenceRange& some = damage.sequences;
            out.add(some.first <= some.last && all.contains(some) ? some : all);
        }
        return out;
    }

  private:
    Result<void> add(const HistoryFile::Device& device) {
        RollUpWriter out(writer_, device.name);
        DevicePoints points(counters_);
        const auto take = [&](BlockRow& row) -> Result<void> {
            const HistoryDamage place{file_.name(), device.name, row.t0_ns, row.t1_ns, row.sequences, ""};
            auto block = BlockReader::open(std::move(row.body));
            const auto ok = block ? roll_up_block(*block, points, believable(file_.head()), {&out.gathered()})
                                  : Result<void>(fail(block.error()));
            if (!ok) damage_.push_back(place);
            return out.added(row.sequences);
        };
        constexpr std::int64_t first_ns = std::numeric_limits<std::int64_t>::min();
        constexpr std::int64_t last_ns = std::numeric_limits<std::int64_t>::max();
        if (const auto ok = file_.blocks(device, first_ns, last_ns, damage_, take); !ok) return ok;
        return out.finish();
    }

    HistoryFile& file_;
    HistoryWriter& writer_;
    CounterPoints& counters_;
    std::vector<HistoryDamage> damage_;
};

Result<void> add_lost(HistoryWriter& writer, const Head& raw, const Coverage& lost) {
    if (!lost.ranges().empty()) writer.cover(raw.t0_ns, raw.t1_ns);
    for (const SequenceRange& range : lost.ranges()) {
        if (const auto ok = writer.add_missing(range); !ok) return ok;
    }
    return {};
}

}  // namespace

Result<HistoryFileInfo> HistoryStore::roll_up_file(const HistoryFileInfo& raw, Level level) {
    Head head = raw.head;
    head.level = level;
    auto writer = make_writer(head);
    if (!writer) return fail(writer.error());
    const auto file = open_file(raw.name);
    // The device below, or the memory, may be well again later.
    if (!file && file.error().code != ErrorCode::malformed) return fail(file.error());
    Coverage lost;
    if (file) {
        CounterPoints counters = counters_before(raw.head.identity, raw.head.sequences.first);
        FileRollUp work(**file, **writer, counters);
        if (const auto ok = work.run(); !ok) return fail(ok.error());
        lost = work.lost();
    } else {
        lost.add(raw.head.sequences);
    }
    if (const auto ok = add_lost(**writer, raw.head, lost); !ok) return fail(ok.error());
    return (*writer)->finish();
}

}  // namespace outstation::store
