// SPDX-License-Identifier: GPL-3.0-or-later
// One statement a question.
#include "lib/store/state/state_questions.hpp"

#include <algorithm>

#include "lib/store/state/words.hpp"

namespace outstation::store {
namespace {

// The columns that read_fact() expects, with 0 where there is no end.
#define OUTSTATION_NOW                                                                         \
    "fact.device, fact.component, fact.attribute, fact.value, fact.reason, fact.since_ns, 0, " \
    "fact.sequence, "                                                                          \
    "fact.name"
#define OUTSTATION_PAST                                                                                    \
    "fact.device, fact.component, fact.attribute, past.value, past.reason, past.since_ns, past.until_ns, " \
    "past.sequence, fact.name"
constexpr std::string_view kNowAll =
    "SELECT " OUTSTATION_NOW
    " FROM fact WHERE (device, component, attribute) > (?2, ?3, ?4) AND value <> '' "
    "ORDER BY device, component, attribute LIMIT ?5";
constexpr std::string_view kNowOne =
    "SELECT " OUTSTATION_NOW
    " FROM fact WHERE device = ?1 AND (component, attribute) > (?3, ?4) AND value <> '' "
    "ORDER BY component, attribute LIMIT ?5";
// Of each thing the value that was told last: a clock that was wrong for a while makes spans that overlap.
constexpr std::string_view kAt =
    "SELECT " OUTSTATION_NOW
    " FROM fact WHERE device = ?1 AND since_ns <= ?2 AND (component, attribute) > (?3, ?4) AND value <> '' "
    "UNION ALL "
    "SELECT " OUTSTATION_PAST
    " FROM fact JOIN past ON past.fact = fact.id AND past.sequence = "
    "(SELECT max(sequence) FROM past WHERE past.fact = fact.id AND past.since_ns <= ?2) "
    "WHERE device = ?1 AND fact.since_ns > ?2 AND (component, attribute) > (?3, ?4) AND past.value <> '' "
    "ORDER BY 2, 3 LIMIT ?5";
constexpr std::string_view kHistory =
    "SELECT " OUTSTATION_NOW
    " FROM fact WHERE device = ?1 AND component = ?2 AND attribute = ?3 AND fact.sequence < ?4 UNION ALL "
    "SELECT " OUTSTATION_PAST
    " FROM fact JOIN past ON past.fact = fact.id "
    "WHERE device = ?1 AND component = ?2 AND attribute = ?3 AND past.sequence < ?4 ORDER BY 8 DESC LIMIT ?5";
constexpr std::string_view kSearch =
    "SELECT " OUTSTATION_NOW
    " FROM words JOIN fact ON fact.id = words.rowid WHERE words MATCH ?1 AND fact.value <> '' "
    "ORDER BY words.rank, fact.id LIMIT ?2";
#undef OUTSTATION_NOW
#undef OUTSTATION_PAST

Fact read_fact(const Statement& row) {
    return {std::string(row.text(0)), std::string(row.text(1)),
            std::string(row.text(2)), std::string(row.text(3)),
            std::string(row.text(4)), row.integer(5),
            row.integer(6),           static_cast<std::uint64_t>(row.integer(7)),
            std::string(row.text(8))};
}

std::size_t octets_of(const Fact& fact) {
    return sizeof fact + fact.device.size() + fact.component.size() + fact.attribute.size() +
           fact.value.size() + fact.reason.size() + fact.name.size();
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

const Fact& from_place(const Fact* after) {
    static const Fact kStart;
    return after == nullptr ? kStart : *after;
}

}  // namespace

Result<StateDb::Page> facts_now(const Database& database, std::string_view device, const Fact* after,
                                std::uint32_t limit) {
    limit = within_limit(limit);
    const Fact& from = from_place(after);
    auto query = Statement::prepare(database, device.empty() ? kNowAll : kNowOne);
    if (!query) return fail(query.error());
    if (!device.empty()) query->bind_text(1, device);
    if (device.empty()) query->bind_text(2, from.device);
    query->bind_text(3, from.component).bind_text(4, from.attribute).bind(5, std::int64_t{limit} + 1);
    return read_page(*query, limit);
}

Result<StateDb::Page> facts_at(const Database& database, std::string_view device, std::int64_t wall_ns,
                               const Fact* after, std::uint32_t limit) {
    limit = within_limit(limit);
    const Fact& from = from_place(after);
    auto query = Statement::prepare(database, kAt);
    if (!query) return fail(query.error());
    query->bind_text(1, device)
        .bind(2, wall_ns)
        .bind_text(3, from.component)
        .bind_text(4, from.attribute)
        .bind(5, std::int64_t{limit} + 1);
    return read_page(*query, limit);
}

Result<StateDb::Page> fact_history(const Database& database, std::string_view device,
                                   std::string_view component, std::string_view attribute,
                                   std::uint64_t before_sequence, std::uint32_t limit) {
    limit = within_limit(limit);
    auto query = Statement::prepare(database, kHistory);
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

Result<StateDb::Page> find_facts(const Database& database, std::string_view typed, std::uint32_t limit) {
    limit = within_limit(limit);
    const std::string expression = search_expression(typed.substr(0, StateDb::kMaxSearchOctets));
    if (expression.empty()) return StateDb::Page{};
    auto query = Statement::prepare(database, kSearch);
    if (!query) return fail(query.error());
    query->bind_text(1, expression).bind(2, std::int64_t{limit} + 1);
    return read_page(*query, limit);
}

}  // namespace outstation::store
