// SPDX-License-Identifier: GPL-3.0-or-later
// Backup and restore of a station that rests, of one that goes on, and of what somebody tampered with.
#include <fcntl.h>
#include <pwd.h>
#include <unistd.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <thread>

#include "daemons/ctl/backed_up_test.hpp"
#include "daemons/ctl/backup_source.hpp"
#include "daemons/ctl/station_place.hpp"
#include "lib/store/sqlite/database.hpp"
#include "lib/store/sqlite/vfs.hpp"
#include "lib/store/state/state_db.hpp"

namespace outstation::ctl {
namespace {

TEST_F(BackupTest, AStationThatRestsComesBackAsItWas) {
    {
        const auto journal = open_journal();
        for (int i = 0; i < 500; ++i) ASSERT_TRUE(append(journal->stream(StreamId::state)));
    }
    std::filesystem::create_directories(state() + "/stored/history");
    put(state() + "/stored/history/raw-1.db", std::string(100'000, 'h'));
    const auto before = tree(state());
    put(state() + "/stored/history/raw-2.db.new", "half");
    put(state() + "/stored/history/state.db.aside", "damaged");
    put(state() + "/confd/secrets.key.~wipe", "old");
    put(state() + "/stored/journal/samples.spare", std::string(20'000, '\0'));
    ASSERT_EQ(back_up_now(), kDone) << err_;
    EXPECT_NE(out_.find("of " + state() + " backed up in"), std::string::npos) << out_;
    struct stat info {};
    ASSERT_EQ(stat(at("backup").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    EXPECT_EQ(beside("backup"), 0);
    EXPECT_EQ(content(at("backup")).find("canary"), std::string::npos);
    ASSERT_EQ(restore_to("restored"), kDone) << err_;
    auto after = tree(at("restored"));
    EXPECT_EQ(after.erase("stored/journal/new-epoch"), 1U);
    auto expected = before;
    expected.erase("stored/journal/lock");
    std::erase_if(expected, [](const auto& file) { return file.first.ends_with(".spare"); });
    EXPECT_EQ(after, expected);
    store::Journal::Opened opened;
    const auto journal = open_journal(at("restored"), opened);
    EXPECT_TRUE(opened.damage.empty());
    EXPECT_EQ(journal->stream(StreamId::state).next_sequence(), 501U);
}

TEST_F(BackupTest, AStationThatWasRestoredAndNeverStartedIsBackedUpLikeAnyOther) {
    {
        const auto journal = open_journal();
        ASSERT_TRUE(append(journal->stream(StreamId::state)));
    }
    put(state() + "/stored/journal/new-epoch", "");
    ASSERT_EQ(back_up_now(), kDone) << err_;
    ASSERT_EQ(restore_to("restored"), kDone) << err_;
    EXPECT_EQ(tree(at("restored")).count("stored/journal/new-epoch"), 1U);
}

TEST_F(BackupTest, ARestoreReplacesNothing) {
    ASSERT_EQ(back_up_now(), kDone);
    std::filesystem::create_directories(at("full"));
    put(at("full") + "/mine", "precious");
    EXPECT_EQ(restore_to("full"), kUsage);
    EXPECT_NE(err_.find("not empty"), std::string::npos) << err_;
    EXPECT_EQ(content(at("full") + "/mine"), "precious");
    put(at("file"), "precious");
    EXPECT_EQ(restore_to("file"), kUsage);
    std::filesystem::create_symlink(at("full"), at("link"));
    EXPECT_EQ(restore_to("link"), kUsage);
    std::filesystem::create_directories(at("empty"));
    EXPECT_EQ(restore_to("empty"), kDone) << err_;
    EXPECT_EQ(content(at("empty") + "/confd/secrets.key"), "canary-of-the-key");
    EXPECT_EQ(restore_to("new/one"), kDone) << err_;
}

TEST_F(BackupTest, WhatIsNotWholeGetsNoName) {
    ASSERT_EQ(back_up_now(), kDone);
    const std::string whole = content(at("backup"));
    const auto check = [&] { return said([&] { return check_backup(target(), options()); }); };
    EXPECT_EQ(check(), kDone) << err_;
    EXPECT_NE(out_.find(" files, "), std::string::npos) << out_;
    EXPECT_EQ(restore_to("restored", "wrong"), kFailed);
    EXPECT_NE(err_.find("not its passphrase"), std::string::npos) << err_;
    expect_nothing("restored");
    for (const std::size_t size : {std::size_t{0}, std::size_t{20}, whole.size() / 2, whole.size() - 1}) {
        put(at("backup"), whole.substr(0, size));
        EXPECT_EQ(restore_to("restored"), kFailed) << size;
        expect_nothing("restored");
    }
    for (std::size_t at_octet = 0; at_octet < whole.size(); at_octet += 211) {
        std::string changed = whole;
        changed[at_octet] = static_cast<char>(changed[at_octet] ^ 1);
        put(at("backup"), changed);
        EXPECT_EQ(restore_to("restored"), kFailed) << at_octet;
        EXPECT_EQ(check(), kFailed) << at_octet;
        expect_nothing("restored");
    }
}

TEST_F(BackupTest, WhatAnInterruptedRestoreLeftIsInNobodysWay) {
    ASSERT_EQ(back_up_now(), kDone);
    std::filesystem::create_directories(at("restored.restoring/stored"));
    EXPECT_EQ(restore_to("restored"), kDone) << err_;
    EXPECT_FALSE(std::filesystem::exists(at("restored.restoring")));
}

TEST_F(BackupTest, AHostileBackupStaysInItsDirectory) {
    for (const char* path : {"../evil", "/tmp/outstation-evil", "a/../../evil"}) {
        forge([&](ArchiveWriter& out) {
            ASSERT_TRUE(out.directory({"a", 0700, "", ""}));
            ASSERT_TRUE(out.begin_file({path, 0600, "", ""}));
            ASSERT_TRUE(out.content("evil"));
            ASSERT_TRUE(out.end_file());
        });
        EXPECT_EQ(restore_to("restored"), kFailed) << path;
        EXPECT_NE(err_.find("leads out"), std::string::npos) << err_;
        expect_nothing("restored");
        EXPECT_FALSE(std::filesystem::exists(at("evil")));
        EXPECT_FALSE(std::filesystem::exists("/tmp/outstation-evil"));
    }
    forge([&](ArchiveWriter& out) {
        ASSERT_TRUE(out.begin_file({"program", 06755, "root", "root"}));
        ASSERT_TRUE(out.end_file());
    });
    EXPECT_EQ(restore_to("restored"), kFailed);
    expect_nothing("restored");
}

TEST_F(BackupTest, RootGivesFilesBackToTheirOwners) {
    forge([&](ArchiveWriter& out) {
        ASSERT_TRUE(out.directory({"authd", 0750, "nobody", "nogroup"}));
        ASSERT_TRUE(out.begin_file({"authd/users.yaml", 0640, "nobody", "outstation-nobody-has-this"}));
        ASSERT_TRUE(out.end_file());
    });
    ASSERT_EQ(restore_to("restored"), kDone) << err_;
    struct stat info {};
    ASSERT_EQ(stat((at("restored") + "/authd/users.yaml").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777U, 0640U);
    const passwd* nobody = getpwnam("nobody");
    const bool root = geteuid() == 0 && nobody != nullptr;
    EXPECT_EQ(info.st_uid, root ? nobody->pw_uid : geteuid());
    EXPECT_EQ(err_.find("outstation-nobody-has-this") != std::string::npos, geteuid() == 0) << err_;
    ASSERT_EQ(stat((at("restored") + "/authd").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777U, 0750U);
    EXPECT_EQ(info.st_uid, root ? nobody->pw_uid : geteuid());
}

TEST_F(BackupTest, ABackupThatCannotBeMadeLeavesTheOldOne) {
    put(at("backup"), "old");
    EXPECT_EQ(said([&] { return back_up({"", false, at("missing")}, options()); }), kFailed);
    std::filesystem::create_directories(at("bare"));
    EXPECT_EQ(said([&] { return back_up({"", true, at("bare")}, options()); }), kFailed);
    EXPECT_EQ(nlohmann::json::parse(err_)["error"]["code"], "not_found");
    EXPECT_EQ(content(at("backup")), "old");
    EXPECT_EQ(beside("backup"), 0);
}

TEST_F(BackupTest, APassphraseThatOthersMayReadIsNone) {
    ASSERT_EQ(chmod(at("phrase").c_str(), 0640), 0);
    EXPECT_EQ(back_up_now(), kUsage);
    EXPECT_NE(err_.find("chmod 600"), std::string::npos) << err_;
    for (const char* weak : {"\n", "elevenchars\n"}) {
        put(at("phrase"), weak);
        EXPECT_EQ(back_up_now(), kUsage) << weak;
    }
    EXPECT_EQ(said([&] { return back_up(target(), options("nowhere")); }), kUsage);
}

TEST_F(BackupTest, LinksAreToldAndLeftOut) {
    std::filesystem::create_symlink("/etc/hostname", state() + "/confd/more.yaml");
    EXPECT_EQ(back_up_now(), kDone);
    EXPECT_NE(err_.find("confd/more.yaml"), std::string::npos) << err_;
    ASSERT_EQ(restore_to("restored"), kDone);
    EXPECT_FALSE(std::filesystem::exists(at("restored") + "/confd/more.yaml"));
}

TEST_F(BackupTest, OnlyTheLastSegmentOfAStreamGrows) {
    std::filesystem::create_directories(state() + "/stored/journal");
    for (const std::uint64_t first : {1U, 20U, 300U})
        put(state() + "/stored/journal/" + store::segment_name(StreamId::samples, first), "x");
    put(state() + "/stored/journal/" + store::segment_name(StreamId::state, 7), "x");
    const auto snapshot = open_station(state());
    ASSERT_TRUE(snapshot);
    EXPECT_EQ(growing_segments(*snapshot),
              (std::vector<std::string>{"stored/journal/" + store::segment_name(StreamId::samples, 300),
                                        "stored/journal/" + store::segment_name(StreamId::state, 7)}));
}

// The log begins anew while the database is read: pages of two generations do not fit.
TEST_F(BackupTest, ADatabaseWhoseLogBeganAnewIsReadAgain) {
    put(at("a.db"), std::string(9000, 'd'));
    put(at("a.db-wal"), "generation one, and then some frames of it");
    std::string database;
    std::string log;
    int again = 0;
    bool done = false;
    PairSink sink;
    sink.database = [&](std::string_view bytes) -> Result<void> {
        if (again == 0) put(at("a.db-wal"), "generation two, and then some frames of it");
        if (again == 1) std::filesystem::remove(at("a.db-wal"));
        database += bytes;
        return {};
    };
    sink.begin_log = []() -> Result<void> { return {}; };
    sink.log = [&](std::string_view bytes) -> Result<void> {
        log += bytes;
        return {};
    };
    sink.again = [&](bool had_log) -> Result<void> {
        EXPECT_TRUE(had_log);
        ++again;
        database.clear();
        log.clear();
        return {};
    };
    sink.done = [&](bool had_log) -> Result<void> {
        EXPECT_FALSE(had_log);
        done = true;
        return {};
    };
    ASSERT_TRUE(copy_database(at("a.db"), sink));
    EXPECT_TRUE(done);
    EXPECT_EQ(again, 2);
    EXPECT_EQ(database, std::string(9000, 'd'));
    EXPECT_EQ(log, "");
}

// Pages are written one after the other: no copy may have one without those before it.
TEST_F(BackupTest, AGrowingFileHasNoHoleInIt) {
    constexpr std::size_t kPages = 2000;
    put(at("growing"), std::string(kPages * 4096, '\0'));
    const UniqueFd fd(open(at("growing").c_str(), O_RDWR | O_CLOEXEC));
    std::atomic<std::size_t> written = 0;
    std::thread writer([&] {
        for (std::size_t page = 0; page < kPages; ++page) {
            const std::string bytes(4096, static_cast<char>('a' + page % 26));
            if (pwrite(fd.get(), bytes.data(), bytes.size(), static_cast<off_t>(page * 4096)) == 4096)
                ++written;
        }
    });
    while (written < kPages) {
        const std::size_t before = written;
        const auto bytes = read_growing(fd.get());
        ASSERT_TRUE(bytes);
        const std::size_t end = bytes->find_last_not_of('\0') + 1;
        EXPECT_GE(end, before * 4096);
        EXPECT_EQ(bytes->substr(0, end).find('\0'), std::string::npos);
    }
    writer.join();
}

// A station in full swing: records of two streams, the database of states, history files that come and go.
class BusyStation {
  public:
    BusyStation(store::Journal& journal, store::StateDb& states, std::string history)
        : journal_(journal), states_(states), history_(std::move(history)) {
        thread_ = std::thread([this] {
            while (!stop_) turn();
        });
    }
    ~BusyStation() {
        stop_ = true;
        thread_.join();
    }
    [[nodiscard]] std::uint64_t durable() const { return durable_; }
    [[nodiscard]] bool failed() const { return failed_; }

  private:
    void turn() {
        for (int i = 0; i < 20; ++i) {
            auto& stream = journal_.stream(StreamId::state);
            const std::uint64_t sequence = stream.next_sequence();
            failed_ = failed_ || !append_(stream) || !append_(journal_.stream(StreamId::samples));
            durable_ = sequence;
            failed_ = failed_ || !states_.apply(sequence, {record_(sequence)});
        }
        const std::string name = history_ + "/raw-" + std::to_string(turns_++ % 3) + ".db";
        std::ofstream(name + ".new") << std::string(10'000, 'h');
        std::filesystem::rename(name + ".new", name);
        if (turns_ % 2 == 0) std::filesystem::remove(name);
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }

  public:
    static inline Result<void> (*append_)(store::JournalStream&) = nullptr;
    static inline wire::StateRecord (*record_)(std::uint64_t) = nullptr;

  private:
    store::Journal& journal_;
    store::StateDb& states_;
    std::string history_;
    std::uint64_t turns_ = 0;
    std::atomic<std::uint64_t> durable_ = 0;
    std::atomic<bool> stop_ = false;
    std::atomic<bool> failed_ = false;
    std::thread thread_;
};

TEST_F(BackupTest, AStationThatGoesOnIsBackedUpWhole) {
    for (const char* folder : {"history", "state"})
        std::filesystem::create_directories(state() + "/stored/" + folder);
    const auto journal = open_journal();
    const auto vfs = store::Vfs::make(*files_).value();
    const auto states = store::StateDb::open(*vfs, state() + "/stored/state/state.db", journal->identity());
    ASSERT_TRUE(states) << states.error().text;
    BusyStation::append_ = &BackupTest::append;
    BusyStation::record_ = &BackupTest::state_record;
    BusyStation busy(*journal, **states, state() + "/stored/history");
    for (int round = 0; round < 6; ++round) {
        while (busy.durable() < 200U * static_cast<unsigned>(round) && !busy.failed())
            std::this_thread::yield();
        const std::uint64_t before = busy.durable();
        ASSERT_EQ(back_up_now(), kDone) << err_;
        const std::string name = "restored-" + std::to_string(round);
        ASSERT_EQ(restore_to(name), kDone) << err_;
        store::Journal::Opened opened;
        const auto restored = open_journal(at(name), opened);
        for (const auto& damage : opened.damage) EXPECT_TRUE(damage.tail) << damage.segment << damage.what;
        const std::uint64_t end = restored->stream(StreamId::state).next_sequence();
        EXPECT_GT(end, before);
        auto copy = store::StateDb::open(*vfs, at(name) + "/stored/state/state.db", restored->epochs());
        ASSERT_TRUE(copy) << copy.error().text;
        EXPECT_GE((*copy)->applied_sequence(), before > 0 ? before - 1 : 0);
        EXPECT_LT((*copy)->applied_sequence(), end);
        copy->reset();
        store::DatabaseOptions looking;
        auto database = store::Database::open(*vfs, at(name) + "/stored/state/state.db", looking);
        ASSERT_TRUE(database) << database.error().text;
        auto check = store::Statement::prepare(*database, "PRAGMA integrity_check");
        ASSERT_TRUE(check && check->step().value_or(false));
        EXPECT_EQ(check->text(0), "ok");
    }
    EXPECT_FALSE(busy.failed());
}

TEST_F(BackupTest, OfTwoStationsNeitherIsMeantByItself) {
    const std::string appliance = at("appliance");
    EXPECT_EQ(find_station(at("none"), appliance).directory, appliance);
    EXPECT_EQ(find_station(state(), appliance).directory, state());
    EXPECT_EQ(find_station(state(), appliance).other, "");
    std::filesystem::create_directories(appliance + "/stored");
    EXPECT_EQ(find_station(state(), appliance).directory, state());
    EXPECT_EQ(find_station(state(), appliance).other, appliance);
    EXPECT_EQ(find_station(appliance, appliance).other, "");
}

}  // namespace
}  // namespace outstation::ctl
