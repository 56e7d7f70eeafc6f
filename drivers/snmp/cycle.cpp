// SPDX-License-Identifier: GPL-3.0-or-later
// The order of a cycle: scalars, table after table.
#include "drivers/snmp/cycle.hpp"

#include <algorithm>

namespace outstation::snmp {
namespace {

constexpr unsigned kBulkFailures = DeviceMemory::kBulkFailures;
constexpr unsigned kBulkAgain = 64;    // it is tried again in each so many cycles
constexpr unsigned kMostRunaways = 4;  // that are counted
constexpr unsigned kMostRest = 63;     // cycles

}  // namespace

void CycleRun::begin(std::shared_ptr<const Plan> plan, DeviceMemory& memory, Cycle& result, bool verify) {
    plan_ = std::move(plan);
    settings_ = nullptr;
    memory_ = &memory;
    result_ = &result;
    verify_ = verify;
    has_bulk_ = true;
    if (memory.cycles % kBulkAgain == 0)
        memory.bulk_failures = std::min(memory.bulk_failures, kBulkFailures - 1);
    memory.tables.resize(plan_->tables.size());
    memory.scalars_cost = {};
    result.scalars.assign(plan_->scalars.size(), Cell{});
    result.tables.resize(plan_->tables.size());
    for (TableRows& table : result.tables) {
        table.indexes.clear();
        table.cells.clear();
        table.error = CycleError::none;
        table.complete = false;
    }
    clear_result();
    scalars_done_ = 0;
    table_ = 0;
    in_tables_ = false;
    table_timed_out_ = false;
    values_before_ = UINT32_MAX;
    if (verify) memory.scalars_per_request = std::min(memory.scalars_per_request * 2, kMostScalars);
    if (verify || memory.absent_scalars.size() != plan_->scalars.size())
        memory.absent_scalars.assign(plan_->scalars.size(), false);
    next_scalars(0);
}

void CycleRun::begin_set(std::shared_ptr<const std::vector<Setting>> settings, Cycle& result) {
    settings_ = std::move(settings);
    result_ = &result;
    result.scalars.clear();
    result.tables.clear();
    clear_result();
    in_tables_ = false;
}

void CycleRun::clear_result() {
    Cycle& result = *result_;
    result.arena.clear();
    result.detail.clear();
    result.notice.clear();
    result.error = result.scalars_error = CycleError::none;
    result.answered = false;
    result.requests = result.timeouts = result.values = 0;
    result.octets = 0;
    result.duration = result.rtt = Duration{0};
    finished_ = false;
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
        memory_->tables[table_].cost = {};
        if (rests()) continue;
        begin_table();
        if (!walk_.finished()) return;
    }
    finished_ = true;
}

// A table that ran away is not read, but told.
bool CycleRun::rests() {
    TableMemory& memory = memory_->tables[table_];
    if (memory.rest == 0) return false;
    note(memory.runaway, "the table at " + decode_oid(plan_->tables[table_].columns[0]).value_or("an OID") +
                             " did not end; it is read again in " + std::to_string(memory.rest) + " polls");
    --memory.rest;
    result_->tables[table_].error = memory.cost.error = memory.runaway;
    return true;
}

// It costs many times what a sound table does, each time: 3 cycles are skipped, then 15, then 63. Steps back
// are forgiven once.
void CycleRun::note_runaway(CycleError error) {
    if (error != CycleError::endless && error != CycleError::not_increasing) return;
    TableMemory& memory = memory_->tables[table_];
    memory.runaways = static_cast<std::uint8_t>(std::min(memory.runaways + 1U, kMostRunaways));
    memory.runaway = error;
    const unsigned steps = memory.runaways - (error == CycleError::endless ? 0U : 1U);
    memory.rest = static_cast<std::uint8_t>(std::min((1U << (2 * steps)) - 1, kMostRest));
}

void CycleRun::begin_table() {
    walk_.begin(plan_->tables[table_], memory_->tables[table_], result_->tables[table_], result_->arena,
                {verify_, has_bulk_ && !table_again_ && memory_->bulk_failures < kBulkFailures});
}

void CycleRun::request(BackWriter& out, std::uint32_t request_id, Limits limits) {
    has_bulk_ = limits.has_bulk;
    if (is_set()) {
        for (auto it = settings_->rbegin(); it != settings_->rend(); ++it)
            set_varbind(out, it->oid, {it->tag, it->content});
        return finish_pdu(out, Tag::set_request, request_id);
    }
    if (in_tables_) {
        if (!has_bulk_) static_cast<void>(walk_.request_next());
        const std::uint32_t repetitions = walk_.request(out, limits.reply_bytes);
        const Tag pdu = walk_.uses_bulk() ? Tag::get_bulk_request : Tag::get_next_request;
        note_asked(out, pdu, walk_.asked_columns(), repetitions);
        if (!walk_.uses_bulk()) return finish_pdu(out, pdu, request_id);
        return finish_pdu(out, pdu, request_id, 0, repetitions);
    }
    choose_scalars();
    for (std::size_t i = asked_scalars_.size(); i-- > 0;)
        request_varbind(out, plan_->scalars[asked_scalars_[i]], {});
    note_asked(out, Tag::get_request, asked_scalars_.size(), 0);
    finish_pdu(out, Tag::get_request, request_id);
}

void CycleRun::take(const Response& response, std::size_t reply_bytes) {
    result_->answered = true;
    table_timed_out_ = false;
    if (response.pdu == Tag::report) return fail(CycleError::agent, "a report instead of an answer");
    if (is_set()) return take_set(response);
    memory_->last.error_status = response.error_status;
    if (response.error_status != kNoError && !on_error_status(response)) return;
    if (response.error_status != kNoError) return;  // mended: request() asks again
    if (in_tables_) {
        take_table(response, reply_bytes);
    } else {
        take_scalars(response);
    }
}

void CycleRun::take_set(const Response& response) {
    finished_ = true;
    if (response.error_status == kNoError) return;
    const auto at = static_cast<std::uint64_t>(response.error_index) - 1;
    const std::string where = at < settings_->size() ? decode_oid((*settings_)[at].oid).value_or("an OID")
                                                     : std::string("no value");
    note(CycleError::agent, error_status_name(response.error_status) + " for " + where);
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
    give_up_part(CycleError::agent, error_status_name(response.error_status) + " at varbind " +
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
    if (is_set()) {
        finished_ = true;
        return;
    }
    if (in_tables_) {
        forget_rows(table_, error);
        note_runaway(error);
    } else {
        memory_->scalars_cost.error = result_->scalars_error = error;
    }
    next_table();
}

void CycleRun::fail(CycleError error, std::string detail) {
    if (finished_) return;
    note(error, std::move(detail));
    if (in_tables_ && result_->tables[table_].rows() > 0) note_runaway(error);
    if (!in_tables_ && !is_set()) memory_->scalars_cost.error = result_->scalars_error = error;
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
    rows.complete = false;
    memory_->tables[table].cost.error = error;
    result_->values = std::min(result_->values, values_before_);
}

// The list is written and its PDU is not yet: once sealed nobody can read it.
void CycleRun::note_asked(const BackWriter& varbinds, Tag pdu, std::size_t asked, std::uint32_t repetitions) {
    Cursor list(varbinds.bytes());
    Varbind first;
    bool malformed = false;
    Exchange& last = memory_->last;
    last.pdu = pdu;
    last.varbinds = static_cast<std::uint32_t>(asked);
    last.repetitions = pdu == Tag::get_bulk_request ? repetitions : 0;
    if (take_raw_varbind(list, first, malformed)) last.oid.assign(first.oid);
}

void CycleRun::note_sent(MonoTime now, std::size_t bytes, unsigned tries) {
    if (is_set()) return;
    Exchange& last = memory_->last;
    last.sent = now;
    last.tries = tries;
    last.request_bytes = static_cast<std::uint32_t>(bytes);
    last.reply_bytes = last.reply_us = 0;
    last.error_status = 0;
    ++cost().requests;
    cost().bytes += last.request_bytes;
    result_->octets += bytes;
}

void CycleRun::note_reply(Duration after, std::size_t bytes) {
    if (is_set()) return;
    Exchange& last = memory_->last;
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(after).count();
    last.reply_us = static_cast<std::uint32_t>(us);
    last.reply_bytes = static_cast<std::uint32_t>(bytes);
    cost().bytes += last.reply_bytes;
    result_->octets += bytes;
    cost().time_us += last.reply_us;
}

PartCost& CycleRun::cost() {
    const bool in_table = in_tables_ && table_ < memory_->tables.size();
    return in_table ? memory_->tables[table_].cost : memory_->scalars_cost;
}

}  // namespace outstation::snmp
