// SPDX-License-Identifier: GPL-3.0-or-later
// Questions to history. Answers are bounded; at most kMaxOpenHistoryFiles files are open at a time, and none
// that the store has replaced since. What cannot be read (damage, or the device below fails) is left out and
// told with each answer; one file never fails a question. Threads: any, a reader answers one question at a
// time; the store may seal, merge and cut meanwhile. Ownership: the store outlives its readers.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lib/store/columns/block.hpp"
#include "lib/store/history/history.hpp"

namespace outstation::store {

inline constexpr std::size_t kMaxOpenHistoryFiles = 40;
inline constexpr std::size_t kMaxHistoryPoints = 1U << 20;  // of all series of an answer
inline constexpr std::size_t kMaxHistorySeries = 65;
// How far look_back() goes: about two days of windows, and so many blocks of all devices together.
inline constexpr std::size_t kMaxLookBackFiles = 24;
inline constexpr std::size_t kMaxLookBackBlocks = 8192;

// A series is looked for in the records of its device.
struct HistorySeries {
    std::uint32_t id = 0;
    std::string device;
    SeriesKind kind = SeriesKind::gauge;
    bool is_32_bit = false;                    // of a counter
    std::optional<std::uint32_t> uptime = {};  // the series of the device that tells a restart
};

struct HistoryRange {
    std::vector<HistorySeries> series;
    std::int64_t from_ns = 0;  // in [from_ns, to_ns)
    std::int64_t to_ns = 0;
    std::int64_t step_ns = 0;  // 0: what is there, as fine as it is there
    // Between samples further apart there is no rate; 0: three times their usual distance, as in roll-ups.
    std::int64_t max_gap_ns = 0;
};

// Without a step: the points, oldest first, the last value of each (of a sample: the sample); count is 1 for
// a sample, and how many values went into a roll-up's bucket. With a step: one point a step, at its start;
// count 0 is a gap. Minimum, maximum and mean are of rates per second for a counter, as is count; empty
// without a step. The last step has all of the roll-up's bucket that the question ends in.
struct HistoryColumn {
    std::uint32_t series = 0;
    SeriesKind kind = SeriesKind::gauge;
    std::vector<std::int64_t> wall_ns;
    std::vector<std::uint64_t> count;
    std::vector<double> minimum, maximum, mean;
    std::vector<std::uint64_t> counters;  // last, of a counter
    std::vector<double> gauges;           // last, of a gauge
    // Of a counter, with a step at most one a step: samples (of a roll-up: last ones of buckets) since whose
    // predecessor it began anew. Of buckets only where the last value is lower, and 64 bits wide.
    std::vector<std::int64_t> resets;
};

struct HistoryAnswer {
    std::vector<HistoryColumn> columns;  // in the order of the question
    std::vector<HistoryDamage> damage;
    bool levels[kLevelCount] = {};  // which were read
    std::size_t files = 0;          // how many were read
};

struct HistoryRecords {
    std::vector<NumberedRecord> records;   // ascending
    std::vector<wire::BatchMark> batches;  // that touch them
    std::vector<HistoryDamage> damage;
    std::uint64_t epoch = 0;  // that gave their numbers
    SequenceRange answered;   // what was looked at; ask on behind it. 0 to 0: history has none of the range.
};

class HistoryReader {
  public:
    explicit HistoryReader(const HistoryStore& store);
    ~HistoryReader();
    HistoryReader(const HistoryReader&) = delete;
    HistoryReader& operator=(const HistoryReader&) = delete;

    // Each record is answered from one level: the coarsest that fits the step, or where that does not have it
    // the next finer, or coarser; a bucket longer than the step stands in each step that it covers and that
    // has nothing else, its count shared out among them (at least 1). malformed: the question; exhausted:
    // more than kMaxHistoryPoints.
    [[nodiscard]] Result<HistoryAnswer> range(const HistoryRange& question);
    // The records with these sequences, as they were, at most `limit`, and none behind the end of an epoch. A
    // window is decoded device by device for each call: ask for many.
    [[nodiscard]] Result<HistoryRecords> records(const SequenceRange& sequences, std::size_t limit);
    // Calls `visit` with the samples of these devices block by block, the newest first, until it answers that
    // it wants no more of the device (false) or the look has gone back far enough. What cannot be read is
    // passed over.
    using LookBack = std::function<bool(const std::string& device, BlockReader& block)>;
    [[nodiscard]] Result<void> look_back(const std::set<std::string>& devices, const LookBack& visit);
    // The definitions that a file carries. not_found: no such file; malformed: some cannot be read.
    [[nodiscard]] Result<std::vector<wire::SeriesDef>> definitions(const std::string& name);
    // The numbers of these, in a fraction of the memory.
    [[nodiscard]] Result<std::vector<std::uint32_t>> series(const std::string& name);

    struct Verified {
        std::size_t files = 0;
        std::uint64_t blocks = 0;
        std::uint64_t records = 0;
        std::vector<HistoryDamage> damage;
        std::vector<SequenceRange> gaps;  // of ours: in no file of records, between the first and the last
    };
    // Reads every page, block and number of every file. Takes as long as that takes.
    [[nodiscard]] Result<Verified> verify();

    // Closes the files that the store has replaced, now or when the question under way is answered. The store
    // calls it.
    void let_go();

  private:
    class Range;
    // Opened, or from the cache. not_found: it was merged or cut since.
    [[nodiscard]] Result<HistoryFile*> file(const HistoryFileInfo& info);
    using TakeDefinitions = std::function<Result<void>(const std::vector<wire::SeriesDef>& defs)>;
    [[nodiscard]] Result<void> visit_definitions(const std::string& name, const TakeDefinitions& take);
    // A file that was unlinked takes room on the device as long as it is open.
    void close_replaced();
    // Runs `work` again when a file went away under it.
    template <typename Answer, typename Work>
    [[nodiscard]] Result<Answer> retry(Work&& work);
    // True: the list of files has changed, and asking again helps. Otherwise the error is of one file.
    [[nodiscard]] bool went_away(const Error& error) const;
    [[nodiscard]] Result<void> read_records(const HistoryFileInfo& info, const SequenceRange& wanted,
                                            HistoryRecords& out);
    [[nodiscard]] static bool look_back(HistoryFile& file, const std::string& name, std::size_t& blocks_left,
                                        const LookBack& visit);
    [[nodiscard]] Result<void> verify_file(const HistoryFileInfo& info, Verified& out);
    [[nodiscard]] Result<void> verify_blocks(HistoryFile& file, const HistoryFileInfo& info, Verified& out);
    [[nodiscard]] Result<void> verify_pages(const HistoryFileInfo& info, Verified& out);

    const HistoryStore& store_;
    std::mutex busy_;
    bool last_attempt_ = false;
    std::list<std::unique_ptr<HistoryFile>> open_;  // the latest used first
};

// All of a file, or of one that cannot be read.
[[nodiscard]] HistoryDamage damage_of(const HistoryFileInfo& info, std::string what);
[[nodiscard]] HistoryDamage damage_of(const UnreadableFile& file);

}  // namespace outstation::store
