// SPDX-License-Identifier: GPL-3.0-or-later
// The samples that are not in history yet, by device, in memory: what a query of the last hours reads and
// what sealing makes blocks of. It is filled from the journal again at start, so it is never the only copy.
// Threads: any; it has a lock, held for the time of a copy.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "lib/store/recent/open_rows.hpp"

namespace outstation::store {

class Recent {
  public:
    // A record of a sequence not above those that are here already is passed over.
    void add(std::uint64_t first_sequence, const std::vector<wire::SampleRecord>& records);

    // The rows of a device up to a sequence, in the order of their sequences, with the stamps they came with.
    void read(std::string_view device, std::uint64_t last_sequence, const RowChunk::Take& take) const;
    // Devices with a row up to this sequence, by name.
    [[nodiscard]] std::vector<std::string> devices(std::uint64_t last_sequence = UINT64_MAX) const;
    // Forgets rows up to and with this sequence, as soon as the chunk that holds them has no other; rows that
    // stay longer are not read any more.
    void forget_to(std::uint64_t last_sequence);

    [[nodiscard]] std::uint64_t last_sequence() const;
    // First sequence that read() still gives.
    [[nodiscard]] std::uint64_t first_sequence() const;
    [[nodiscard]] std::size_t octets() const;

  private:
    using Chunk = std::shared_ptr<const RowChunk>;
    struct Device {
        std::vector<Chunk> closed;
        OpenRows open;
    };
    using Devices = std::map<std::string, Device, std::less<>>;
    [[nodiscard]] static std::size_t octets_of(const RowChunk& chunk);
    [[nodiscard]] static std::size_t octets_of(const Devices::value_type& device);
    // Of a chunk or of open rows.
    template <typename Rows>
    [[nodiscard]] bool has_any(const Rows& rows, std::uint64_t last_wanted) const {
        return rows.last_sequence() > forgotten_ && rows.first_sequence() <= last_wanted;
    }
    [[nodiscard]] std::vector<Chunk> chunks_of(std::string_view device, std::uint64_t last_sequence,
                                               std::uint64_t& first_sequence) const;

    mutable std::mutex mutex_;
    Devices devices_;
    std::uint64_t last_sequence_ = 0;
    std::uint64_t forgotten_ = 0;
    std::size_t octets_ = 0;
};

}  // namespace outstation::store
