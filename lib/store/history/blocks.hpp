// SPDX-License-Identifier: GPL-3.0-or-later
// From records to checked blocks, and from blocks to roll-ups. Pure computation. Threads: one.
#pragma once

#include <vector>

#include "lib/store/history/roll_up.hpp"

namespace outstation::store {

// Blocks of one device's records, as they come; more than one when they do not fit. Each block is decoded
// again and compared: what is not exactly the records fails with bug.
class RecordBlocks {
  public:
    // `rows`: how many are expected.
    RecordBlocks(std::string device, std::size_t rows, std::uint32_t seed);
    // exhausted: one record is too large; malformed: of another device. That one is not added then.
    [[nodiscard]] Result<void> add(std::uint64_t sequence, const wire::SampleRecord& record);
    [[nodiscard]] Result<void> add(const RowGroup& group);
    [[nodiscard]] std::size_t rows() const { return rows_; }
    // All of them. Nothing can be added afterwards.
    [[nodiscard]] Result<std::vector<BlockRow>> finish();

  private:
    [[nodiscard]] Result<void> close_block();

    std::size_t rows_expected_;
    std::uint32_t seed_;
    BlockBuilder builder_;
    std::size_t name_octets_ = 0;  // in the records of this block
    std::size_t rows_ = 0;
    std::vector<BlockRow> blocks_;
};

// The records of a block that was read from a file. malformed: the block is damaged, or its records would
// take far more memory than the block.
[[nodiscard]] Result<std::vector<NumberedRecord>> records_of(std::string body);
// Reads all of a block. malformed: it is damaged, or not the one that its row says.
[[nodiscard]] Result<void> verify_block(const BlockRow& row);
// What the names (of the device, of the boots) in the records of one block may take.
inline constexpr std::size_t kMaxRecordNameOctets = 64U << 20;

// Stamps further than this from the window that a file was made for stay in the raw records and are not
// rolled up: they are wrong.
inline constexpr std::int64_t kMaxStrayNs = 86'400'000'000'000;
struct TimeRange {
    std::int64_t from_ns = 0;
    std::int64_t to_ns = 0;
    [[nodiscard]] bool contains(std::int64_t time_ns) const { return from_ns <= time_ns && time_ns < to_ns; }
};
[[nodiscard]] TimeRange believable(const Head& head);

// The uptime of the device in each row of a block, NaN where it has none; nothing at all where there is none.
[[nodiscard]] Result<std::vector<double>> uptimes_of(BlockReader& block, std::optional<std::uint32_t> series,
                                                     std::size_t rows);
// Adds the points of a raw block; `uptime`: the series. malformed: the block is damaged.
[[nodiscard]] Result<void> roll_up_block(BlockReader& block, DevicePoints& points,
                                         std::optional<std::uint32_t> uptime, const TimeRange& believed,
                                         RollUp& roll_up);
// Only learns the last counters of a raw block, or of a roll-up: there with the stamp of the last bucket.
[[nodiscard]] Result<void> learn_counters(BlockReader& block, std::optional<std::uint32_t> uptime,
                                          CounterPoints& last);

}  // namespace outstation::store
