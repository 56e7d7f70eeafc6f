// SPDX-License-Identifier: GPL-3.0-or-later
// History: sealed samples in immutable files, one SQLite file a window of two hours, a day or a month, and
// roll-ups of a quarter of an hour and an hour beside them (docs/formats/history.md). It is not the journal:
// nothing here is the first place of a record.
//
// Threads: open, seal, merge, thin and drop by one thread at a time; files(), sealed_to() and everything of
// HistoryReader by any, each reader by one at a time. Ownership: the FileSystem outlives the store, the store
// its readers and sealers.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "lib/store/history/points.hpp"
#include "lib/store/history/rows.hpp"
#include "lib/store/sqlite/vfs.hpp"

namespace outstation::store {

class HistoryFile;
class HistoryWriter;
class Sealer;

// What is lost of a device, for the gap ledger.
struct HistoryLoss {
    std::string device;
    std::int64_t t0_ns = 0;
    std::int64_t t1_ns = 0;
    Level from = Level::raw;
    Level left = Level::raw;  // the finest level that stays
    bool gone = false;        // nothing stays
};

// One file that makes room: it is thinned to minutes, or dropped.
struct HistoryCut {
    HistoryFileInfo file;
    bool to_minutes = false;
    std::vector<HistoryLoss> losses;
};

struct HistoryLimits {
    std::int64_t raw_ns = 0;  // age; 0: no limit
    std::int64_t m1_ns = 0;
    std::int64_t m15_ns = 0;
    std::int64_t h1_ns = 0;
    std::uint64_t octets = 0;  // of all files; 0: no limit
};

class HistoryStore {
  public:
    struct Options {
        std::string directory;  // made when it does not exist; its parent must exist
        Identity identity;
    };
    struct Opened {
        std::vector<HistoryDamage> damage;  // files that cannot be read; they stay where they are
        std::size_t removed = 0;            // half-made files, and files whose records another file has
        std::size_t rebuilt = 0;            // roll-ups that were missing
    };

    // Lists the files and settles what a crash left: see docs/formats/history.md, "Which file counts".
    [[nodiscard]] static Result<std::unique_ptr<HistoryStore>> open(FileSystem& files, Options options,
                                                                    Opened& opened);
    ~HistoryStore();

    // Files by level, then epoch and sequence.
    [[nodiscard]] std::vector<HistoryFileInfo> files() const;
    [[nodiscard]] std::uint64_t octets() const;
    // The last sequence of this epoch that is in history, 0: none.
    [[nodiscard]] std::uint64_t sealed_to() const;
    [[nodiscard]] const Identity& identity() const { return options_.identity; }

    // Starts the file of the records with these sequences, measured around `time_ns`. `missing` are those of
    // them that were lost before (damage of the journal), ascending. refused: some are sealed already, or
    // another sealer is there.
    [[nodiscard]] Result<std::unique_ptr<Sealer>> seal(const SequenceRange& sequences, std::int64_t time_ns,
                                                       std::vector<SequenceRange> missing = {});

    // Puts windows of a finished day into one file, and days of a month that ended 31 days ago, at most
    // `at_most` files made. Returns how many were made: fewer than `at_most` means there is no more to do.
    // A reader sees either the parts or the whole; after a crash either is there.
    [[nodiscard]] Result<std::size_t> merge(std::int64_t now_ns, std::size_t at_most);

    // What must go so that the limits hold, oldest first: raw samples are thinned to minutes (where that is
    // less) and then to quarters of an hour, before any roll-up goes. The newest raw file stays. Nothing is
    // changed: enter the losses in the gap ledger, then cut().
    [[nodiscard]] Result<std::vector<HistoryCut>> plan_cuts(const HistoryLimits& limits, std::int64_t now_ns);
    // not_found: the file is gone or was merged since; plan again.
    [[nodiscard]] Result<void> cut(const HistoryCut& cut);

    // For readers and sealers.
    [[nodiscard]] Result<std::unique_ptr<HistoryFile>> open_file(const std::string& name) const;
    [[nodiscard]] Result<std::unique_ptr<File>> open_bytes(const std::string& name) const;
    [[nodiscard]] const std::string& directory() const { return options_.directory; }

  private:
    friend class Sealer;
    HistoryStore(FileSystem& files, std::unique_ptr<Vfs> vfs, Options options);

    [[nodiscard]] Result<void> load(Opened& opened);
    [[nodiscard]] Result<void> load_file(const std::string& name, Opened& opened);
    [[nodiscard]] Result<void> settle(Opened& opened);
    [[nodiscard]] Result<void> rebuild_roll_ups(Opened& opened);

    // Makes files of these levels out of a raw file.
    [[nodiscard]] Result<std::vector<HistoryFileInfo>> roll_up_file(const HistoryFileInfo& raw,
                                                                    const std::vector<Level>& levels);
    // False: a part is damaged and nothing was made.
    [[nodiscard]] Result<bool> merge_files(const std::vector<HistoryFileInfo>& parts, Span span);
    [[nodiscard]] std::vector<HistoryFileInfo> next_run(std::int64_t now_ns, Span span) const;
    [[nodiscard]] Result<std::vector<HistoryLoss>> losses_of(const HistoryCut& cut,
                                                             const std::vector<HistoryFileInfo>& staying);

    // Counters before this sequence, from the finest file that ends there.
    [[nodiscard]] CounterPoints counters_before(std::uint64_t epoch, std::uint64_t sequence) const;
    [[nodiscard]] Result<std::unique_ptr<HistoryWriter>> make_writer(const Head& head);
    // Readers see all of it or nothing; the files of `gone` are unlinked.
    [[nodiscard]] Result<void> replace(std::vector<HistoryFileInfo> gone, std::vector<HistoryFileInfo> made);

    FileSystem& files_;
    std::unique_ptr<Vfs> vfs_;
    Options options_;
    mutable std::mutex mutex_;
    std::vector<HistoryFileInfo> infos_;
    std::set<std::string> damaged_;  // files with damage inside: they are not merged, so that it stays told
    // Kept from the last seal, so that rates go over the border of windows.
    bool sealing_ = false;
    CounterPoints counters_;
    std::uint64_t counters_at_ = 0;  // they are those before this sequence; 0: not known
};

}  // namespace outstation::store
