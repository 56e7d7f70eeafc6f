// SPDX-License-Identifier: GPL-3.0-or-later
// One device's cycle: which request comes next and what its answer means. Scalars by GET, then tables by
// GETBULK. What a device answers badly costs that part alone: the scalars, or the one table. Pure logic: no
// socket, no clock, no timeout.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "drivers/snmp/plan.hpp"
#include "drivers/snmp/walk.hpp"

namespace outstation::snmp {

// What is remembered of a device for one plan.
struct DeviceMemory {
    std::vector<TableMemory> tables;
    std::size_t scalars_per_request = 64;
    unsigned cycles = 0;
};

class CycleRun {
  public:
    // `result` is cleared, its memory reused. All must outlive the run.
    void begin(std::shared_ptr<const Plan> plan, DeviceMemory& memory, Cycle& result, bool verify);
    [[nodiscard]] bool finished() const { return finished_; }
    // Writes the next request (back to front). False when it does not fit the buffer: then its part is given
    // up, and either finished() or request() is due with an empty writer.
    [[nodiscard]] bool request(BackWriter& out, std::string_view community, std::uint32_t request_id,
                               std::size_t reply_bytes);
    // Takes the answer; afterwards either finished() or request() is due.
    void take(const Response& response, std::size_t reply_bytes);
    // The request in flight had no answer. A table of a device that answered before is given up and the next
    // one is asked for; two in a row, or anything else, end the cycle.
    void on_timeout(std::string detail);
    // Ends the cycle: the table being read and those behind it have no rows.
    void fail(CycleError error, std::string detail);

  private:
    void give_up_part(CycleError error, std::string detail);
    void note(CycleError error, std::string detail);
    void forget_rows(std::size_t table, CycleError error);
    void take_scalars(const Response& response);
    void take_table(const Response& response, std::size_t reply_bytes);
    [[nodiscard]] bool on_error_status(const Response& response);
    void next_table();

    std::shared_ptr<const Plan> plan_;
    DeviceMemory* memory_ = nullptr;
    Cycle* result_ = nullptr;
    Walk walk_;
    bool verify_ = false;
    bool finished_ = true;
    std::size_t scalars_done_ = 0;
    std::size_t scalars_asked_ = 0;
    std::size_t table_ = 0;
    std::uint32_t values_before_ = 0;  // this table
    bool in_tables_ = false;
    bool table_timed_out_ = false;  // the one before had no answer
};

}  // namespace outstation::snmp
