// SPDX-License-Identifier: GPL-3.0-or-later
// SQLite on a file system that fails, tears and forgets: what was committed is there, damage is told.
#include <gtest/gtest.h>

#include <filesystem>

#include "lib/store/journal/fake_file_system.hpp"
#include "lib/store/sqlite/database.hpp"
#include "lib/store/sqlite/lock_table.hpp"
#include "lib/store/sqlite/page_checksum.hpp"
#include "lib/store/sqlite/tokenizer.hpp"
#include "lib/store/sqlite/vfs.hpp"

namespace outstation::store {
namespace {

DatabaseOptions writing(Durability durability) {
    DatabaseOptions out;
    out.access = Access::create;
    out.durability = durability;
    out.page_checksums = true;
    return out;
}

DatabaseOptions reading() {
    DatabaseOptions out;
    out.page_checksums = true;
    return out;
}

std::string body_of(std::int64_t row) {
    return std::string(900, static_cast<char>('a' + row % 26));
}

Result<void> insert(Database& database, std::int64_t row) {
    auto transaction = Transaction::begin(database);
    if (!transaction) return fail(transaction.error());
    auto statement = Statement::prepare(database, "INSERT INTO t VALUES(?,?)");
    if (!statement) return fail(statement.error());
    const std::string body = body_of(row);
    if (const auto ok = statement->bind(1, row).bind_blob(2, body).run(); !ok) return ok;
    return transaction->commit();
}

Result<std::int64_t> count(const Database& database) {
    auto statement = Statement::prepare(database, "SELECT id, body FROM t ORDER BY id");
    if (!statement) return fail(statement.error());
    std::int64_t rows = 0;
    for (;;) {
        const auto row = statement->step();
        if (!row) return fail(row.error());
        if (!*row) return rows;
        EXPECT_EQ(statement->integer(0), ++rows);
        EXPECT_EQ(statement->blob(1), body_of(rows));
    }
}

// Inserts rows 1... until something fails; says how many were committed.
std::int64_t insert_until_failure(Vfs& vfs, std::int64_t first, std::int64_t last) {
    auto database = Database::open(vfs, "d/state.db", writing(Durability::wal));
    if (!database || !database->execute("CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, body BLOB)"))
        return first - 1;
    for (std::int64_t row = first; row <= last; ++row) {
        if (!insert(*database, row)) return row - 1;
    }
    return last;
}

TEST(Durable, PowerCutsLoseNoCommittedRow) {
    std::size_t cuts = 0;
    for (std::size_t at = 1;; at += 3) {
        FakeFileSystem files;
        std::mt19937_64 random(at);
        const auto vfs = Vfs::make(files).value();
        ASSERT_EQ(insert_until_failure(*vfs, 1, 3), 3);
        ASSERT_TRUE(files.sync_directory("d"));
        files.cut_power_at(at);
        const std::int64_t committed = insert_until_failure(*vfs, 4, 12);
        const bool uncut = committed == 12;
        files.restart(random);
        auto database = Database::open(*vfs, "d/state.db", writing(Durability::wal));
        ASSERT_TRUE(database) << database.error().text;
        const auto rows = count(*database);
        ASSERT_TRUE(rows) << rows.error().text;
        // The transaction under way when the power went may be there or not.
        EXPECT_GE(*rows, committed) << "cut at " << at;
        EXPECT_LE(*rows, committed + 1) << "cut at " << at;
        if (uncut) break;
        ++cuts;
    }
    EXPECT_GT(cuts, 10U);
}

TEST(Durable, AFailedOperationIsToldAndNothingCommittedIsLost) {
    std::size_t failed = 0, told = 0;
    for (std::size_t at = 1;; ++at) {
        FakeFileSystem files;
        const auto vfs = Vfs::make(files).value();
        ASSERT_EQ(insert_until_failure(*vfs, 1, 3), 3);
        const std::size_t before = files.operations();
        files.fail_operation(at);
        const std::int64_t committed = insert_until_failure(*vfs, 4, 8);
        const bool hit = files.operations() - before >= at;
        files.fail_operation(1'000'000);
        if (!hit) break;
        ++failed;
        told += committed < 8;
        auto database = Database::open(*vfs, "d/state.db", writing(Durability::wal));
        ASSERT_TRUE(database) << database.error().text;
        const auto rows = count(*database);
        ASSERT_TRUE(rows) << rows.error().text;
        EXPECT_GE(*rows, committed) << "failed at " << at;
        EXPECT_LE(*rows, std::min<std::int64_t>(committed + 1, 8)) << "failed at " << at;
    }
    EXPECT_GT(failed, 10U);
    EXPECT_GT(told, failed * 2 / 3) << "what fails while the database closes is not told";
}

// The rig must be able to fail.
TEST(Durable, WithoutSyncsCommittedRowsAreLost) {
    bool lost = false;
    for (std::uint64_t seed = 1; seed < 50 && !lost; ++seed) {
        FakeFileSystem files;
        std::mt19937_64 random(seed);
        const auto vfs = Vfs::make(files).value();
        ASSERT_EQ(insert_until_failure(*vfs, 1, 3), 3);
        ASSERT_TRUE(files.sync_directory("d"));
        files.ignore_syncs(true);
        ASSERT_EQ(insert_until_failure(*vfs, 4, 12), 12);
        files.restart(random);
        files.ignore_syncs(false);
        auto database = Database::open(*vfs, "d/state.db", writing(Durability::wal));
        if (!database) {
            lost = true;
            continue;
        }
        auto statement = Statement::prepare(*database, "SELECT count(*) FROM t");
        const auto row = statement ? statement->step() : Result<bool>(fail(statement.error()));
        lost = !row || !*row || statement->integer(0) < 12;
    }
    EXPECT_TRUE(lost);
}

// A file made in one go, closed.
void make_file(Vfs& vfs, std::int64_t rows) {
    auto database = Database::open(vfs, "d/h.db", writing(Durability::at_once)).value();
    ASSERT_TRUE(database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, body BLOB)"));
    auto transaction = Transaction::begin(database).value();
    auto statement = Statement::prepare(database, "INSERT INTO t VALUES(?,?)").value();
    for (std::int64_t row = 1; row <= rows; ++row) {
        const std::string body = body_of(row);
        ASSERT_TRUE(statement.bind(1, row).bind_blob(2, body).run());
    }
    const auto committed = transaction.commit();
    ASSERT_TRUE(committed) << committed.error().text;
}

TEST(PageChecksums, AnyFlippedBitIsFoundWhenThePageIsRead) {
    FakeFileSystem files;
    const auto vfs = Vfs::make(files).value();
    make_file(*vfs, 40);
    const std::string good = files.contents("d/h.db");
    ASSERT_EQ(good.size() % kPageOctets, 0U);
    std::size_t found = 0, tried = 0;
    for (std::size_t bit = 5; bit < good.size() * 8; bit += 1009) {
        std::string bad = good;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
        files.set_contents("d/h.db", bad);
        auto database = Database::open(*vfs, "d/h.db", reading());
        const auto rows = database ? count(*database) : Result<std::int64_t>(fail(database.error()));
        ++tried;
        if (rows) continue;
        ++found;
        EXPECT_EQ(rows.error().code, ErrorCode::malformed) << rows.error().text;
    }
    EXPECT_EQ(found, tried);
    EXPECT_GT(tried, 300U);
}

TEST(PageChecksums, APageInAnotherPlaceIsDamage) {
    std::string page(kPageOctets, 'x');
    seal_page(page, 7);
    EXPECT_TRUE(page_is_whole(page, 7));
    EXPECT_FALSE(page_is_whole(page, 8));
    EXPECT_FALSE(page_is_whole("", 0));
}

TEST(PageChecksums, ThePageThatSqliteNeverWritesHasNone) {
    const std::string page(kPageOctets, '\0');
    EXPECT_TRUE(page_is_whole(page, 262'144));
    EXPECT_FALSE(page_is_whole(page, 262'143));
    EXPECT_FALSE(page_is_whole(page, 0));
}

TEST(Databases, AFileMadeInOneGoIsDurableAtCommit) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        FakeFileSystem files;
        std::mt19937_64 random(seed);
        const auto vfs = Vfs::make(files).value();
        make_file(*vfs, 40);
        ASSERT_TRUE(files.sync_directory("d"));
        files.restart(random);
        auto database = Database::open(*vfs, "d/h.db", reading());
        ASSERT_TRUE(database) << database.error().text;
        EXPECT_EQ(count(*database).value_or(0), 40);
        EXPECT_EQ(files.paths(), std::vector<std::string>{"d/h.db"});
    }
}

TEST(Databases, ErrorsNameFileReasonAndCode) {
    FakeFileSystem files;
    const auto vfs = Vfs::make(files).value();
    const auto missing = Database::open(*vfs, "d/none.db", reading());
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::not_found);
    EXPECT_NE(missing.error().text.find("d/none.db"), std::string::npos);

    auto database = Database::open(*vfs, "d/a.db", writing(Durability::wal)).value();
    ASSERT_TRUE(database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, body BLOB)"));
    EXPECT_EQ(database.execute("SELEKT").error().code, ErrorCode::bug);
    files.fail_operation(1);
    const auto failed = insert(database, 1);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, ErrorCode::io);
    EXPECT_NE(failed.error().text.find("injected failure"), std::string::npos) << failed.error().text;
}

TEST(Databases, AFullDiskIsNotAFailingOne) {
    FakeFileSystem files;
    const auto vfs = Vfs::make(files).value();
    auto database = Database::open(*vfs, "d/a.db", writing(Durability::wal)).value();
    ASSERT_TRUE(database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, body BLOB)"));
    files.set_capacity(files.octets());
    EXPECT_EQ(insert(database, 1).error().code, ErrorCode::exhausted);
    files.set_capacity(UINT64_MAX);
    EXPECT_TRUE(insert(database, 1));
}

TEST(Databases, RubbishIsMalformedAndAValueHasALimit) {
    FakeFileSystem files;
    const auto vfs = Vfs::make(files).value();
    (void)files.open("d/h.db", FileSystem::Mode::create);
    files.set_contents("d/h.db", std::string(3 * kPageOctets, 'z'));
    auto rubbish = Database::open(*vfs, "d/h.db", reading());
    const auto rows = rubbish ? count(*rubbish) : Result<std::int64_t>(fail(rubbish.error()));
    ASSERT_FALSE(rows);
    EXPECT_EQ(rows.error().code, ErrorCode::malformed) << rows.error().text;

    DatabaseOptions small = writing(Durability::wal);
    small.max_value_octets = 5000;
    auto database = Database::open(*vfs, "d/b.db", small).value();
    ASSERT_TRUE(database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, body BLOB)"));
    auto statement = Statement::prepare(database, "INSERT INTO t VALUES(1,?)").value();
    const std::string large(6000, 'x');
    const auto stored = statement.bind_blob(1, large).run();
    ASSERT_FALSE(stored);
    EXPECT_EQ(stored.error().code, ErrorCode::exhausted);
}

TEST(Databases, FullTextSearchOnAFileThatCannotBeReadTellsThat) {
    FakeFileSystem files;
    const auto vfs = Vfs::make(files).value();
    {
        auto database = Database::open(*vfs, "/a.db", {Access::create}).value();
        ASSERT_TRUE(database.execute("CREATE TABLE t (x)"));
    }
    auto database = Database::open(*vfs, "/a.db", {Access::immutable}).value();
    files.fail_reads("/a.db");
    const auto nothing = [](std::string_view, bool, const std::function<bool(const Token&)>&) {};
    EXPECT_EQ(add_tokenizer(database, "ours", nothing).error().text.find("FTS5"), std::string::npos);
}

TEST(Databases, PathsWithSignsOfAUriStayPaths) {
    FakeFileSystem files;
    const auto vfs = Vfs::make(files).value();
    const std::string path = "d/50%25?a#b.db";
    {
        auto database = Database::open(*vfs, path, writing(Durability::wal)).value();
        ASSERT_TRUE(database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, body BLOB)"));
    }
    EXPECT_EQ(files.paths(), std::vector<std::string>{path});
}

TEST(Databases, AnotherProcessIsRefused) {
    FakeFileSystem files;
    const auto ours = Vfs::make(files).value();
    const auto theirs = Vfs::make(files).value();
    auto one = Database::open(*ours, "d/a.db", writing(Durability::wal)).value();
    ASSERT_TRUE(one.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, body BLOB)"));
    auto two = Database::open(*theirs, "d/a.db", writing(Durability::wal));
    const auto wrote = two ? two->execute("CREATE TABLE u(id)") : Result<void>(fail(two.error()));
    ASSERT_FALSE(wrote);
    EXPECT_EQ(wrote.error().code, ErrorCode::refused) << wrote.error().text;
}

TEST(Locks, FollowTheFiveLevels) {
    FakeFileSystem files;
    LockTable locks(files);
    const int a = 0, b = 0, c = 0;
    LockLevel of_a = LockLevel::none, of_b = LockLevel::none, of_c = LockLevel::none;
    ASSERT_TRUE(locks.raise("f", &a, of_a, LockLevel::shared));
    ASSERT_TRUE(locks.raise("f", &b, of_b, LockLevel::shared));
    ASSERT_TRUE(locks.raise("f", &a, of_a, LockLevel::reserved));
    EXPECT_TRUE(locks.reserved("f"));
    EXPECT_FALSE(locks.raise("f", &b, of_b, LockLevel::reserved));
    EXPECT_FALSE(locks.raise("f", &a, of_a, LockLevel::exclusive));
    EXPECT_EQ(of_a, LockLevel::pending);
    EXPECT_FALSE(locks.raise("f", &c, of_c, LockLevel::shared)) << "no new readers while one waits to write";
    locks.lower("f", &b, of_b, LockLevel::none);
    ASSERT_TRUE(locks.raise("f", &a, of_a, LockLevel::exclusive));
    locks.lower("f", &a, of_a, LockLevel::shared);
    ASSERT_TRUE(locks.raise("f", &c, of_c, LockLevel::shared));
    locks.lower("f", &a, of_a, LockLevel::none);
    locks.lower("f", &c, of_c, LockLevel::none);
    EXPECT_TRUE(files.lock("f-lock")) << "let go with the last one";
}

TEST(Databases, WorkOnTheSystemsFiles) {
    const auto directory = std::filesystem::path(testing::TempDir()) / "outstation-sqlite-test";
    std::filesystem::remove_all(directory);
    std::filesystem::create_directory(directory);
    const auto files = make_real_file_system();
    const auto vfs = Vfs::make(*files).value();
    const std::string path = (directory / "a.db").string();
    for (int times = 0; times < 2; ++times) {
        auto database = Database::open(*vfs, path, writing(Durability::wal)).value();
        ASSERT_TRUE(database.execute("CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, body BLOB)"));
        const std::int64_t before = count(database).value();
        for (std::int64_t row = before + 1; row <= before + 20; ++row) ASSERT_TRUE(insert(database, row));
        EXPECT_EQ(count(database).value(), before + 20);
        ASSERT_TRUE(database.close());
    }
    std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace outstation::store
