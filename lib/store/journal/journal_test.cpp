// SPDX-License-Identifier: GPL-3.0-or-later
// The journal against lost, torn and failing writes, flipped bits and a second writer.
#include "lib/store/journal/journal_test.hpp"

#include "lib/store/journal/crc32c.hpp"
#include "lib/store/test_part.hpp"

namespace outstation::store {
namespace {

TEST(Crc32c, KnownVectors) {  // RFC 3720 appendix B.4
    std::string ascending;
    for (int i = 0; i < 32; ++i) ascending.push_back(static_cast<char>(i));
    for (const auto crc : {&crc32c, &crc32c_by_table}) {
        EXPECT_EQ(crc(std::string(32, '\0'), 0), 0x8a9136aaU);
        EXPECT_EQ(crc(std::string(32, '\xff'), 0), 0x62a8ab43U);
        EXPECT_EQ(crc(ascending, 0), 0x46dd794eU);
        EXPECT_EQ(crc("123456789", 0), 0xe3069283U);
        EXPECT_EQ(crc("6789", crc("12345", 0)), 0xe3069283U);
    }
}

TEST(Crc32c, InstructionAndTableAgreeAtEveryLength) {
    const std::string bytes = body_of(699);
    for (std::size_t n = 0; n < bytes.size(); ++n) {
        const auto part = std::string_view(bytes).substr(n);
        ASSERT_EQ(crc32c(part, 77), crc32c_by_table(part, 77)) << n;
    }
}

TEST(Journal, KeepsEverythingOverSegmentsAndRestarts) {
    FakeFileSystem files;
    EXPECT_EQ(fill(files, 40), 40U);
    EXPECT_EQ(fill(files, 120), 120U);
    Journal::Opened opened;
    const auto journal = Journal::open(files, options(), opened);
    ASSERT_TRUE(journal) << journal.error().text;
    EXPECT_TRUE(opened.damage.empty());
    EXPECT_FALSE(opened.fresh);
    EXPECT_EQ((*journal)->identity(), test_identity());
    const JournalStream& stream = (*journal)->stream(StreamId::samples);
    EXPECT_GT(stream.segments(), 3U);
    EXPECT_EQ(readable(stream), first_to(120));
    EXPECT_EQ(stream.view().first_sequence(), 1U);
    EXPECT_EQ(stream.view().end_sequence(), 121U);
}

// A stream in which little comes has no large segment to make.
TEST(Journal, SegmentsGrowUpToTheUsualSize) {
    constexpr std::uint64_t kMiB = 1U << 20;
    FakeFileSystem files;
    Journal::Options large = options();
    large.bulk_segment_octets = 3 * kMiB;
    std::string body(200'000, '\0');
    std::mt19937_64 random(1);
    for (char& octet : body) octet = static_cast<char>(random());
    std::vector<std::uint64_t> sizes;
    for (int start = 0; start < 2; ++start) {  // also over a restart
        Journal::Opened opened;
        const auto journal = Journal::open(files, large, opened);
        ASSERT_TRUE(journal);
        JournalStream& stream = (*journal)->stream(StreamId::samples);
        for (int i = 0; i < 20; ++i) {
            ASSERT_TRUE(stream.prepare(body.size(), kStartNs));
            FrameInfo info;
            info.first_sequence = stream.next_sequence();
            info.records = 1;
            ASSERT_TRUE(stream.write(info, body));
        }
        sizes.clear();
        const JournalView view = stream.view();
        for (const auto& part : view.parts()) sizes.push_back(part.segment.file_octets);
    }
    EXPECT_EQ(sizes, (std::vector<std::uint64_t>{kMiB, 2 * kMiB, 3 * kMiB, 3 * kMiB}));
}

TEST(Journal, SecondWriterIsRefused) {
    FakeFileSystem files;
    Journal::Opened opened;
    const auto first = Journal::open(files, options(), opened);
    ASSERT_TRUE(first);
    const auto second = Journal::open(files, options(), opened);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::refused);
}

TEST(Journal, SecondWriterIsRefusedOnRealFiles) {
    char path[] = "/tmp/outstation-journal-XXXXXX";
    ASSERT_NE(mkdtemp(path), nullptr);
    const auto files = make_real_file_system();
    Journal::Options real = options();
    real.directory = std::string(path) + "/journal";
    Journal::Opened opened;
    {
        const auto first = Journal::open(*files, real, opened);
        ASSERT_TRUE(first) << first.error().text;
        ASSERT_TRUE(append_one((*first)->stream(StreamId::state)));
        const auto second = Journal::open(*files, real, opened);
        ASSERT_FALSE(second);
        EXPECT_EQ(second.error().code, ErrorCode::refused);
    }
    {
        const auto again = Journal::open(*files, real, opened);
        ASSERT_TRUE(again) << again.error().text;
        EXPECT_EQ(readable((*again)->stream(StreamId::state)), first_to(1));
    }
    EXPECT_EQ(std::system(("rm -r " + std::string(path)).c_str()), 0);
}

// Power lost before each changing operation of a run in turn: nothing acknowledged is lost, nothing doubled,
// and every number that the torn write may have had is stated as a gap.
TEST(Journal, PowerCutAtEveryOperation) {
    constexpr std::uint64_t kRecords = 60;
    std::size_t operations = 0;
    {
        FakeFileSystem files;
        EXPECT_EQ(fill(files, kRecords), kRecords);
        operations = files.operations();
    }
    std::mt19937_64 random(1);
    for (std::size_t n = 1; n <= operations; n += test_part()) {
        FakeFileSystem files;
        files.cut_power_at(n);
        const std::uint64_t acknowledged = fill(files, kRecords);
        files.restart(random);
        Journal::Opened opened;
        const auto journal = Journal::open(files, options(), opened);
        ASSERT_TRUE(journal) << n << ": " << journal.error().text;
        EXPECT_TRUE(only_tails(opened)) << n << ": " << opened.damage.front().what;
        JournalStream& stream = (*journal)->stream(StreamId::samples);
        const std::uint64_t kept = readable(stream).size();
        EXPECT_GE(kept, acknowledged) << "lost at operation " << n;
        EXPECT_LE(kept, acknowledged + 1) << "invented at operation " << n;
        ASSERT_TRUE(append_one(stream));
        EXPECT_EQ(readable(stream).size(), kept + 1) << n;
        expect_complete(stream, "cut at operation " + std::to_string(n));
    }
}

// The same run with syncs that do nothing must be caught: it shows that the test above can fail.
TEST(Journal, PowerCutWithoutSyncsLosesRecords) {
    std::mt19937_64 random(1);
    int lost = 0;
    for (int round = 0; round < 20; ++round) {
        FakeFileSystem files;
        ASSERT_EQ(fill(files, 5), 5U);
        files.ignore_syncs(true);
        const std::uint64_t acknowledged = fill(files, 30);
        files.restart(random);
        Journal::Opened opened;
        const auto journal = Journal::open(files, options(), opened);
        if (!journal || readable((*journal)->stream(StreamId::samples)).size() < acknowledged) ++lost;
    }
    EXPECT_GT(lost, 15);
}

// Each changing operation fails once: what was acknowledged stays, and after the failure nothing is
// acknowledged until the journal is opened again.
TEST(Journal, FailureAtEveryOperation) {
    constexpr std::uint64_t kRecords = 40;
    std::size_t operations = 0;
    {
        FakeFileSystem files;
        EXPECT_EQ(fill(files, kRecords), kRecords);
        operations = files.operations();
    }
    std::mt19937_64 random(2);
    for (std::size_t n = 1; n <= operations; n += test_part()) {
        FakeFileSystem files;
        files.fail_operation(n);
        const std::uint64_t acknowledged = fill(files, kRecords);
        EXPECT_LT(acknowledged, kRecords) << n;
        const std::uint64_t resumed = fill(files, acknowledged + 3);
        EXPECT_GE(resumed, acknowledged + 1) << n;
        files.restart(random);
        Journal::Opened opened;
        const auto journal = Journal::open(files, options(), opened);
        ASSERT_TRUE(journal) << n << ": " << journal.error().text;
        EXPECT_TRUE(opened.damage.empty()) << n;
        const JournalStream& stream = (*journal)->stream(StreamId::samples);
        EXPECT_EQ(stream.next_sequence(), resumed + 1) << n;
        const auto records = readable(stream);
        for (std::uint64_t i = 1; i <= acknowledged; ++i) EXPECT_TRUE(records.contains(i)) << n;
        expect_complete(stream, "failed at operation " + std::to_string(n));
    }
}

TEST(Journal, FailedStreamRefusesUntilReopened) {
    FakeFileSystem files;
    Journal::Opened opened;
    {
        const auto journal = Journal::open(files, options(), opened);
        ASSERT_TRUE(journal);
        JournalStream& stream = (*journal)->stream(StreamId::samples);
        ASSERT_TRUE(append_one(stream));
        files.fail_operation(2);  // the sync
        EXPECT_FALSE(append_one(stream));
        EXPECT_EQ(stream.view().end_sequence(), 2U);
        const auto refused = append_one(stream);
        ASSERT_FALSE(refused);
        EXPECT_NE(refused.error().text.find("earlier write failed"), std::string::npos);
    }
    EXPECT_EQ(fill(files, 5), 5U);
}

// The last frame cut at every byte: it may have been acknowledged, so its number is not given again. A header
// that is whole tells that it was one number; else as many are left out as a frame may have.
TEST(Journal, TornTailAtEveryByte) {
    FakeFileSystem files;
    ASSERT_EQ(fill(files, 10), 10U);
    const std::string path = last_segment(files);
    const std::string whole = files.contents(path);
    const std::size_t end = whole.find_last_not_of('\0') + 1;
    const std::size_t start = whole.rfind("OFRM");
    for (std::size_t cut = start; cut < end; cut += test_part()) {
        std::string torn = whole;
        torn.replace(cut, end - cut, end - cut, '\0');
        files.set_contents(path, torn);
        Journal::Opened opened;
        const auto journal = Journal::open(files, options(), opened);
        ASSERT_TRUE(journal);
        EXPECT_EQ(opened.torn_tails.size(), cut > start ? 1U : 0U) << cut;
        const std::uint64_t unknown = cut == start                       ? 0
                                      : cut < start + kFrameHeaderOctets ? kMaxFrameRecords
                                                                         : 1;
        JournalStream& stream = (*journal)->stream(StreamId::samples);
        ASSERT_EQ(stream.next_sequence(), 10U + unknown) << cut;
        ASSERT_EQ(opened.damage.size(), unknown == 0 ? 0U : 1U) << cut;
        if (unknown > 0) {
            EXPECT_TRUE(opened.damage[0].tail);
            EXPECT_EQ(opened.damage[0].first_sequence, 10U);
            EXPECT_EQ(opened.damage[0].last_sequence, 9U + unknown);
        }
        ASSERT_TRUE(append_one(stream));
        auto expected = first_to(9);
        expected.insert(10 + unknown);
        EXPECT_EQ(readable(stream), expected) << cut;
    }
}

// One flipped bit anywhere: never a wrong record, at most one frame lost, told unless nothing is lost.
TEST(Journal, FlippedBitIsDetectedAndTheRestServed) {
    FakeFileSystem files;
    ASSERT_EQ(fill(files, 10), 10U);
    const std::string path = last_segment(files);
    const std::string whole = files.contents(path);
    const std::size_t end = whole.find_last_not_of('\0') + 1;
    for (std::size_t at = 0; at < end; at += test_part()) {
        std::string flipped = whole;
        flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
        files.set_contents(path, flipped);
        Journal::Opened opened;
        const auto journal = Journal::open(files, options(), opened);
        if (!journal) {  // the version or feature field: a newer format cannot be ruled out
            EXPECT_EQ(journal.error().code, ErrorCode::refused);
            continue;
        }
        const auto found = readable((*journal)->stream(StreamId::samples));
        EXPECT_GE(found.size(), 9U) << at;
        if (found.size() < 10) {
            ASSERT_FALSE(opened.damage.empty()) << at;
            const std::uint64_t lost = opened.damage[0].first_sequence;
            EXPECT_FALSE(found.contains(lost)) << at;
            EXPECT_GE(opened.damage[0].last_sequence, lost) << at;
        }
        EXPECT_GE((*journal)->stream(StreamId::samples).next_sequence(), 11U) << at;
    }
}

TEST(Journal, DamageInTheMiddleNamesTheMissingRecords) {
    FakeFileSystem files;
    ASSERT_EQ(fill(files, 10), 10U);
    const std::string path = last_segment(files);
    std::string bytes = files.contents(path);
    bytes[kSegmentHeaderOctets] = 'X';  // header of the first frame
    files.set_contents(path, bytes);
    Journal::Opened opened;
    const auto journal = Journal::open(files, options(), opened);
    ASSERT_TRUE(journal);
    ASSERT_EQ(opened.damage.size(), 1U);
    EXPECT_EQ(opened.damage[0].first_sequence, 1U);
    EXPECT_EQ(opened.damage[0].last_sequence, 1U);
    auto expected = first_to(10);
    expected.erase(1);
    EXPECT_EQ(readable((*journal)->stream(StreamId::samples)), expected);
    EXPECT_EQ((*journal)->stream(StreamId::samples).next_sequence(), 11U);
}

TEST(Journal, MissingSegmentIsTold) {
    FakeFileSystem files;
    ASSERT_EQ(fill(files, 120), 120U);
    ASSERT_TRUE(files.remove(files.paths().at(3)));  // identity, then segments in order
    Journal::Opened opened;
    const auto journal = Journal::open(files, options(), opened);
    ASSERT_TRUE(journal);
    ASSERT_EQ(opened.damage.size(), 1U);
    const auto lost = opened.damage[0].last_sequence - opened.damage[0].first_sequence + 1;
    EXPECT_EQ(readable((*journal)->stream(StreamId::samples)).size(), 120U - lost);
}

TEST(Journal, DamagedIdentityIsTakenFromTheSegments) {
    FakeFileSystem files;
    ASSERT_EQ(fill(files, 3), 3U);
    files.set_contents("journal/identity", std::string(64, 'x'));
    Journal::Options other = options();
    other.make_identity = [] { return Identity{}; };
    Journal::Opened opened;
    const auto journal = Journal::open(files, other, opened);
    ASSERT_TRUE(journal);
    EXPECT_EQ((*journal)->identity().station, test_identity().station);
    EXPECT_EQ((*journal)->epochs().at(StreamId::samples, 3), test_identity());
    EXPECT_EQ(opened.damage.size(), 1U);
}

// A payload that holds a whole frame of another segment is data.
TEST(Journal, ForeignFrameIsNotTakenForOneOfOurs) {
    FakeFileSystem files;
    ASSERT_EQ(fill(files, 3), 3U);
    const std::string path = last_segment(files);
    std::string bytes = files.contents(path);
    FrameHeader header;
    header.info.first_sequence = 4;
    header.info.records = 1;
    header.body_octets = 4;
    const std::string foreign = encode_frame(header, "evil", frame_seed(Identity{}, StreamId::samples, 1));
    const std::size_t end = (bytes.find_last_not_of('\0') + 8) / 8 * 8;
    bytes.replace(end, foreign.size(), foreign);
    files.set_contents(path, bytes);
    Journal::Opened opened;
    const auto journal = Journal::open(files, options(), opened);
    ASSERT_TRUE(journal);
    const JournalStream& stream = (*journal)->stream(StreamId::samples);
    EXPECT_EQ(readable(stream), first_to(3));
    EXPECT_EQ(stream.next_sequence(), 4U + kMaxFrameRecords);
    EXPECT_EQ(opened.torn_tails.size(), 1U);
}

TEST(Journal, OversizedFrameGetsASegmentOfItsOwn) {
    FakeFileSystem files;
    Journal::Opened opened;
    const auto journal = Journal::open(files, options(), opened);
    ASSERT_TRUE(journal);
    JournalStream& stream = (*journal)->stream(StreamId::samples);
    std::mt19937_64 random(3);
    std::string body(100'000, '\0');
    for (char& c : body) c = static_cast<char>(random());
    ASSERT_TRUE(stream.prepare(body.size(), 0));
    ASSERT_TRUE(stream.write({1, 1, 0, 0, 0, 0}, body));
    JournalView view = stream.view();
    EXPECT_EQ(*view.read(0, view.entries(0)->front()), body);
}

// A reader goes on with what it saw while the writer seals, rolls and drops.
TEST(Journal, ViewSurvivesRollAndDrop) {
    FakeFileSystem files;
    Journal::Opened opened;
    const auto journal = Journal::open(files, options(), opened);
    ASSERT_TRUE(journal);
    JournalStream& stream = (*journal)->stream(StreamId::samples);
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(append_one(stream));
    JournalView view = stream.view();
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(append_one(stream));
    EXPECT_EQ(view.end_sequence(), 6U);
    const auto entries = view.entries(0);
    ASSERT_TRUE(entries);
    EXPECT_EQ(entries->size(), 5U);
    EXPECT_TRUE(view.read(0, entries->back()));
    ASSERT_TRUE(stream.drop_oldest());
    JournalView late = stream.view();
    EXPECT_GT(late.first_sequence(), 1U);
}

}  // namespace
}  // namespace outstation::store
