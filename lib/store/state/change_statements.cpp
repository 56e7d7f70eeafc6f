// SPDX-License-Identifier: GPL-3.0-or-later
// Their texts.
#include "lib/store/state/change_statements.hpp"

#include <utility>

namespace outstation::store {

std::string facts_where(const char* where) {
    return std::string(
               "SELECT id, component, attribute, value, reason, since_ns, sequence, name FROM fact "
               "WHERE device = ?1 ")
        .append(where);
}

Result<std::vector<Known>> read_facts(Statement& query, const std::string& device) {
    query.bind_text(1, device);
    std::vector<Known> out;
    const auto ok = for_each_row(query, [&] {
        out.push_back({query.integer(0),
                       {device, std::string(query.text(1)), std::string(query.text(2)),
                        std::string(query.text(3)), std::string(query.text(4)), query.integer(5), 0,
                        static_cast<std::uint64_t>(query.integer(6)), std::string(query.text(7))}});
    });
    return ok ? Result<std::vector<Known>>(std::move(out)) : fail(ok.error());
}

Result<void> ChangeStatements::prepare(const Database& database) {
    struct Wanted {
        Statement& statement;
        std::string sql;
    };
    const Wanted wanted[] = {
        {find, facts_where("AND component = ?2 AND attribute = ?3")},
        {other_names, facts_where("AND component = ?2 AND name <> ?3")},
        {of_component, facts_where("AND component = ?2 AND value <> ''")},
        {adopt, "UPDATE OR IGNORE fact SET component = ?3 WHERE device = ?1 AND component = ?2"},
        {rename, "UPDATE fact SET name = ?2 WHERE id = ?1"},
        {insert,
         "INSERT INTO fact (device, component, attribute, value, reason, since_ns, sequence, name) "
         "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING id"},
        {update, "UPDATE fact SET value = ?2, reason = ?3, since_ns = ?4, sequence = ?5 WHERE id = ?1"},
        {keep_past,
         "INSERT INTO past (fact, sequence, value, reason, since_ns, until_ns) VALUES (?1, ?2, ?3, ?4, ?5, "
         "?6)"},
        {trim_past,
         "DELETE FROM past WHERE fact = ?1 AND sequence <= "
         "(SELECT sequence FROM past WHERE fact = ?1 ORDER BY sequence DESC LIMIT 1 OFFSET ?2) "
         "RETURNING 48 + length(CAST(value || reason AS BLOB))"},
        {forget_past,
         "DELETE FROM past WHERE fact = ?1 RETURNING 48 + length(CAST(value || reason AS BLOB))"},
        {forget, "DELETE FROM fact WHERE id = ?1"},
        {index, "INSERT INTO words (rowid, device, name, attribute, value) VALUES (?1, ?2, ?3, ?4, ?5)"},
        {unindex,
         "INSERT INTO words (words, rowid, device, name, attribute, value) "
         "VALUES ('delete', ?1, ?2, ?3, ?4, ?5)"},
        {set_applied, "UPDATE meta SET value = ?1 WHERE name = 'applied'"},
    };
    for (const Wanted& want : wanted) {
        auto statement = Statement::prepare(database, want.sql);
        if (!statement) return fail(ErrorCode::malformed, statement.error().text);
        want.statement = std::move(*statement);
    }
    return {};
}

}  // namespace outstation::store
