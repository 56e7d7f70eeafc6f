// SPDX-License-Identifier: GPL-3.0-or-later
// History: sealed samples in immutable files, one SQLite file a window of two hours, a day or a month, hours
// of each day beside them, and minutes and quarters of an hour in place of samples that went
// (docs/formats/history.md). It is not the journal: nothing here is the first place of a record.
//
// Threads: open, seal, merge, plan_cuts and cut by one thread at a time; files(), unreadable(), octets(),
// sealed_to() and everything of HistoryReader by any. Ownership: the FileSystem outlives the store, the store
// its readers and sealers.
#pragma once

#include <atomic>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lib/store/history/points.hpp"
#include "lib/store/history/rows.hpp"
#include "lib/store/journal/epochs.hpp"
#include "lib/store/sqlite/vfs.hpp"

namespace outstation::store {

class HistoryFile;
class HistoryReader;
class HistoryWriter;
class Sealer;

// One file that makes room: it is rolled up, where no coarser file has its records, and goes.
struct HistoryCut {
    HistoryFileInfo file;
    std::optional<Level> rolled_up_to;
    bool aged = false;       // else it goes for its size
    Level left = Level::m1;  // the finest level that stays of all that is in it
    bool gone = false;       // nothing stays
    bool give_up = false;    // it goes although the device below does not give all of it
};

struct HistoryLimits {
    std::int64_t raw_ns = 0;  // age; 0: no limit
    std::int64_t m1_ns = 0;
    std::int64_t m15_ns = 0;
    std::int64_t h1_ns = 0;
    std::uint64_t octets = 0;  // of all files; 0: no limit
    // For roll-ups that are made beside what they come from; where it is not enough, the next coarser level
    // is made, or nothing.
    std::uint64_t room_octets = std::numeric_limits<std::uint64_t>::max();
    std::set<std::string> held = {};  // names of files that cannot go now: others go in their place
    std::int64_t steady_ns = std::numeric_limits<std::int64_t>::max();  // how long the clock goes as it does
};

struct MergeRoom {
    std::uint64_t free_octets = std::numeric_limits<std::uint64_t>::max();  // for the whole beside its parts
    std::uint64_t largest_octets = std::numeric_limits<std::uint64_t>::max();  // no file is made of more
    std::set<std::string> held = {};  // names of files that are not merged
};

class HistoryStore {
  public:
    struct Options {
        std::string directory;  // made when it does not exist; its parent must exist
        Epochs epochs;
    };
    struct Opened {
        // Files that cannot be read (they stay where they are; of the last of a level the last sequence is
        // kNoLastSequence), overlaps.
        std::vector<HistoryDamage> damage;
        std::size_t removed = 0;  // half-made files, and files whose records another file has
    };

    // Lists the files and settles what a crash left: see docs/formats/history.md, "Which file counts". A file
    // that cannot be read never fails it. refused: another process or store has the directory; io.
    [[nodiscard]] static Result<std::unique_ptr<HistoryStore>> open(FileSystem& files, Options options,
                                                                    Opened& opened);
    ~HistoryStore();

    // Files by level, then sequence; those of epochs that are not ours first.
    [[nodiscard]] std::vector<HistoryFileInfo> files() const;
    // Files that could not be read at opening, and not since.
    [[nodiscard]] std::vector<UnreadableFile> unreadable() const;
    // Of all files in the directory, also those that cannot be read or could not be unlinked yet.
    [[nodiscard]] std::uint64_t octets() const;
    // The last sequence of ours that is in history, 0: none.
    [[nodiscard]] std::uint64_t sealed_to() const;
    [[nodiscard]] const Epochs& epochs() const { return options_.epochs; }
    // Of an epoch of ours.
    [[nodiscard]] bool has(const Head& head) const { return options_.epochs.has(head.identity); }

    // Takes the files that can be read by now, unless others have their records. True: there were some.
    bool read_again();
    // Starts the file of the records with these sequences, all of one epoch, measured around `time_ns`.
    // `missing` are those of them that were lost before (damage of the journal), ascending. A file that
    // cannot be read and may have some of them gets another name. refused: some are sealed already, or
    // another sealer is there.
    [[nodiscard]] Result<std::unique_ptr<Sealer>> seal(const SequenceRange& sequences, std::int64_t time_ns,
                                                       std::vector<SequenceRange> missing = {});

    // Puts windows of a finished day into one file and makes its hours, and puts together days of a month
    // that ended 31 days ago, at most `at_most` files made. Returns how many were made: fewer than `at_most`
    // means there is no more to do now. A reader sees either the parts or the whole; after a crash either is
    // there. The parts are unlinked when the whole is there: of what would be larger than the free room, or
    // than any file may be, several are made; where there is no room for two parts they wait, and held_back()
    // says so. io: of the new file. What cannot be read is left as it is; what the device below does not give
    // is tried again after an hour, and held_back() says so.
    static constexpr std::uint64_t kAnyRoom = std::numeric_limits<std::uint64_t>::max();
    [[nodiscard]] Result<std::size_t> merge(std::int64_t now_ns, std::size_t at_most, MergeRoom room = {});
    // Why the last merge() left something undone; empty: it did not.
    [[nodiscard]] const std::string& held_back() const { return held_back_; }

    // What must go so that the limits hold, level by level, oldest first: raw samples are thinned to minutes
    // and then to quarters of an hour (where that is less), those to hours, and then hours go. What thinning
    // makes is not cut by the same plan: after the cuts, plan again until there is nothing. The newest raw
    // file stays, by its sequences. How old a file is: clocks/ages.hpp; one whose time cannot be (before
    // 2020, or more than a day ahead of `now_ns`) is as old as the next. Nothing is changed: enter the losses
    // in the gap ledger, then cut().
    [[nodiscard]] Result<std::vector<HistoryCut>> plan_cuts(const HistoryLimits& limits, std::int64_t now_ns);
    // What thinning any raw file will take beside it at most, about.
    [[nodiscard]] std::uint64_t octets_to_thin() const;
    // not_found: the file is gone or was merged since; plan again. io: also when the device below does not
    // give all of a file that is to be rolled up: nothing was changed; and when the file is out of history
    // but could not be unlinked; that is tried again with each cut() and merge(). What is damaged in a file
    // that is rolled up stays told by the roll-up.
    [[nodiscard]] Result<void> cut(const HistoryCut& cut);

    // What is being made stops at its next block and fails with refused; nothing half-made stays. For good.
    // Any thread.
    void interrupt() { interrupted_ = true; }

    // For readers and sealers.
    [[nodiscard]] Result<std::unique_ptr<HistoryFile>> open_file(const std::string& name) const;
    [[nodiscard]] Result<std::unique_ptr<File>> open_bytes(const std::string& name) const;
    [[nodiscard]] const std::string& directory() const { return options_.directory; }
    // Changes with each file that goes.
    [[nodiscard]] std::uint64_t changes() const { return changes_; }
    void attach(HistoryReader& reader) const;
    void detach(HistoryReader& reader) const;

  private:
    friend class Sealer;
    HistoryStore(FileSystem& files, std::unique_ptr<Vfs> vfs, Options options);

    [[nodiscard]] Result<void> load(Opened& opened);
    void load_file(const std::string& name);
    [[nodiscard]] bool take_back(const std::string& set_aside);
    void load_unreadable(const std::string& name, const Error& why);
    void tell_unreadable(Opened& opened) const;
    void settle(Opened& opened);

    // Makes what files of this level do not have yet of a finer file's records. What of that is damaged is
    // entered as missing. Fails when a new file cannot be written, or (unless we `give_up`) the device below
    // does not give all of the finer one.
    [[nodiscard]] Result<void> roll_up(const HistoryFileInfo& finer, Level level, bool give_up);
    [[nodiscard]] Result<HistoryFileInfo> roll_up_range(const HistoryFileInfo& finer, Level level,
                                                        const SequenceRange& range, bool give_up);
    // The first file of a finished day whose hours are to be made, and there is room for them.
    [[nodiscard]] std::optional<HistoryFileInfo> next_without_hours(std::int64_t now_ns,
                                                                    const MergeRoom& room);
    // False: the file cannot be opened or not all of it read, and nothing was made.
    [[nodiscard]] Result<bool> make_hours(HistoryFileInfo info);
    // False: a part cannot be read, and nothing was made.
    [[nodiscard]] Result<bool> merge_files(const std::vector<HistoryFileInfo>& parts, Span span);
    // Files to merge, as many in a row as there is room for, or nothing.
    [[nodiscard]] std::vector<HistoryFileInfo> next_run(std::int64_t now_ns, Span span,
                                                        const MergeRoom& room);
    void rest(const std::string& name, const Error& why);
    void wake_resting();
    void pass_over(const std::string& name, const Error& why);
    void hold_back(const HistoryFileInfo& first, const HistoryFileInfo& second, const MergeRoom& room);
    void tell_room(std::string what, std::uint64_t octets, const MergeRoom& room);
    // See before(); none where it cannot be opened.
    [[nodiscard]] std::unique_ptr<HistoryFile> file_before(const Head& head) const;
    [[nodiscard]] Result<std::unique_ptr<HistoryWriter>> make_writer(const Head& head);
    // A file that could not be read stays, under another name, and is not read any more.
    [[nodiscard]] Result<void> set_aside(const std::string& name);
    // The same for those that may have samples of a new window.
    [[nodiscard]] Result<void> set_aside_window(const SequenceRange& sequences);
    // Readers see all of it or nothing; the files of `gone` are unlinked.
    [[nodiscard]] Result<void> replace(const std::vector<HistoryFileInfo>& gone,
                                       std::vector<HistoryFileInfo> made);
    // Unlinks what could not be unlinked so far.
    [[nodiscard]] Result<void> unlink_gone();

    FileSystem& files_;
    std::unique_ptr<FileLock> lock_;
    std::unique_ptr<Vfs> vfs_;
    Options options_;
    mutable std::mutex mutex_;
    std::vector<HistoryFileInfo> infos_;
    std::vector<UnreadableFile> unreadable_;
    std::vector<HistoryFileInfo> gone_;  // not in history any more, and still there
    std::set<std::string> damaged_;  // files with damage inside: they are not merged, so that it stays told
    std::set<std::string> without_hours_;  // files that cannot be opened
    // Files of which the device below did not give all: left alone for an hour, as nothing is wrong with
    // them.
    struct Resting {
        std::int64_t since_ns = 0;  // as merge() was told the time
        std::string why;
    };
    std::map<std::string, Resting> resting_;
    std::int64_t merging_at_ns_ = 0;
    std::set<std::string> waiting_;  // files that there was no room to merge, in this merge()
    std::string held_back_;
    std::atomic<std::uint64_t> changes_ = 0;
    std::atomic<bool> interrupted_ = false;
    mutable std::mutex readers_mutex_;
    mutable std::set<HistoryReader*> readers_;
    bool sealing_ = false;
};

}  // namespace outstation::store
