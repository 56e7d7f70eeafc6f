// SPDX-License-Identifier: GPL-3.0-or-later
// The order of a cycle: scalars, table after table.
#include "drivers/snmp/cycle.hpp"

#include <algorithm>

namespace outstation::snmp {

void CycleRun::begin(std::shared_ptr<const Plan> plan, DeviceMemory& memory, Cycle& result, bool verify) {
    plan_ = std::move(plan);
    memory_ = &memory;
    result_ = &result;
    verify_ = verify;
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
    if (plan_->scalars.empty()) next_table();
}

// The next table that has to be asked for; none: the cycle is finished.
void CycleRun::next_table() {
    table_ = in_tables_ ? table_ + 1 : 0;
    in_tables_ = true;
    values_before_ = result_->values;
    for (; table_ < plan_->tables.size(); ++table_) {
        walk_.begin(plan_->tables[table_], memory_->tables[table_], result_->tables[table_], result_->arena,
                    verify_);
        if (!walk_.finished()) return;
    }
    finished_ = true;
}

bool CycleRun::request(BackWriter& out, std::string_view community, std::uint32_t request_id,
                       std::size_t reply_bytes) {
    if (in_tables_) {
        const std::uint32_t repetitions = walk_.request(out, reply_bytes);
        finish_request(out, Tag::get_bulk_request, community, request_id, 0, repetitions);
    } else {
        scalars_asked_ = std::min(memory_->scalars_per_request, plan_->scalars.size() - scalars_done_);
        for (std::size_t i = scalars_asked_; i-- > 0;)
            request_varbind(out, plan_->scalars[scalars_done_ + i], {});
        finish_request(out, Tag::get_request, community, request_id);
    }
    if (!out.ok()) give_up_part(CycleError::agent, "a request does not fit a datagram");
    return out.ok();
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
        if (!in_tables_ && scalars_asked_ > 1) {
            memory_->scalars_per_request = scalars_asked_ / 2;
            return true;
        }
    }
    give_up_part(CycleError::agent, "error-status " + std::to_string(response.error_status) + " at varbind " +
                                        std::to_string(response.error_index));
    return false;
}

void CycleRun::take_scalars(const Response& response) {
    Cursor varbinds = response.varbinds;
    Varbind varbind;
    bool malformed = false;
    for (std::size_t i = 0; i < scalars_asked_; ++i) {
        const std::size_t number = scalars_done_ + i;
        const bool taken = take_varbind(varbinds, varbind, malformed);
        Cell& cell = result_->scalars[number];
        if (!taken || varbind.oid != plan_->scalars[number] ||
            !store_value(varbind.value, cell, result_->arena)) {
            cell = Cell{};
            return give_up_part(CycleError::malformed,
                                "varbind " + std::to_string(i + 1) + " of the scalars");
        }
        if (cell.present()) ++result_->values;
    }
    scalars_done_ += scalars_asked_;
    if (scalars_done_ == plan_->scalars.size()) next_table();
}

void CycleRun::take_table(const Response& response, std::size_t reply_bytes) {
    CycleError error = CycleError::none;
    std::string detail;
    walk_.take(response.varbinds, reply_bytes, result_->values, error, detail);
    if (error != CycleError::none) return give_up_part(error, std::move(detail));
    if (walk_.finished()) next_table();
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
