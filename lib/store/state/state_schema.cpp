// SPDX-License-Identifier: GPL-3.0-or-later
// Schema, migration, meta.
#include "lib/store/state/state_schema.hpp"

#include "lib/store/sqlite/tokenizer.hpp"
#include "lib/store/state/words.hpp"

namespace outstation::store {
namespace {

constexpr std::int64_t kStateFormat = 2;

constexpr const char* kTables = R"sql(CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE fact (
    id INTEGER PRIMARY KEY,
    device TEXT NOT NULL, component TEXT NOT NULL, attribute TEXT NOT NULL,
    value TEXT NOT NULL, reason TEXT NOT NULL, since_ns INTEGER NOT NULL, sequence INTEGER NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    UNIQUE (device, component, attribute));
CREATE TABLE past (
    fact INTEGER NOT NULL, sequence INTEGER NOT NULL,
    value TEXT NOT NULL, reason TEXT NOT NULL, since_ns INTEGER NOT NULL, until_ns INTEGER NOT NULL,
    PRIMARY KEY (fact, sequence)) WITHOUT ROWID;
)sql";
constexpr const char* kIndexes = R"sql(CREATE INDEX past_by_age ON past (sequence);
CREATE VIRTUAL TABLE words USING fts5 (
    device, name, attribute, value, content = 'fact', content_rowid = 'id', tokenize = 'outstation');
)sql";

// Format 1 knew components by their names only: those stay until a record says which they are.
constexpr const char* kFromFormat1 = R"sql(DROP TABLE words;
ALTER TABLE fact ADD COLUMN name TEXT NOT NULL DEFAULT '';
UPDATE fact SET name = component;
)sql";
constexpr const char* kFillWords = "INSERT INTO words (words) VALUES ('rebuild')";

void cut_words(std::string_view text, bool is_query, const std::function<bool(const Token&)>& take) {
    for_each_word(text, is_query ? WordsFor::query : WordsFor::text, [&](const Word& word) {
        return take({word.word, word.begin, word.end, word.same_place});
    });
}

std::string_view octets(const StationId& station) {
    return {station.data(), station.size()};
}

Result<bool> has_tables(const Database& database) {
    auto query = Statement::prepare(database, "SELECT count(*) FROM sqlite_schema");
    if (!query) return fail(query.error());
    if (const auto row = query->step(); !row) return fail(row.error());
    return query->integer(0) != 0;
}

Result<void> make_tables(Database& database, const Identity& identity) {
    auto transaction = Transaction::begin(database);
    if (!transaction) return fail(transaction.error());
    for (const char* sql : {kTables, kIndexes}) {
        if (auto ok = database.execute(sql); !ok) return ok;
    }
    auto insert = Statement::prepare(
        database, "INSERT INTO meta VALUES ('format', ?1), ('station', ?2), ('epoch', ?3), ('applied', 0)");
    if (!insert) return fail(insert.error());
    if (auto ok = insert->bind(1, kStateFormat)
                      .bind_blob(2, octets(identity.station))
                      .bind(3, static_cast<std::int64_t>(identity.epoch))
                      .run();
        !ok)
        return ok;
    return transaction->commit();
}

Result<void> migrate(Database& database) {
    auto transaction = Transaction::begin(database);
    if (!transaction) return fail(transaction.error());
    for (const char* sql :
         {kFromFormat1, kIndexes, kFillWords, "UPDATE meta SET value = 2 WHERE name = 'format'"}) {
        if (auto ok = database.execute(sql); !ok) return ok;
    }
    return transaction->commit();
}

// The numbers of records go on over the border of epochs.
Result<void> take_over(const Database& database, const Identity& identity) {
    auto update = Statement::prepare(database, "UPDATE meta SET value = ?1 WHERE name = 'epoch'");
    if (!update) return fail(update.error());
    return update->bind(1, static_cast<std::int64_t>(identity.epoch)).run();
}

Result<std::uint64_t> check_meta(Database& database, const Epochs& epochs) {
    auto query = Statement::prepare(
        database,
        "SELECT (SELECT value FROM meta WHERE name = 'format'), (SELECT value FROM meta WHERE name = "
        "'station'), "
        "(SELECT value FROM meta WHERE name = 'epoch'), (SELECT value FROM meta WHERE name = 'applied')");
    if (!query) return fail(ErrorCode::malformed, query.error().text);
    const auto row = query->step();
    if (!row) return fail(row.error());
    const std::int64_t format = query->integer(0);
    if (format != kStateFormat && format != 1)
        return fail(ErrorCode::refused,
                    database.path() + ": format " + std::to_string(format) + " is not known to this program");
    const Identity found{epochs.identity.station, static_cast<std::uint64_t>(query->integer(2))};
    if (query->blob(1) != octets(found.station) || !epochs.has(found))
        return fail(ErrorCode::refused, database.path() + ": is of another station or epoch");
    const auto applied = static_cast<std::uint64_t>(query->integer(3));
    query->reset();
    if (found != epochs.identity) {
        if (auto ok = take_over(database, epochs.identity); !ok) return fail(ok.error());
    }
    if (format == 1) {
        if (auto ok = migrate(database); !ok) return fail(ok.error());
    }
    return applied;
}

}  // namespace

Result<std::uint64_t> set_up_states(Database& database, const Epochs& epochs) {
    if (auto ok = add_tokenizer(database, "outstation", cut_words); !ok) return fail(ok.error());
    const auto known = has_tables(database);
    if (!known) return fail(known.error());
    if (!*known) {
        if (auto ok = make_tables(database, epochs.identity); !ok) return fail(ok.error());
    }
    return check_meta(database, epochs);
}

}  // namespace outstation::store
