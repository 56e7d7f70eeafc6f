// SPDX-License-Identifier: GPL-3.0-or-later
// Every changing operation of a scripted run fails once: errors, short writes and no room, each with and
// without a cut of power behind it. Nothing acknowledged is lost or doubled, and the error names the file.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "lib/store/journal/journal.hpp"
#include "tests/faults/station.hpp"

namespace outstation::faults {
namespace {

using namespace std::chrono_literals;
using Fault = store::FakeFileSystem::Fault;
constexpr std::uint64_t kSmall = 8192;

constexpr std::pair<Fault, const char*> kFaults[] = {{Fault::half_written, "EIO, half written"},
                                                     {Fault::nothing_written, "EIO"},
                                                     {Fault::no_room, "ENOSPC"},
                                                     {Fault::no_room_halfway, "short write"}};

// Works the station, with an opening now and then; opens again where something failed. Says what went wrong.
std::string run(Station& station, store::FakeFileSystem& files, std::mt19937_64* power) {
    const auto recover = [&]() -> std::string {
        if (!station.failed() && !files.power_is_cut()) return "";
        // The error names the file.
        if (station.failed() && station.error().find("journal") == std::string::npos &&
            station.error().find("history") == std::string::npos)
            return "an error that names no file: " + station.error();
        station.close();
        if (power != nullptr) files.restart(*power);
        return station.open_again() ? "" : "does not open again: " + station.error();
    };
    std::string wrong = station.open() ? "" : recover();
    for (int i = 1; i <= station.routine().cycles && wrong.empty(); ++i) {
        station.cycle();
        if (i % 25 == 0 && !station.failed()) static_cast<void>(station.open());
        wrong = recover();
    }
    return wrong;
}

std::size_t operations_of_a_run(const Routine& routine) {
    store::FakeFileSystem files;
    Station station(files, "journal", routine);
    EXPECT_EQ(run(station, files, nullptr), "");
    const std::size_t operations = files.operations();
    const auto found = station.settle_and_compare();
    EXPECT_EQ(found.what, "");
    return operations;
}

class DiskFaults : public testing::TestWithParam<Routine> {};

std::string name_of(const testing::TestParamInfo<Routine>& routine) {
    std::string name = routine.param.name;
    std::replace(name.begin(), name.end(), ' ', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Stations, DiskFaults,
                         testing::Values(journal_routine(), history_routine(true), history_routine(false)),
                         name_of);

// What the trials are about happens in them.
TEST_P(DiskFaults, TheRunItselfSealsMergesAndLetsGo) {
    store::FakeFileSystem files;
    Station station(files, "journal", GetParam());
    ASSERT_EQ(run(station, files, nullptr), "");
    ASSERT_EQ(station.settle_and_compare().what, "");
    const auto account = station.account_of(StreamId::samples);
    EXPECT_TRUE(account.dropped || account.thinned);
    EXPECT_TRUE(account.whole);
    if (GetParam().span < 1min) return;
    const auto paths = files.paths();
    const auto with = [&paths](const std::string& part) {
        return std::count_if(paths.begin(), paths.end(),
                             [&part](const auto& path) { return path.find(part) != std::string::npos; });
    };
    for (const char* part : {"/h1-", "-2h-", "-1d-", "/series.catalog"}) EXPECT_GT(with(part), 0) << part;
    // What is too much is thinned to minutes, what is too old to quarters of an hour.
    EXPECT_GT(with(GetParam().settings.limit_octets > 0 ? "/m1-" : "/m15-"), 0);
}

TEST_P(DiskFaults, AtEveryOperationNothingIsLostOrDoubled) {
    const std::size_t operations = operations_of_a_run(GetParam());
    ASSERT_GT(operations, 300U);
    std::size_t history_failures = 0;
    const std::size_t cases = GetParam().span < 1min ? 12 : 8;
    for (const auto& [fault, name] : kFaults) {
        Tally tally("R5", std::string(name) + " at the n-th operation, " + GetParam().name);
        for (const Case& trial : cases_of(operations, cases)) {
            store::FakeFileSystem files;
            Station station(files, "journal", GetParam());
            std::mt19937_64 random(trial.seed * operations + trial.n);
            files.fail_operation(trial.n, fault);
            const std::string wrong = run(station, files, trial.n % 2 == 0 ? &random : nullptr);
            const auto found = wrong.empty() ? station.settle_and_compare() : Findings::failure(wrong);
            history_failures += station.history_failures();
            if (!tally.count(found, "operation " + std::to_string(trial.n))) return;
        }
    }
    if (campaign_size(cases) < cases) return;  // so few that history may have been spared
    EXPECT_EQ(history_failures > 0, GetParam().span > 1min);
}

// The power itself goes at every operation.
TEST_P(DiskFaults, APowerCutAtEveryOperationLosesNothing) {
    const std::size_t operations = operations_of_a_run(GetParam());
    Tally tally("R3", std::string("unsynced writes lost or torn at the n-th operation, ") + GetParam().name);
    for (const Case& trial : cases_of(operations, GetParam().span < 1min ? 40 : 12)) {
        store::FakeFileSystem files;
        Station station(files, "journal", GetParam());
        std::mt19937_64 random(trial.seed * operations + trial.n);
        files.cut_power_at(trial.n);
        const std::string wrong = run(station, files, &random);
        const auto found = wrong.empty() ? station.settle_and_compare() : Findings::failure(wrong);
        const std::string at =
            "operation " + std::to_string(trial.n) + ", seed " + std::to_string(trial.seed);
        if (!tally.count(found, at)) return;
    }
}

// The control: where syncs do nothing, the same comparison must find losses.
TEST(DiskFaultsControl, WithoutSyncsTheLossIsSeen) {
    std::mt19937_64 random(3);
    int seen = 0;
    for (std::size_t n = 100; n < 300; n += 20) {
        store::FakeFileSystem files;
        Station station(files);
        ASSERT_TRUE(station.open());
        files.ignore_syncs(true);
        files.cut_power_at(n);
        while (!station.failed()) station.cycle();
        station.close();
        files.restart(random);
        files.ignore_syncs(false);
        seen += station.open_again() && station.settle_and_compare().what.empty() ? 0 : 1;
    }
    EXPECT_GT(seen, 5);
}

// Below the store: all streams, written in turn, dropped and opened again.
struct Streams {
    explicit Streams(store::FakeFileSystem& to) : files(to) {}

    bool open() {
        journal.reset();
        store::Journal::Options options;
        options.directory = "journal";
        options.bulk_segment_octets = options.urgent_segment_octets = kSmall;
        store::Journal::Opened opened;
        auto made = store::Journal::open(files, options, opened);
        if (!made) {
            error = made.error().text;
            return false;
        }
        journal = std::move(*made);
        return true;
    }
    // False: it failed; what has no room is tried again.
    bool append(StreamId id) {
        store::JournalStream& stream = journal->stream(id);
        const std::uint64_t sequence = stream.next_sequence();
        std::mt19937_64 noise(sequence);
        std::string body(900, '\0');
        for (char& c : body) c = static_cast<char>(noise());
        for (int attempt = 0; attempt < 3; ++attempt) {
            const auto room = stream.prepare(body.size(), 0);
            const auto ok =
                room ? stream.write({sequence, 1, 0, 0, 0, 0}, body) : Result<void>(fail(room.error()));
            if (ok) {
                acknowledged[id] = sequence;
                return true;
            }
            error = ok.error().text;
            if (ok.error().code != ErrorCode::exhausted) return false;
        }
        return false;
    }
    bool drop() {
        const auto dropped = journal->drop(journal->plan_trim({}, 40 * kSmall, 0));
        if (!dropped) error = dropped.error().text;
        return dropped.has_value();
    }

    store::FakeFileSystem& files;
    std::unique_ptr<store::Journal> journal;
    std::map<StreamId, std::uint64_t> acknowledged;
    std::string error;
};

void run(Streams& streams) {
    const auto recover = [&streams] {
        EXPECT_NE(streams.error.find("journal"), std::string::npos) << streams.error;
        EXPECT_TRUE(streams.open() || streams.open()) << streams.error;
    };
    if (!streams.open()) recover();
    for (int round = 0; round < 20 && !testing::Test::HasFailure(); ++round) {
        for (const StreamId id : kStreams) {
            if (!streams.append(id)) recover();
        }
        if (round % 5 == 4 && !streams.drop()) recover();
        if (round % 8 == 7 && !streams.open()) recover();
    }
}

// Every number from the first segment on is a record that can be read, or a gap.
std::string what_is_missing(const store::JournalStream& stream) {
    store::JournalView view = stream.view();
    std::uint64_t next = view.first_sequence();
    for (std::size_t part = 0; part < view.parts().size(); ++part) {
        const auto entries = view.entries(part);
        if (!entries) return entries.error().text;
        for (const auto& entry : *entries) {
            if (entry.info.first_sequence != next) return "nothing is told of " + std::to_string(next);
            const auto body = entry.info.gap() ? Result<std::string>("") : view.read(part, entry);
            if (!body) return body.error().text;
            next = entry.end_sequence();
        }
    }
    return next == view.end_sequence() ? "" : "the end is missing";
}

TEST(DiskFaultsBelow, AtEveryOperationEveryStreamGoesOn) {
    store::FakeFileSystem whole;
    Streams first(whole);
    run(first);
    for (const Fault fault : {Fault::half_written, Fault::no_room_halfway}) {
        Tally tally("R5", "the n-th operation fails, journal alone");
        for (const Case& trial : cases_of(whole.operations(), 24)) {
            store::FakeFileSystem files;
            Streams streams(files);
            files.fail_operation(trial.n, fault);
            run(streams);
            ASSERT_TRUE(streams.open() || streams.open()) << trial.n << ": " << streams.error;
            Findings found;
            for (const auto& [id, last] : streams.acknowledged) {
                const std::string missing = what_is_missing(streams.journal->stream(id));
                if (!missing.empty()) found.add(&Findings::other, missing);
                if (streams.journal->stream(id).next_sequence() <= last)
                    found.add(&Findings::lost, "a number would be given again");
            }
            if (!tally.count(found, "operation " + std::to_string(trial.n))) return;
        }
    }
}

}  // namespace
}  // namespace outstation::faults
