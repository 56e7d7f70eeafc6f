// SPDX-License-Identifier: GPL-3.0-or-later
// Segments that the device cannot read, and segments that are not ours: the rest is served, no number is
// given twice, and what is missing is told.
#include "lib/store/journal/journal_test.hpp"

namespace outstation::store {
namespace {

std::vector<std::string> segments_of(const FakeFileSystem& files) {
    std::vector<std::string> out;
    for (const std::string& path : files.paths()) {
        if (path.starts_with("journal/samples-")) out.push_back(path);
    }
    return out;
}

std::uint64_t first_of(const std::string& path) {
    return parse_segment_name(path.substr(path.rfind('/') + 1))->first_sequence;
}

struct JournalUnreadable : testing::Test {
    void SetUp() override {
        ASSERT_EQ(fill(files, 120), 120U);
        segments = segments_of(files);
        ASSERT_GT(segments.size(), 4U);
    }
    void open() {
        opened = {};
        journal.reset();
        auto made = Journal::open(files, options(), opened);
        ASSERT_TRUE(made) << made.error().text;
        journal = std::move(*made);
    }
    [[nodiscard]] JournalStream& stream() const { return journal->stream(StreamId::samples); }

    FakeFileSystem files;
    std::vector<std::string> segments;
    Journal::Opened opened;
    std::unique_ptr<Journal> journal;
};

// An old segment, or two next to each other, cannot be opened any more.
TEST_F(JournalUnreadable, OldSegmentsThatCannotBeOpenedAreDamage) {
    for (const std::size_t count : {1U, 2U}) {
        for (std::size_t i = 0; i < count; ++i) files.fail_open(segments[1 + i]);
        open();
        ASSERT_EQ(opened.damage.size(), count);
        auto expected = first_to(120);
        for (std::size_t i = 0; i < count; ++i) {
            const Damage& told = opened.damage[i];
            EXPECT_EQ(told.segment, segments[1 + i]);
            EXPECT_EQ(told.first_sequence, first_of(segments[1 + i]));
            EXPECT_EQ(told.last_sequence, first_of(segments[2 + i]) - 1);
            for (std::uint64_t k = told.first_sequence; k <= told.last_sequence; ++k) expected.erase(k);
        }
        EXPECT_EQ(readable(stream()), expected);
        EXPECT_EQ(stream().next_sequence(), 121U);
        journal.reset();
    }
    files.mend_reads();
    open();
    EXPECT_TRUE(opened.damage.empty());
    EXPECT_EQ(readable(stream()), first_to(120));
}

// The first of all: that it is there is known, and retention can let it go.
TEST_F(JournalUnreadable, AnUnreadableSegmentCanBeDropped) {
    files.fail_open(segments[0]);
    open();
    EXPECT_EQ(stream().view().parts().front().segment.end_sequence, first_of(segments[1]));
    EXPECT_TRUE(stream().drop_oldest().value());
    EXPECT_EQ(stream().view().first_sequence(), first_of(segments[1]));
}

// What was never read is nowhere else: it is not unlinked with those that are sealed.
TEST_F(JournalUnreadable, AnUnreadableSegmentIsSetAsideUntilRoomIsNeeded) {
    files.fail_open(segments[1]);
    open();
    const std::uint64_t octets = journal->octets();
    EXPECT_EQ(stream().drop_to(first_of(segments[3]) - 1).value(), 3U);
    const std::string kept = segments[1] + ".bad";
    EXPECT_EQ(journal->set_aside().take_news(), std::vector{kept});
    EXPECT_TRUE(journal->set_aside().take_news().empty());
    for (int start = 0; start < 2; ++start) {
        EXPECT_EQ(stream().view().first_sequence(), first_of(segments[3]));
        EXPECT_EQ(journal->set_aside().files(), 1U);
        EXPECT_EQ(journal->set_aside().octets(), kSegment);
        EXPECT_EQ(journal->octets(), octets - 2 * kSegment);
        open();
        EXPECT_TRUE(opened.damage.empty());
    }
    EXPECT_EQ(journal->set_aside().drop(), 1U);
    EXPECT_EQ(journal->octets(), octets - 3 * kSegment);
    for (const std::string& path : files.paths()) EXPECT_FALSE(path.ends_with(".bad")) << path;
}

TEST_F(JournalUnreadable, TheNewestSegmentThatCannotBeOpenedIsNamed) {
    files.fail_open(segments.back());
    const auto made = Journal::open(files, options(), opened);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::io);
    EXPECT_NE(made.error().text.find(segments.back()), std::string::npos) << made.error().text;
    files.mend_reads();
    open();
    EXPECT_EQ(readable(stream()), first_to(120));
}

// One page of any segment: what stands there is lost, what stands beside it is served, and numbers go on.
TEST_F(JournalUnreadable, APageThatCannotBeReadCostsItsFramesOnly) {
    for (const std::string& segment : {segments[1], segments.back()}) {
        for (std::uint64_t page = 0; page < kSegment; page += 4096) {
            FakeFileSystem copy;
            ASSERT_EQ(fill(copy, 120), 120U);
            copy.fail_reads(segment, page, page + 4096);
            Journal::Opened found;
            const auto made = Journal::open(copy, options(), found);
            ASSERT_TRUE(made) << made.error().text;
            JournalStream& stream = (*made)->stream(StreamId::samples);
            EXPECT_GE(stream.next_sequence(), 121U) << page;
            EXPECT_GE(readable(stream).size(), 100U) << page;
            // An old segment whose index is whole is read when it is asked for: the answer tells then.
            const bool later = segment == segments[1] && page > 0 && page + 4096 < kSegment;
            EXPECT_TRUE(later || !found.damage.empty()) << page;
            const std::uint64_t next = stream.next_sequence();
            ASSERT_TRUE(append_one(stream));
            EXPECT_TRUE(readable(stream).contains(next)) << page;
        }
    }
}

// A read that fails once is done again, page by page, or at the next opening.
TEST_F(JournalUnreadable, AReadThatFailsOnceLosesNothing) {
    for (std::size_t n = 1; n < 60; ++n) {
        files.fail_read(n);
        opened = {};
        auto made = Journal::open(files, options(), opened);
        if (!made) {
            EXPECT_NE(made.error().text.find("journal/"), std::string::npos) << made.error().text;
            made = Journal::open(files, options(), opened);
        }
        ASSERT_TRUE(made) << n << ": " << made.error().text;
        files.mend_reads();
        EXPECT_EQ(readable((*made)->stream(StreamId::samples)), first_to(120)) << n;
        EXPECT_EQ((*made)->stream(StreamId::samples).next_sequence(), 121U) << n;
    }
}

// It may be whole: no epoch begins before somebody says that it is lost.
TEST_F(JournalUnreadable, AnIdentityThatCannotBeReadKeepsTheJournalClosed) {
    const std::string identity = files.contents("journal/identity");
    for (const bool opens : {true, false}) {
        opens ? files.fail_reads("journal/identity") : files.fail_open("journal/identity");
        const auto made = Journal::open(files, options(), opened);
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error().code, ErrorCode::io);
        EXPECT_NE(made.error().text.find("journal/identity"), std::string::npos) << made.error().text;
        EXPECT_EQ(files.contents("journal/identity"), identity);
        files.mend_reads();
    }
    open();
    EXPECT_EQ(journal->identity(), test_identity());
    EXPECT_FALSE(opened.new_epoch);
    journal.reset();
    ASSERT_TRUE(files.rename("journal/identity", "journal/elsewhere"));
    open();
    EXPECT_TRUE(opened.new_epoch);
    EXPECT_EQ(journal->epochs().at(StreamId::samples, 120), test_identity());
    EXPECT_EQ(readable(stream()), first_to(120));
}

TEST_F(JournalUnreadable, ADamagedIdentityIsKept) {
    files.set_contents("journal/identity", "rubbish");
    open();
    EXPECT_TRUE(opened.new_epoch);
    EXPECT_EQ(opened.damage.size(), 1U);
    EXPECT_EQ(files.contents("journal/identity.bad"), "rubbish");
}

Identity other_identity() {
    Identity out = test_identity();
    ++out.station[0];
    return out;
}

// As its writer made it: header, seed and all.
std::string foreign_segment(std::uint64_t first_sequence) {
    FakeFileSystem files;
    Journal::Options foreign = options();
    foreign.make_identity = &other_identity;
    Journal::Opened opened;
    const auto journal = Journal::open(files, foreign, opened);
    EXPECT_TRUE(append_one((*journal)->stream(StreamId::samples)));
    std::string bytes = files.contents(last_segment(files));
    SegmentHeader header{other_identity(), StreamId::samples, first_sequence, 0, 0};
    return bytes.replace(0, kSegmentHeaderOctets, encode_segment_header(header));
}

TEST_F(JournalUnreadable, ASegmentOfAnotherStationIsToldAndLeftAlone) {
    const std::string path = "journal/" + segment_name(StreamId::samples, 2);
    const std::string bytes = foreign_segment(2);
    ASSERT_TRUE(files.open(path, FileSystem::Mode::create));
    files.set_contents(path, bytes);
    open();
    ASSERT_EQ(opened.damage.size(), 1U);
    EXPECT_EQ(opened.damage[0].segment, path);
    EXPECT_GT(opened.damage[0].first_sequence, opened.damage[0].last_sequence);
    EXPECT_EQ(readable(stream()), first_to(120));
    while (stream().drop_oldest().value()) {
    }
    EXPECT_EQ(files.contents(path), bytes);
}

// The identity file of another station: all our segments are foreign, and numbering must not begin anew.
TEST_F(JournalUnreadable, ForeignSegmentsInTheWayOfOursAreRefused) {
    files.set_contents("journal/identity", encode_identity(other_identity(), 0));
    const auto made = Journal::open(files, options(), opened);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::refused);
    EXPECT_NE(made.error().text.find(segments.front()), std::string::npos) << made.error().text;
    EXPECT_EQ(segments_of(files), segments);
}

// One stray segment does not make a station of its own.
TEST_F(JournalUnreadable, ALostIdentityIsThatOfMostSegments) {
    const std::string path = "journal/" + segment_name(StreamId::state, 1);
    ASSERT_TRUE(files.open(path, FileSystem::Mode::create));
    files.set_contents(path, foreign_segment(1).replace(
                                 0, kSegmentHeaderOctets,
                                 encode_segment_header({other_identity(), StreamId::state, 1, 0, 0})));
    files.set_contents("journal/identity", std::string(kIdentityOctets, 'x'));
    const auto made = Journal::open(files, options(), opened);
    ASSERT_FALSE(made);  // the stray one has the first number of `state`
    EXPECT_NE(made.error().text.find(path), std::string::npos) << made.error().text;
    ASSERT_TRUE(files.remove(path));
    open();
    EXPECT_EQ(journal->identity().station, test_identity().station);
}

// A crash between the gap and its entry in the ledger: the next opening has it still.
TEST_F(JournalUnreadable, GapsOfEarlierOpeningsAreGivenAgain) {
    std::string bytes = files.contents(segments.back());
    bytes[bytes.rfind("OFRM") + kFrameHeaderOctets] ^= 1;
    files.set_contents(segments.back(), bytes);
    open();
    ASSERT_EQ(opened.damage.size(), 1U);
    const Damage told = opened.damage[0];
    EXPECT_TRUE(opened.gaps.empty());
    journal.reset();
    open();
    EXPECT_TRUE(opened.damage.empty());
    ASSERT_EQ(opened.gaps.size(), 1U);
    EXPECT_EQ(opened.gaps[0].first_sequence, told.first_sequence);
    EXPECT_EQ(opened.gaps[0].last_sequence, told.last_sequence);
    EXPECT_EQ(opened.gaps[0].what, told.what);
    EXPECT_TRUE(opened.gaps[0].tail);
    journal.reset();
    ASSERT_GE(fill(files, 200), 200U);  // it is in an index then
    open();
    EXPECT_EQ(opened.gaps.size(), 1U);
}

}  // namespace
}  // namespace outstation::store
