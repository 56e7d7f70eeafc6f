// SPDX-License-Identifier: GPL-3.0-or-later
// Asking for rows and sorting what comes into them.
#include "drivers/snmp/walk.hpp"

#include <algorithm>

namespace outstation::snmp {
namespace {

constexpr std::uint32_t kMaxRepetitions = 64;
constexpr std::size_t kPduHeadBytes = 24;    // before the varbinds, at most
constexpr std::size_t kMaxTextBytes = 4096;  // of one value; longer text is cut

// A first guess for a varbind whose size was never seen: OID of about 12 bytes, a number, three heads.
std::uint32_t guess_row_bytes(const Plan::Table& table) {
    std::size_t bytes = 0;
    for (const auto& column : table.columns) bytes += column.size() + 14;
    return static_cast<std::uint32_t>(bytes);
}

bool is_exception(Tag tag) {
    return tag == Tag::no_such_object || tag == Tag::no_such_instance || tag == Tag::end_of_mib_view ||
           tag == Tag::null;
}

}  // namespace

bool store_value(const Tlv& value, Cell& cell, std::string& arena) {
    cell = Cell{};
    if (is_exception(value.tag)) return true;
    switch (value.tag) {
        case Tag::integer: {
            std::int64_t number = 0;
            if (!parse_signed(value.content, number)) return false;
            cell.number = static_cast<std::uint64_t>(number);
            break;
        }
        case Tag::counter32:
        case Tag::gauge32:
        case Tag::time_ticks:
            if (!parse_unsigned(value.content, cell.number) || cell.number > UINT32_MAX) return false;
            break;
        case Tag::counter64:
            if (!parse_unsigned(value.content, cell.number)) return false;
            break;
        case Tag::octet_string:
        case Tag::ip_address:
        case Tag::opaque:
        case Tag::oid: {
            const auto text = value.content.substr(0, kMaxTextBytes);
            cell.number = arena.size();
            cell.length = static_cast<std::uint32_t>(text.size());
            arena += text;
            break;
        }
        default:
            return false;
    }
    cell.tag = value.tag;
    return true;
}

void Walk::begin(const Plan::Table& table, TableMemory& memory, TableRows& rows, std::string& arena,
                 Mode mode) {
    table_ = &table;
    memory_ = &memory;
    rows_ = &rows;
    arena_ = &arena;
    rows.indexes.clear();
    rows.cells.clear();
    columns_.assign(table.columns.size(), Column{});
    by_index_.clear();
    current_row_ = 0;
    mode_ = {mode.verify || !memory.known, mode.has_bulk};
    // A table that had no rows is looked into only when verifying.
    finished_ = table.columns.empty() || (!mode_.verify && memory.rows == 0);
}

OidBytes Walk::last_index(const Column& column) const {
    return std::string_view(*arena_).substr(column.last_offset, column.last_length);
}

std::uint32_t Walk::repetitions(std::size_t reply_bytes) const {
    if (!mode_.has_bulk) return 1;
    const std::uint32_t row = memory_->bytes_per_row != 0 ? memory_->bytes_per_row : guess_row_bytes(*table_);
    const std::size_t room = reply_bytes > kPduHeadBytes ? reply_bytes - kPduHeadBytes : 1;
    std::uint32_t n =
        std::clamp<std::uint32_t>(static_cast<std::uint32_t>(room / std::max(row, 1U)), 1, kMaxRepetitions);
    if (memory_->max_repetitions != 0) n = std::min(n, memory_->max_repetitions);
    return n;
}

std::uint32_t Walk::request(BackWriter& out, std::size_t reply_bytes) {
    active_.clear();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (!columns_[i].ended) active_.push_back(static_cast<std::uint16_t>(i));
    }
    for (auto it = active_.rbegin(); it != active_.rend(); ++it) {
        request_varbind(out, table_->columns[*it], last_index(columns_[*it]));
    }
    asked_ = repetitions(reply_bytes);
    const std::size_t have = rows_->rows();
    const std::size_t left = memory_->known && memory_->rows > have ? memory_->rows - have : 0;
    if (memory_->known && memory_->rows == 0 && have == 0) asked_ = 1;  // only: is it still empty?
    // One row more than remembered proves the end; without it the remembered rest is exact.
    exact_tail_ = !mode_.verify && left > 0 && left <= asked_;
    if (exact_tail_) asked_ = static_cast<std::uint32_t>(left);
    if (mode_.verify && left > 0 && left < asked_) asked_ = static_cast<std::uint32_t>(left) + 1;
    return asked_;
}

std::size_t Walk::add_row(OidBytes index) {
    const std::size_t row = rows_->rows();
    rows_->indexes.push_back(
        {static_cast<std::uint32_t>(arena_->size()), static_cast<std::uint32_t>(index.size())});
    *arena_ += index;
    rows_->cells.resize(rows_->cells.size() + columns_.size());
    if (!by_index_.empty()) by_index_.emplace(std::string(index), row);
    return row;
}

// The usual case first: the row of the varbind before, or a new one after the last. Otherwise by a map made
// on demand.
std::size_t Walk::row_of(OidBytes index) {
    const auto index_at = [&](std::size_t row) {
        return std::string_view(*arena_).substr(rows_->indexes[row].offset, rows_->indexes[row].length);
    };
    const std::size_t n = rows_->rows();
    if (current_row_ < n && index_at(current_row_) == index) return current_row_;
    if (current_row_ + 1 < n && index_at(current_row_ + 1) == index) return current_row_ + 1;
    if (by_index_.empty()) {  // the rows are in order
        if (n == 0 || compare_oid(index_at(n - 1), index) == std::strong_ordering::less)
            return add_row(index);
        for (std::size_t row = 0; row < n; ++row) by_index_.emplace(std::string(index_at(row)), row);
    }
    const auto it = by_index_.find(std::string(index));
    return it != by_index_.end() ? it->second : add_row(index);
}

bool Walk::take_one(const Varbind& varbind, std::size_t active_at, std::uint32_t& values, CycleError& error,
                    std::string& detail) {
    const std::size_t number = active_[active_at];
    Column& column = columns_[number];
    if (column.ended) return true;  // repetitions after its end
    const std::string& prefix = table_->columns[number];
    const bool inside = varbind.oid.size() > prefix.size() && varbind.oid.substr(0, prefix.size()) == prefix;
    if (!inside || varbind.value.tag == Tag::end_of_mib_view) {
        column.ended = true;
        return true;
    }
    const OidBytes index = varbind.oid.substr(prefix.size());
    if (column.last_length != 0 && compare_oid(last_index(column), index) != std::strong_ordering::less) {
        error = CycleError::not_increasing;
        detail = "at " + decode_oid(varbind.oid).value_or("an OID");
        return false;
    }
    const std::size_t row = row_of(index);
    if (rows_->rows() > table_->max_rows) {
        error = CycleError::endless;
        detail = "more than " + std::to_string(table_->max_rows) + " rows in " +
                 decode_oid(prefix).value_or("a table");
        return false;
    }
    current_row_ = row;
    column.last_offset = rows_->indexes[row].offset;
    column.last_length = rows_->indexes[row].length;
    Cell& cell = rows_->cells[row * columns_.size() + number];
    if (!store_value(varbind.value, cell, *arena_)) {
        error = CycleError::malformed;
        detail = "value of " + decode_oid(varbind.oid).value_or("an OID");
        return false;
    }
    if (cell.present()) ++values;
    return true;
}

void Walk::take(Cursor varbinds, std::size_t reply_bytes, std::uint32_t& values, CycleError& error,
                std::string& detail) {
    const std::size_t rows_before = rows_->rows();
    Varbind varbind;
    bool malformed = false;
    std::size_t taken = 0;
    while (take_varbind(varbinds, varbind, malformed)) {
        if (!take_one(varbind, taken % active_.size(), values, error, detail)) return;
        ++taken;
    }
    if (malformed) {
        error = CycleError::malformed;
        detail = "varbind " + std::to_string(taken + 1);
        return;
    }
    // RFC 3416 section 4.2.3: an agent that has no room gives fewer varbinds, at least one.
    if (taken == 0 && !shrink()) {
        error = CycleError::agent;
        detail = "answers without a varbind";
        return;
    }
    // It cuts its answers: full rows that fit are what to ask for. An answer that ended the table is not cut.
    const bool all_ended =
        std::all_of(columns_.begin(), columns_.end(), [](const Column& c) { return c.ended; });
    if (taken > 0 && !all_ended && taken < asked_ * active_.size()) {
        memory_->max_repetitions =
            std::max<std::uint32_t>(1, static_cast<std::uint32_t>(taken / active_.size()));
    }
    learn(reply_bytes, rows_before);
    finish_if_done();
}

void Walk::learn(std::size_t reply_bytes, std::size_t rows_before) {
    const std::size_t rows = rows_->rows() - rows_before;
    if (rows == 0 || active_.size() != columns_.size() || reply_bytes <= kPduHeadBytes) return;
    const auto bytes = static_cast<std::uint32_t>((reply_bytes - kPduHeadBytes) / rows + 1);
    memory_->bytes_per_row =
        rows >= asked_ ? bytes
                       : std::min(memory_->bytes_per_row == 0 ? bytes : memory_->bytes_per_row, bytes);
}

void Walk::finish_if_done() {
    const bool ended = std::all_of(columns_.begin(), columns_.end(), [](const Column& c) { return c.ended; });
    const auto back = rows_->rows() == 0 ? TableRows::Index{} : rows_->indexes.back();
    const OidBytes last = std::string_view(*arena_).substr(back.offset, back.length);
    const bool exact = exact_tail_ && rows_->rows() == memory_->rows && last == memory_->last_index &&
                       std::all_of(columns_.begin(), columns_.end(),
                                   [&](const Column& c) { return c.ended || c.last_offset == back.offset; });
    if (!ended && !exact) return;
    finished_ = true;
    memory_->rows = static_cast<std::uint32_t>(rows_->rows());
    if (memory_->last_index != last) memory_->last_index = last;
    memory_->known = true;
}

bool Walk::end_column(std::size_t n) {
    if (n >= active_.size()) return false;
    columns_[active_[n]].ended = true;
    finish_if_done();
    return true;
}

bool Walk::shrink() {
    if (asked_ <= 1) return false;
    memory_->max_repetitions = asked_ / 2;
    return true;
}

}  // namespace outstation::snmp
