// SPDX-License-Identifier: GPL-3.0-or-later
// Folding in SQLite: `fact` is what is so now, `past` what was, `words` the full-text index over `fact`.
#include "lib/store/state/state_db.hpp"

#include <utility>

#include "lib/store/sqlite/database.hpp"
#include "lib/store/state/shares.hpp"
#include "lib/store/state/state_questions.hpp"
#include "lib/store/state/state_schema.hpp"

namespace outstation::store {
namespace {

// Each may touch some pages of its own, which go through the log.
constexpr std::int64_t kRowsATime = 200;
constexpr std::size_t kFactsATime = 20;

class SqliteStateDb : public StateDb {
  public:
    explicit SqliteStateDb(Database database) : database_(std::move(database)) {}

    Result<void> set_up(const Epochs& epochs);

    std::uint64_t applied_sequence() const override { return applied_; }
    Result<void> apply(std::uint64_t first_sequence, const std::vector<wire::StateRecord>& records) override;
    Result<Page> now(std::string_view device, const Fact* after, std::uint32_t limit) override {
        return facts_now(database_, device, after, limit);
    }
    Result<Page> at(std::string_view device, std::int64_t wall_ns, const Fact* after,
                    std::uint32_t limit) override {
        return facts_at(database_, device, wall_ns, after, limit);
    }
    Result<Page> history(std::string_view device, std::string_view component, std::string_view attribute,
                         std::uint64_t before_sequence, std::uint32_t limit) override {
        return fact_history(database_, device, component, attribute, before_sequence, limit);
    }
    Result<Page> search(std::string_view typed, std::uint32_t limit) override {
        return find_facts(database_, typed, limit);
    }
    void set_most_octets(std::uint64_t octets) override { most_octets_ = static_cast<std::int64_t>(octets); }
    Result<bool> trim_past() override;
    Result<bool> forget_others(const std::set<std::string, std::less<>>& devices) override;
    std::vector<std::string> take_left_out() override { return std::exchange(left_out_, {}); }
    Result<std::uint64_t> checkpoint() override;

  private:
    [[nodiscard]] Result<void> prepare_changes();
    // In one transaction; when it fails nothing is changed.
    template <typename Change>
    [[nodiscard]] Result<void> change(Change change);
    [[nodiscard]] Result<void> apply_new(std::uint64_t first_sequence,
                                         const std::vector<wire::StateRecord>& records);
    [[nodiscard]] Result<void> fold(const Fact& fact);
    [[nodiscard]] Result<std::int64_t> find(const Fact& fact, Fact& before);
    [[nodiscard]] Result<std::int64_t> adopt(const Fact& fact, Fact& before);
    [[nodiscard]] Result<void> rename(const Fact& fact);
    [[nodiscard]] bool has_room(const Fact& fact, std::int64_t facts, std::int64_t octets);
    [[nodiscard]] Result<void> add(const Fact& fact);
    [[nodiscard]] Result<void> replace(std::int64_t id, const Fact& before, const Fact& fact);
    [[nodiscard]] Result<void> keep_past(std::int64_t id, const Fact& before, const Fact& fact);
    [[nodiscard]] Result<void> write_words(Statement& statement, std::int64_t id, const Fact& fact);
    [[nodiscard]] Result<void> forget_some(const std::string& device);
    [[nodiscard]] Result<std::int64_t> number(const char* sql);

    Database database_;
    std::uint64_t applied_ = 0;
    std::int64_t most_octets_ = 0;
    Shares shares_;
    bool counted_ = false;
    std::vector<std::string> left_out_;
    std::set<std::string> told_left_out_;
    Statement find_;
    Statement adopt_;
    Statement other_names_;
    Statement rename_;
    Statement insert_;
    Statement update_;
    Statement keep_past_;
    Statement trim_past_;
    Statement index_;
    Statement unindex_;
    Statement set_applied_;
};

Result<void> SqliteStateDb::set_up(const Epochs& epochs) {
    const auto applied = set_up_states(database_, epochs);
    if (!applied) return fail(applied.error());
    applied_ = *applied;
    return prepare_changes();
}

Result<void> SqliteStateDb::prepare_changes() {
    struct Wanted {
        Statement& statement;
        std::string_view sql;
    };
    const Wanted wanted[] = {
        {find_,
         "SELECT id, value, reason, since_ns, sequence, name FROM fact WHERE device = ?1 AND component = ?2 "
         "AND "
         "attribute = ?3"},
        {adopt_, "UPDATE OR IGNORE fact SET component = ?3 WHERE device = ?1 AND component = ?2"},
        {other_names_,
         "SELECT id, attribute, value, name FROM fact WHERE device = ?1 AND component = ?2 AND name <> ?3"},
        {rename_, "UPDATE fact SET name = ?2 WHERE id = ?1"},
        {insert_,
         "INSERT INTO fact (device, component, attribute, value, reason, since_ns, sequence, name) "
         "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING id"},
        {update_, "UPDATE fact SET value = ?2, reason = ?3, since_ns = ?4, sequence = ?5 WHERE id = ?1"},
        {keep_past_,
         "INSERT INTO past (fact, sequence, value, reason, since_ns, until_ns) VALUES (?1, ?2, ?3, ?4, ?5, "
         "?6)"},
        {trim_past_,
         "DELETE FROM past WHERE fact = ?1 AND sequence <= "
         "(SELECT sequence FROM past WHERE fact = ?1 ORDER BY sequence DESC LIMIT 1 OFFSET ?2) "
         "RETURNING 48 + length(CAST(value || reason AS BLOB))"},
        {index_, "INSERT INTO words (rowid, device, name, attribute, value) VALUES (?1, ?2, ?3, ?4, ?5)"},
        {unindex_,
         "INSERT INTO words (words, rowid, device, name, attribute, value) "
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

template <typename Change>
Result<void> SqliteStateDb::change(Change change) {
    if (!counted_) {
        if (auto ok = shares_.count(database_); !ok) return ok;
    }
    counted_ = false;
    auto transaction = Transaction::begin(database_);
    if (!transaction) return fail(transaction.error());
    if (auto ok = change(); !ok) return ok;
    auto ok = transaction->commit();
    counted_ = ok.has_value();
    return ok;
}

Result<void> SqliteStateDb::apply(std::uint64_t first_sequence,
                                  const std::vector<wire::StateRecord>& records) {
    const std::uint64_t end = first_sequence + records.size();
    if (records.empty() || end - 1 <= applied_) return {};
    auto ok = change([&] { return apply_new(first_sequence, records); });
    if (ok) applied_ = end - 1;
    return ok;
}

Result<void> SqliteStateDb::apply_new(std::uint64_t first_sequence,
                                      const std::vector<wire::StateRecord>& records) {
    std::uint64_t sequence = first_sequence;
    for (const wire::StateRecord& record : records) {
        const auto fact = fact_of(sequence, record);
        if (sequence++ <= applied_ || !fact) continue;
        if (auto ok = fold(*fact); !ok) return ok;
    }
    return set_applied_.bind(1, static_cast<std::int64_t>(sequence - 1)).run();
}

Result<void> SqliteStateDb::fold(const Fact& fact) {
    if (!fact.component.empty()) {
        if (auto ok = rename(fact); !ok) return ok;
    }
    Fact before;
    auto id = find(fact, before);
    if (id && *id == 0 && fact.name != fact.component) id = adopt(fact, before);
    if (!id) return fail(id.error());
    if (*id == 0) return add(fact);
    if (before.value == fact.value && before.reason == fact.reason) return {};
    return replace(*id, before, fact);
}

// 0: there is none.
Result<std::int64_t> SqliteStateDb::find(const Fact& fact, Fact& before) {
    find_.reset();
    const auto row =
        find_.bind_text(1, fact.device).bind_text(2, fact.component).bind_text(3, fact.attribute).step();
    if (!row) return fail(row.error());
    const std::int64_t id = *row ? find_.integer(0) : 0;
    if (*row) {
        before = fact;
        before.value = find_.text(1);
        before.reason = find_.text(2);
        before.since_ns = find_.integer(3);
        before.sequence = static_cast<std::uint64_t>(find_.integer(4));
        before.name = find_.text(5);
    }
    find_.reset();
    return id;
}

// What was known of a component by its name alone is of the first one that says which it is.
Result<std::int64_t> SqliteStateDb::adopt(const Fact& fact, Fact& before) {
    if (auto ok = adopt_.bind_text(1, fact.device).bind_text(2, fact.name).bind_text(3, fact.component).run();
        !ok)
        return fail(ok.error());
    return find(fact, before);
}

Result<void> SqliteStateDb::rename(const Fact& fact) {
    std::vector<std::pair<std::int64_t, Fact>> others;
    other_names_.reset();
    other_names_.bind_text(1, fact.device).bind_text(2, fact.component).bind_text(3, fact.name);
    for (;;) {
        const auto row = other_names_.step();
        if (!row) return fail(row.error());
        if (!*row) break;
        Fact other = fact;
        other.attribute = other_names_.text(1);
        other.value = other_names_.text(2);
        other.name = other_names_.text(3);
        others.emplace_back(other_names_.integer(0), std::move(other));
    }
    other_names_.reset();
    for (auto& [id, other] : others) {
        if (auto ok = write_words(unindex_, id, other); !ok) return ok;
        if (auto ok = rename_.bind(1, id).bind_text(2, fact.name).run(); !ok) return ok;
        shares_.add_fact(fact.device, 0, 2 * static_cast<std::int64_t>(fact.name.size() - other.name.size()));
        other.name = fact.name;
        if (auto ok = write_words(index_, id, other); !ok) return ok;
    }
    return {};
}

bool SqliteStateDb::has_room(const Fact& fact, std::int64_t facts, std::int64_t octets) {
    const FactShare share = shares_.of(fact.device);
    if (share.facts + facts <= kMaxFacts && share.octets + octets <= kMaxFactOctets &&
        (most_octets_ == 0 || shares_.fact_octets() + octets <= most_octets_ / 2))
        return true;
    if (told_left_out_.insert(fact.device).second) left_out_.push_back(fact.device);
    return false;
}

Result<void> SqliteStateDb::add(const Fact& fact) {
    const std::int64_t octets = Shares::octets_of(fact);
    if (!has_room(fact, 1, octets)) return {};
    shares_.add_fact(fact.device, 1, octets);
    insert_.reset();
    const auto row = insert_.bind_text(1, fact.device)
                         .bind_text(2, fact.component)
                         .bind_text(3, fact.attribute)
                         .bind_text(4, fact.value)
                         .bind_text(5, fact.reason)
                         .bind(6, fact.since_ns)
                         .bind(7, static_cast<std::int64_t>(fact.sequence))
                         .bind_text(8, fact.name)
                         .step();
    if (!row) return fail(row.error());
    const std::int64_t id = insert_.integer(0);
    insert_.reset();
    return write_words(index_, id, fact);
}

Result<void> SqliteStateDb::write_words(Statement& statement, std::int64_t id, const Fact& fact) {
    return statement.bind(1, id)
        .bind_text(2, fact.device)
        .bind_text(3, fact.name)
        .bind_text(4, fact.attribute)
        .bind_text(5, fact.value)
        .run();
}

Result<void> SqliteStateDb::keep_past(std::int64_t id, const Fact& before, const Fact& fact) {
    if (auto ok = keep_past_.bind(1, id)
                      .bind(2, static_cast<std::int64_t>(before.sequence))
                      .bind_text(3, before.value)
                      .bind_text(4, before.reason)
                      .bind(5, before.since_ns)
                      .bind(6, fact.since_ns)
                      .run();
        !ok)
        return ok;
    shares_.add_past(Shares::past_octets_of(before));
    trim_past_.reset();
    trim_past_.bind(1, id).bind(2, std::int64_t{kMaxPast});
    for (;;) {
        const auto row = trim_past_.step();
        if (!row) return fail(row.error());
        if (!*row) break;
        shares_.add_past(-trim_past_.integer(0));
    }
    trim_past_.reset();
    return {};
}

Result<void> SqliteStateDb::replace(std::int64_t id, const Fact& before, const Fact& fact) {
    shares_.add_fact(fact.device, 0, Shares::octets_of(fact) - Shares::octets_of(before));
    if (auto ok = write_words(unindex_, id, before); !ok) return ok;
    if (auto ok = keep_past(id, before, fact); !ok) return ok;
    if (auto ok = update_.bind(1, id)
                      .bind_text(2, fact.value)
                      .bind_text(3, fact.reason)
                      .bind(4, fact.since_ns)
                      .bind(5, static_cast<std::int64_t>(fact.sequence))
                      .run();
        !ok)
        return ok;
    return write_words(index_, id, fact);
}

Result<std::int64_t> SqliteStateDb::number(const char* sql) {
    auto query = Statement::prepare(database_, sql);
    if (!query) return fail(query.error());
    if (const auto row = query->step(); !row) return fail(row.error());
    return query->integer(0);
}

Result<bool> SqliteStateDb::trim_past() {
    if (most_octets_ == 0) return false;
    const auto pages = number("PRAGMA page_count");
    if (!pages) return fail(pages.error());
    const auto free = number("PRAGMA freelist_count");
    if (!free) return fail(free.error());
    constexpr auto kPage = static_cast<std::int64_t>(kPageOctets);
    if ((*pages - *free) * kPage <= most_octets_ || shares_.past_octets() <= most_octets_ / 4) return false;
    const auto ok = change([&]() -> Result<void> {
        auto remove = Statement::prepare(
            database_,
            "DELETE FROM past WHERE sequence <= coalesce((SELECT sequence FROM past ORDER BY sequence "
            "LIMIT 1 OFFSET ?1), 9223372036854775807) RETURNING 48 + length(CAST(value || reason AS BLOB))");
        if (!remove) return fail(remove.error());
        remove->bind(1, kRowsATime);
        for (;;) {
            const auto row = remove->step();
            if (!row) return fail(row.error());
            if (!*row) return {};
            shares_.add_past(-remove->integer(0));
        }
    });
    return ok ? Result<bool>(true) : fail(ok.error());
}

Result<bool> SqliteStateDb::forget_others(const std::set<std::string, std::less<>>& devices) {
    if (!counted_) {
        if (const auto ok = shares_.count(database_); !ok) return fail(ok.error());
        counted_ = true;
    }
    for (const auto& [device, share] : shares_.devices()) {
        if (devices.contains(device)) continue;
        const std::string name = device;
        const auto ok = change([&] { return forget_some(name); });
        return ok ? Result<bool>(true) : fail(ok.error());
    }
    return false;
}

// Past values first, fact by fact, so that nothing of the past stands without its fact.
Result<void> SqliteStateDb::forget_some(const std::string& device) {
    auto query = Statement::prepare(database_,
                                    "SELECT id, name, attribute, value FROM fact WHERE device = ?1 LIMIT ?2");
    if (!query) return fail(query.error());
    query->bind_text(1, device).bind(2, std::int64_t{kFactsATime});
    std::vector<std::pair<std::int64_t, Fact>> facts;
    for (;;) {
        const auto row = query->step();
        if (!row) return fail(row.error());
        if (!*row) break;
        Fact fact;
        fact.device = device;
        fact.name = query->text(1);
        fact.attribute = query->text(2);
        fact.value = query->text(3);
        facts.emplace_back(query->integer(0), std::move(fact));
    }
    query->reset();
    auto past = Statement::prepare(database_, "DELETE FROM past WHERE fact = ?1");
    auto remove = Statement::prepare(database_, "DELETE FROM fact WHERE id = ?1");
    if (!past || !remove) return fail(past ? remove.error() : past.error());
    for (const auto& [id, fact] : facts) {
        if (auto ok = write_words(unindex_, id, fact); !ok) return ok;
        if (auto ok = past->bind(1, id).run(); !ok) return ok;
        if (auto ok = remove->bind(1, id).run(); !ok) return ok;
    }
    return facts.size() < kFactsATime ? shares_.count(database_) : Result<void>();
}

Result<std::uint64_t> SqliteStateDb::checkpoint() {
    if (const auto ok = database_.execute("PRAGMA wal_checkpoint(TRUNCATE)"); !ok) return fail(ok.error());
    const auto pages = number("PRAGMA page_count");
    if (!pages) return fail(pages.error());
    return static_cast<std::uint64_t>(*pages);
}

void name_component(Fact& fact, const wire::StateRecord& record) {
    fact.name = fact.component;
    if (!fact.component.empty() && !record.value.empty()) fact.component = "interface:" + record.value;
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
    name_component(fact, record);
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
