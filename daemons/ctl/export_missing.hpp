// SPDX-License-Identifier: GPL-3.0-or-later
// What an export lacks, told on standard error: once each, and not without end. Threads: one.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "lib/wire/store_messages.hpp"

namespace outstation::ctl {

class Missing {
  public:
    // Records that are on disk and cannot be read.
    void damaged(const std::vector<wire::DamagedSpan>& spans);
    // Of the gap ledger, which was only asked what is missing.
    void ledger_damaged(const std::vector<wire::DamagedSpan>& spans);
    // An entry of the gap ledger about what was asked for.
    void entered(const wire::LedgerRecord& record);
    // How many more there were than were told.
    void finish() const;
    [[nodiscard]] bool any_damage() const { return any_damage_; }

  private:
    void tell(const std::string& line);

    std::set<std::tuple<std::uint64_t, std::uint64_t, std::int64_t, std::int64_t>> told_;
    std::size_t lines_ = 0;
    bool told_of_ledger_ = false;
    bool any_damage_ = false;
};

}  // namespace outstation::ctl
