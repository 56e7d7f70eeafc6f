// SPDX-License-Identifier: GPL-3.0-or-later
// A few rows of one device, packed in memory column by column: one to two octets a value. Lives in memory
// only: these bytes are never on disk or on a wire. Threads: any, it never changes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "lib/store/columns/block.hpp"

namespace outstation::store {

class RowChunk {
  public:
    // Rows that follow each other and have the same series; they may be changed. False: no more are wanted.
    using Take = std::function<bool(RowGroup& rows)>;

    RowChunk(std::string bytes, std::uint64_t first_sequence, std::uint64_t last_sequence)
        : bytes_(std::move(bytes)), first_sequence_(first_sequence), last_sequence_(last_sequence) {}

    // The rows with these sequences, in order. False: `take` wanted no more. `memory` is used, and left to
    // the next call.
    bool read(std::uint64_t first_sequence, std::uint64_t last_sequence, std::vector<RowGroup>& memory,
              const Take& take) const;

    [[nodiscard]] std::uint64_t first_sequence() const { return first_sequence_; }
    [[nodiscard]] std::uint64_t last_sequence() const { return last_sequence_; }
    [[nodiscard]] std::size_t octets() const { return sizeof(RowChunk) + bytes_.capacity(); }

  private:
    std::string bytes_;
    std::uint64_t first_sequence_;
    std::uint64_t last_sequence_;
};

}  // namespace outstation::store
