// SPDX-License-Identifier: GPL-3.0-or-later
// How much of state.db each device's facts and all past values take, about. Counted once when it is opened,
// then with each change. Threads: one.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "lib/store/sqlite/database.hpp"
#include "lib/store/state/state_db.hpp"

namespace outstation::store {

struct FactShare {
    std::int64_t facts = 0;
    std::int64_t octets = 0;
    std::int64_t ended = 0;  // of them, those without a value
};

class Shares {
  public:
    // A row, its key in the index, its words.
    static constexpr std::int64_t kFactOctets = 128;
    // That a value and a reason count at least, so that there is always room for a state to change.
    static constexpr std::size_t kLeastTextOctets = 16;
    static constexpr std::int64_t kPastOctets = 48;

    [[nodiscard]] Result<void> count(const Database& database);
    [[nodiscard]] static std::int64_t octets_of(const Fact& fact);
    [[nodiscard]] static std::int64_t past_octets_of(const Fact& fact);
    void add_fact(const std::string& device, std::int64_t facts, std::int64_t octets);
    void add_ended(const std::string& device, std::int64_t facts) { devices_[device].ended += facts; }
    void add_past(std::int64_t octets) { past_octets_ += octets; }
    void forget(const std::string& device);
    [[nodiscard]] FactShare of(const std::string& device) const;
    [[nodiscard]] std::int64_t fact_octets() const { return fact_octets_; }
    [[nodiscard]] std::int64_t past_octets() const { return past_octets_; }
    [[nodiscard]] const std::map<std::string, FactShare>& devices() const { return devices_; }

  private:
    std::map<std::string, FactShare> devices_;
    std::int64_t fact_octets_ = 0;
    std::int64_t past_octets_ = 0;
};

}  // namespace outstation::store
