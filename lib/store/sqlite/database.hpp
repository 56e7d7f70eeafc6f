// SPDX-License-Identifier: GPL-3.0-or-later
// SQLite behind three small objects that let go by themselves: Database, Statement, Transaction. The pragmas
// are ours and always said. Errors name the file, what was tried and SQLite's code:
//   io        a read, write or sync failed, or the disk is full
//   malformed the file is damaged or not a database
//   refused   locked, read-only
//   not_found the file does not exist
//   exhausted memory, or a value above max_value_octets
//   bug       SQLite does not accept our statement (on a foreign file: it is not ours)
// Threads: a Database and its statements are used by one thread at a time. Ownership: the Database outlives
// its statements and is not moved while there are any; the Vfs outlives the Database.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "lib/model/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace outstation::store {

class Vfs;
struct Token;
using Tokenize =
    std::function<void(std::string_view text, bool is_query, const std::function<bool(const Token&)>& take)>;

inline constexpr std::size_t kPageOctets = 4096;

enum class Access : std::uint8_t {
    immutable,  // read; nobody changes the file while it is open; no locks
    write,      // read and write an existing file
    create,     // write; made when it does not exist
};

enum class Durability : std::uint8_t {
    at_once,  // no journal: a failed transaction ruins the file. Commit is one write of each page and one
              // sync.
    wal,      // write-ahead log, synchronous FULL; one connection holds the file until it closes
};

struct DatabaseOptions {
    Access access = Access::immutable;
    Durability durability = Durability::at_once;  // no meaning for immutable
    // Each page ends with a checksum that is verified when it is read (docs/formats/history.md). A file is
    // opened with the setting that it was made with.
    bool page_checksums = false;
    std::uint32_t cache_kib = 256;
    std::uint32_t max_value_octets = 64U << 20;  // of a text, a blob or a row
};

class Database {
  public:
    [[nodiscard]] static Result<Database> open(const Vfs& vfs, const std::string& path,
                                               const DatabaseOptions& options);
    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    ~Database();

    // Statements without parameters and rows, separated by semicolons.
    [[nodiscard]] Result<void> execute(const char* sql);
    // Closes and says what failed; the destructor closes silently. All statements must be gone.
    [[nodiscard]] Result<void> close();
    [[nodiscard]] const std::string& path() const { return path_; }
    // For statements: the error of the last call, "PATH: what: SQLite's words (code)".
    [[nodiscard]] Error error(int code, std::string_view what) const;

  private:
    friend class Statement;
    friend Result<void> add_tokenizer(Database& database, const char* name, Tokenize tokenize);
    Database(sqlite3* handle, std::string path) : handle_(handle), path_(std::move(path)) {}
    [[nodiscard]] Result<void> set_up(const DatabaseOptions& options);

    sqlite3* handle_ = nullptr;
    std::string path_;
};

class Statement {
  public:
    // Nothing yet: only assignment may follow.
    Statement() = default;
    // One statement; parameters are numbered from 1.
    [[nodiscard]] static Result<Statement> prepare(const Database& database, std::string_view sql);
    Statement(Statement&&) noexcept;
    Statement& operator=(Statement&&) noexcept;
    ~Statement();

    // Texts and blobs are not copied: they must live until reset() or the end.
    Statement& bind(int parameter, std::int64_t value);
    Statement& bind_text(int parameter, std::string_view text);
    Statement& bind_blob(int parameter, std::string_view bytes);

    // True: there is a row; false: done. Fails also when a bind failed before.
    [[nodiscard]] Result<bool> step();
    // Steps to the end and resets; rows are left out.
    [[nodiscard]] Result<void> run();
    // Ready for other parameters.
    void reset();

    // Columns of the present row, from 0. Views hold until the next step or reset. A column of another type
    // is converted as SQLite does.
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] std::string_view text(int column) const;
    [[nodiscard]] std::string_view blob(int column) const;

  private:
    Statement(const Database* database, sqlite3_stmt* handle) : database_(database), handle_(handle) {}
    void note(int code);

    const Database* database_ = nullptr;
    sqlite3_stmt* handle_ = nullptr;
    int bind_error_ = 0;
};

// Rolls back unless committed. With Durability::at_once a rollback is not possible: throw the file away.
class Transaction {
  public:
    [[nodiscard]] static Result<Transaction> begin(Database& database);
    Transaction(Transaction&&) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();
    // Durable when this returns well. After a failure the transaction is rolled back.
    [[nodiscard]] Result<void> commit();

  private:
    explicit Transaction(Database& database) : database_(&database) {}
    Database* database_;
};

}  // namespace outstation::store
