// SPDX-License-Identifier: GPL-3.0-or-later
// Writes a LatestReply row by row as encode() would, without rows: the definition of a series goes in as it
// was encoded before. Threads: one.
#pragma once

#include <string>
#include <string_view>

#include "lib/wire/store_messages.hpp"
#include "lib/wire/wire.hpp"

namespace outstation::wire {

class LatestWriter {
  public:
    static constexpr std::size_t kMaxRowOctets = 80;  // of a row beside its definition

    // `octets`: how many are expected.
    explicit LatestWriter(std::size_t octets) { bytes_.reserve(octets); }

    // `series`: an encoded SeriesDef; that of `row` is passed over.
    void add(std::string_view series, const LatestRow& row);
    [[nodiscard]] std::size_t octets() const { return bytes_.size(); }
    [[nodiscard]] Encoded<LatestReply> finish(bool more);

  private:
    std::string bytes_;
};

}  // namespace outstation::wire
