// SPDX-License-Identifier: GPL-3.0-or-later
// A few rows of one device, packed in memory: each value as its difference from the row before, cheap to add
// and to read, two to three octets a value. Lives in memory only: these bytes are never on disk or on a wire.
// Threads: one writer; a copy may be read elsewhere.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "lib/wire/records.hpp"

namespace outstation::store {

class RowChunk {
  public:
    static constexpr std::uint32_t kMaxRows = 32;

    // The record's columns are of equal length, its boot id has at most 16 octets, and it is of the chunk's
    // device. Sequences grow.
    void add(std::uint64_t sequence, const wire::SampleRecord& record);
    [[nodiscard]] bool full() const { return rows_ >= kMaxRows; }
    // No more rows will come: gives back what was needed to add them.
    void close();

    // The rows in order, without their device. The record given is used again for the next row. Stops when
    // `take` says false.
    using Take = std::function<bool(std::uint64_t sequence, const wire::SampleRecord& record)>;
    void read(const Take& take) const;

    [[nodiscard]] std::uint32_t rows() const { return rows_; }
    [[nodiscard]] std::uint64_t first_sequence() const { return first_sequence_; }
    [[nodiscard]] std::uint64_t last_sequence() const { return last_sequence_; }
    [[nodiscard]] std::size_t octets() const;

  private:
    void put_head(std::uint64_t sequence, const wire::SampleRecord& record);

    std::string bytes_;
    wire::SampleRecord last_;  // while open
    std::uint32_t rows_ = 0;
    std::uint64_t first_sequence_ = 0;
    std::uint64_t last_sequence_ = 0;
};

}  // namespace outstation::store
