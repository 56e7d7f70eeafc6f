// SPDX-License-Identifier: GPL-3.0-or-later
// Ids of the requests in flight: who cannot see a request cannot guess its id, none is in use twice, and each
// leads back to its device. Threads: one.
#pragma once

#include <cstdint>
#include <unordered_map>

namespace outstation::snmp {

class RequestIds {
  public:
    RequestIds();
    // 1 to 2^31 - 1 (RFC 3412 section 6, RFC 3416 section 3).
    [[nodiscard]] std::uint32_t make(std::uint32_t device);
    void release(std::uint32_t id) { devices_.erase(id); }
    // The device that waits for the id; nullptr: none.
    [[nodiscard]] const std::uint32_t* find(std::uint32_t id) const;

  private:
    std::uint64_t state_ = 0;
    std::unordered_map<std::uint32_t, std::uint32_t> devices_;
};

}  // namespace outstation::snmp
