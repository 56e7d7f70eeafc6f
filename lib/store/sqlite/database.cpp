// SPDX-License-Identifier: GPL-3.0-or-later
// Opening databases, pragmas, errors and transactions.
#include "lib/store/sqlite/database.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <utility>

#include "lib/store/sqlite/page_checksum.hpp"
#include "lib/store/sqlite/vfs.hpp"

namespace outstation::store {
namespace {

constexpr int kMaxSqlOctets = 16384;
constexpr int kMaxNesting = 64;
constexpr int kLogPages = 256;  // then they are brought into the database

ErrorCode reaction_to(int code) {
    if (code == SQLITE_IOERR_DATA || code == SQLITE_IOERR_CORRUPTFS) return ErrorCode::malformed;
    switch (code & 0xff) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_FORMAT:
            return ErrorCode::malformed;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH:
            return ErrorCode::refused;
        case SQLITE_NOMEM:
        case SQLITE_TOOBIG:
        case SQLITE_FULL:
            return ErrorCode::exhausted;
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
            return ErrorCode::io;
        default:
            return ErrorCode::bug;
    }
}

// Octets of a path that mean something else in a URI.
std::string uri_of(const std::string& path, const std::string& query) {
    std::string out = "file:";
    for (const char c : path) {
        if (c == '%') {
            out += "%25";
        } else if (c == '?') {
            out += "%3f";
        } else if (c == '#') {
            out += "%23";
        } else {
            out += c;
        }
    }
    return out + query;
}

std::string query_of(const DatabaseOptions& options) {
    std::string out = options.page_checksums ? "?checksums=1" : "?checksums=0";
    if (options.access == Access::immutable) return out + "&immutable=1";
    // Nobody else knows a file that is being made in one go.
    return options.durability == Durability::at_once ? out + "&nolock=1" : out;
}

int flags_of(Access access) {
    constexpr int common = SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (access == Access::immutable) return common | SQLITE_OPEN_READONLY;
    if (access == Access::write) return common | SQLITE_OPEN_READWRITE;
    return common | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
}

const char* pragmas_of(const DatabaseOptions& options) {
    if (options.access == Access::immutable) return "PRAGMA query_only=ON";
    switch (options.durability) {
        case Durability::at_once:
            return "PRAGMA journal_mode=OFF; PRAGMA synchronous=FULL";
        case Durability::wal:
            return "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL";
    }
    return "";
}

// The log is emptied with each checkpoint: what stayed of it would be taken for newer than the database after
// a restart, and where a frame of it is damaged meanwhile, that is older. A failure shows again with the
// next.
int after_commit(void*, sqlite3* handle, const char* database, int pages) {
    if (pages >= kLogPages)
        (void)sqlite3_wal_checkpoint_v2(handle, database, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    (void)Vfs::take_error();
    return SQLITE_OK;
}

}  // namespace

Result<Database> Database::open(const Vfs& vfs, const std::string& path, const DatabaseOptions& options) {
    (void)Vfs::take_error();
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(uri_of(path, query_of(options)).c_str(), &handle,
                                     flags_of(options.access), vfs.name().c_str());
    Database out(handle, path);
    if (code != SQLITE_OK) return fail(out.error(code, "open"));
    if (const auto ok = out.set_up(options); !ok) return fail(ok.error());
    return out;
}

Result<void> Database::set_up(const DatabaseOptions& options) {
    const int max_octets = static_cast<int>(std::min<std::uint32_t>(options.max_value_octets, 1U << 30));
    sqlite3_limit(handle_, SQLITE_LIMIT_LENGTH, max_octets);
    sqlite3_limit(handle_, SQLITE_LIMIT_SQL_LENGTH, kMaxSqlOctets);
    sqlite3_limit(handle_, SQLITE_LIMIT_EXPR_DEPTH, kMaxNesting);
    sqlite3_limit(handle_, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(handle_, SQLITE_LIMIT_TRIGGER_DEPTH, 1);
    int reserved = static_cast<int>(kPageChecksumOctets);
    if (options.page_checksums && options.access != Access::immutable)
        sqlite3_file_control(handle_, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
    // First, because nothing may look at a file in WAL mode without shared memory before.
    const bool alone = options.access != Access::immutable;
    const std::string common = std::string(alone ? "PRAGMA locking_mode=EXCLUSIVE;" : "") +
                               "PRAGMA page_size=4096; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; "
                               "PRAGMA temp_store=MEMORY;"
                               "PRAGMA mmap_size=0; PRAGMA secure_delete=OFF; PRAGMA cache_size=-" +
                               std::to_string(options.cache_kib);
    if (const auto ok = execute(common.c_str()); !ok) return ok;
    if (const auto ok = execute(pragmas_of(options)); !ok) return ok;
    if (options.durability == Durability::wal && options.access != Access::immutable)
        sqlite3_wal_hook(handle_, after_commit, nullptr);
    // Not before the pragmas: a defensive connection may not switch its journal off.
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    return {};
}

Database::Database(Database&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), path_(std::move(other.path_)) {}

Database& Database::operator=(Database&& other) noexcept {
    std::swap(handle_, other.handle_);
    std::swap(path_, other.path_);
    return *this;
}

Database::~Database() {
    sqlite3_close_v2(handle_);
}

Result<void> Database::execute(const char* sql) {
    (void)Vfs::take_error();
    const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
    const std::string_view text(sql);
    if (code != SQLITE_OK) return fail(error(code, text.substr(0, text.find_first_of(";\n"))));
    return {};
}

Result<void> Database::close() {
    (void)Vfs::take_error();
    const int code = sqlite3_close(handle_);
    if (code != SQLITE_OK) return fail(error(code, "close"));
    handle_ = nullptr;
    return {};
}

Error Database::error(int code, std::string_view what) const {
    std::string text = path_ + ": " + std::string(what) + ": " + sqlite3_errstr(code);
    if (handle_ != nullptr && (code & 0xff) == SQLITE_ERROR)
        text += std::string(", ") + sqlite3_errmsg(handle_);
    text += " (" + std::to_string(code) + ")";
    ErrorCode reaction = reaction_to(code);
    if (const auto cause = Vfs::take_error()) {
        text += ": " + cause->text;
        const bool told = cause->code == ErrorCode::not_found || cause->code == ErrorCode::exhausted;
        if (told) reaction = cause->code;
    }
    return {reaction, std::move(text)};
}

Result<Transaction> Transaction::begin(Database& database) {
    if (const auto ok = database.execute("BEGIN IMMEDIATE"); !ok) return fail(ok.error());
    return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
    if (database_ != nullptr) (void)database_->execute("ROLLBACK");
}

Result<void> Transaction::commit() {
    const auto ok = database_->execute("COMMIT");
    if (ok) database_ = nullptr;
    return ok;
}

}  // namespace outstation::store
