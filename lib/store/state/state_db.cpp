// SPDX-License-Identifier: GPL-3.0-or-later
// Folding in SQLite: `fact` is what is so now, `past` what was, `words` the full-text index over `fact`.
#include "lib/store/state/state_db.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "lib/store/sqlite/database.hpp"
#include "lib/store/state/change_statements.hpp"
#include "lib/store/state/shares.hpp"
#include "lib/store/state/state_questions.hpp"
#include "lib/store/state/state_schema.hpp"

namespace outstation::store {
namespace {

// Each may touch some pages of its own, which go through the log.
constexpr std::int64_t kRowsATime = 200;
constexpr std::size_t kFactsATime = 20;
constexpr std::size_t kRecordsATime = 100;

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
    Result<bool> forget_others(const std::set<std::string, std::less<>>& devices,
                               std::uint64_t since) override;
    std::vector<std::string> take_left_out() override { return std::exchange(left_out_, {}); }
    Result<std::uint64_t> checkpoint() override;

  private:
    // In one transaction; when it fails nothing is changed.
    template <typename Change>
    [[nodiscard]] Result<void> change(Change change);
    [[nodiscard]] Result<void> apply_new(std::uint64_t first_sequence,
                                         std::span<const wire::StateRecord> records);
    [[nodiscard]] Result<void> fold(Fact fact);
    [[nodiscard]] Result<std::optional<Known>> find(const Fact& fact);
    [[nodiscard]] Result<std::optional<Known>> adopt(const Fact& fact);
    [[nodiscard]] Result<void> rename(Fact& fact);
    [[nodiscard]] Result<void> change_value(const Known& known, Fact fact);
    [[nodiscard]] Result<void> end_component(const Fact& end);
    [[nodiscard]] Result<void> trim_ended(const std::string& device);
    [[nodiscard]] bool has_room(const Fact& fact, std::int64_t facts, std::int64_t octets);
    [[nodiscard]] Result<void> add(const Fact& fact);
    [[nodiscard]] Result<void> replace(const Known& known, const Fact& fact);
    [[nodiscard]] Result<void> keep_past(const Known& known, const Fact& fact);
    [[nodiscard]] Result<void> let_past_go(Statement& remove);
    [[nodiscard]] Result<void> write_words(Statement& statement, std::int64_t id, const Fact& fact);
    [[nodiscard]] Result<bool> has_since(const std::string& device, std::uint64_t since);
    [[nodiscard]] Result<bool> forget_some(const std::string& device, const char* which);
    [[nodiscard]] Result<void> forget(const Known& known);
    [[nodiscard]] Result<std::int64_t> number(const char* sql);

    Database database_;
    std::uint64_t applied_ = 0;
    std::int64_t most_octets_ = 0;
    Shares shares_;
    bool counted_ = false;
    std::vector<std::string> left_out_;
    std::set<std::string> told_left_out_;
    ChangeStatements sql_;
};

Result<void> SqliteStateDb::set_up(const Epochs& epochs) {
    const auto applied = set_up_states(database_, epochs);
    if (!applied) return fail(applied.error());
    applied_ = *applied;
    return sql_.prepare(database_);
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
    const std::span all(records);
    for (std::size_t from = 0; from < all.size(); from += kRecordsATime) {
        const auto some = all.subspan(from, std::min(kRecordsATime, all.size() - from));
        const std::uint64_t last = first_sequence + from + some.size() - 1;
        if (last <= applied_) continue;
        if (auto ok = change([&] { return apply_new(first_sequence + from, some); }); !ok) return ok;
        applied_ = last;
    }
    return {};
}

Result<void> SqliteStateDb::apply_new(std::uint64_t first_sequence,
                                      std::span<const wire::StateRecord> records) {
    std::uint64_t sequence = first_sequence;
    for (const wire::StateRecord& record : records) {
        auto fact = fact_of(sequence, record);
        if (sequence++ <= applied_ || !fact) continue;
        if (auto ok = fold(std::move(*fact)); !ok) return ok;
    }
    return sql_.set_applied.bind(1, static_cast<std::int64_t>(sequence - 1)).run();
}

Result<void> SqliteStateDb::fold(Fact fact) {
    if (fact.attribute.empty()) return end_component(fact);
    if (!fact.component.empty()) {
        if (auto ok = rename(fact); !ok) return ok;
    }
    auto known = find(fact);
    if (known && !*known && !fact.name.empty() && fact.name != fact.component) known = adopt(fact);
    if (!known) return fail(known.error());
    if (!*known) return fact.value.empty() ? Result<void>() : add(fact);
    if ((*known)->fact.value == fact.value && (*known)->fact.reason == fact.reason) return {};
    return change_value(**known, std::move(fact));
}

// One for which there is no room is not known any more, rather than the old one still.
Result<void> SqliteStateDb::change_value(const Known& known, Fact fact) {
    const std::int64_t more = Shares::octets_of(fact) - Shares::octets_of(known.fact);
    if (more <= 0 || has_room(fact, 0, more)) return replace(known, fact);
    if (known.fact.value.empty()) return {};
    fact.value.clear();
    fact.reason.clear();
    if (auto ok = replace(known, fact); !ok) return ok;
    return trim_ended(fact.device);
}

Result<std::optional<Known>> SqliteStateDb::find(const Fact& fact) {
    auto rows = read_facts(sql_.find.bind_text(2, fact.component).bind_text(3, fact.attribute), fact.device);
    if (!rows) return fail(rows.error());
    return rows->empty() ? std::optional<Known>() : std::move(rows->front());
}

// What was known of a component by its name alone is of the first one that says which it is.
Result<std::optional<Known>> SqliteStateDb::adopt(const Fact& fact) {
    if (auto ok =
            sql_.adopt.bind_text(1, fact.device).bind_text(2, fact.name).bind_text(3, fact.component).run();
        !ok)
        return fail(ok.error());
    return find(fact);
}

// A longer name for which there is no room is none.
Result<void> SqliteStateDb::rename(Fact& fact) {
    auto others =
        read_facts(sql_.other_names.bind_text(2, fact.component).bind_text(3, fact.name), fact.device);
    if (!others) return fail(others.error());
    std::int64_t more = 0;
    for (const auto& [id, other] : *others)
        more +=
            2 * (static_cast<std::int64_t>(fact.name.size()) - static_cast<std::int64_t>(other.name.size()));
    if (more > 0 && !has_room(fact, 0, more)) fact.name.clear();
    for (auto& [id, other] : *others) {
        if (other.name == fact.name) continue;
        if (auto ok = write_words(sql_.unindex, id, other); !ok) return ok;
        if (auto ok = sql_.rename.bind(1, id).bind_text(2, fact.name).run(); !ok) return ok;
        const std::int64_t before = Shares::octets_of(other);
        other.name = fact.name;
        shares_.add_fact(fact.device, 0, Shares::octets_of(other) - before);
        if (auto ok = write_words(sql_.index, id, other); !ok) return ok;
    }
    return {};
}

// All that is known of it is past.
Result<void> SqliteStateDb::end_component(const Fact& end) {
    const auto known = read_facts(sql_.of_component.bind_text(2, end.component), end.device);
    if (!known) return fail(known.error());
    for (const Known& each : *known) {
        Fact fact = end;
        fact.attribute = each.fact.attribute;
        fact.name = each.fact.name;
        if (auto ok = replace(each, fact); !ok) return ok;
    }
    return trim_ended(end.device);
}

Result<void> SqliteStateDb::trim_ended(const std::string& device) {
    if (shares_.of(device).ended <= kMaxEnded) return {};
    const auto ok = forget_some(device, "AND value = '' ORDER BY sequence LIMIT ?2");
    return ok ? Result<void>() : fail(ok.error());
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
    sql_.insert.reset();
    const auto row = sql_.insert.bind_text(1, fact.device)
                         .bind_text(2, fact.component)
                         .bind_text(3, fact.attribute)
                         .bind_text(4, fact.value)
                         .bind_text(5, fact.reason)
                         .bind(6, fact.since_ns)
                         .bind(7, static_cast<std::int64_t>(fact.sequence))
                         .bind_text(8, fact.name)
                         .step();
    if (!row) return fail(row.error());
    const std::int64_t id = sql_.insert.integer(0);
    sql_.insert.reset();
    return write_words(sql_.index, id, fact);
}

Result<void> SqliteStateDb::write_words(Statement& statement, std::int64_t id, const Fact& fact) {
    return statement.bind(1, id)
        .bind_text(2, fact.device)
        .bind_text(3, fact.name)
        .bind_text(4, fact.attribute)
        .bind_text(5, fact.value)
        .run();
}

Result<void> SqliteStateDb::keep_past(const Known& known, const Fact& fact) {
    const auto& [id, before] = known;
    if (auto ok = sql_.keep_past.bind(1, id)
                      .bind(2, static_cast<std::int64_t>(before.sequence))
                      .bind_text(3, before.value)
                      .bind_text(4, before.reason)
                      .bind(5, before.since_ns)
                      .bind(6, fact.since_ns)
                      .run();
        !ok)
        return ok;
    shares_.add_past(Shares::past_octets_of(before));
    return let_past_go(sql_.trim_past.bind(1, id).bind(2, std::int64_t{kMaxPast}));
}

// By a statement that tells how much each value took.
Result<void> SqliteStateDb::let_past_go(Statement& remove) {
    return for_each_row(remove, [&] { shares_.add_past(-remove.integer(0)); });
}

Result<void> SqliteStateDb::replace(const Known& known, const Fact& fact) {
    const auto& [id, before] = known;
    shares_.add_fact(fact.device, 0, Shares::octets_of(fact) - Shares::octets_of(before));
    shares_.add_ended(fact.device, int{fact.value.empty()} - int{before.value.empty()});
    if (auto ok = write_words(sql_.unindex, id, before); !ok) return ok;
    if (auto ok = keep_past(known, fact); !ok) return ok;
    if (auto ok = sql_.update.bind(1, id)
                      .bind_text(2, fact.value)
                      .bind_text(3, fact.reason)
                      .bind(4, fact.since_ns)
                      .bind(5, static_cast<std::int64_t>(fact.sequence))
                      .run();
        !ok)
        return ok;
    return write_words(sql_.index, id, fact);
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
        return let_past_go(remove->bind(1, kRowsATime));
    });
    return ok ? Result<bool>(true) : fail(ok.error());
}

Result<bool> SqliteStateDb::has_since(const std::string& device, std::uint64_t since) {
    auto query = Statement::prepare(database_, "SELECT 1 FROM fact WHERE device = ?1 AND sequence >= ?2");
    if (!query) return fail(query.error());
    return query->bind_text(1, device).bind(2, static_cast<std::int64_t>(since)).step();
}

Result<bool> SqliteStateDb::forget_others(const std::set<std::string, std::less<>>& devices,
                                          std::uint64_t since) {
    if (!counted_) {
        if (const auto ok = shares_.count(database_); !ok) return fail(ok.error());
        counted_ = true;
    }
    for (const auto& [device, share] : shares_.devices()) {
        if (devices.contains(device)) continue;
        const auto newer = has_since(device, since);
        if (!newer) return newer;
        if (*newer) continue;
        const auto ok = change([&, name = device]() -> Result<void> {
            const auto more = forget_some(name, "LIMIT ?2");
            if (!more) return fail(more.error());
            if (!*more) shares_.forget(name);
            return {};
        });
        return ok ? Result<bool>(true) : fail(ok.error());
    }
    return false;
}

// False: there are no more.
Result<bool> SqliteStateDb::forget_some(const std::string& device, const char* which) {
    auto query = Statement::prepare(database_, facts_where(which));
    if (!query) return fail(query.error());
    const auto facts = read_facts(query->bind(2, std::int64_t{kFactsATime}), device);
    if (!facts) return fail(facts.error());
    for (const Known& known : *facts) {
        if (auto ok = forget(known); !ok) return fail(ok.error());
    }
    return facts->size() == kFactsATime;
}

// The past first, so that nothing of it stands without its fact.
Result<void> SqliteStateDb::forget(const Known& known) {
    const auto& [id, fact] = known;
    if (auto ok = write_words(sql_.unindex, id, fact); !ok) return ok;
    if (auto ok = let_past_go(sql_.forget_past.bind(1, id)); !ok) return ok;
    shares_.add_fact(fact.device, -1, -Shares::octets_of(fact));
    if (fact.value.empty()) shares_.add_ended(fact.device, -1);
    return sql_.forget.bind(1, id).run();
}

Result<std::uint64_t> SqliteStateDb::checkpoint() {
    if (const auto ok = database_.execute("PRAGMA wal_checkpoint(TRUNCATE)"); !ok) return fail(ok.error());
    const auto pages = number("PRAGMA page_count");
    if (!pages) return fail(pages.error());
    return static_cast<std::uint64_t>(*pages);
}

}  // namespace

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
