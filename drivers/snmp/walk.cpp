// SPDX-License-Identifier: GPL-3.0-or-later
// Asking for rows and sorting what comes into them.
#include "drivers/snmp/walk.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace outstation::snmp {
namespace {

constexpr std::uint32_t kMaxRepetitions = 64;
constexpr std::size_t kPduHeadBytes = 24;    // before the varbinds, at most
constexpr std::size_t kMaxTextBytes = 4096;  // of one value; longer text is cut
constexpr std::size_t kMostFirsts = 32;      // columns whose first value is asked for at once
constexpr std::uint8_t kWaryWalks = 8;       // a device that restarts fills its tables by and by

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

// parse_signed() and parse_unsigned() in one load: Varbind says that it is allowed.
template <typename Number>
inline bool load_number(std::string_view content, std::uint64_t& out) {
    const std::size_t size = content.size();
    if (size - 1 > 7) return std::is_unsigned_v<Number> && size == 9 && parse_unsigned(content, out);
    const auto shift = static_cast<unsigned>(64 - 8 * size);
    const auto bits = static_cast<Number>(load_big_endian(content.data() + size) << shift);
    out = static_cast<std::uint64_t>(bits >> shift);
    return true;
}

// False: it is no number, or does not fit its tag; the cell is what it was then.
inline bool store_number(const Tlv& value, Cell& cell) {
    std::uint64_t number = 0;
    switch (value.tag) {
        case Tag::counter64:
            if (!load_number<std::uint64_t>(value.content, number)) return false;
            break;
        case Tag::counter32:
        case Tag::gauge32:
        case Tag::time_ticks:
            if (!load_number<std::uint64_t>(value.content, number) || number > UINT32_MAX) return false;
            break;
        case Tag::integer:
            if (!load_number<std::int64_t>(value.content, number)) return false;
            break;
        default:
            return false;
    }
    cell = {value.tag, 0, number};
    return true;
}

// Of columns and indexes: nearly all have less than 16 bytes, so that a call would cost more than the
// compare.
inline bool is_same(const char* a, const char* b, std::size_t size) {
    constexpr std::size_t kWord = sizeof(std::uint64_t);
    const auto is_word_same = [a, b](std::size_t at) {
        std::uint64_t x = 0;
        std::uint64_t y = 0;
        std::memcpy(&x, a + at, kWord);
        std::memcpy(&y, b + at, kWord);
        return x == y;
    };
    if (size < kWord) {
        for (std::size_t at = 0; at < size; ++at)
            if (a[at] != b[at]) return false;
        return true;
    }
    for (std::size_t at = 0; at + kWord < size; at += kWord)
        if (!is_word_same(at)) return false;
    return is_word_same(size - kWord);  // the last words overlap
}
inline bool is_same(OidBytes a, OidBytes b) {
    return a.size() == b.size() && is_same(a.data(), b.data(), a.size());
}

}  // namespace

bool store_value(const Varbind& varbind, Cell& cell, std::string& arena) {
    const Tlv& value = varbind.value;
    cell = Cell{};
    switch (value.tag) {
        case Tag::integer:
        case Tag::counter32:
        case Tag::gauge32:
        case Tag::time_ticks:
        case Tag::counter64:
            return store_number(value, cell);
        case Tag::oid:
            if (!is_valid_oid(value.content)) return false;
            [[fallthrough]];
        case Tag::octet_string:
        case Tag::ip_address:
        case Tag::opaque: {
            const auto text = value.content.substr(0, kMaxTextBytes);
            cell = {value.tag, static_cast<std::uint32_t>(text.size()), arena.size()};
            arena += text;
            return true;
        }
        default:
            return is_exception(value.tag);
    }
}

void Walk::begin(const Plan::Table& table, TableMemory& memory, TableRows& rows, std::string& arena,
                 Mode mode) {
    table_ = &table;
    memory_ = &memory;
    rows_ = &rows;
    arena_ = &arena;
    rows.indexes.clear();
    rows.cells.clear();
    rows.complete = false;
    columns_.assign(table.columns.size(), Column{});
    by_index_.clear();
    mode_ = {mode.verify || !memory.known || memory.wary > 0, mode.has_bulk};
    by_next_ = table.first_only;
    is_silent_ = false;
    window_ = memory.window;
    if (mode.verify) raise_limits();
    // A table that had no rows is looked into only when verifying.
    finished_ = table.columns.empty() || (!mode_.verify && memory.rows == 0);
}

// What was lowered may have been for a moment only: twice as much is tried. Who has no room says so again.
void Walk::raise_limits() {
    const auto raise = [](std::uint32_t& limit, std::size_t most) {
        limit = limit * 2 > most ? 0 : limit * 2;
    };
    raise(memory_->max_repetitions, kMaxRepetitions);
    raise(memory_->max_columns, table_->columns.size());
}

inline OidBytes Walk::index_at(std::size_t row) const {
    const TableRows::Index& index = rows_->indexes[row];
    return {arena_->data() + index.offset, index.length};
}

OidBytes Walk::last_index(const Column& column) const {
    return column.rows == 0 ? OidBytes(table_->after) : index_at(column.rows - 1);
}

std::uint32_t Walk::repetitions(std::size_t reply_bytes) const {
    if (!uses_bulk()) return 1;
    const std::uint32_t row = memory_->bytes_per_row != 0 ? memory_->bytes_per_row : guess_row_bytes(*table_);
    const std::size_t room = reply_bytes > kPduHeadBytes ? reply_bytes - kPduHeadBytes : 1;
    std::uint32_t n =
        std::clamp<std::uint32_t>(static_cast<std::uint32_t>(room / std::max(row, 1U)), 1, kMaxRepetitions);
    for (const std::uint32_t limit : {memory_->max_repetitions, window_}) {
        if (limit != 0) n = std::min(n, limit);
    }
    return n;
}

// All that go on; when they are too many for an answer, those that are behind.
void Walk::choose_columns() {
    active_.clear();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (!columns_[i].ended) active_.push_back(static_cast<std::uint16_t>(i));
    }
    std::size_t most = memory_->max_columns;
    if (table_->first_only && (most == 0 || most > kMostFirsts)) most = kMostFirsts;
    if (most == 0 || active_.size() <= most) return;
    std::stable_sort(active_.begin(), active_.end(),
                     [this](auto a, auto b) { return columns_[a].rows < columns_[b].rows; });
    active_.resize(most);
}

std::uint32_t Walk::request(BackWriter& out, std::size_t reply_bytes) {
    choose_columns();
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

// An index that is not the expected one: of a new row after the last, or found by a map made on demand.
std::size_t Walk::row_of(OidBytes index) {
    const std::size_t n = rows_->rows();
    if (by_index_.empty()) {  // the rows are in order
        if (n == 0 || compare_oid(index_at(n - 1), index) == std::strong_ordering::less)
            return add_row(index);
        for (std::size_t row = 0; row < n; ++row) by_index_.emplace(std::string(index_at(row)), row);
    }
    const auto it = by_index_.find(std::string(index));
    return it != by_index_.end() ? it->second : add_row(index);
}

// RFC 3416 section 4.2.3: each varbind of a column is after the one before.
bool Walk::is_after(const Column& column, std::size_t row) const {
    if (column.rows == 0)
        return table_->after.empty() ||
               compare_oid(table_->after, index_at(row)) == std::strong_ordering::less;
    if (by_index_.empty()) return row >= column.rows;
    return compare_oid(index_at(column.rows - 1), index_at(row)) == std::strong_ordering::less;
}

CycleError Walk::take_outside(const Varbind& varbind, Column& column) const {
    column.ended = true;
    return is_valid_oid(varbind.oid) ? CycleError::none : CycleError::malformed;
}

// Nearly every varbind: its column runs side by side with another, which has brought the row, and has a
// number. False: it is another, and nothing is taken. Pointers, because checked subscripts cost a third of
// it.
inline bool Walk::take_usual(const Varbind& varbind, std::size_t number) {
    Column& column = columns_.data()[number];
    const std::size_t row = column.rows;
    if (column.ended || row >= rows_->indexes.size() || !by_index_.empty()) return false;
    const std::string& prefix = table_->columns.data()[number];
    const TableRows::Index& index = rows_->indexes.data()[row];
    const char* oid = varbind.oid.data();
    const bool is_expected = varbind.oid.size() == prefix.size() + index.length &&
                             is_same(oid, prefix.data(), prefix.size()) &&
                             is_same(oid + prefix.size(), arena_->data() + index.offset, index.length);
    if (!is_expected || !store_number(varbind.value, rows_->cells.data()[row * columns_.size() + number]))
        return false;
    column.rows = static_cast<std::uint32_t>(row + 1);
    return true;
}

CycleError Walk::take_one(const Varbind& varbind, std::size_t number, std::uint32_t& values) {
    Column& column = columns_[number];
    if (column.ended) return CycleError::none;  // repetitions after its end
    const std::string& prefix = table_->columns[number];
    if (varbind.oid.size() <= prefix.size() || !is_same(varbind.oid.data(), prefix.data(), prefix.size()) ||
        varbind.value.tag == Tag::end_of_mib_view)
        return take_outside(varbind, column);
    const OidBytes index(varbind.oid.data() + prefix.size(), varbind.oid.size() - prefix.size());
    std::size_t row = column.rows;
    const bool is_next = by_index_.empty() && row < rows_->rows() && is_same(index_at(row), index);
    if (!is_next) {
        if (!is_valid_oid(varbind.oid)) return CycleError::malformed;
        row = row_of(index);
        if (!is_after(column, row)) return CycleError::not_increasing;
        if (rows_->rows() > table_->max_rows) return CycleError::endless;
    }
    column.rows = static_cast<std::uint32_t>(row + 1);
    column.ended = table_->first_only || (table_->is_piece && column.rows >= table_->max_rows);
    Cell& cell = rows_->cells[row * columns_.size() + number];
    if (!store_value(varbind, cell, *arena_)) return CycleError::malformed;
    values += cell.present() ? 1 : 0;
    return CycleError::none;
}

std::string Walk::describe(CycleError error, const Varbind& varbind) const {
    if (error == CycleError::endless)
        return "more than " + std::to_string(table_->max_rows) + " rows at " +
               decode_oid(varbind.oid).value_or("an OID");
    return (error == CycleError::malformed ? "value of " : "at ") +
           decode_oid(varbind.oid).value_or("an OID");
}

void Walk::take(Cursor varbinds, std::size_t reply_bytes, std::uint32_t& values, CycleError& error,
                std::string& detail) {
    const std::size_t rows_before = rows_->rows();
    Varbind varbind;
    bool malformed = false;
    std::size_t taken = 0;
    for (std::size_t at = 0; take_raw_varbind(varbinds, varbind, malformed); ++taken) {
        if (!table_->first_only && take_usual(varbind, active_[at])) {
            ++values;
        } else if (error = take_one(varbind, active_[at], values); error != CycleError::none) {
            detail = describe(error, varbind);
            return;
        }
        if (++at == active_.size()) at = 0;
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
    memory_->window = window_;
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
    const std::size_t n = rows_->rows();
    const OidBytes last = n == 0 ? OidBytes{} : index_at(n - 1);
    const bool exact = exact_tail_ && n == memory_->rows && last == memory_->last_index &&
                       std::all_of(columns_.begin(), columns_.end(),
                                   [&](const Column& c) { return c.ended || c.rows == n; });
    if (!ended && !exact) return;
    finished_ = true;
    rows_->complete = ended;
    remember_rows();
    memory_->runaways = 0;
    if (memory_->window != 0 && !is_silent_ && ++memory_->window > kMaxRepetitions) memory_->window = 0;
}

void Walk::remember_rows() {
    const std::size_t n = rows_->rows();
    const OidBytes last = n == 0 ? OidBytes{} : index_at(n - 1);
    if (n < memory_->rows) {
        memory_->wary = kWaryWalks;
    } else if (memory_->wary > 0) {
        --memory_->wary;
    }
    memory_->rows = static_cast<std::uint32_t>(n);
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
    if (asked_ > 1) {
        memory_->max_repetitions = asked_ / 2;
        return true;
    }
    if (active_.size() <= 1) return false;
    memory_->max_columns = static_cast<std::uint32_t>(active_.size() / 2);
    return true;
}

void Walk::on_silence(bool is_last_try) {
    is_silent_ = true;
    if (is_last_try && mode_.has_bulk) by_next_ = true;
    if (!is_last_try && asked_ > 1) window_ = std::max(1U, asked_ / 4);
}

bool Walk::request_next() {
    return uses_bulk() && (by_next_ = true);
}

}  // namespace outstation::snmp
