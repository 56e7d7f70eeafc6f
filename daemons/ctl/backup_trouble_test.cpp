// SPDX-License-Identifier: GPL-3.0-or-later
// What happens to a backup or a restore while it is made: another key, a disk that fails, a second run,
// signals.
#include <sys/mount.h>

#include <csignal>

#include "daemons/ctl/backed_up_test.hpp"
#include "daemons/ctl/new_file.hpp"
#include "daemons/ctl/restore_place.hpp"
#include "lib/crypto/private_file.hpp"
#include "lib/crypto/wiped_file.hpp"

namespace outstation::ctl {
namespace {

// What confd does for `outstation secret rekey`, after everything was opened.
TEST_F(BackupTest, AKeyThatIsChangedMeanwhileIsTheOneOfTheSecretsInIt) {
    const std::string key = state() + "/confd/secrets.key";
    ASSERT_EQ(back_up_while([&] {
                  std::filesystem::create_hard_link(key, key + ".~wipe");
                  ASSERT_TRUE(crypto::write_private_file(key, "the-next-key"));
                  ASSERT_TRUE(crypto::finish_wipe(key + ".~wipe"));
              }),
              kDone)
        << err_;
    ASSERT_EQ(restore_to("restored"), kDone) << err_;
    EXPECT_EQ(content(at("restored") + "/confd/secrets.key"), "canary-of-the-key");
}

TEST_F(BackupTest, WhatTheDiskDoesNotGiveIsToldAndTheRestIsBackedUp) {
    std::filesystem::create_directories(state() + "/stored/history");
    put(state() + "/stored/history/b-broken.db", std::string(100'000, 'b'));
    put(state() + "/stored/history/c-whole.db", std::string(100'000, 'c'));
    EXPECT_EQ(back_up_while([] { break_open_file("b-broken.db"); }), kFailed);
    EXPECT_NE(err_.find("does not give it: stored/history/b-broken.db"), std::string::npos) << err_;
    EXPECT_NE(err_.find("backed up in"), std::string::npos) << err_;
    ASSERT_EQ(restore_to("restored"), kDone) << err_;
    EXPECT_FALSE(std::filesystem::exists(at("restored") + "/stored/history/b-broken.db"));
    EXPECT_EQ(content(at("restored") + "/stored/history/c-whole.db"), std::string(100'000, 'c'));
    EXPECT_EQ(content(at("restored") + "/confd/secrets.key"), "canary-of-the-key");
}

// Without the users' file it would be no station.
TEST_F(BackupTest, WithoutAFileOfAnotherDaemonThereIsNoBackup) {
    std::filesystem::create_directories(state() + "/authd");
    put(state() + "/authd/users.yaml", "users");
    EXPECT_EQ(back_up_while([] { break_open_file("users.yaml"); }), kFailed);
    EXPECT_NE(err_.find("authd/users.yaml"), std::string::npos) << err_;
    EXPECT_EQ(restore_to("restored"), kFailed);
    expect_nothing("restored");
}

TEST_F(BackupTest, TwoBackupsOfOneNameAreWholeEach) {
    put(at("backup.new"), "somebody's own");
    {
        auto other = NewFile::make(at("backup"));  // of a run that is under way
        ASSERT_TRUE(other);
        ASSERT_TRUE(other->write("half"));
        ASSERT_EQ(back_up_now(), kDone) << err_;
        ASSERT_EQ(restore_to("restored"), kDone) << err_;
        ASSERT_TRUE(other->write(" and the rest"));
        ASSERT_TRUE(other->commit());
        EXPECT_EQ(content(at("backup")), "half and the rest");
    }
    EXPECT_EQ(content(at("backup.new")), "somebody's own");
    EXPECT_EQ(beside("backup"), 1);
}

TEST_F(BackupTest, ABackupThatIsInterruptedLeavesNothing) {
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        const SignalsOfThisProcess signals;
        EXPECT_EQ(back_up_while([&] {
                      EXPECT_EQ(came, 0);
                      kill(getpid(), number);
                  }),
                  kFailed);
        EXPECT_NE(err_.find("interrupted"), std::string::npos) << err_;
        EXPECT_EQ(came, number);
    }
}

TEST_F(BackupTest, ARestoreThatIsInterruptedLeavesNothing) {
    ASSERT_EQ(back_up_while([] {}), kDone);
    const std::string whole = content(at("backup"));
    const SignalsOfThisProcess signals;
    (void)signal(SIGPIPE, SIG_IGN);  // of the feeder
    int ends[2];
    ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
    const UniqueFd before(dup(STDIN_FILENO));
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    std::thread feeder([&] {
        // More than a pipe holds: the restore has read some of it.
        (void)!write(ends[1], whole.data(), whole.size() / 2);
        kill(getpid(), SIGTERM);
        (void)!write(ends[1], whole.data() + whole.size() / 2, whole.size() - whole.size() / 2);
        close(ends[1]);
    });
    auto from_pipe = options();
    from_pipe.file = "-";
    EXPECT_EQ(said([&] { return restore({"", false, at("restored")}, from_pipe); }), kFailed);
    dup2(before.get(), STDIN_FILENO);
    feeder.join();
    EXPECT_NE(err_.find("interrupted"), std::string::npos) << err_;
    EXPECT_EQ(came, SIGTERM);
    expect_nothing("restored");
}

// A data partition at the place of the state directory.
TEST_F(BackupTest, AnEmptyFileSystemIsRestoredInto) {
    ASSERT_EQ(back_up_now(), kDone) << err_;
    std::filesystem::create_directory(at("disk"));
    if (mount("none", at("disk").c_str(), "tmpfs", 0, "size=1m") != 0) GTEST_SKIP() << "may not mount";
    std::filesystem::create_directory(at("disk/lost+found"));
    std::filesystem::create_directories(at("disk/.restoring/half"));
    EXPECT_EQ(restore_to("disk"), kDone) << err_;
    const auto restored = tree(at("disk"));
    const auto mode = std::filesystem::status(at("disk")).permissions();
    EXPECT_EQ(restore_to("disk"), kUsage);
    EXPECT_EQ(umount(at("disk").c_str()), 0);
    EXPECT_FALSE(restored.contains(".restoring"));
    EXPECT_TRUE(restored.contains("confd/secrets.key"));
    EXPECT_TRUE(restored.contains("stored"));
    EXPECT_EQ(mode, std::filesystem::status(state()).permissions());
    EXPECT_FALSE(std::filesystem::exists(at("disk.restoring")));
}

// As a power cut leaves it: what is restored as a whole has only some of its names.
TEST_F(BackupTest, ARestoreThatWasCutShortIsFinishedByTheNext) {
    ASSERT_EQ(back_up_now(), kDone) << err_;
    std::filesystem::create_directory(at("disk"));
    if (mount("none", at("disk").c_str(), "tmpfs", 0, "size=1m") != 0) GTEST_SKIP() << "may not mount";
    EXPECT_EQ(restore_to("disk"), kDone) << err_;
    const auto whole = tree(at("disk"));
    std::filesystem::create_directory(at("disk/.restored"));
    std::filesystem::rename(at("disk/stored"), at("disk/.restored/stored"));
    std::filesystem::create_directory(at("disk/stored"));  // the service manager's
    EXPECT_EQ(restore_to("disk"), kUsage);
    const auto finished = tree(at("disk"));
    EXPECT_EQ(umount(at("disk").c_str()), 0);
    EXPECT_NE(err_.find("is finished now"), std::string::npos) << err_;
    EXPECT_EQ(finished, whole);
}

TEST_F(BackupTest, ARestoreWhoseLastStepFailsIsNotRemoved) {
    std::filesystem::create_directory(at("disk"));
    if (mount("none", at("disk").c_str(), "tmpfs", 0, "size=1m") != 0) GTEST_SKIP() << "may not mount";
    bool committed = true;
    const auto place = RestorePlace::make(at("disk"));
    if (place) {
        for (const char* name : {"authd", "confd", "stored", "webd"})
            std::filesystem::create_directories(place->beside() + "/" + name + "/inner");
        const std::string busy = place->beside() + "/stored";
        EXPECT_EQ(mount("none", busy.c_str(), "tmpfs", 0, "size=1m"), 0);
        committed = place->commit().has_value();
        place->give_up();
        EXPECT_EQ(umount(at("disk/.restored/stored").c_str()), 0);
    }
    EXPECT_FALSE(committed);
    EXPECT_FALSE(RestorePlace::make(at("disk")));
    const auto finished = tree(at("disk"));
    EXPECT_EQ(umount(at("disk").c_str()), 0);
    for (const char* name : {"authd/inner", "confd/inner", "stored/inner", "webd/inner"})
        EXPECT_TRUE(finished.contains(name)) << name;
    EXPECT_FALSE(finished.contains(".restored"));
}

TEST_F(BackupTest, RootRestoresNothingWhereOthersCouldExchangeIt) {
    if (geteuid() != 0) GTEST_SKIP() << "not root";
    ASSERT_EQ(back_up_now(), kDone) << err_;
    std::filesystem::create_directories(at("home/inner"));
    ASSERT_EQ(chown(at("home").c_str(), 12345, 12345), 0);
    EXPECT_EQ(restore_to("home/inner/station"), kUsage);
    EXPECT_NE(err_.find(at("home") + " is not root's alone"), std::string::npos) << err_;
    EXPECT_TRUE(std::filesystem::is_empty(at("home/inner")));
    ASSERT_EQ(chown(at("home").c_str(), 0, 0), 0);
    ASSERT_EQ(chmod(at("home").c_str(), 0777), 0);
    EXPECT_EQ(restore_to("home/inner/station"), kUsage);
    ASSERT_EQ(chmod(at("home").c_str(), 01777), 0);
    EXPECT_EQ(restore_to("home/inner/station"), kDone) << err_;
}

}  // namespace
}  // namespace outstation::ctl
