// SPDX-License-Identifier: GPL-3.0-or-later
// What is remembered of a device from cycle to cycle: what it bears, how large its tables are, what it cost.
// The plan may change several times an hour: what is known of a table goes with the table, not with the plan.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "drivers/snmp/plan.hpp"
#include "drivers/snmp/walk.hpp"

namespace outstation::snmp {

inline constexpr std::size_t kMostScalars = 64;  // a request

// The last request to a device and what came of it, for people.
struct Exchange {
    std::string oid;  // the first of those asked for, BER; empty: nothing was asked yet
    Tag pdu = Tag::none;
    std::uint32_t varbinds = 0;
    std::uint32_t repetitions = 0;  // of a GETBULK
    unsigned tries = 0;             // so many had no answer before this one
    MonoTime sent{};
    std::uint32_t request_bytes = 0;
    std::uint32_t reply_bytes = 0;  // 0: there is no answer
    std::uint32_t reply_us = 0;     // after which it came
    std::int64_t error_status = 0;  // RFC 3416 section 3
};

struct DeviceMemory {
    std::vector<TableMemory> tables;                 // of the plan
    std::vector<bool> absent_scalars;                // said to be unknown by noSuchName; empty: none
    std::size_t scalars_per_request = kMostScalars;  // lowered by tooBig, doubled by each cycle that verifies
    unsigned bulk_failures = 0;                      // tables in a row that only GETNEXT could read
    unsigned cycles = 0;
    PartCost scalars_cost;
    Exchange last;
    // Tables that the plan does not have now, by their entry (BER): what it costs to find out again.
    std::unordered_map<std::string, TableMemory> aside;

    // So many tables in a row that only GETNEXT could read, and GETBULK is not tried any more.
    static constexpr unsigned kBulkFailures = 3;
    static constexpr std::size_t kMostAside = 32;
    [[nodiscard]] bool has_bulk() const { return bulk_failures < kBulkFailures; }

    // From `before` (null: none) to another plan. A table that is read by the same columns keeps everything;
    // one of which other columns are read keeps its size and its limits, but its end is looked for.
    void change_plan(const Plan* before, const Plan& plan);

  private:
    void put_aside(const std::string& entry, const TableMemory& table);
};

}  // namespace outstation::snmp
