// SPDX-License-Identifier: GPL-3.0-or-later
// The order of a cycle: scalars, table after table.
#include "drivers/snmp/cycle.hpp"

#include <algorithm>

namespace outstation::snmp {
namespace {

constexpr unsigned kBulkFailures = 3;  // then GETBULK is not tried any more
constexpr unsigned kBulkAgain = 64;    // but in each so many cycles

}  // namespace

void CycleRun::begin(std::shared_ptr<const Plan> plan, DeviceMemory& memory, Cycle& result, bool verify) {
    plan_ = std::move(plan);
    memory_ = &memory;
    result_ = &result;
    verify_ = verify;
    has_bulk_ = true;
    if (memory.cycles % kBulkAgain == 0)
        memory.bulk_failures = std::min(memory.bulk_failures, kBulkFailures - 1);
    memory.tables.resize(plan_->tables.size());
    result.scalars.assign(plan_->scalars.size(), Cell{});
    result.tables.resize(plan_->tables.size());
    for (TableRows& table : result.tables) {
        table.indexes.clear();
        table.cells.clear();
        table.error = CycleError::none;
    }
    result.arena.clear();
    result.detail.clear();
    result.notice.clear();
    result.error = CycleError::none;
    result.answered = false;
    result.requests = result.timeouts = result.values = 0;
    result.duration = result.rtt = Duration{0};
    finished_ = false;
    scalars_done_ = 0;
    table_ = 0;
    in_tables_ = false;
    table_timed_out_ = false;
    values_before_ = UINT32_MAX;
    if (verify || memory.absent_scalars.size() != plan_->scalars.size())
        memory.absent_scalars.assign(plan_->scalars.size(), false);
    next_scalars(0);
}

// On to the scalars from `done` on; none is left to ask for: to the tables.
void CycleRun::next_scalars(std::size_t done) {
    const auto& absent = memory_->absent_scalars;
    while (done < absent.size() && absent[done]) ++done;
    scalars_done_ = done;
    if (done == absent.size()) next_table();
}

void CycleRun::choose_scalars() {
    asked_scalars_.clear();
    for (std::size_t i = scalars_done_; i < plan_->scalars.size(); ++i) {
        if (asked_scalars_.size() == memory_->scalars_per_request) return;
        if (!memory_->absent_scalars[i]) asked_scalars_.push_back(i);
    }
}

// The next table that has to be asked for; none: the cycle is finished.
void CycleRun::next_table() {
    table_ = in_tables_ ? table_ + 1 : 0;
    in_tables_ = true;
    values_before_ = result_->values;
    for (; table_ < plan_->tables.size(); ++table_) {
        table_again_ = false;
        begin_table();
        if (!walk_.finished()) return;
    }
    finished_ = true;
}

void CycleRun::begin_table() {
    walk_.begin(plan_->tables[table_], memory_->tables[table_], result_->tables[table_], result_->arena,
                {verify_, has_bulk_ && !table_again_ && memory_->bulk_failures < kBulkFailures});
}

void CycleRun::request(BackWriter& out, std::uint32_t request_id, Limits limits) {
    has_bulk_ = limits.has_bulk;
    if (in_tables_) {
        if (!has_bulk_) static_cast<void>(walk_.request_next());
        const std::uint32_t repetitions = walk_.request(out, limits.reply_bytes);
        if (!walk_.uses_bulk()) return finish_pdu(out, Tag::get_next_request, request_id);
        return finish_pdu(out, Tag::get_bulk_request, request_id, 0, repetitions);
    }
    choose_scalars();
    for (std::size_t i = asked_scalars_.size(); i-- > 0;)
        request_varbind(out, plan_->scalars[asked_scalars_[i]], {});
    finish_pdu(out, Tag::get_request, request_id);
}

void CycleRun::take(const Response& response, std::size_t reply_bytes) {
    result_->answered = true;
    table_timed_out_ = false;
    if (response.pdu == Tag::report) return fail(CycleError::agent, "a report instead of an answer");
    if (response.error_status != kNoError && !on_error_status(response)) return;
    if (response.error_status != kNoError) return;  // mended: request() asks again
    if (in_tables_) {
        take_table(response, reply_bytes);
    } else {
        take_scalars(response);
    }
}

// True when asking again, differently, will do.
bool CycleRun::on_error_status(const Response& response) {
    if (response.error_status == kTooBig) {
        if (in_tables_ && walk_.shrink()) return true;
        if (!in_tables_ && asked_scalars_.size() > 1) {
            memory_->scalars_per_request = asked_scalars_.size() / 2;
            return true;
        }
    }
    if (response.error_status == kNoSuchName && on_no_such_name(response.error_index)) return true;
    if (in_tables_ && response.error_status != kTooBig && walk_.request_next()) return true;
    give_up_part(CycleError::agent, "error-status " + std::to_string(response.error_status) + " at varbind " +
                                        std::to_string(response.error_index));
    return false;
}

// RFC 1157 section 4.1: v1 answers for all variables or for none, and names the first that it does not have.
bool CycleRun::on_no_such_name(std::int64_t index) {
    if (index < 1) return false;
    const auto at = static_cast<std::size_t>(index - 1);
    if (in_tables_) {
        if (!walk_.end_column(at)) return false;
        if (walk_.finished()) next_table();
        return true;
    }
    if (at >= asked_scalars_.size()) return false;
    memory_->absent_scalars[asked_scalars_[at]] = true;
    next_scalars(scalars_done_);
    return true;
}

void CycleRun::take_scalars(const Response& response) {
    Cursor varbinds = response.varbinds;
    Varbind varbind;
    bool malformed = false;
    for (const std::size_t number : asked_scalars_) {
        const bool taken = take_varbind(varbinds, varbind, malformed);
        Cell& cell = result_->scalars[number];
        if (!taken || varbind.oid != plan_->scalars[number] || !store_value(varbind, cell, result_->arena)) {
            cell = Cell{};
            return give_up_part(CycleError::malformed,
                                "scalar " + decode_oid(plan_->scalars[number]).value_or("of the plan"));
        }
        if (cell.present()) ++result_->values;
    }
    next_scalars(asked_scalars_.back() + 1);
}

void CycleRun::take_table(const Response& response, std::size_t reply_bytes) {
    CycleError error = CycleError::none;
    std::string detail;
    walk_.take(response.varbinds, reply_bytes, result_->values, error, detail);
    if (error == CycleError::not_increasing && walk_.request_next()) {  // an agent whose GETBULK is wrong
        table_again_ = true;
        result_->values = values_before_;
        return begin_table();
    }
    if (error != CycleError::none) return give_up_part(error, std::move(detail));
    note_bulk();
    if (walk_.finished()) next_table();
}

// What is remembered of the agent's GETBULK; of a whole table once.
void CycleRun::note_bulk() {
    if (walk_.uses_bulk()) {
        memory_->bulk_failures = 0;
    } else if (has_bulk_ && walk_.finished() && (walk_.fell_back() || table_again_)) {
        memory_->bulk_failures = std::min(memory_->bulk_failures + 1, kBulkFailures);
    }
}

void CycleRun::on_timeout(std::string detail) {
    const bool again = result_->answered && in_tables_ && !table_timed_out_;
    if (!again) return fail(CycleError::timeout, std::move(detail));
    table_timed_out_ = true;
    give_up_part(CycleError::timeout, std::move(detail));
}

void CycleRun::give_up_part(CycleError error, std::string detail) {
    note(error, std::move(detail));
    if (in_tables_) forget_rows(table_, error);
    next_table();
}

void CycleRun::fail(CycleError error, std::string detail) {
    if (finished_) return;
    note(error, std::move(detail));
    for (std::size_t table = in_tables_ ? table_ : 0; table < result_->tables.size(); ++table)
        forget_rows(table, error);
    finished_ = true;
}

void CycleRun::note(CycleError error, std::string detail) {
    if (result_->error != CycleError::none) return;
    result_->error = error;
    result_->detail = std::move(detail);
}

void CycleRun::forget_rows(std::size_t table, CycleError error) {
    TableRows& rows = result_->tables[table];
    rows.indexes.clear();
    rows.cells.clear();
    rows.error = error;
    result_->values = std::min(result_->values, values_before_);
}

}  // namespace outstation::snmp
