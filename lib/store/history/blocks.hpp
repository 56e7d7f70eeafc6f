// SPDX-License-Identifier: GPL-3.0-or-later
// From records to checked blocks, and from blocks to roll-ups. Pure computation. Threads: one.
#pragma once

#include <vector>

#include "lib/store/history/roll_up.hpp"

namespace outstation::store {

// Blocks of one device's records, in their order; more than one when they do not fit. Each block is decoded
// again and compared: what is not exactly the records fails with bug. exhausted: one record is too large.
[[nodiscard]] Result<std::vector<BlockRow>> make_blocks(const std::string& device,
                                                        const std::vector<NumberedRecord>& records,
                                                        std::uint32_t seed);

// The records of a block that was read from a file. malformed: the block is damaged, or its records would
// take far more memory than the block.
[[nodiscard]] Result<std::vector<NumberedRecord>> records_of(std::string body);
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

// Adds the points of a raw block. malformed: the block is damaged.
[[nodiscard]] Result<void> roll_up_block(BlockReader& block, DevicePoints& points, const TimeRange& believed,
                                         RollUp& roll_up);
// Only learns the last counters of a raw block, or of a roll-up: there with the stamp of the last bucket.
[[nodiscard]] Result<void> learn_counters(BlockReader& block, CounterPoints& last);

}  // namespace outstation::store
