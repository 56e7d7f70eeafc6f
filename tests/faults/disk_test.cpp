// SPDX-License-Identifier: GPL-3.0-or-later
// Every changing operation of a scripted run fails once: errors, short writes and no room, each with and
// without a cut of power behind it. Nothing acknowledged is lost or doubled, and the error names the file.
#include <gtest/gtest.h>

#include <random>

#include "lib/store/journal/journal.hpp"
#include "tests/faults/station.hpp"

namespace outstation::faults {
namespace {

using Fault = store::FakeFileSystem::Fault;
constexpr int kCycles = 60;
constexpr std::uint64_t kSmall = 8192;

// Appends, rolls, drops and openings; opens again where something failed.
void run(Station& station, store::FakeFileSystem& files, std::mt19937_64* power) {
    const auto restart = [&] {
        station.close();
        if (power != nullptr) files.restart(*power);
        EXPECT_TRUE(station.open_again()) << station.error();
    };
    const auto recover = [&] {
        if (!station.failed()) return;
        EXPECT_NE(station.error().find("journal"), std::string::npos) << station.error();
        restart();
    };
    if (!station.open()) recover();
    for (int i = 1; i <= kCycles && !testing::Test::HasFailure(); ++i) {
        station.cycle();
        if (i % 25 == 0 && !station.failed()) static_cast<void>(station.open());
        recover();
    }
    if (files.power_is_cut()) restart();  // in state.db, at the end: nothing was to be acknowledged any more
}

std::size_t operations_of_a_run() {
    store::FakeFileSystem files;
    Station station(files);
    run(station, files, nullptr);
    const std::size_t operations = files.operations();
    EXPECT_GT(station.store().status().streams[1].first_sequence, 1U);  // retention was at work
    EXPECT_TRUE(station.settle());
    EXPECT_EQ(station.verify(), "");
    return operations;
}

TEST(DiskFaults, AtEveryOperationNothingIsLostOrDoubled) {
    const std::size_t operations = operations_of_a_run();
    ASSERT_GT(operations, 300U);
    std::mt19937_64 random(1);
    for (const Fault fault :
         {Fault::half_written, Fault::nothing_written, Fault::no_room, Fault::no_room_halfway}) {
        const std::size_t stride = stride_of(operations, 80);
        for (std::size_t n = 1 + static_cast<std::size_t>(fault) % stride; n <= operations; n += stride) {
            store::FakeFileSystem files;
            Station station(files);
            files.fail_operation(n, fault);
            run(station, files, n / stride % 2 == 0 ? &random : nullptr);
            ASSERT_TRUE(station.settle()) << "operation " << n << ": " << station.error();
            ASSERT_EQ(station.verify(), "") << "operation " << n << ", fault " << static_cast<int>(fault);
            ASSERT_EQ(station.sent(StreamId::samples), static_cast<std::uint64_t>(kCycles));
        }
    }
}

// The power itself goes at every operation.
TEST(DiskFaults, APowerCutAtEveryOperationLosesNothing) {
    const std::size_t operations = operations_of_a_run();
    const std::size_t stride = stride_of(operations, 150);
    std::mt19937_64 random(2);
    for (std::size_t n = 1; n <= operations; n += stride) {
        store::FakeFileSystem files;
        Station station(files);
        files.cut_power_at(n);
        run(station, files, &random);
        ASSERT_TRUE(station.settle()) << "operation " << n << ": " << station.error();
        ASSERT_EQ(station.verify(), "") << "power cut at operation " << n;
    }
}

// The control: where syncs do nothing, the same comparison must find losses.
TEST(DiskFaults, WithoutSyncsTheLossIsSeen) {
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
        seen += !station.open_again() || !station.settle() || !station.verify().empty() ? 1 : 0;
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

TEST(DiskFaults, AtEveryOperationEveryStreamGoesOn) {
    store::FakeFileSystem whole;
    Streams first(whole);
    run(first);
    const std::size_t operations = whole.operations();
    const std::size_t stride = stride_of(operations, 60);
    for (const Fault fault : {Fault::half_written, Fault::no_room_halfway}) {
        for (std::size_t n = 1; n <= operations; n += stride) {
            store::FakeFileSystem files;
            Streams streams(files);
            files.fail_operation(n, fault);
            run(streams);
            ASSERT_TRUE(streams.open() || streams.open()) << n << ": " << streams.error;
            for (const auto& [id, last] : streams.acknowledged) {
                ASSERT_EQ(what_is_missing(streams.journal->stream(id)), "") << n;
                ASSERT_GT(streams.journal->stream(id).next_sequence(), last) << n;
            }
        }
    }
}

}  // namespace
}  // namespace outstation::faults
