// SPDX-License-Identifier: GPL-3.0-or-later
// The end of a stream after a crash, a cut or damage: numbers go on, none is given twice, and what is not
// known is stated.
#include "lib/store/journal/tail.hpp"

#include "lib/store/journal/journal_test.hpp"
#include "lib/store/test_part.hpp"

namespace outstation::store {
namespace {

// The journal opened once, with its stream of samples.
struct Opening {
    explicit Opening(FakeFileSystem& files) {
        auto made = Journal::open(files, options(), opened);
        if (!made) throw std::runtime_error(made.error().text);
        journal = std::move(*made);
    }
    [[nodiscard]] JournalStream& stream() const { return journal->stream(StreamId::samples); }
    Journal::Opened opened;
    std::unique_ptr<Journal> journal;
};

std::vector<std::string> segments_of(const FakeFileSystem& files) {
    std::vector<std::string> out;
    for (const std::string& path : files.paths()) {
        if (path.starts_with("journal/samples-")) out.push_back(path);
    }
    return out;
}

// Fills until a segment has just been made and holds one frame; returns how many records there are.
std::uint64_t fill_to_new_segment(FakeFileSystem& files) {
    std::uint64_t count = fill(files, 10);
    while (segments_of(files).size() < 3) count = fill(files, count + 1);
    return count;
}

void flip(FakeFileSystem& files, const std::string& path, std::size_t at) {
    std::string bytes = files.contents(path);
    bytes.at(at) = static_cast<char>(bytes.at(at) ^ 0x10);
    files.set_contents(path, bytes);
}

std::size_t end_of(const std::string& bytes) {
    return bytes.find_last_not_of('\0') + 1;
}

// Crash right after the newest segment was made: its name carries the numbering, even without its header.
TEST(JournalTail, NewestSegmentWithoutAFrameGoesOnWhereTheOnesBeforeEnd) {
    for (const bool header : {true, false}) {
        FakeFileSystem files;
        const std::uint64_t count = fill_to_new_segment(files);
        const std::string path = last_segment(files);
        std::string bytes = files.contents(path);
        const std::size_t from = header ? kSegmentHeaderOctets : 0;
        bytes.replace(from, bytes.size() - from, bytes.size() - from, '\0');
        files.set_contents(path, bytes);
        const Opening opening(files);
        EXPECT_EQ(opening.stream().next_sequence(), count);
        EXPECT_EQ(opening.opened.damage.size(), header ? 0U : 1U);
        ASSERT_TRUE(append_one(opening.stream()));
        EXPECT_EQ(readable(opening.stream()), first_to(count));
    }
}

// The only frame of the newest segment is damaged: its number is not given again.
TEST(JournalTail, NewestSegmentWithADamagedFrameKeepsItsNumber) {
    for (const std::size_t at : {std::size_t{4}, kFrameHeaderOctets + 3}) {
        FakeFileSystem files;
        const std::uint64_t count = fill_to_new_segment(files);
        flip(files, last_segment(files), kSegmentHeaderOctets + at);
        const Opening opening(files);
        ASSERT_EQ(opening.opened.damage.size(), 1U);
        EXPECT_EQ(opening.opened.damage[0].first_sequence, count);
        EXPECT_GT(opening.stream().next_sequence(), count);
        ASSERT_TRUE(append_one(opening.stream()));
        expect_complete(opening.stream(), "damaged at " + std::to_string(at));
    }
}

TEST(JournalTail, GapIsToldOnceAndStays) {
    FakeFileSystem files;
    ASSERT_EQ(fill(files, 10), 10U);
    flip(files, last_segment(files), end_of(files.contents(last_segment(files))) - 1);
    {
        const Opening first(files);
        ASSERT_EQ(first.opened.damage.size(), 1U);
        EXPECT_EQ(first.opened.damage[0].what, "torn or damaged tail, 1 record unknown");
    }
    EXPECT_EQ(fill(files, 14), 14U);
    const Opening second(files);
    EXPECT_TRUE(second.opened.damage.empty());
    EXPECT_TRUE(second.opened.torn_tails.empty());
    EXPECT_EQ(gaps_of(second.stream()), std::set<std::uint64_t>{10});
    expect_complete(second.stream(), "opened again");
}

// The segment is sealed with the gap in its index.
TEST(JournalTail, GapIsInTheIndexToo) {
    FakeFileSystem files;
    ASSERT_EQ(fill(files, 10), 10U);
    flip(files, last_segment(files), end_of(files.contents(last_segment(files))) - 1);
    ASSERT_EQ(fill(files, 120), 120U);
    const Opening opening(files);
    ASSERT_GT(opening.stream().segments(), 3U);
    EXPECT_TRUE(opening.opened.damage.empty());
    EXPECT_EQ(gaps_of(opening.stream()), std::set<std::uint64_t>{10});
    expect_complete(opening.stream(), "sealed");
}

// Headers that are whole tell of frames in front of them, too.
TEST(JournalTail, SeveralDamagedFramesAtTheEnd) {
    FakeFileSystem files;
    ASSERT_EQ(fill(files, 10), 10U);
    const std::string path = last_segment(files);
    std::string bytes = files.contents(path);
    std::size_t at = bytes.size();
    for (int frame = 0; frame < 3; ++frame) {
        at = bytes.rfind("OFRM", at - 1);
        bytes[at + kFrameHeaderOctets] = static_cast<char>(bytes[at + kFrameHeaderOctets] ^ 1);
    }
    bytes[at] = 'X';  // of the eighth, the header is gone as well
    files.set_contents(path, bytes);
    const Opening opening(files);
    EXPECT_EQ(opening.stream().next_sequence(), 11U);
    EXPECT_EQ(gaps_of(opening.stream()), (std::set<std::uint64_t>{8, 9, 10}));
    ASSERT_TRUE(append_one(opening.stream()));
    expect_complete(opening.stream(), "three frames");
}

// Nothing is known: as many numbers are left out as could have been given.
TEST(JournalTail, UnreadableOctetsCountForAsManyRecordsAsTheyCanHold) {
    EXPECT_EQ(unreadable_records("x"), kMaxFrameRecords);
    EXPECT_EQ(unreadable_records("OFRM....OFRM....1234OFRM"), 2 * kMaxFrameRecords);
    EXPECT_EQ(unreadable_records(std::string(3 * kMaxFrameRecords, '\xff')), 3 * kMaxFrameRecords);
    EXPECT_EQ(unreadable_records(std::string(3 * kMaxFrameRecords, '\0')), kMaxFrameRecords);
}

// The damage reaches to the end of the file: the gap stands behind it, in a longer file.
TEST(JournalTail, DamageUpToTheEndOfTheFileStillLeavesTheGap) {
    FakeFileSystem files;
    ASSERT_EQ(fill(files, 5), 5U);
    const std::string path = last_segment(files);
    std::string bytes = files.contents(path);
    const std::size_t end = end_of(bytes);
    bytes.replace(end, bytes.size() - end, bytes.size() - end, '\xff');
    files.set_contents(path, bytes);
    {
        const Opening opening(files);
        EXPECT_EQ(opening.stream().next_sequence(), 6U + kMaxFrameRecords);
        EXPECT_GT(files.contents(path).size(), bytes.size());
        ASSERT_TRUE(append_one(opening.stream()));
    }
    const Opening opening(files);
    EXPECT_TRUE(opening.opened.damage.empty());
    expect_complete(opening.stream(), "behind the old end");
}

// What a seal leaves that power cut short: nothing is lost, nothing told, and the segment is written on.
TEST(JournalTail, SealCutAtEveryOctetLosesNothing) {
    FakeFileSystem files;
    const std::uint64_t count = fill_to_new_segment(files);
    ASSERT_TRUE(files.remove(last_segment(files)));
    const std::string path = last_segment(files);
    const std::string whole = files.contents(path);
    const std::size_t index = whole.rfind("OFRM");
    const std::size_t index_end = end_of(whole.substr(0, whole.size() - kTrailerOctets));
    for (std::size_t cut = index; cut < index_end; cut += test_part()) {
        for (const std::string& newer : segments_of(files)) {
            if (newer > path) {
                ASSERT_TRUE(files.remove(newer));
            }
        }
        std::string torn = whole;
        torn.replace(cut, index_end - cut, index_end - cut, '\0');
        files.set_contents(path, torn);
        {
            const Opening opening(files);
            EXPECT_TRUE(opening.opened.damage.empty()) << cut;
            EXPECT_EQ(opening.stream().next_sequence(), count) << cut;
            EXPECT_FALSE(has_octets(trailer_place(files.contents(path)))) << cut;
        }
        EXPECT_EQ(fill(files, count), count);
        const Opening again(files);
        EXPECT_TRUE(again.opened.damage.empty()) << cut;
        EXPECT_EQ(readable(again.stream()), first_to(count)) << cut;
    }
}

// A trailer that a half-written seal left behind points to a frame that was written later, whose body could
// be an index.
TEST(JournalTail, StaleTrailerDoesNotMakeAFrameTheIndex) {
    FakeFileSystem files;
    ASSERT_EQ(fill(files, 3), 3U);
    const std::string path = last_segment(files);
    std::string bytes = files.contents(path);
    const std::size_t offset = aligned(end_of(bytes));
    {
        const Opening opening(files);
        const std::string body(kFrameEntryOctets, 'x');
        ASSERT_TRUE(opening.stream().prepare(body.size(), 0));
        ASSERT_TRUE(opening.stream().write({4, 1, 0, 0, 0, 0}, body));
    }
    bytes = files.contents(path);
    const std::string trailer = encode_trailer(offset, frame_seed(test_identity(), StreamId::samples, 1));
    bytes.replace(bytes.size() - kTrailerOctets, kTrailerOctets, trailer);
    files.set_contents(path, bytes);
    const Opening opening(files);
    EXPECT_TRUE(opening.opened.damage.empty());
    EXPECT_EQ(opening.stream().next_sequence(), 5U);
    const auto entries = opening.stream().view().entries(0);
    ASSERT_TRUE(entries);
    EXPECT_EQ(entries->size(), 4U);
    EXPECT_FALSE(has_octets(trailer_place(files.contents(path))));
}

// An index with a frame behind it seals nothing: the frame is served, and nothing is written over it.
TEST(JournalTail, FrameBehindAnIndexIsKept) {
    FakeFileSystem files;
    ASSERT_EQ(fill(files, 3), 3U);
    const std::string path = last_segment(files);
    std::string bytes = files.contents(path);
    const std::uint32_t seed = frame_seed(test_identity(), StreamId::samples, 1);
    const std::size_t offset = aligned(end_of(bytes));
    const auto entries = Opening(files).stream().view().entries(0).value();
    const auto last = parse_frame_header(std::string_view(bytes).substr(entries.back().offset), seed);
    ASSERT_TRUE(last);
    const std::string index_body = encode_index(entries);
    FrameHeader index;
    index.info.first_sequence = 4;
    index.info.flags = kFlagIndex;
    index.chain = last->header_crc;
    index.body_octets = static_cast<std::uint32_t>(index_body.size());
    std::string tail = encode_frame(index, index_body, seed);
    FrameHeader frame;
    frame.info = {4, 1, 4000, 4000, 0, 0};
    frame.chain = index.header_crc;
    frame.body_octets = static_cast<std::uint32_t>(body_of(4).size());
    tail += encode_frame(frame, body_of(4), seed);
    bytes.replace(offset, tail.size(), tail);
    bytes.replace(bytes.size() - kTrailerOctets, kTrailerOctets, encode_trailer(offset, seed));
    files.set_contents(path, bytes);
    const Opening opening(files);
    EXPECT_EQ(opening.stream().next_sequence(), 5U);
    ASSERT_TRUE(append_one(opening.stream()));
    EXPECT_EQ(readable(opening.stream()), first_to(5));
}

// A segment that holds nothing yet and is too small is replaced under its name; retention must not take the
// new one for the old.
TEST(JournalTail, EmptySegmentWithoutRoomIsReplaced) {
    FakeFileSystem files;
    const Opening opening(files);
    JournalStream& stream = opening.stream();
    ASSERT_TRUE(stream.prepare(10, 0));
    std::mt19937_64 random(3);
    std::string body(50'000, '\0');
    for (char& c : body) c = static_cast<char>(random());
    ASSERT_TRUE(stream.prepare(body.size(), 0));
    ASSERT_TRUE(stream.write({1, 1, 0, 0, 0, 0}, body));
    EXPECT_EQ(stream.segments(), 1U);
    EXPECT_EQ(stream.drop_oldest().value(), false);
    JournalView view = stream.view();
    EXPECT_EQ(view.read(0, view.entries(0)->front()).value(), body);
}

TEST(JournalTail, FrameOfTooManyRecordsIsRefused) {
    FakeFileSystem files;
    const Opening opening(files);
    ASSERT_TRUE(opening.stream().prepare(1, 0));
    const auto written = opening.stream().write({1, kMaxFrameRecords + 1, 0, 0, 0, 0}, "x");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, ErrorCode::bug);
}

// The repair itself is cut at each of its operations: opening again ends with every number accounted for.
TEST(JournalTail, RepairSurvivesAPowerCutAtEveryOperation) {
    std::mt19937_64 random(4);
    for (const std::size_t damaged_octet : {std::size_t{20}, std::size_t{100}}) {
        for (std::size_t n = 1; n < 12; ++n) {
            FakeFileSystem files;
            ASSERT_EQ(fill(files, 10), 10U);
            const std::string path = last_segment(files);
            flip(files, path, files.contents(path).rfind("OFRM") + damaged_octet);
            files.cut_power_at(n);
            {
                Journal::Opened opened;
                (void)Journal::open(files, options(), opened);
            }
            files.restart(random);
            const Opening opening(files);
            EXPECT_GE(opening.stream().next_sequence(), 11U) << n;
            ASSERT_TRUE(append_one(opening.stream()));
            expect_complete(opening.stream(), "cut at operation " + std::to_string(n));
            auto records = readable(opening.stream());
            EXPECT_FALSE(records.contains(10)) << n;
        }
    }
}

}  // namespace
}  // namespace outstation::store
