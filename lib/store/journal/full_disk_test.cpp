// SPDX-License-Identifier: GPL-3.0-or-later
// No room: what was acknowledged stays, nothing fails for good, and the limit of all files holds at every
// moment.
#include "lib/store/journal/journal_test.hpp"
#include "lib/store/test_part.hpp"

namespace outstation::store {
namespace {

struct JournalFull : testing::Test {
    void SetUp() override { open(); }
    void open() {
        journal.reset();
        Journal::Opened opened;
        auto made = Journal::open(files, options(), opened);
        ASSERT_TRUE(made) << made.error().text;
        EXPECT_TRUE(opened.damage.empty());
        journal = std::move(*made);
    }
    [[nodiscard]] JournalStream& samples() const { return journal->stream(StreamId::samples); }
    [[nodiscard]] JournalStream& ledger() const { return journal->stream(StreamId::ledger); }
    // Appends until there is no room; tells how many went in.
    std::uint64_t append_until_full(JournalStream& stream) {
        for (std::uint64_t count = 0; count < 10'000; ++count) {
            const auto ok = append_one(stream);
            if (ok) continue;
            EXPECT_EQ(ok.error().code, ErrorCode::exhausted) << ok.error().text;
            return count;
        }
        ADD_FAILURE() << "never full";
        return 0;
    }

    FakeFileSystem files;
    std::unique_ptr<Journal> journal;
};

TEST_F(JournalFull, AFullDiskIsWaitedOut) {
    files.set_capacity(10 * kSegment);
    const std::uint64_t count = append_until_full(samples());
    EXPECT_EQ(readable(samples()), first_to(count));
    EXPECT_EQ(append_until_full(samples()), 0U);
    for (const std::string& path : files.paths()) EXPECT_FALSE(path.ends_with(".new")) << path;
    ASSERT_TRUE(samples().drop_oldest().value());
    ASSERT_TRUE(append_one(samples()));
    EXPECT_EQ(samples().next_sequence(), count + 2);
    open();
    EXPECT_EQ(samples().next_sequence(), count + 2);
    expect_complete(ledger(), "ledger");
}

// Not one octet of a segment that does not fit is written, however often it is tried.
TEST_F(JournalFull, TryingAgainWritesNothing) {
    files.set_capacity(10 * kSegment);
    append_until_full(samples());
    std::uint64_t most = files.octets();
    files.on_operation([&most](std::uint64_t octets) { most = std::max(most, octets); });
    const std::uint64_t before = files.octets();
    for (int start = 0; start < 5; ++start) {
        open();
        EXPECT_EQ(append_until_full(samples()), 0U);
    }
    EXPECT_EQ(most, before);
}

// The entry about what is dropped has its room, when nothing else has any.
TEST_F(JournalFull, TheLedgerGoesOnWithItsSpare) {
    while (ledger().segments() < 2) ASSERT_TRUE(append_one(ledger()));
    while (samples().segments() < 3) ASSERT_TRUE(append_one(samples()));
    files.set_capacity(0);
    append_until_full(samples());
    const std::size_t segments = ledger().segments();
    while (ledger().segments() == segments) ASSERT_TRUE(append_one(ledger()));
    EXPECT_EQ(ledger().spare_octets(), 0U);
    open();  // and none is made now
    EXPECT_EQ(ledger().missing_spare_octets(), kSegment);
    files.set_capacity(files.octets());
    const auto victims = journal->plan_trim({{StreamId::samples, {2 * kSegment, {}}}}, 0, 0);
    ASSERT_TRUE(journal->drop(victims));
    EXPECT_EQ(ledger().spare_octets(), kSegment);
    expect_complete(ledger(), "ledger");
}

TEST_F(JournalFull, ASpareOfAnotherSizeIsMadeAnew) {
    files.set_contents("journal/ledger.spare", "x");
    open();
    EXPECT_EQ(files.contents("journal/ledger.spare"), std::string(kSegment, '\0'));
}

// Each operation of a run fails once for want of room, before or after half of a write: it is tried again,
// and no record is lost, doubled, or made unknown.
TEST_F(JournalFull, NoRoomAtEveryOperation) {
    using Fault = FakeFileSystem::Fault;
    for (const Fault fault : {Fault::no_room, Fault::no_room_halfway}) {
        bool failed = true;
        for (std::size_t n = 1; failed; n += test_part()) {
            FakeFileSystem disk;
            Journal::Opened opened;
            auto made = Journal::open(disk, options(), opened);
            ASSERT_TRUE(made);
            disk.fail_operation(n, fault);
            failed = false;
            JournalStream* stream = &(*made)->stream(StreamId::samples);
            for (std::uint64_t i = 1; i <= 60;) {
                const auto ok = append_one(*stream);
                i += ok ? 1 : 0;
                if (ok) continue;
                ASSERT_FALSE(failed) << n;
                failed = true;
                if (ok.error().code == ErrorCode::exhausted) continue;
                // A sync: what it was about may be there or not.
                EXPECT_EQ(ok.error().code, ErrorCode::io);
                made->reset();
                made = Journal::open(disk, options(), opened);
                ASSERT_TRUE(made) << n << ": " << made.error().text;
                stream = &(*made)->stream(StreamId::samples);
                i = stream->next_sequence();
            }
            made->reset();
            disk.fail_operation(100'000);  // none any more
            Journal::Opened again;
            made = Journal::open(disk, options(), again);
            ASSERT_TRUE(made) << n << ": " << made.error().text;
            EXPECT_TRUE(again.damage.empty() && again.torn_tails.empty()) << n;
            EXPECT_EQ(readable((*made)->stream(StreamId::samples)), first_to(60)) << n;
        }
    }
}

// A frame that did not fit is cut back; a crash before that is a torn tail like any other.
TEST_F(JournalFull, ACrashBeforeTheCutLosesNothing) {
    ASSERT_TRUE(append_one(samples()));
    files.fail_operation(1, FakeFileSystem::Fault::no_room_halfway);
    const auto written = append_one(samples());
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, ErrorCode::exhausted);
    journal.reset();
    Journal::Opened opened;
    auto made = Journal::open(files, options(), opened);
    ASSERT_TRUE(made);
    EXPECT_EQ(opened.torn_tails.size(), 1U);
    EXPECT_EQ(readable((*made)->stream(StreamId::samples)), first_to(1));
    ASSERT_TRUE(append_one((*made)->stream(StreamId::samples)));
}

// Whatever is written, in whichever stream: all files together never pass the limit, and retention makes
// room whenever a stream has none.
TEST_F(JournalFull, TheLimitHoldsAtEveryOperation) {
    constexpr std::uint64_t kLimit = 16 * kSegment;
    std::uint64_t most = 0;
    files.on_operation([&most](std::uint64_t octets) { most = std::max(most, octets); });
    journal->set_limit(kLimit);
    std::mt19937_64 random(1);
    constexpr StreamId kUsed[] = {StreamId::samples, StreamId::samples, StreamId::samples, StreamId::state,
                                  StreamId::audit};
    std::uint64_t waited = 0;
    for (int i = 0; i < 3000; ++i) {
        JournalStream& stream = journal->stream(kUsed[random() % std::size(kUsed)]);
        auto ok = append_one(stream);
        if (!ok) {
            ASSERT_EQ(ok.error().code, ErrorCode::exhausted) << ok.error().text;
            ++waited;
            const auto victims = journal->plan_trim({}, journal->target_octets(), 0);
            ASSERT_FALSE(victims.empty()) << i;
            ASSERT_TRUE(append_one(ledger()));  // the entry about them
            ASSERT_TRUE(journal->drop(victims));
            ok = append_one(stream);
        }
        ASSERT_TRUE(ok) << i << ": " << ok.error().text;
    }
    EXPECT_GT(waited, 10U);
    EXPECT_LE(most, kLimit);
    EXPECT_GT(most, kLimit - 2 * kSegment);
    for (const StreamId id : {StreamId::samples, StreamId::state, StreamId::audit}) {
        const JournalStream& stream = journal->stream(id);
        const auto kept = readable(stream);
        EXPECT_EQ(*kept.begin(), stream.view().first_sequence());
        EXPECT_EQ(kept.size(), stream.next_sequence() - stream.view().first_sequence());
    }
}

// What waited for long comes as one frame that is larger than a segment, perhaps than the whole limit.
TEST_F(JournalFull, AFrameLargerThanASegmentFindsItsRoom) {
    for (const std::size_t octets : {3 * kSegment, 30 * kSegment}) {
        journal->set_limit(12 * kSegment);
        while (append_one(samples())) {
        }
        ASSERT_TRUE(journal->drop(journal->plan_trim({}, journal->target_octets(), 0)));
        const auto denied = samples().prepare(octets, 0);
        ASSERT_FALSE(denied);
        EXPECT_EQ(denied.error().code, ErrorCode::exhausted);
        const auto victims = journal->plan_trim({}, journal->target_octets(), 0);
        ASSERT_FALSE(victims.empty());
        ASSERT_TRUE(journal->drop(victims));
        EXPECT_TRUE(samples().prepare(octets, 0)) << octets;
        open();
    }
}

// A limit that is too small to work with stalls nothing.
TEST_F(JournalFull, ALimitBelowWhatTheStreamsNeedIsNotKept) {
    journal->set_limit(1);
    for (int i = 0; i < 200; ++i) {
        auto ok = append_one(samples());
        if (ok) continue;
        ASSERT_TRUE(journal->drop(journal->plan_trim({}, journal->target_octets(), 0)));
        ASSERT_TRUE(append_one(samples())) << i;
    }
    EXPECT_LE(samples().segments(), 4U);
}

// As a frame leaves it that found no room. The marks of producers stand where records are.
TEST(Journal, TheLastSegmentThatHasARecordStays) {
    FakeFileSystem files;
    ASSERT_EQ(fill(files, 40), 40U);
    const auto make_empty_segment = [&files](const std::string& content) {
        Journal::Opened opened;
        const auto journal = Journal::open(files, options(), opened);
        ASSERT_TRUE(journal);
        ASSERT_TRUE((*journal)->stream(StreamId::samples).prepare(2 * kSegment, kStartNs));
        const std::string path = (*journal)->stream(StreamId::samples).view().parts().back().segment.path;
        std::string bytes = files.contents(path);
        content.copy(bytes.data() + kSegmentHeaderOctets, content.size());
        files.set_contents(path, bytes);
    };
    for (const std::string content : {"", "OFRM, and torn"}) {  // a gap is no record
        make_empty_segment(content);
        Journal::Opened opened;
        const auto journal = Journal::open(files, options(), opened);
        ASSERT_TRUE(journal);
        JournalStream& stream = (*journal)->stream(StreamId::samples);
        ASSERT_EQ(gaps_of(stream).empty(), content.empty());
        const auto victims = (*journal)->plan_trim({}, 1, kStartNs);
        ASSERT_TRUE((*journal)->drop(victims));
        EXPECT_FALSE(stream.drop_oldest().value());
        EXPECT_EQ(stream.drop_to(stream.next_sequence() - 1).value(), 0U);
        EXPECT_TRUE(readable(stream).contains(40)) << content;
        EXPECT_EQ(stream.segments(), 2U);
    }
    Journal::Opened opened;
    const auto journal = Journal::open(files, options(), opened);
    ASSERT_TRUE(journal);
    JournalStream& stream = (*journal)->stream(StreamId::samples);
    ASSERT_TRUE(append_one(stream));
    EXPECT_TRUE(stream.drop_oldest().value());
    EXPECT_EQ(stream.segments(), 1U);
}

// What was set aside is more than the journal may have, and the device does not unlink it.
TEST(JournalSetAside, WhatCannotBeUnlinkedKeepsNoStreamFromGrowing) {
    struct Files : FakeFileSystem {
        Result<void> remove(const std::string& path) override {
            if (stuck && path.ends_with(".bad")) return fail(ErrorCode::io, "remove " + path + ": injected");
            return FakeFileSystem::remove(path);
        }
        bool stuck = true;
    } files;
    const std::string bad = "journal/" + segment_name(StreamId::samples, 1) + ".bad";
    ASSERT_TRUE(files.open(bad, FileSystem::Mode::create));
    files.set_contents(bad, std::string(40 * kSegment, 'x'));
    Journal::Opened opened;
    const auto journal = Journal::open(files, options(), opened).value();
    journal->set_limit(12 * kSegment);
    JournalStream& samples = journal->stream(StreamId::samples);
    EXPECT_EQ(append_one(samples).error().code, ErrorCode::exhausted);
    EXPECT_EQ(journal->set_aside().drop(), 0U);
    EXPECT_EQ(journal->set_aside().octets(), 40 * kSegment);
    ASSERT_TRUE(journal->set_aside().stuck());
    std::uint64_t count = 0;
    while (append_one(samples)) ASSERT_LT(++count, 10'000U);
    EXPECT_GT(samples.segments(), 4U);
    EXPECT_LE(journal->octets(), (40 + 12) * kSegment);
    files.stuck = false;
    EXPECT_EQ(journal->set_aside().drop(), 1U);
    EXPECT_FALSE(journal->set_aside().stuck());
    EXPECT_EQ(journal->set_aside().stuck_octets(), 0U);
}

}  // namespace
}  // namespace outstation::store
