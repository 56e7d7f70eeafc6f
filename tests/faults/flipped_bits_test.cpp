// SPDX-License-Identifier: GPL-3.0-or-later
// Bits that the device gave back wrong: never a wrong value, what is missing is told, the rest is served, no
// number is given again.
#include <gtest/gtest.h>

#include <random>

#include "tests/faults/station.hpp"

namespace outstation::faults {
namespace {

struct Sizes {
    std::uint64_t batches = 0;
    std::uint64_t end_sequence = 0;
};

std::map<StreamId, Sizes> sizes_of(Station& station) {
    std::map<StreamId, Sizes> out;
    for (const StreamId id : Station::kProduced) {
        const auto contents = station.read_all(id);
        EXPECT_EQ(contents.wrong, "");
        out[id] = {contents.batches.size(), contents.end_sequence};
    }
    return out;
}

// A frame of samples needs those before it, back to one that stands alone.
constexpr std::uint64_t kFramesOfKey = 8;

class FlippedBits : public testing::Test {
  protected:
    void SetUp() override {
        station.settings.limit_octets = 0;
        ASSERT_TRUE(station.open());
        for (int i = 0; i < 90; ++i) station.cycle();
        ASSERT_TRUE(station.settle());
        ASSERT_EQ(station.verify(), "");
        whole = sizes_of(station);
        station.close();
        snapshot = snapshot_of(files);
        ASSERT_GT(snapshot.size(), 6U);
    }
    // The store as it is after `bits` of a file were turned.
    void expect_told(const std::string& path, std::uint64_t most_lost, const std::string& at) {
        Station damaged(files);
        damaged.settings.limit_octets = 0;
        ASSERT_TRUE(damaged.open()) << at << ": " << damaged.error();
        std::uint64_t lost = 0;
        for (const StreamId id : Station::kProduced) {
            const auto contents = damaged.read_all(id);
            ASSERT_EQ(contents.wrong, "") << at;
            ASSERT_GE(contents.end_sequence, whole[id].end_sequence) << at;
            ASSERT_EQ(contents.batches.size() + contents.missing,
                      contents.end_sequence - contents.first_sequence)
                << at << " of " << path;
            lost += whole[id].batches - contents.batches.size();
        }
        ASSERT_LE(lost, most_lost) << at << " of " << path;
        damaged.cycle();
        ASSERT_TRUE(damaged.settle()) << at;
    }

    store::FakeFileSystem files;
    Station station{files};
    Snapshot snapshot;
    std::map<StreamId, Sizes> whole;
};

TEST_F(FlippedBits, OneAnywhereCostsNoFrameThatStandsAlone) {
    for (const auto& [path, bytes] : snapshot) {
        const std::size_t used = std::min(bytes.size(), bytes.find_last_not_of('\0') + 64);
        const std::size_t stride = stride_of(used, 15);
        for (std::size_t at = 0; at < used; at += stride) {
            restore(files, snapshot);
            std::string flipped = bytes;
            flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at / stride % 8)));
            files.set_contents(path, flipped);
            expect_told(path, kFramesOfKey, "octet " + std::to_string(at));
            if (HasFatalFailure()) return;
        }
    }
}

// A worn page: up to 64 bits near each other.
TEST_F(FlippedBits, ManyNearEachOtherAreToldToo) {
    std::mt19937_64 random(3);
    const std::size_t cases = campaign_size(200);
    for (std::size_t i = 0; i < cases; ++i) {
        restore(files, snapshot);
        const auto& [path, bytes] =
            *std::next(snapshot.begin(), static_cast<std::ptrdiff_t>(random() % snapshot.size()));
        if (bytes.empty()) continue;
        std::string flipped = bytes;
        const std::size_t begin = random() % bytes.size();
        for (std::size_t bits = 1 + random() % 64; bits > 0; --bits) {
            const std::size_t at = std::min(bytes.size() - 1, begin + random() % 4096);
            flipped[at] = static_cast<char>(flipped[at] ^ (1 << (random() % 8)));
        }
        files.set_contents(path, flipped);
        expect_told(path, 60, "case " + std::to_string(i));
        if (HasFatalFailure()) return;
    }
}

}  // namespace
}  // namespace outstation::faults
