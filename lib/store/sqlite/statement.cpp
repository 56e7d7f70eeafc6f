// SPDX-License-Identifier: GPL-3.0-or-later
// Prepared statements.
#include <sqlite3.h>

#include <utility>

#include "lib/store/sqlite/database.hpp"
#include "lib/store/sqlite/vfs.hpp"

namespace outstation::store {

Result<Statement> Statement::prepare(const Database& database, std::string_view sql) {
    (void)Vfs::take_error();
    sqlite3_stmt* handle = nullptr;
    const int code = sqlite3_prepare_v3(database.handle_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
    if (code != SQLITE_OK) return fail(database.error(code, sql));
    return Statement(&database, handle);
}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_),
      handle_(std::exchange(other.handle_, nullptr)),
      bind_error_(other.bind_error_) {}

Statement& Statement::operator=(Statement&& other) noexcept {
    std::swap(database_, other.database_);
    std::swap(handle_, other.handle_);
    std::swap(bind_error_, other.bind_error_);
    return *this;
}

Statement::~Statement() {
    sqlite3_finalize(handle_);
}

void Statement::note(int code) {
    if (code != SQLITE_OK && bind_error_ == SQLITE_OK) bind_error_ = code;
}

Statement& Statement::bind(int parameter, std::int64_t value) {
    note(sqlite3_bind_int64(handle_, parameter, value));
    return *this;
}

Statement& Statement::bind_text(int parameter, std::string_view text) {
    const char* data = text.data() == nullptr ? "" : text.data();
    note(sqlite3_bind_text64(handle_, parameter, data, text.size(), nullptr, SQLITE_UTF8));
    return *this;
}

Statement& Statement::bind_blob(int parameter, std::string_view bytes) {
    const char* data = bytes.data() == nullptr ? "" : bytes.data();
    note(sqlite3_bind_blob64(handle_, parameter, data, bytes.size(), nullptr));
    return *this;
}

Result<bool> Statement::step() {
    if (bind_error_ != SQLITE_OK) return fail(database_->error(bind_error_, "bind"));
    (void)Vfs::take_error();
    const int code = sqlite3_step(handle_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return fail(database_->error(code, sqlite3_sql(handle_)));
}

Result<void> Statement::run() {
    for (;;) {
        const auto row = step();
        if (row && *row) continue;
        reset();
        if (!row) return fail(row.error());
        return {};
    }
}

void Statement::reset() {
    sqlite3_reset(handle_);
    bind_error_ = SQLITE_OK;
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(handle_, column);
}

std::string_view Statement::text(int column) const {
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
    if (data == nullptr) return {};
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

std::string_view Statement::blob(int column) const {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(handle_, column));
    if (data == nullptr) return {};
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

}  // namespace outstation::store
