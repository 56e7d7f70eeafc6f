// SPDX-License-Identifier: GPL-3.0-or-later
// Which file counts when a step of sealing failed in the end.
#include <gtest/gtest.h>

#include <algorithm>

#include "lib/store/history/fake_room.hpp"
#include "lib/store/history/history.hpp"
#include "lib/store/journal/fake_file_system.hpp"

namespace outstation::store {
namespace {

constexpr std::int64_t kHourNs = 3'600'000'000'000;

// The renaming is done, and nobody knows whether it is on the device.
struct UnsyncedFiles : FakeFileSystem {
    Result<void> sync_directory(const std::string& path) override {
        return fails ? fail(ErrorCode::io, path + ": not synced") : FakeFileSystem::sync_directory(path);
    }
    Result<void> remove(const std::string& path) override {
        return keeps && path.ends_with(".db") ? fail(ErrorCode::io, path) : FakeFileSystem::remove(path);
    }
    bool fails = false;
    bool keeps = false;
};

TEST(Sealing, AFileWhoseDirectoryIsNotSyncedIsNeverBesideTheNextOne) {
    for (const bool keeps : {false, true}) {
        UnsyncedFiles files;
        FakeRoom room(2, kHourNs / 6);
        room.measure_window();
        HistoryStore::Opened opened;
        auto store = HistoryStore::open(files, FakeRoom::options(), opened).value();
        files.fails = true;
        files.keeps = keeps;
        EXPECT_EQ(room.seal(*store).error().code, ErrorCode::io);
        const auto is_raw = [](const std::string& path) { return path.find("/raw-") != std::string::npos; };
        const auto raw_files = [&] {
            const auto paths = files.paths();
            return std::count_if(paths.begin(), paths.end(), is_raw);
        };
        EXPECT_EQ(raw_files(), keeps ? 1 : 0);
        files.fails = files.keeps = false;
        // The clock was set meanwhile: the window has another name.
        ASSERT_TRUE(room.seal(*store, FakeRoom::kStartNs + 10 * kHourNs));
        store.reset();
        store = HistoryStore::open(files, FakeRoom::options(), opened).value();
        EXPECT_TRUE(opened.damage.empty()) << opened.damage.front().what;
        EXPECT_EQ(raw_files(), 1);
        ASSERT_EQ(store->files().size(), 1U);
        EXPECT_EQ(store->files()[0].octets, store->octets());
        const auto answer = HistoryReader(*store).records({1, room.last()}, room.last()).value();
        EXPECT_TRUE(answer.damage.empty());
        EXPECT_EQ(answer.records, room.records());
    }
}

}  // namespace
}  // namespace outstation::store
