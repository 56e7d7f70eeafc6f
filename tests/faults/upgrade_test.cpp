// SPDX-License-Identifier: GPL-3.0-or-later
// Stores that earlier versions wrote (tests/faults/golden): this one opens them, with everything in them, and
// goes on; also when power goes while it does. OUTSTATION_GOLDEN=DIRECTORY writes one more, as
// tests/faults/golden/make says.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "tests/faults/station.hpp"

namespace outstation::faults {
namespace {

using namespace std::chrono_literals;
constexpr const char* kGolden = "tests/faults/golden";

// What is in the stores: never to be changed. From six in the evening over midnight, so that windows are
// sealed and a day is merged, and something is in the journal alone.
Routine golden_routine() {
    return {"golden", WallTime(1'699'984'800s), 18, 30min, 8, {60s, 0, 0s}, true};
}

Snapshot read_golden(const std::filesystem::path& directory) {
    Snapshot out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
        if (!entry.is_regular_file()) continue;
        std::ifstream file(entry.path(), std::ios::binary);
        out[entry.path().lexically_relative(directory).generic_string()] =
            std::string(std::istreambuf_iterator<char>(file), {});
    }
    return out;
}

void write_golden(const std::filesystem::path& directory, const Snapshot& snapshot) {
    for (const auto& [path, bytes] : snapshot) {
        std::filesystem::create_directories((directory / path).parent_path());
        std::ofstream(directory / path, std::ios::binary) << bytes;
    }
}

// Durably: power may go from now on.
void put(store::FakeFileSystem& files, const Snapshot& golden) {
    restore(files, golden);
    for (const char* directory : {"journal", "history", "state"})
        ASSERT_TRUE(files.sync_directory(directory));
}

std::vector<std::filesystem::path> golden_stores() {
    std::vector<std::filesystem::path> out;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(kGolden, none)) {
        if (entry.is_directory()) out.push_back(entry.path());
    }
    return out;
}

// A producer that was told of everything, when the version before ended.
void know_all(Station& station) {
    const Routine& routine = station.routine();
    const auto all = static_cast<std::uint64_t>(routine.cycles);
    for (const StreamId id : Station::kProduced)
        station.take_over(id, all, all, routine.start + routine.cycles * routine.span);
}

// A write that the cut left unfinished is no damage.
Findings go_on(Station& station) {
    const auto& damage = station.opened().damage;
    if (!std::all_of(damage.begin(), damage.end(), [](const auto& place) { return place.tail; }) ||
        !station.opened().history.empty())
        return Findings::failure("is told as damaged");
    for (int i = 0; i < 6; ++i) station.cycle();
    return station.settle_and_compare();
}

TEST(Upgrade, EveryRecordIsThereAndItGoesOn) {
    Tally tally("R22", "a store of an earlier version");
    for (const auto& store : golden_stores()) {
        store::FakeFileSystem files;
        put(files, read_golden(store));
        Station station(files, "journal", golden_routine());
        know_all(station);
        Findings found = station.compare();
        if (found.what.empty()) found = go_on(station);
        tally.count(found, store.string());
    }
    EXPECT_GT(tally.trials(), 0U);
}

// Opens a store of the version before, as far as it comes.
void begin(Station& station) {
    know_all(station);
    if (station.open()) station.cycle();
}

TEST(Upgrade, PowerLostAtAnyOperationOfItLosesNothing) {
    Tally tally("R22", "power lost while a store of an earlier version is opened");
    for (const auto& store : golden_stores()) {
        const Snapshot golden = read_golden(store);
        store::FakeFileSystem uncut;
        put(uncut, golden);
        const std::size_t before = uncut.operations();
        Station whole(uncut, "journal", golden_routine());
        begin(whole);
        for (const Case& trial : cases_of(uncut.operations() - before, 12)) {
            store::FakeFileSystem files;
            put(files, golden);
            std::mt19937_64 random(trial.seed * 1000 + trial.n);
            files.cut_power_at(trial.n);
            Station station(files, "journal", golden_routine());
            begin(station);
            station.close();
            files.restart(random);
            const Findings found = station.open_again()
                                       ? go_on(station)
                                       : Findings::failure("does not open: " + station.error());
            if (!tally.count(found, store.string() + ", operation " + std::to_string(trial.n))) return;
        }
    }
    EXPECT_GT(tally.trials(), 0U);
}

// What is to be read by later versions is whole, and has everything that the format knows.
TEST(Upgrade, ThisVersionWritesSuchAStore) {
    store::FakeFileSystem files;
    Station station(files, "journal", golden_routine());
    ASSERT_TRUE(station.open());
    for (int i = 0; i < station.routine().cycles; ++i) station.cycle();
    ASSERT_EQ(station.settle_and_compare().what, "");
    station.close();
    const Snapshot snapshot = snapshot_of(files);
    const auto has = [&snapshot](const std::string& part) {
        return std::any_of(snapshot.begin(), snapshot.end(),
                           [&part](const auto& file) { return file.first.find(part) != std::string::npos; });
    };
    for (const char* part : {"journal/identity", "journal/samples-", "journal/state-", "history/raw-", "-2h-",
                             "-1d-", "history/series.catalog", "state/state.db"})
        EXPECT_TRUE(has(part)) << part;
    if (const char* const directory = std::getenv("OUTSTATION_GOLDEN")) write_golden(directory, snapshot);
}

}  // namespace
}  // namespace outstation::faults
