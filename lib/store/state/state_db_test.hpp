// SPDX-License-Identifier: GPL-3.0-or-later
// The fixture of the tests of state.db, and a file of its former format.
#pragma once

#include <gtest/gtest.h>

#include "lib/store/journal/fake_file_system.hpp"
#include "lib/store/sqlite/database.hpp"
#include "lib/store/sqlite/tokenizer.hpp"
#include "lib/store/sqlite/vfs.hpp"
#include "lib/store/state/state_db.hpp"

namespace outstation::store {

using wire::StateRecord;

inline StateRecord record(std::int64_t wall_ns, const std::string& device, const std::string& kind,
                          const std::string& component = "", const std::string& value = "",
                          const std::string& reason = "") {
    StateRecord out;
    out.device = device;
    out.stamp.wall_ns = wall_ns;
    out.kind = kind;
    out.component = component;
    out.value = value;
    out.reason = reason;
    return out;
}

inline Identity identity(char station = 'a', std::uint64_t epoch = 7) {
    Identity out;
    out.station.fill(station);
    out.epoch = epoch;
    return out;
}

inline std::vector<std::string> lines(const Result<StateDb::Page>& page) {
    if (!page) return {page.error().text};
    std::vector<std::string> out;
    for (const Fact& fact : page->facts) {
        std::string line = fact.device + "|" + fact.component + "|" + fact.attribute + "=" + fact.value;
        if (!fact.reason.empty()) line += "(" + fact.reason + ")";
        line += " #" + std::to_string(fact.sequence) + " " + std::to_string(fact.since_ns);
        if (fact.until_ns != 0) line += ".." + std::to_string(fact.until_ns);
        out.push_back(line);
    }
    if (page->more) out.emplace_back("more");
    return out;
}
using Lines = std::vector<std::string>;

class StateDbTest : public ::testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(files_.make_directory("/d"));
        auto vfs = Vfs::make(files_);
        ASSERT_TRUE(vfs) << vfs.error().text;
        vfs_ = std::move(*vfs);
        reopen();
    }
    void reopen() {
        db_.reset();
        auto db = StateDb::open(*vfs_, "/d/state.db", identity());
        ASSERT_TRUE(db) << db.error().text;
        db_ = std::move(*db);
    }
    void apply(std::uint64_t first, const std::vector<StateRecord>& records) {
        const auto ok = db_->apply(first, records);
        ASSERT_TRUE(ok) << ok.error().text;
    }

    FakeFileSystem files_;
    std::unique_ptr<Vfs> vfs_;
    std::unique_ptr<StateDb> db_;
};

// Components by their names, which were in the index.
inline void make_format_1(const Vfs& vfs, const std::string& path) {
    DatabaseOptions options{Access::write, Durability::wal};
    options.page_checksums = true;
    auto raw = Database::open(vfs, path, options);
    ASSERT_TRUE(raw) << raw.error().text;
    const auto none = [](std::string_view, bool, const std::function<bool(const Token&)>&) {};
    ASSERT_TRUE(add_tokenizer(*raw, "outstation", none));
    for (const char* sql :
         {"DROP TABLE words", "DROP INDEX past_by_age", "UPDATE OR IGNORE fact SET component = name",
          "ALTER TABLE fact DROP COLUMN name",
          "CREATE VIRTUAL TABLE words USING fts5 (device, component, attribute, value, content = 'fact', "
          "content_rowid = 'id', tokenize = 'outstation')",
          "UPDATE meta SET value = 1 WHERE name = 'format'"}) {
        const auto ok = raw->execute(sql);
        ASSERT_TRUE(ok) << ok.error().text;
    }
}

}  // namespace outstation::store
