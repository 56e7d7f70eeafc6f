// SPDX-License-Identifier: GPL-3.0-or-later
// One device's cycle: which request comes next and what its answer means. Scalars by GET, then tables by
// GETBULK. What a device answers badly costs that part alone: the scalars, or the one table. Pure logic: no
// socket, no clock, no timeout.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "drivers/snmp/device_memory.hpp"
#include "drivers/snmp/plan.hpp"
#include "drivers/snmp/walk.hpp"

namespace outstation::snmp {

class CycleRun {
  public:
    // `result` is cleared, its memory reused. All must outlive the run. `verify`: look whether what is
    // remembered still holds.
    void begin(std::shared_ptr<const Plan> plan, DeviceMemory& memory, Cycle& result, bool verify);
    // Writes instead: one request, all settings or none (RFC 3416 section 4.2.5). `result` has no values.
    void begin_set(std::shared_ptr<const std::vector<Setting>> settings, Cycle& result);
    [[nodiscard]] bool is_set() const { return settings_ != nullptr; }
    [[nodiscard]] bool finished() const { return finished_; }
    struct Limits {
        std::size_t reply_bytes = 1400;  // what the PDU of the answer should not exceed
        bool has_bulk = true;            // GETBULK is known; otherwise tables are walked by GETNEXT, as in v1
    };
    // Writes the PDU of the next request (back to front); again and the same until take() or on_silence().
    void request(BackWriter& out, std::uint32_t request_id, Limits limits);
    // The request in its message does not fit a datagram: its part is given up, and either finished() or
    // request() is due.
    void on_too_large() { give_up_part(CycleError::agent, "a request does not fit a datagram"); }
    // Takes the answer; afterwards either finished() or request() is due.
    void take(const Response& response, std::size_t reply_bytes);
    // A try of the request in flight had no answer; the next one is due, and asks for less.
    void on_silence(bool is_last_try) {
        if (in_tables_) walk_.on_silence(is_last_try);
    }
    // The request in flight had no answer to any try. A table of a device that answered before is given up
    // and the next one is asked for; two in a row, or anything else, end the cycle.
    void on_timeout(std::string detail);
    // Ends the cycle: the table being read and those behind it have no rows.
    void fail(CycleError error, std::string detail);
    // The request was sent, or had an answer: goes into what is remembered. Nothing is of a SET.
    void note_sent(MonoTime now, std::size_t bytes, unsigned tries);
    void note_reply(Duration after, std::size_t bytes);

  private:
    void clear_result();
    void note_asked(const BackWriter& varbinds, Tag pdu, std::size_t asked, std::uint32_t repetitions);
    [[nodiscard]] PartCost& cost();
    void give_up_part(CycleError error, std::string detail);
    void take_set(const Response& response);
    void note(CycleError error, std::string detail);
    void forget_rows(std::size_t table, CycleError error);
    void take_scalars(const Response& response);
    void take_table(const Response& response, std::size_t reply_bytes);
    [[nodiscard]] bool on_error_status(const Response& response);
    [[nodiscard]] bool on_no_such_name(std::int64_t index);
    void choose_scalars();
    void next_scalars(std::size_t done);
    void next_table();
    void begin_table();
    [[nodiscard]] bool rests();
    void note_runaway(CycleError error);
    void note_bulk();

    std::shared_ptr<const Plan> plan_;
    std::shared_ptr<const std::vector<Setting>> settings_;  // nullptr: nothing is written
    DeviceMemory* memory_ = nullptr;
    Cycle* result_ = nullptr;
    Walk walk_;
    bool verify_ = false;
    bool has_bulk_ = true;
    bool finished_ = true;
    std::size_t scalars_done_ = 0;            // of the plan, from its first
    std::vector<std::size_t> asked_scalars_;  // of the request in flight
    std::size_t table_ = 0;
    std::uint32_t values_before_ = 0;  // this table
    bool in_tables_ = false;
    bool table_timed_out_ = false;  // the one before had no answer
    bool table_again_ = false;      // this one is walked by GETNEXT after a GETBULK that went in a circle
};

}  // namespace outstation::snmp
