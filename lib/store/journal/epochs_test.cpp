// SPDX-License-Identifier: GPL-3.0-or-later
// A journal that was made out of a copy begins a new epoch: once, whatever fails on the way, and all that it
// has stays its own.
#include "lib/store/journal/epochs.hpp"

#include "lib/store/journal/journal_test.hpp"

namespace outstation::store {
namespace {

constexpr const char* kMark = "journal/new-epoch";

void mark(FakeFileSystem& files) {
    ASSERT_TRUE(files.open(kMark, FileSystem::Mode::create));
    ASSERT_TRUE(files.sync_directory("journal"));
}

bool has_mark(const FakeFileSystem& files) {
    const auto paths = files.paths();
    return std::find(paths.begin(), paths.end(), kMark) != paths.end();
}

void copy(const FakeFileSystem& from, FakeFileSystem& to) {
    ASSERT_TRUE(to.make_directory("journal"));
    for (const std::string& path : from.paths()) {
        ASSERT_TRUE(to.open(path, FileSystem::Mode::create));
        to.set_contents(path, from.contents(path));
    }
    ASSERT_TRUE(to.sync_directory("journal"));
}

// A station with 30 samples and no other record, made out of a copy.
struct JournalEpochs : testing::Test {
    void SetUp() override {
        ASSERT_EQ(fill(files, 30), 30U);
        mark(files);
    }
    void open() {
        journal.reset();
        opened = {};
        auto made = Journal::open(files, options(), opened);
        ASSERT_TRUE(made) << made.error().text;
        journal = std::move(*made);
    }
    // Of a journal that is as `files` is.
    [[nodiscard]] std::size_t operations_of_opening() const {
        FakeFileSystem counted;
        copy(files, counted);
        const std::size_t before = counted.operations();
        Journal::Opened ignored;
        EXPECT_TRUE(Journal::open(counted, options(), ignored));
        return counted.operations() - before;
    }
    [[nodiscard]] JournalStream& samples() const { return journal->stream(StreamId::samples); }
    void append(std::uint64_t until) const {
        while (samples().next_sequence() <= until) ASSERT_TRUE(append_one(samples()));
    }
    // Whose epoch each number of samples is, by what its segment says.
    [[nodiscard]] std::map<std::uint64_t, std::uint64_t> epochs_of_numbers() const {
        std::map<std::uint64_t, std::uint64_t> out;
        JournalView view = samples().view();
        for (std::size_t part = 0; part < view.parts().size(); ++part) {
            const auto entries = view.entries(part);
            for (const FrameEntry& entry : *entries)
                out[entry.info.first_sequence] = view.parts()[part].segment.header.identity.epoch;
        }
        return out;
    }

    FakeFileSystem files;
    std::unique_ptr<Journal> journal;
    Journal::Opened opened;
};

TEST_F(JournalEpochs, NumbersGoOnUnderANewEpochAndTheOldOnesKeepTheirs) {
    open();
    EXPECT_TRUE(opened.new_epoch);
    EXPECT_FALSE(opened.fresh);
    EXPECT_TRUE(opened.damage.empty());
    EXPECT_FALSE(has_mark(files));
    const Epochs epochs = journal->epochs();
    EXPECT_EQ(epochs.identity.station, test_identity().station);
    EXPECT_NE(epochs.identity.epoch, test_identity().epoch);
    ASSERT_EQ(epochs.former.size(), 1U);
    EXPECT_EQ(epochs.former[0].epoch, test_identity().epoch);
    EXPECT_EQ(epochs.former[0].last_of(StreamId::samples), 30U);
    EXPECT_EQ(epochs.former[0].last_of(StreamId::state), 0U);
    append(60);
    for (int again = 0; again < 2; ++again) {
        EXPECT_EQ(readable(samples()), first_to(60));
        for (const auto& [sequence, epoch] : epochs_of_numbers()) {
            EXPECT_EQ(epoch, sequence <= 30 ? test_identity().epoch : epochs.identity.epoch) << sequence;
            EXPECT_EQ(epochs.at(StreamId::samples, sequence).epoch, epoch) << sequence;
        }
        open();
        EXPECT_FALSE(opened.new_epoch);
        EXPECT_TRUE(opened.damage.empty());
        EXPECT_EQ(journal->epochs(), epochs);
    }
}

// Restored again and again, also when nothing was numbered in between.
TEST_F(JournalEpochs, EachRestoreBeginsOneMore) {
    std::set<std::uint64_t> seen{test_identity().epoch};
    for (std::size_t restored = 1; restored <= 4; ++restored) {
        if (restored > 1) mark(files);
        open();
        EXPECT_EQ(journal->epochs().former.size(), restored);
        EXPECT_TRUE(seen.insert(journal->identity().epoch).second);
        if (restored % 2 == 0) append(30 + 10 * restored);
    }
    open();
    EXPECT_TRUE(opened.damage.empty());
    EXPECT_EQ(readable(samples()), first_to(70));
    const auto epochs = epochs_of_numbers();
    EXPECT_EQ(epochs.at(30), test_identity().epoch);
    EXPECT_EQ(epochs.at(50), journal->epochs().former[2].epoch);
    EXPECT_EQ(epochs.at(70), journal->identity().epoch);
}

TEST_F(JournalEpochs, TwoStationsOutOfOneBackupAreTwo) {
    FakeFileSystem twin;
    copy(files, twin);
    open();
    Journal::Opened twin_opened;
    const auto other = Journal::open(twin, options(), twin_opened);
    ASSERT_TRUE(other);
    EXPECT_EQ((*other)->identity().station, journal->identity().station);
    EXPECT_NE((*other)->identity().epoch, journal->identity().epoch);
}

// Power goes at each operation of the opening that begins the epoch, and what was written but not synced
// stays or does not.
TEST_F(JournalEpochs, APowerCutAtEveryOperationBeginsExactlyOne) {
    const std::size_t operations = operations_of_opening();
    ASSERT_GT(operations, 6U);
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        std::mt19937_64 random(seed);
        for (std::size_t n = 1; n <= operations; ++n) {
            FakeFileSystem each;
            copy(files, each);
            each.cut_power_at(n);
            Journal::Opened cut;
            EXPECT_FALSE(Journal::open(each, options(), cut)) << n;
            each.restart(random);
            const auto again = Journal::open(each, options(), cut);
            ASSERT_TRUE(again) << "operation " << n << ": " << again.error().text;
            const Epochs& epochs = (*again)->epochs();
            ASSERT_EQ(epochs.former.size(), 1U) << "operation " << n << ", seed " << seed;
            EXPECT_NE(epochs.identity.epoch, test_identity().epoch);
            EXPECT_FALSE(has_mark(each));
            JournalStream& stream = (*again)->stream(StreamId::samples);
            EXPECT_EQ(readable(stream), first_to(30));
            ASSERT_TRUE(append_one(stream));
            EXPECT_EQ(readable(stream), first_to(31));
        }
    }
}

// Each operation fails once, and `stored` is started again.
TEST_F(JournalEpochs, AFailureOfAnyOperationBeginsExactlyOne) {
    for (const auto fault : {FakeFileSystem::Fault::half_written, FakeFileSystem::Fault::no_room}) {
        const std::size_t operations = operations_of_opening();
        for (std::size_t n = 1; n <= operations; ++n) {
            FakeFileSystem each;
            copy(files, each);
            each.fail_operation(n, fault);
            const auto first = Journal::open(each, options(), opened);
            const auto made = first ? Result<std::unique_ptr<Journal>>(fail(ErrorCode::not_found, ""))
                                    : Journal::open(each, options(), opened);
            // For want of room for its spare the ledger does not fail.
            ASSERT_TRUE(first || made) << n;
            const Journal& begun = first ? **first : **made;
            EXPECT_EQ(begun.epochs().former.size(), 1U) << n;
            EXPECT_EQ(readable(begun.stream(StreamId::samples)), first_to(30)) << n;
            EXPECT_FALSE(has_mark(each)) << n;
        }
    }
}

// A write that was cut short when the copy was made is settled in the epoch that it is of.
TEST_F(JournalEpochs, ATornEndIsTheFormerEpochs) {
    std::string bytes = files.contents(last_segment(files));
    bytes[bytes.rfind("OFRM") + kFrameHeaderOctets] ^= 1;
    files.set_contents(last_segment(files), bytes);
    open();
    EXPECT_EQ(opened.torn_tails, std::vector{StreamId::samples});
    EXPECT_EQ(journal->epochs().former[0].last_of(StreamId::samples), 30U);
    append(40);
    open();
    EXPECT_TRUE(opened.damage.empty());
    auto expected = first_to(40);
    expected.erase(30);
    EXPECT_EQ(readable(samples()), expected);
}

// The header of a former epoch's segment is damaged: its frames are read under that epoch.
TEST_F(JournalEpochs, ADamagedHeaderIsMadeAgainForItsEpoch) {
    open();
    append(60);
    for (const std::string& path : files.paths()) {
        if (!path.starts_with("journal/samples-")) continue;
        std::string bytes = files.contents(path);
        bytes[20] ^= 1;
        files.set_contents(path, bytes);
    }
    open();
    EXPECT_EQ(readable(samples()), first_to(60));
    EXPECT_EQ(epochs_of_numbers().at(30), test_identity().epoch);
    EXPECT_EQ(epochs_of_numbers().at(31), journal->identity().epoch);
}

TEST_F(JournalEpochs, ASegmentWithoutARecordIsReplaced) {
    open();
    ASSERT_TRUE(samples().prepare(10, kStartNs));
    const std::string path = last_segment(files);
    ASSERT_EQ(path, "journal/" + segment_name(StreamId::samples, 31));
    mark(files);
    open();
    append(40);
    open();
    EXPECT_TRUE(opened.damage.empty());
    EXPECT_EQ(readable(samples()), first_to(40));
    EXPECT_EQ(epochs_of_numbers().at(31), journal->identity().epoch);
}

// What the old box numbered behind the copy, brought here by hand, has our numbers and is not ours.
TEST_F(JournalEpochs, WhatTheFormerEpochNumberedBehindItsEndIsForeign) {
    FakeFileSystem original;
    copy(files, original);
    ASSERT_TRUE(original.remove(kMark));
    ASSERT_EQ(fill(original, 90), 90U);
    open();
    append(60);
    const std::string path = last_segment(original);
    ASSERT_TRUE(files.open(path, FileSystem::Mode::create));
    files.set_contents(path, original.contents(path));
    journal.reset();
    const auto made = Journal::open(files, options(), opened);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::refused);
    EXPECT_NE(made.error().text.find(path), std::string::npos) << made.error().text;
}

TEST_F(JournalEpochs, WithoutAnySegmentNumbersStillGoOn) {
    open();
    journal.reset();
    for (const std::string& path : files.paths()) {
        if (!path.starts_with("journal/samples-")) continue;
        ASSERT_TRUE(files.remove(path));
    }
    open();
    EXPECT_EQ(samples().next_sequence(), 31U);
}

// Which epoch was the last, and what it numbered, is not known: nothing is numbered in it again.
TEST_F(JournalEpochs, ALostIdentityBeginsAnEpochAndKnowsTheFormerOnesFromTheSegments) {
    open();
    append(60);
    const std::uint64_t second = journal->identity().epoch;
    files.set_contents("journal/identity", std::string(200, 'x'));
    open();
    EXPECT_TRUE(opened.new_epoch);
    EXPECT_EQ(opened.damage.size(), 1U);
    const Epochs epochs = journal->epochs();
    EXPECT_EQ(epochs.identity.station, test_identity().station);
    ASSERT_EQ(epochs.former.size(), 2U);
    EXPECT_EQ(epochs.former[0].last_of(StreamId::samples), 30U);
    EXPECT_EQ(epochs.former[1].last_of(StreamId::samples), 60U);
    EXPECT_EQ(epochs.former[1].epoch, second);
    EXPECT_NE(epochs.identity.epoch, second);
    EXPECT_EQ(readable(samples()), first_to(60));
    append(70);
    open();
    EXPECT_TRUE(opened.damage.empty());
    EXPECT_EQ(journal->epochs(), epochs);
}

TEST(Epochs, EachFlippedBitOfTheFileIsSeen) {
    Epochs epochs(test_identity());
    epochs.begin();
    for (const StreamId id : kStreams) epochs.end_at(id, 100 * static_cast<std::uint64_t>(id));
    epochs.begin();
    for (const StreamId id : kStreams) epochs.end_at(id, 200 * static_cast<std::uint64_t>(id));
    const std::string bytes = encode_epochs(epochs, kStartNs);
    ASSERT_EQ(bytes.size(), epochs_octets(epochs));
    EXPECT_EQ(parse_epochs(bytes).value(), epochs);
    for (std::size_t bit = 0; bit < 8 * (bytes.size() - 4); ++bit) {
        if (bit / 8 >= 56 && bit / 8 < 64) continue;  // zero, ignored
        std::string bad = bytes;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
        EXPECT_FALSE(parse_epochs(bad)) << bit;
    }
    for (std::size_t octets = 0; octets < bytes.size(); ++octets)
        EXPECT_FALSE(parse_epochs(bytes.substr(0, octets))) << octets;
    // A program that knows no former epochs must not go on with the numbers.
    EXPECT_EQ(parse_identity(bytes.substr(0, kIdentityOctets)).error().code, ErrorCode::refused);
}

TEST(Epochs, NumbersAreThoseOfTheEpochThatEndedNextBehindThem) {
    Epochs epochs(test_identity());
    epochs.begin();
    epochs.end_at(StreamId::state, 10);
    const std::uint64_t second = epochs.identity.epoch;
    epochs.begin();
    epochs.end_at(StreamId::state, 10);  // it gave none
    EXPECT_EQ(epochs.at(StreamId::state, 10), test_identity());
    EXPECT_EQ(epochs.at(StreamId::state, 11), epochs.identity);
    EXPECT_EQ(epochs.last_at(StreamId::state, 1), 10U);
    EXPECT_EQ(epochs.last_at(StreamId::state, 11), FormerEpoch::kOpen);
    EXPECT_EQ(epochs.first_sequence(StreamId::state), 11U);
    EXPECT_TRUE(epochs.has({test_identity().station, second}));
    EXPECT_FALSE(epochs.has({StationId{}, second}));
}

TEST(Epochs, OfMoreThanAFileHoldsTheOldestIsForgotten) {
    Epochs epochs(test_identity());
    for (std::size_t i = 0; i <= kMaxFormerEpochs; ++i) epochs.begin();
    EXPECT_EQ(epochs.former.size(), kMaxFormerEpochs);
    EXPECT_FALSE(epochs.has(test_identity()));
    const std::string bytes = encode_epochs(epochs, 0);
    EXPECT_EQ(bytes.size(), kMaxEpochsOctets);
    EXPECT_EQ(parse_epochs(bytes).value(), epochs);
}

}  // namespace
}  // namespace outstation::store
