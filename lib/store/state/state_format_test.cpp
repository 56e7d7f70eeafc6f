// SPDX-License-Identifier: GPL-3.0-or-later
// The worked example of docs/formats/state.md: its records, folded, give its rows.
#include <fstream>

#include "lib/store/state/state_db_test.hpp"

namespace outstation::store {
namespace {

// The lines between "```NAME" and "```" of the page.
Lines example(const std::string& name) {
    std::ifstream file("docs/formats/state.md");
    std::string line;
    while (std::getline(file, line) && line != "```" + name) continue;
    Lines out;
    while (std::getline(file, line) && line != "```") out.push_back(line);
    return out;
}

// Each row of the query as a line, its columns between bars.
void read_rows(const Database& database, const std::string& sql, int columns, Lines& out) {
    auto query = Statement::prepare(database, sql.c_str());
    ASSERT_TRUE(query) << query.error().text;
    for (;;) {
        const auto row = query->step();
        ASSERT_TRUE(row) << row.error().text;
        if (!*row) return;
        std::string line;
        for (int column = 0; column < columns; ++column)
            line += (column == 0 ? "" : "|") + std::string(query->text(column));
        out.push_back(line);
    }
}

TEST_F(StateDbTest, TheExampleOfThePageIsWhatTheFileHolds) {
    auto alias = record(2'000'000'000, "sw-01", "interface_alias", "GE1/0/7", "7");
    alias.text = "上联";
    apply(41, {record(1'000'000'000, "sw-01", "interface_name", "GE1/0/7", "7"), alias,
               record(3'000'000'000, "sw-01", "interface_down", "GE1/0/7", "7", "lowerLayerDown"),
               record(4'000'000'000, "sw-01", "interface_up", "GE1/0/7", "7")});
    db_.reset();
    DatabaseOptions options{Access::write, Durability::wal};
    options.page_checksums = true;
    auto raw = Database::open(*vfs_, "/d/state.db", options);
    ASSERT_TRUE(raw) << raw.error().text;
    Lines rows;
    read_rows(
        *raw,
        "SELECT name, CASE name WHEN 'station' THEN lower(hex(value)) ELSE value END FROM meta ORDER BY name",
        2, rows);
    EXPECT_EQ(rows, example("meta"));
    rows.clear();
    read_rows(*raw,
              "SELECT id, device, component, attribute, value, reason, since_ns, sequence, name FROM fact "
              "ORDER BY id",
              9, rows);
    EXPECT_EQ(rows, example("fact"));
    rows.clear();
    read_rows(*raw,
              "SELECT fact, sequence, value, reason, since_ns, until_ns FROM past ORDER BY fact, sequence", 6,
              rows);
    EXPECT_EQ(rows, example("past"));
}

}  // namespace
}  // namespace outstation::store
