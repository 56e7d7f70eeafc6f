// SPDX-License-Identifier: GPL-3.0-or-later
// Facts in SQLite: `fact` is what is so now, `past` what was, `words` the full-text index over `fact`.
#include "lib/store/state/state_db.hpp"

#include <algorithm>
#include <map>

#include "lib/store/sqlite/database.hpp"
#include "lib/store/sqlite/tokenizer.hpp"
#include "lib/store/state/words.hpp"

namespace outstation::store {
namespace {

constexpr std::int64_t kStateFormat = 1;

constexpr const char* kSchema = R"sql(CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE fact (
    id INTEGER PRIMARY KEY,
    device TEXT NOT NULL, component TEXT NOT NULL, attribute TEXT NOT NULL,
    value TEXT NOT NULL, reason TEXT NOT NULL, since_ns INTEGER NOT NULL, sequence INTEGER NOT NULL,
    UNIQUE (device, component, attribute));
CREATE TABLE past (
    fact INTEGER NOT NULL, sequence INTEGER NOT NULL,
    value TEXT NOT NULL, reason TEXT NOT NULL, since_ns INTEGER NOT NULL, until_ns INTEGER NOT NULL,
    PRIMARY KEY (fact, sequence)) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5 (
    device, component, attribute, value, content = 'fact', content_rowid = 'id', tokenize = 'outstation');
)sql";

// The columns that read_fact() expects, with 0 where there is no end.
#define OUTSTATION_NOW \
    "fact.device, fact.component, fact.attribute, fact.value, fact.reason, fact.since_ns, 0, fact.sequence"
#define OUTSTATION_PAST                                                                                    \
    "fact.device, fact.component, fact.attribute, past.value, past.reason, past.since_ns, past.until_ns, " \
    "past.sequence"
constexpr std::string_view kNowAll = "SELECT " OUTSTATION_NOW
                                     " FROM fact WHERE (device, component, attribute) > (?2, ?3, ?4) "
                                     "ORDER BY device, component, attribute LIMIT ?5";
constexpr std::string_view kNowOne = "SELECT " OUTSTATION_NOW
                                     " FROM fact WHERE device = ?1 AND (component, attribute) > (?3, ?4) "
                                     "ORDER BY component, attribute LIMIT ?5";
// Of each thing the value that was told last: a clock that was wrong for a while makes spans that overlap.
constexpr std::string_view kAt =
    "SELECT " OUTSTATION_NOW
    " FROM fact WHERE device = ?1 AND since_ns <= ?2 AND (component, attribute) > (?3, ?4) UNION ALL "
    "SELECT " OUTSTATION_PAST
    " FROM fact JOIN past ON past.fact = fact.id AND past.sequence = "
    "(SELECT max(sequence) FROM past WHERE past.fact = fact.id AND past.since_ns <= ?2) "
    "WHERE device = ?1 AND fact.since_ns > ?2 AND (component, attribute) > (?3, ?4) "
    "ORDER BY 2, 3 LIMIT ?5";
constexpr std::string_view kHistory =
    "SELECT " OUTSTATION_NOW
    " FROM fact WHERE device = ?1 AND component = ?2 AND attribute = ?3 AND fact.sequence < ?4 UNION ALL "
    "SELECT " OUTSTATION_PAST
    " FROM fact JOIN past ON past.fact = fact.id "
    "WHERE device = ?1 AND component = ?2 AND attribute = ?3 AND past.sequence < ?4 ORDER BY 8 DESC LIMIT ?5";
constexpr std::string_view kSearch = "SELECT " OUTSTATION_NOW
                                     " FROM words JOIN fact ON fact.id = words.rowid WHERE words MATCH ?1 "
                                     "ORDER BY words.rank, fact.id LIMIT ?2";
#undef OUTSTATION_NOW
#undef OUTSTATION_PAST

Fact read_fact(const Statement& row) {
    return {std::string(row.text(0)), std::string(row.text(1)),
            std::string(row.text(2)), std::string(row.text(3)),
            std::string(row.text(4)), row.integer(5),
            row.integer(6),           static_cast<std::uint64_t>(row.integer(7))};
}

std::size_t octets_of(const Fact& fact) {
    return sizeof fact + fact.device.size() + fact.component.size() + fact.attribute.size() +
           fact.value.size() + fact.reason.size();
}

Result<StateDb::Page> read_page(Statement& query, std::uint32_t limit) {
    StateDb::Page page;
    for (std::size_t octets = 0;;) {
        const auto row = query.step();
        if (!row) return fail(row.error());
        if (!*row) return page;
        page.more = page.facts.size() == limit || octets > StateDb::kMaxPageOctets;
        if (page.more) return page;
        page.facts.push_back(read_fact(query));
        octets += octets_of(page.facts.back());
    }
}

std::uint32_t within_limit(std::uint32_t limit) {
    return limit == 0 ? StateDb::kMaxRows : std::min(limit, StateDb::kMaxRows);
}

void cut_words(std::string_view text, bool is_query, const std::function<bool(const Token&)>& take) {
    for_each_word(text, is_query ? WordsFor::query : WordsFor::text, [&](const Word& word) {
        return take({word.word, word.begin, word.end, word.same_place});
    });
}

std::string_view octets(const StationId& station) {
    return {station.data(), station.size()};
}

class SqliteStateDb : public StateDb {
  public:
    explicit SqliteStateDb(Database database) : database_(std::move(database)) {}

    Result<void> set_up(const Epochs& epochs);

    std::uint64_t applied_sequence() const override { return applied_; }
    Result<void> apply(std::uint64_t first_sequence, const std::vector<wire::StateRecord>& records) override;
    Result<Page> now(std::string_view device, const Fact* after, std::uint32_t limit) override;
    Result<Page> at(std::string_view device, std::int64_t wall_ns, const Fact* after,
                    std::uint32_t limit) override;
    Result<Page> history(std::string_view device, std::string_view component, std::string_view attribute,
                         std::uint64_t before_sequence, std::uint32_t limit) override;
    Result<Page> search(std::string_view typed, std::uint32_t limit) override;
    Result<bool> trim_past(std::uint64_t most_octets) override;
    Result<std::uint64_t> checkpoint() override;

  private:
    [[nodiscard]] Result<std::int64_t> number(const char* sql);
    [[nodiscard]] Result<bool> has_schema();
    [[nodiscard]] Result<void> make_schema(const Identity& identity);
    [[nodiscard]] Result<void> check_meta(const Epochs& epochs);
    [[nodiscard]] Result<void> take_over(const Identity& identity);
    [[nodiscard]] Result<void> prepare_changes();
    [[nodiscard]] Result<void> fold(const Fact& fact);
    [[nodiscard]] Result<void> add(const Fact& fact);
    [[nodiscard]] Result<void> replace(std::int64_t id, const Fact& before, const Fact& fact);
    [[nodiscard]] Result<std::int64_t*> facts_of(const std::string& device);
    [[nodiscard]] Result<void> apply_new(std::uint64_t first_sequence,
                                         const std::vector<wire::StateRecord>& records);

    Database database_;
    std::uint64_t applied_ = 0;
    std::map<std::string, std::int64_t> facts_of_;  // of devices that had a new fact; empty after a failure
    Statement find_;
    Statement count_;
    Statement insert_;
    Statement update_;
    Statement keep_past_;
    Statement trim_past_;
    Statement index_;
    Statement unindex_;
    Statement set_applied_;
};

Result<void> SqliteStateDb::set_up(const Epochs& epochs) {
    if (auto ok = add_tokenizer(database_, "outstation", cut_words); !ok) return ok;
    const auto known = has_schema();
    if (!known) return fail(known.error());
    if (!*known) {
        if (auto ok = make_schema(epochs.identity); !ok) return ok;
    }
    if (auto ok = check_meta(epochs); !ok) return ok;
    return prepare_changes();
}

Result<bool> SqliteStateDb::has_schema() {
    auto query = Statement::prepare(database_, "SELECT count(*) FROM sqlite_schema");
    if (!query) return fail(query.error());
    if (const auto row = query->step(); !row) return fail(row.error());
    return query->integer(0) != 0;
}

Result<void> SqliteStateDb::make_schema(const Identity& identity) {
    auto transaction = Transaction::begin(database_);
    if (!transaction) return fail(transaction.error());
    if (auto ok = database_.execute(kSchema); !ok) return ok;
    auto insert = Statement::prepare(
        database_, "INSERT INTO meta VALUES ('format', ?1), ('station', ?2), ('epoch', ?3), ('applied', 0)");
    if (!insert) return fail(insert.error());
    if (auto ok = insert->bind(1, kStateFormat)
                      .bind_blob(2, octets(identity.station))
                      .bind(3, static_cast<std::int64_t>(identity.epoch))
                      .run();
        !ok)
        return ok;
    return transaction->commit();
}

Result<void> SqliteStateDb::check_meta(const Epochs& epochs) {
    auto query = Statement::prepare(
        database_,
        "SELECT (SELECT value FROM meta WHERE name = 'format'), (SELECT value FROM meta WHERE name = "
        "'station'), "
        "(SELECT value FROM meta WHERE name = 'epoch'), (SELECT value FROM meta WHERE name = 'applied')");
    if (!query) return fail(ErrorCode::malformed, query.error().text);
    const auto row = query->step();
    if (!row) return fail(row.error());
    if (query->integer(0) != kStateFormat)
        return fail(ErrorCode::refused, database_.path() + ": format " + std::to_string(query->integer(0)) +
                                            " is not known to this program");
    const Identity found{epochs.identity.station, static_cast<std::uint64_t>(query->integer(2))};
    if (query->blob(1) != octets(found.station) || !epochs.has(found))
        return fail(ErrorCode::refused, database_.path() + ": is of another station or epoch");
    applied_ = static_cast<std::uint64_t>(query->integer(3));
    return found == epochs.identity ? Result<void>() : take_over(epochs.identity);
}

// The numbers of records go on over the border of epochs.
Result<void> SqliteStateDb::take_over(const Identity& identity) {
    auto update = Statement::prepare(database_, "UPDATE meta SET value = ?1 WHERE name = 'epoch'");
    if (!update) return fail(update.error());
    return update->bind(1, static_cast<std::int64_t>(identity.epoch)).run();
}

Result<void> SqliteStateDb::prepare_changes() {
    struct Wanted {
        Statement& statement;
        std::string_view sql;
    };
    const Wanted wanted[] = {
        {find_,
         "SELECT id, value, reason, since_ns, sequence FROM fact WHERE device = ?1 AND component = ?2 AND "
         "attribute = ?3"},
        {count_, "SELECT count(*) FROM fact WHERE device = ?1"},
        {insert_,
         "INSERT INTO fact (device, component, attribute, value, reason, since_ns, sequence) "
         "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING id"},
        {update_, "UPDATE fact SET value = ?2, reason = ?3, since_ns = ?4, sequence = ?5 WHERE id = ?1"},
        {keep_past_,
         "INSERT INTO past (fact, sequence, value, reason, since_ns, until_ns) VALUES (?1, ?2, ?3, ?4, ?5, "
         "?6)"},
        {trim_past_,
         "DELETE FROM past WHERE fact = ?1 AND sequence <= "
         "(SELECT sequence FROM past WHERE fact = ?1 ORDER BY sequence DESC LIMIT 1 OFFSET ?2)"},
        {index_,
         "INSERT INTO words (rowid, device, component, attribute, value) VALUES (?1, ?2, ?3, ?4, ?5)"},
        {unindex_,
         "INSERT INTO words (words, rowid, device, component, attribute, value) "
         "VALUES ('delete', ?1, ?2, ?3, ?4, ?5)"},
        {set_applied_, "UPDATE meta SET value = ?1 WHERE name = 'applied'"},
    };
    for (const Wanted& want : wanted) {
        auto statement = Statement::prepare(database_, want.sql);
        if (!statement) return fail(ErrorCode::malformed, statement.error().text);
        want.statement = std::move(*statement);
    }
    return {};
}

Result<void> SqliteStateDb::apply(std::uint64_t first_sequence,
                                  const std::vector<wire::StateRecord>& records) {
    const std::uint64_t end = first_sequence + records.size();
    if (records.empty() || end - 1 <= applied_) return {};
    if (auto ok = apply_new(first_sequence, records); !ok) {
        facts_of_.clear();
        return ok;
    }
    applied_ = end - 1;
    return {};
}

Result<void> SqliteStateDb::apply_new(std::uint64_t first_sequence,
                                      const std::vector<wire::StateRecord>& records) {
    auto transaction = Transaction::begin(database_);
    if (!transaction) return fail(transaction.error());
    std::uint64_t sequence = first_sequence;
    for (const wire::StateRecord& record : records) {
        const auto fact = fact_of(sequence, record);
        if (sequence++ <= applied_ || !fact) continue;
        if (auto ok = fold(*fact); !ok) return ok;
    }
    if (auto ok = set_applied_.bind(1, static_cast<std::int64_t>(sequence - 1)).run(); !ok) return ok;
    return transaction->commit();
}

Result<void> SqliteStateDb::fold(const Fact& fact) {
    find_.reset();
    const auto row =
        find_.bind_text(1, fact.device).bind_text(2, fact.component).bind_text(3, fact.attribute).step();
    if (!row) return fail(row.error());
    if (!*row) {
        find_.reset();
        return add(fact);
    }
    const std::int64_t id = find_.integer(0);
    Fact before = fact;
    before.value = find_.text(1);
    before.reason = find_.text(2);
    before.since_ns = find_.integer(3);
    before.sequence = static_cast<std::uint64_t>(find_.integer(4));
    find_.reset();
    if (before.value == fact.value && before.reason == fact.reason) return {};
    return replace(id, before, fact);
}

Result<std::int64_t*> SqliteStateDb::facts_of(const std::string& device) {
    const auto known = facts_of_.find(device);
    if (known != facts_of_.end()) return &known->second;
    count_.reset();
    if (const auto row = count_.bind_text(1, device).step(); !row) return fail(row.error());
    const std::int64_t facts = count_.integer(0);
    count_.reset();
    return &facts_of_.emplace(device, facts).first->second;
}

Result<void> SqliteStateDb::add(const Fact& fact) {
    const auto facts = facts_of(fact.device);
    if (!facts) return fail(facts.error());
    if (**facts >= kMaxFacts) return {};
    ++**facts;
    insert_.reset();
    const auto row = insert_.bind_text(1, fact.device)
                         .bind_text(2, fact.component)
                         .bind_text(3, fact.attribute)
                         .bind_text(4, fact.value)
                         .bind_text(5, fact.reason)
                         .bind(6, fact.since_ns)
                         .bind(7, static_cast<std::int64_t>(fact.sequence))
                         .step();
    if (!row) return fail(row.error());
    const std::int64_t id = insert_.integer(0);
    insert_.reset();
    return index_.bind(1, id)
        .bind_text(2, fact.device)
        .bind_text(3, fact.component)
        .bind_text(4, fact.attribute)
        .bind_text(5, fact.value)
        .run();
}

Result<void> SqliteStateDb::replace(std::int64_t id, const Fact& before, const Fact& fact) {
    const auto words = [id](Statement& statement, const Fact& of) {
        return statement.bind(1, id)
            .bind_text(2, of.device)
            .bind_text(3, of.component)
            .bind_text(4, of.attribute)
            .bind_text(5, of.value)
            .run();
    };
    if (auto ok = words(unindex_, before); !ok) return ok;
    if (auto ok = keep_past_.bind(1, id)
                      .bind(2, static_cast<std::int64_t>(before.sequence))
                      .bind_text(3, before.value)
                      .bind_text(4, before.reason)
                      .bind(5, before.since_ns)
                      .bind(6, fact.since_ns)
                      .run();
        !ok)
        return ok;
    if (auto ok = trim_past_.bind(1, id).bind(2, std::int64_t{kMaxPast}).run(); !ok) return ok;
    if (auto ok = update_.bind(1, id)
                      .bind_text(2, fact.value)
                      .bind_text(3, fact.reason)
                      .bind(4, fact.since_ns)
                      .bind(5, static_cast<std::int64_t>(fact.sequence))
                      .run();
        !ok)
        return ok;
    return words(index_, fact);
}

const Fact& from_place(const Fact* after) {
    static const Fact kStart;
    return after == nullptr ? kStart : *after;
}

Result<StateDb::Page> SqliteStateDb::now(std::string_view device, const Fact* after, std::uint32_t limit) {
    limit = within_limit(limit);
    const Fact& from = from_place(after);
    auto query = Statement::prepare(database_, device.empty() ? kNowAll : kNowOne);
    if (!query) return fail(query.error());
    if (!device.empty()) query->bind_text(1, device);
    if (device.empty()) query->bind_text(2, from.device);
    query->bind_text(3, from.component).bind_text(4, from.attribute).bind(5, std::int64_t{limit} + 1);
    return read_page(*query, limit);
}

Result<StateDb::Page> SqliteStateDb::at(std::string_view device, std::int64_t wall_ns, const Fact* after,
                                        std::uint32_t limit) {
    limit = within_limit(limit);
    const Fact& from = from_place(after);
    auto query = Statement::prepare(database_, kAt);
    if (!query) return fail(query.error());
    query->bind_text(1, device)
        .bind(2, wall_ns)
        .bind_text(3, from.component)
        .bind_text(4, from.attribute)
        .bind(5, std::int64_t{limit} + 1);
    return read_page(*query, limit);
}

Result<StateDb::Page> SqliteStateDb::history(std::string_view device, std::string_view component,
                                             std::string_view attribute, std::uint64_t before_sequence,
                                             std::uint32_t limit) {
    limit = within_limit(limit);
    auto query = Statement::prepare(database_, kHistory);
    if (!query) return fail(query.error());
    constexpr std::uint64_t kNewest = INT64_MAX;
    query->bind_text(1, device)
        .bind_text(2, component)
        .bind_text(3, attribute)
        .bind(4,
              static_cast<std::int64_t>(before_sequence == 0 ? kNewest : std::min(before_sequence, kNewest)))
        .bind(5, std::int64_t{limit} + 1);
    return read_page(*query, limit);
}

Result<StateDb::Page> SqliteStateDb::search(std::string_view typed, std::uint32_t limit) {
    limit = within_limit(limit);
    const std::string expression = search_expression(typed.substr(0, kMaxSearchOctets));
    if (expression.empty()) return Page{};
    auto query = Statement::prepare(database_, kSearch);
    if (!query) return fail(query.error());
    query->bind_text(1, expression).bind(2, std::int64_t{limit} + 1);
    return read_page(*query, limit);
}

Result<std::int64_t> SqliteStateDb::number(const char* sql) {
    auto query = Statement::prepare(database_, sql);
    if (!query) return fail(query.error());
    if (const auto row = query->step(); !row) return fail(row.error());
    return query->integer(0);
}

Result<bool> SqliteStateDb::trim_past(std::uint64_t most_octets) {
    const auto pages = number("PRAGMA page_count");
    if (!pages) return fail(pages.error());
    const auto free = number("PRAGMA freelist_count");
    if (!free) return fail(free.error());
    if (static_cast<std::uint64_t>(*pages - *free) * kPageOctets <= most_octets) return false;
    const auto oldest = number("SELECT coalesce(min(sequence), 0) FROM past");
    const auto newest = number("SELECT coalesce(max(sequence), 0) FROM past");
    if (!oldest || !newest) return fail(oldest ? newest.error() : oldest.error());
    if (*newest == 0) return false;
    auto remove = Statement::prepare(database_, "DELETE FROM past WHERE sequence <= ?1");
    if (!remove) return fail(remove.error());
    if (const auto ok = remove->bind(1, *oldest + (*newest - *oldest) / 10).run(); !ok)
        return fail(ok.error());
    return true;
}

Result<std::uint64_t> SqliteStateDb::checkpoint() {
    if (const auto ok = database_.execute("PRAGMA wal_checkpoint"); !ok) return fail(ok.error());
    const auto pages = number("PRAGMA page_count");
    if (!pages) return fail(pages.error());
    return static_cast<std::uint64_t>(*pages);
}

}  // namespace

std::optional<Fact> fact_of(std::uint64_t sequence, const wire::StateRecord& record) {
    Fact fact{record.device, record.component,     "state", record.value,
              record.reason, record.stamp.wall_ns, 0,       sequence};
    const std::string_view kind = record.kind;
    if (kind == "attribute") {
        fact.attribute = record.component;
        fact.component.clear();
        return fact;
    }
    const bool up = kind.ends_with("_up");
    if (!up && !kind.ends_with("_down")) return std::nullopt;
    fact.value = up ? "up" : "down";
    if (kind.starts_with("device_")) fact.component.clear();
    return fact;
}

Result<std::unique_ptr<StateDb>> StateDb::open(const Vfs& vfs, const std::string& path,
                                               const Epochs& epochs) {
    DatabaseOptions options;
    options.access = Access::create;
    options.durability = Durability::wal;
    options.page_checksums = true;
    auto database = Database::open(vfs, path, options);
    if (!database) return fail(database.error());
    auto db = std::make_unique<SqliteStateDb>(std::move(*database));
    if (const auto ok = db->set_up(epochs); !ok) return fail(ok.error());
    return db;
}

}  // namespace outstation::store
