// SPDX-License-Identifier: GPL-3.0-or-later
// The newest rows of one device, as they came, until there are enough of them to pack. Adding one copies it.
// Threads: one at a time.
#pragma once

#include <string>
#include <vector>

#include "lib/store/recent/row_chunk.hpp"

namespace outstation::store {

class OpenRows {
  public:
    static constexpr std::size_t kMaxRows = 8;

    // The record's columns are of equal length, its boot id has at most 16 octets. Sequences grow.
    void add(std::uint64_t sequence, const wire::SampleRecord& record);
    [[nodiscard]] bool full() const { return rows_.size() >= kMaxRows || values_.size() >= kManyValues; }
    [[nodiscard]] bool empty() const { return rows_.empty(); }
    // There is a row.
    [[nodiscard]] RowChunk pack() const;
    // Forgets the rows, but keeps what the next ones will need again.
    void clear();

    // There is a row.
    [[nodiscard]] std::uint64_t first_sequence() const { return rows_.front().sequence; }
    [[nodiscard]] std::uint64_t last_sequence() const { return rows_.back().sequence; }
    [[nodiscard]] std::size_t octets() const;

  private:
    friend class RowPacker;
    static constexpr std::size_t kManyValues = 8192;
    struct Row {
        std::uint64_t sequence = 0;
        std::int64_t wall_ns = 0;
        std::int64_t mono_ns = 0;
        std::size_t values = 0;  // where they begin: counters, then the bits of gauges
        std::uint8_t boot = 0;
        std::uint8_t layout = 0;
        ClockQuality quality = ClockQuality::unknown;
    };
    struct Layout {
        std::vector<std::uint32_t> counter_series, gauge_series;
        bool used = false;
        [[nodiscard]] bool is_of(const wire::SampleRecord& record) const {
            return counter_series == record.counter_series && gauge_series == record.gauge_series;
        }
        [[nodiscard]] std::size_t columns() const { return counter_series.size() + gauge_series.size(); }
        [[nodiscard]] std::size_t octets() const { return sizeof *this + columns() * sizeof(std::uint32_t); }
    };
    [[nodiscard]] std::uint8_t layout_of(const wire::SampleRecord& record);
    [[nodiscard]] std::uint8_t boot_of(const std::string& boot_id);

    std::vector<Row> rows_;
    std::vector<std::uint64_t> values_;  // row after row
    std::vector<Layout> layouts_;
    std::size_t layout_octets_ = 0;  // of them
    std::vector<std::string> boots_;
};

}  // namespace outstation::store
