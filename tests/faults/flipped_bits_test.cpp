// SPDX-License-Identifier: GPL-3.0-or-later
// Bits that the device gave back wrong, in journal and history: never a wrong value, what is missing is told,
// the rest is served, no number is given again.
#include <gtest/gtest.h>

#include <random>

#include "tests/faults/station.hpp"

namespace outstation::faults {
namespace {

struct Sizes {
    std::uint64_t records = 0;
    std::uint64_t end_sequence = 0;
};

std::map<StreamId, Sizes> sizes_of(Station& station) {
    std::map<StreamId, Sizes> out;
    for (const StreamId id : Station::kProduced) {
        const auto contents = station.read_all(id);
        EXPECT_EQ(contents.found.what, "");
        out[id] = {contents.records.size(), contents.end_sequence};
    }
    return out;
}

// A frame of samples needs those before it, back to one that stands alone.
constexpr std::uint64_t kFramesOfKey = 8;

Routine routine_of(bool history) {
    Routine routine = history ? history_routine(false) : journal_routine();
    if (!history) routine.settings.limit_octets = 0;
    if (!history) routine.cycles = 90;
    return routine;
}

class FlippedBits : public testing::TestWithParam<bool> {
  protected:
    void SetUp() override {
        ASSERT_TRUE(station.open());
        for (int i = 0; i < station.routine().cycles; ++i) station.cycle();
        ASSERT_EQ(station.settle_and_compare().what, "");
        whole = sizes_of(station);
        station.close();
        snapshot = snapshot_of(files);
        ASSERT_GT(snapshot.size(), 6U);
    }
    // The first record of each raw file of history.
    [[nodiscard]] std::map<std::uint64_t, std::string> raw_files() const {
        std::map<std::uint64_t, std::string> out;
        for (const auto& [path, bytes] : snapshot) {
            if (path.find("/raw-") != std::string::npos && path.ends_with(".db"))
                out[std::stoull(path.substr(path.size() - 23, 20))] = path;
        }
        return out;
    }
    // How many records this file can cost: none where others tell the same, its own where it is history's.
    [[nodiscard]] std::uint64_t most_lost(const std::string& path, std::uint64_t frames) const {
        if (!path.starts_with("history/")) return frames * station.routine().records;
        const auto raw = raw_files();
        for (auto file = raw.begin(); file != raw.end(); ++file) {
            if (file->second != path) continue;
            const auto next = std::next(file);
            return (next == raw.end() ? whole.at(StreamId::samples).end_sequence : next->first) - file->first;
        }
        return 0;
    }
    // The store as it is after bits of a file were turned.
    Findings look_at(const std::string& path, const std::string& bytes, std::uint64_t frames) {
        restore(files, snapshot);
        files.set_contents(path, bytes);
        Station damaged(files, "journal", station.routine());
        damaged.settings = station.settings;
        for (const StreamId id : Station::kProduced)
            damaged.take_over(id, station.sent(id), station.sent(id), station.loop.wall());
        if (!damaged.open()) return Findings::failure("does not open: " + damaged.error());
        Findings out = damaged.look();
        std::uint64_t lost = 0;
        for (const StreamId id : Station::kProduced) {
            const auto contents = damaged.read_all(id);
            if (contents.end_sequence < whole[id].end_sequence)
                out.add(&Findings::doubled, "numbers would be given again");
            lost += whole[id].records - contents.records.size();
        }
        if (lost > most_lost(path, frames)) {
            out.lost += lost;
            if (out.what.empty()) out.what = "costs " + std::to_string(lost) + " records";
        }
        damaged.cycle();
        if (!damaged.settle()) out.add(&Findings::other, "does not go on: " + damaged.error());
        return out;
    }
    [[nodiscard]] std::string where() const { return GetParam() ? "journal and history" : "journal"; }

    store::FakeFileSystem files;
    Station station{files, "journal", routine_of(GetParam())};
    Snapshot snapshot;
    std::map<StreamId, Sizes> whole;
};

std::string name_of(const testing::TestParamInfo<bool>& history) {
    return history.param ? "history" : "journal";
}

INSTANTIATE_TEST_SUITE_P(Stations, FlippedBits, testing::Bool(), name_of);

TEST_P(FlippedBits, OneAnywhereCostsNoFrameThatStandsAlone) {
    Tally tally("R6", "one bit flipped in " + where());
    for (const auto& [path, bytes] : snapshot) {
        const std::size_t used = std::min(bytes.size(), bytes.find_last_not_of('\0') + 64);
        for (const Case& trial : cases_of(used, GetParam() ? 2 : 5)) {
            std::string flipped = bytes;
            flipped[trial.n - 1] =
                static_cast<char>(flipped[trial.n - 1] ^ (1 << ((trial.n + trial.seed) % 8)));
            const auto found = look_at(path, flipped, kFramesOfKey);
            if (!tally.count(found, "octet " + std::to_string(trial.n - 1) + " of " + path)) return;
        }
    }
}

// A worn page: up to 64 bits near each other.
TEST_P(FlippedBits, ManyNearEachOtherAreToldToo) {
    std::mt19937_64 random(3);
    Tally tally("R6", "1 to 64 bits flipped in a page of " + where());
    const std::size_t cases = campaign_size(GetParam() ? 24 : 60);
    for (std::size_t i = 0; i < cases; ++i) {
        const auto& [path, bytes] =
            *std::next(snapshot.begin(), static_cast<std::ptrdiff_t>(random() % snapshot.size()));
        if (bytes.empty()) continue;
        std::string flipped = bytes;
        const std::size_t begin = random() % bytes.size();
        for (std::size_t bits = 1 + random() % 64; bits > 0; --bits) {
            const std::size_t at = std::min(bytes.size() - 1, begin + random() % 4096);
            flipped[at] = static_cast<char>(flipped[at] ^ (1 << (random() % 8)));
        }
        if (!tally.count(look_at(path, flipped, 60), "case " + std::to_string(i) + ", " + path)) return;
    }
}

}  // namespace
}  // namespace outstation::faults
