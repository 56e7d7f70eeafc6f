// SPDX-License-Identifier: GPL-3.0-or-later
// Questions to history. Answers are bounded; at most kMaxOpenHistoryFiles files are open at a time. What is
// damaged is left out and told with each answer. Threads: each reader by one at a time; the store may seal,
// merge and cut meanwhile. Ownership: the store outlives its readers.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/store/columns/block.hpp"
#include "lib/store/history/history.hpp"

namespace outstation::store {

inline constexpr std::size_t kMaxOpenHistoryFiles = 40;
inline constexpr std::size_t kMaxHistoryPoints = 1U << 20;  // of all series of an answer
inline constexpr std::size_t kMaxHistorySeries = 64;

// A series is looked for in the records of its device.
struct HistorySeries {
    std::uint32_t id = 0;
    std::string device;
    SeriesKind kind = SeriesKind::gauge;
};

struct HistoryRange {
    std::vector<HistorySeries> series;
    std::int64_t from_ns = 0;  // in [from_ns, to_ns)
    std::int64_t to_ns = 0;
    std::int64_t step_ns = 0;  // 0: what is there, as fine as it is there
};

// Without a step: the points, oldest first, the last value of each (of a sample: the sample); count is 1 for
// a sample, and how many values went into a roll-up's bucket. With a step: one point a step, at its start;
// count 0 is a gap. Minimum, maximum and mean are of rates per second for a counter, as is count; empty
// without a step.
struct HistoryColumn {
    std::uint32_t series = 0;
    SeriesKind kind = SeriesKind::gauge;
    std::vector<std::int64_t> wall_ns;
    std::vector<std::uint64_t> count;
    std::vector<double> minimum, maximum, mean;
    std::vector<std::uint64_t> counters;  // last, of a counter
    std::vector<double> gauges;           // last, of a gauge
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
    SequenceRange answered;  // what was looked at; ask on behind it. 0 to 0: history has none of the range.
};

class HistoryReader {
  public:
    explicit HistoryReader(const HistoryStore& store);
    ~HistoryReader();

    // Each step is answered from one level: the coarsest that fits the step, or where that has nothing the
    // next finer, or coarser. malformed: the question; exhausted: more than kMaxHistoryPoints; io.
    [[nodiscard]] Result<HistoryAnswer> range(const HistoryRange& question);
    // The records of this epoch with these sequences, as they were, at most `limit`. A window is decoded
    // device by device for each call: ask for many.
    [[nodiscard]] Result<HistoryRecords> records(const SequenceRange& sequences, std::size_t limit);
    // The newest record of a device, or not_found.
    [[nodiscard]] Result<NumberedRecord> latest(const std::string& device);
    // The definitions that a file carries.
    [[nodiscard]] Result<std::vector<wire::SeriesDef>> definitions(const std::string& name);

    struct Verified {
        std::size_t files = 0;
        std::uint64_t blocks = 0;
        std::uint64_t records = 0;
        std::vector<HistoryDamage> damage;
        std::vector<SequenceRange>
            gaps;  // of this epoch: in no file of records, between the first and the last
    };
    // Reads every page, block and number of every file. Takes as long as that takes.
    [[nodiscard]] Result<Verified> verify();

  private:
    class Range;
    // Opened, or from the cache; nothing when it was merged or cut since.
    [[nodiscard]] Result<HistoryFile*> file(const std::string& name);
    // A file that was unlinked takes room on the device as long as it is open.
    void close_replaced();
    // Runs `work` again when a file went away under it.
    template <typename Answer, typename Work>
    [[nodiscard]] Result<Answer> retry(Work&& work);
    [[nodiscard]] Result<void> read_records(const HistoryFileInfo& info, const SequenceRange& wanted,
                                            HistoryRecords& out);
    [[nodiscard]] Result<void> verify_file(const HistoryFileInfo& info, Verified& out);
    [[nodiscard]] Result<void> verify_pages(const HistoryFileInfo& info, Verified& out);

    const HistoryStore& store_;
    std::list<std::unique_ptr<HistoryFile>> open_;  // the latest used first
};

}  // namespace outstation::store
