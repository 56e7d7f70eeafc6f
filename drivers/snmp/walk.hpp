// SPDX-License-Identifier: GPL-3.0-or-later
// One table's walk: all columns side by side in each GETBULK, rows of sparse columns joined by index, ends
// and cheats seen. Pure logic: no socket, no clock.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "drivers/snmp/message.hpp"
#include "drivers/snmp/plan.hpp"

namespace outstation::snmp {

// What reading a part of the plan cost the last time: its scalars, or one table.
struct PartCost {
    std::uint32_t requests = 0;           // tries included
    std::uint32_t bytes = 0;              // both ways, without UDP and IP
    std::uint32_t time_us = 0;            // from each request to its answer
    CycleError error = CycleError::none;  // why it has no values
};

// What is remembered of a table from cycle to cycle.
struct TableMemory {
    std::uint32_t rows = 0;           // at the last complete walk
    std::uint32_t bytes_per_row = 0;  // 0: not known
    // Rows a request, lowered when the device cut its answers or said tooBig, and doubled by each walk that
    // verifies; 0: not limited.
    std::uint32_t max_repetitions = 0;
    std::uint32_t max_columns = 0;  // a request; likewise, when one row was too much
    // Rows a request, a quarter after one that had no answer, one more with each walk that had all; 0: not
    // limited.
    std::uint32_t window = 0;
    std::string last_index;  // of the last row: a row put in between is noticed at once
    bool known = false;
    // It became shorter: in so many walks more its end is looked for, because the rows may come back.
    std::uint8_t wary = 0;
    // Walks in a row that did not come to an end of their own, and for how many cycles it is left alone.
    std::uint8_t runaways = 0;
    std::uint8_t rest = 0;
    CycleError runaway = CycleError::none;  // what the last of them was
    PartCost cost;
};

class Walk {
  public:
    struct Mode {
        bool verify = false;
        bool has_bulk = true;  // otherwise a request asks for one row
    };
    // Starts a table into `rows`, which is emptied; strings go to `arena`. All must outlive the walk.
    void begin(const Plan::Table& table, TableMemory& memory, TableRows& rows, std::string& arena, Mode mode);
    [[nodiscard]] bool finished() const { return finished_; }

    // Whether the next request is a GETBULK; otherwise a GETNEXT.
    [[nodiscard]] bool uses_bulk() const { return mode_.has_bulk && !by_next_; }
    // GETBULK was given up for this table: request_next() was true, or the last of all tries was needed.
    [[nodiscard]] bool fell_back() const { return by_next_ && !table_->first_only; }
    // Writes the varbind list of the next request (back to front) and says how many repetitions to ask for.
    [[nodiscard]] std::uint32_t request(BackWriter& out, std::size_t reply_bytes);

    // Takes the answer to the last request. `error` stays none when it was sound.
    void take(Cursor varbinds, std::size_t reply_bytes, std::uint32_t& values, CycleError& error,
              std::string& detail);
    // tooBig, or an answer without a single varbind: ask for fewer rows, then for fewer columns. False when
    // one value is too much already.
    [[nodiscard]] bool shrink();
    // The request had no answer: its next try asks for a quarter, its last by GETNEXT, as does the rest of
    // the table then.
    void on_silence(bool is_last_try);
    // The answer to a GETBULK was an error: the rest of the table is asked for by GETNEXT. False: it was.
    [[nodiscard]] bool request_next();
    // noSuchName for the n-th varbind of the last request, from 0: its column has no more rows. False: there
    // was no such varbind.
    [[nodiscard]] bool end_column(std::size_t n);
    // How many columns the last request asked for.
    [[nodiscard]] std::size_t asked_columns() const { return active_.size(); }

  private:
    struct Column {
        std::uint32_t rows = 0;  // the number of the last row seen, from 1; 0: none
        bool ended = false;
    };

    [[nodiscard]] OidBytes index_at(std::size_t row) const;
    [[nodiscard]] OidBytes last_index(const Column& column) const;
    void raise_limits();
    void choose_columns();
    [[nodiscard]] std::uint32_t repetitions(std::size_t reply_bytes) const;
    [[nodiscard]] bool take_usual(const Varbind& varbind, std::size_t number);
    // none: the varbind was sound.
    [[nodiscard]] CycleError take_one(const Varbind& varbind, std::size_t number, std::uint32_t& values);
    [[nodiscard]] CycleError take_outside(const Varbind& varbind, Column& column) const;
    [[nodiscard]] std::string describe(CycleError error, const Varbind& varbind) const;
    [[nodiscard]] std::size_t row_of(OidBytes index);
    [[nodiscard]] std::size_t add_row(OidBytes index);
    [[nodiscard]] bool is_after(const Column& column, std::size_t row) const;
    void learn(std::size_t reply_bytes, std::size_t rows_before);
    void finish_if_done();
    void remember_rows();

    const Plan::Table* table_ = nullptr;
    TableMemory* memory_ = nullptr;
    TableRows* rows_ = nullptr;
    std::string* arena_ = nullptr;
    std::vector<Column> columns_;
    std::vector<std::uint16_t> active_;                      // columns of the request in flight, in order
    std::unordered_map<std::string, std::size_t> by_index_;  // only once columns ran apart
    std::uint32_t asked_ = 0;
    std::uint32_t window_ = 0;  // the memory's, once an answer came
    Mode mode_;
    bool by_next_ = false;     // GETBULK does not work here
    bool is_silent_ = false;   // a request of this walk had no answer
    bool exact_tail_ = false;  // the request asked for exactly the remembered rest
    bool finished_ = true;
};

// A varbind's value into a cell; bytes go to the arena. False when the content does not fit its tag.
[[nodiscard]] bool store_value(const Varbind& varbind, Cell& cell, std::string& arena);

}  // namespace outstation::snmp
