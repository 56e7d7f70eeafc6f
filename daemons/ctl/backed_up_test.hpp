// SPDX-License-Identifier: GPL-3.0-or-later
// For tests: a station that is backed up and restored, also while something happens to it.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <functional>
#include <random>
#include <thread>

#include "daemons/ctl/backup_commands.hpp"
#include "daemons/ctl/backup_format.hpp"
#include "daemons/ctl/station_test.hpp"
#include "lib/event/unique_fd.hpp"

namespace outstation::ctl {

inline constexpr crypto::ScryptCost kCheap{4, 1, 1};

class BackupTest : public StationTest {
  protected:
    void SetUp() override {
        StationTest::SetUp();
        put(at("phrase"), "the data room\nsecond line\n");
        put(at("wrong"), "the data rooms\n");
        put(state() + "/confd/station.yaml", "devices: []\n", 0640);
        put(state() + "/confd/secrets.key", "canary-of-the-key");
        put(state() + "/confd/secrets/room.sealed", std::string(5000, 's'), 0400);
    }
    [[nodiscard]] BackupOptions options(const std::string& passphrase = "phrase") const {
        return {at("backup"), at(passphrase), kCheap};
    }
    int back_up_now() {
        return said([&] { return back_up(target(), options()); });
    }
    // Through a pipe, into at("backup"): `act` comes when some history is in it, and nothing behind.
    int back_up_while(const std::function<void()>& act) {
        constexpr std::streamoff kSome = 100'000;
        std::filesystem::create_directories(state() + "/stored/history");
        std::string large(1U << 20U, '\0');
        std::mt19937 random(1);  // zeros are not written
        for (char& c : large) c = static_cast<char>(random());
        put(state() + "/stored/history/a-large-one.db", large);
        int ends[2];
        EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
        const UniqueFd out(ends[0]);
        const UniqueFd before(dup(STDOUT_FILENO));
        dup2(ends[1], STDOUT_FILENO);
        close(ends[1]);
        int code = -1;
        std::thread backup([&] {
            auto to_pipe = options();
            to_pipe.file = "-";
            testing::internal::CaptureStderr();
            code = back_up(target(), to_pipe);
            err_ = testing::internal::GetCapturedStderr();
            dup2(before.get(), STDOUT_FILENO);
        });
        std::string bytes(65536, '\0');
        std::ofstream copy(at("backup"), std::ios::binary);
        for (ssize_t got = 0; (got = read(out.get(), bytes.data(), bytes.size())) > 0;) {
            const bool before_some = copy.tellp() < kSome;
            copy.write(bytes.data(), got);
            if (before_some && copy.tellp() >= kSome) act();
        }
        backup.join();
        return code;
    }
    // As if the disk failed under each open file of that name: every reading of it fails.
    static void break_open_file(const std::string& name) {
        int broken = 0;
        for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
            std::error_code gone;
            if (std::filesystem::read_symlink(entry.path(), gone).filename() != name) continue;
            const UniqueFd no_reading(open("/dev/null", O_WRONLY | O_CLOEXEC));
            ASSERT_GE(dup3(no_reading.get(), std::stoi(entry.path().filename()), O_CLOEXEC), 0);
            ++broken;
        }
        EXPECT_EQ(broken, 1) << name;
    }
    int restore_to(const std::string& name, const std::string& passphrase = "phrase") {
        return said([&] { return restore({"", false, at(name)}, options(passphrase)); });
    }
    // How many files there are that are half of one.
    [[nodiscard]] int beside(const std::string& name) const {
        int count = 0;
        for (const auto& entry : std::filesystem::directory_iterator(dir_))
            count += entry.path().filename().string().rfind(name + ".", 0) == 0 ? 1 : 0;
        return count;
    }
    // Nothing at all of it, whatever the command said.
    void expect_nothing(const std::string& name) const {
        EXPECT_FALSE(std::filesystem::exists(at(name))) << name;
        EXPECT_FALSE(std::filesystem::exists(at(name + ".restoring"))) << name;
    }
    // A backup that knows the passphrase, and has what `fill` says.
    void forge(const std::function<void(ArchiveWriter&)>& fill) const {
        auto sealer = crypto::SealedStreamWriter::make("the data room", kCheap).value();
        std::string sealed;
        ArchiveWriter writer([&](std::string_view bytes) { return sealer.write(bytes, sealed); });
        ASSERT_TRUE(writer.begin(1));
        ASSERT_TRUE(writer.directory({".", 0700, "", ""}));
        fill(writer);
        ASSERT_TRUE(writer.end());
        ASSERT_TRUE(sealer.finish(sealed));
        put(at("backup"), sealed);
    }
};

}  // namespace outstation::ctl
