// SPDX-License-Identifier: GPL-3.0-or-later
// Gives numbers to series: polld's own, dense from 1, the same for a series as long as the process lives.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "lib/model/record.hpp"

namespace outstation::polld {

class SeriesBook {
  public:
    // The series' number; a new one when the key is new. A changed scale or OID is a new definition of the
    // same number.
    std::uint32_t number_of(const SeriesInfo& info);
    [[nodiscard]] const SeriesInfo& info(std::uint32_t number) const { return infos_[number - 1]; }
    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(infos_.size()); }
    // Grows with each new or changed definition; changed_since(0) is every number.
    [[nodiscard]] std::size_t version() const { return log_.size(); }
    [[nodiscard]] std::vector<std::uint32_t> changed_since(std::size_t version) const;

  private:
    std::map<SeriesKey, std::uint32_t> by_key_;
    std::vector<SeriesInfo> infos_;
    std::vector<std::uint32_t> log_;  // numbers in the order of their definitions
};

}  // namespace outstation::polld
