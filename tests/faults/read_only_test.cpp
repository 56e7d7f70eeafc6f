// SPDX-License-Identifier: GPL-3.0-or-later
// A file system that may not be written, and a second writer: refused, with the file named, and nothing
// touched.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "tests/faults/station.hpp"

namespace outstation::faults {
namespace {

TEST(ReadOnly, AStoreThatMayNotWriteDoesNotOpenAndSaysWhere) {
    store::FakeFileSystem files;
    Station station(files);
    ASSERT_TRUE(station.open());
    for (int i = 0; i < 10; ++i) station.cycle();
    ASSERT_TRUE(station.settle());
    station.close();
    const Snapshot before = snapshot_of(files);
    files.set_read_only(true);
    EXPECT_FALSE(station.open());
    EXPECT_NE(station.error().find("journal/lock: read-only"), std::string::npos) << station.error();
    EXPECT_EQ(snapshot_of(files), before);
    files.set_read_only(false);
    EXPECT_EQ(station.verify(), "");
}

// As ext4 does after an error: from one moment to the next.
TEST(ReadOnly, AStoreThatMayNotWriteAnyMoreAcknowledgesNothing) {
    store::FakeFileSystem files;
    Station station(files);
    ASSERT_TRUE(station.open());
    for (int i = 0; i < 10; ++i) station.cycle();
    const std::uint64_t acknowledged = station.acknowledged(StreamId::samples);
    files.set_read_only(true);
    for (int i = 0; i < 3; ++i) station.cycle();
    EXPECT_TRUE(station.failed());
    EXPECT_NE(station.error().find("journal/"), std::string::npos) << station.error();
    EXPECT_EQ(station.acknowledged(StreamId::samples), acknowledged);
    EXPECT_FALSE(station.open());
    files.set_read_only(false);
    ASSERT_TRUE(station.settle());
    EXPECT_EQ(station.verify(), "");
    EXPECT_EQ(station.acknowledged(StreamId::samples), 13U);
}

TEST(ReadOnly, ASecondWriterIsRefusedAndDisturbsNobody) {
    char directory[] = "/tmp/outstation-faults-XXXXXX";
    ASSERT_NE(mkdtemp(directory), nullptr);
    const auto files = store::make_real_file_system();
    {
        Station first(*files, std::string(directory) + "/journal");
        ASSERT_TRUE(first.open()) << first.error();
        for (int i = 0; i < 5; ++i) first.cycle();
        Station second(*files, std::string(directory) + "/journal");
        for (int i = 0; i < 3; ++i) {
            EXPECT_FALSE(second.open());
            EXPECT_NE(second.error().find("another process writes this store"), std::string::npos);
            first.cycle();
        }
        ASSERT_TRUE(first.settle());
        EXPECT_EQ(first.verify(), "");
    }
    std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace outstation::faults
