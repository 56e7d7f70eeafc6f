// SPDX-License-Identifier: GPL-3.0-or-later
// Ids of the requests in flight: who cannot see a request cannot guess its id, whatever others he saw, none
// is in use twice, and each leads back to its device. A table of slots, at most half of them taken; nothing
// is allocated but when it grows. Threads: one.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace outstation::snmp {

class RequestIds {
  public:
    RequestIds();
    // 1 to 2^31 - 1 (RFC 3412 section 6, RFC 3416 section 3).
    [[nodiscard]] std::uint32_t make(std::uint32_t device);
    // 0, or what is not in use: nothing.
    void release(std::uint32_t id);
    // The device that waits for the id; nullptr: none. Valid until the next make() or release().
    [[nodiscard]] const std::uint32_t* find(std::uint32_t id) const;
    [[nodiscard]] std::size_t size() const { return used_; }

  private:
    struct Slot {
        std::uint32_t id = 0;  // 0: free
        std::uint32_t device = 0;
    };
    // Where the id is, or the free slot where it would be. Ids are random: they are their own hash.
    [[nodiscard]] std::size_t place_of(std::uint32_t id) const;
    [[nodiscard]] std::size_t after(std::size_t place) const { return (place + 1) & (slots_.size() - 1); }
    void grow();

    [[nodiscard]] std::uint32_t draw();

    std::array<std::uint32_t, 64> random_{};
    std::size_t drawn_ = random_.size();
    std::vector<Slot> slots_;  // a power of two
    std::size_t used_ = 0;
};

}  // namespace outstation::snmp
