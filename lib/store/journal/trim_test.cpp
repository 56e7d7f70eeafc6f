// SPDX-License-Identifier: GPL-3.0-or-later
// What the journal lets go of, by age and by size, with clocks that were wrong.
#include "lib/store/journal/journal_test.hpp"

namespace outstation::store {
namespace {

Result<std::size_t> trim(Journal& journal, const std::map<StreamId, Limits>& limits,
                         std::uint64_t total_octets, std::int64_t now_ns) {
    return journal.drop(journal.plan_trim(limits, total_octets, now_ns));
}

TEST(Journal, RetentionDropsOldestFirstAndKeepsTheNumbering) {
    FakeFileSystem files;
    Journal::Opened opened;
    {
        const auto journal = Journal::open(files, options(), opened);
        ASSERT_TRUE(journal);
        JournalStream& stream = (*journal)->stream(StreamId::samples);
        for (int i = 0; i < 120; ++i) ASSERT_TRUE(append_one(stream));
        const auto before = stream.segments();
        const auto dropped = trim(**journal, {{StreamId::samples, {3 * kSegment, {}}}}, 0, 0);
        ASSERT_TRUE(dropped);
        EXPECT_EQ(*dropped, before - 3);
        EXPECT_EQ(stream.next_sequence(), 121U);
        EXPECT_GT(stream.view().first_sequence(), 1U);
        const auto by_age =
            trim(**journal, {{StreamId::samples, {0, std::chrono::seconds(1)}}}, 0, kStartNs + 2'000'000'000);
        ASSERT_TRUE(by_age);
        EXPECT_EQ(stream.segments(), 1U);
    }
    const auto again = Journal::open(files, options(), opened);
    ASSERT_TRUE(again);
    EXPECT_TRUE(opened.damage.empty());
    EXPECT_EQ((*again)->stream(StreamId::samples).next_sequence(), 121U);
}

// A clock that jumps by decades ages nothing: retention goes on from the newest stamp that was written
// before.
TEST(Journal, RetentionDoesNotBelieveAClockThatJumped) {
    FakeFileSystem files;
    Journal::Opened opened;
    const auto journal = Journal::open(files, options(), opened);
    ASSERT_TRUE(journal);
    JournalStream& stream = (*journal)->stream(StreamId::samples);
    for (int i = 0; i < 120; ++i) ASSERT_TRUE(append_one(stream));
    const auto before = stream.segments();
    constexpr std::int64_t kIn2100Ns = 4'102'444'800'000'000'000;
    const std::map<StreamId, Limits> limits = {{StreamId::samples, {0, std::chrono::hours(24)}}};
    EXPECT_EQ(trim(**journal, limits, 0, kIn2100Ns).value(), 0U);
    EXPECT_EQ(stream.segments(), before);
    constexpr std::int64_t kDaysLaterNs = kStartNs + 3 * 86'400'000'000'000;
    constexpr std::int64_t kHourNs = 3'600'000'000'000;
    EXPECT_TRUE((*journal)->plan_trim(limits, 0, kDaysLaterNs, 23 * kHourNs).empty()) << "not yet";
    EXPECT_EQ(trim(**journal, limits, 0, kDaysLaterNs).value(), before - 1);
}

// Days measured while the clock stood in 1970 or 2038 are as old as what came behind them.
TEST(Journal, RetentionJudgesWrongStampsByWhatFollows) {
    for (const std::int64_t wrong_ns : {std::int64_t{1'000}, std::int64_t{2'145'916'800'000'000'000}}) {
        FakeFileSystem files;
        Journal::Opened opened;
        const auto journal = Journal::open(files, options(), opened);
        ASSERT_TRUE(journal);
        JournalStream& stream = (*journal)->stream(StreamId::samples);
        while (stream.segments() < 4) ASSERT_TRUE(append_one(stream, wrong_ns));
        constexpr std::int64_t kDayNs = 86'400'000'000'000;
        const std::map<StreamId, Limits> limits = {{StreamId::samples, {0, std::chrono::hours(90 * 24)}}};
        EXPECT_EQ(trim(**journal, limits, 0, kStartNs).value(), 0U);
        while (stream.segments() < 8) ASSERT_TRUE(append_one(stream));
        EXPECT_EQ(trim(**journal, limits, 0, kStartNs + kDayNs).value(), 0U);
        EXPECT_EQ(trim(**journal, limits, 0, kStartNs + 91 * kDayNs).value(), 7U);
    }
}

// The clock stood in 2038 or 1970 for as long as some segments took, before and behind good ones, again and
// again: what is of today stays, and grows old as it should.
TEST(Journal, RetentionIsNotMisledByAClockThatWasWrongForLong) {
    constexpr std::int64_t kDayNs = 86'400'000'000'000;
    const std::map<StreamId, Limits> limits = {{StreamId::samples, {0, std::chrono::hours(30 * 24)}}};
    for (const std::int64_t wrong_ns : {std::int64_t{1'000}, std::int64_t{2'145'916'800'000'000'000}}) {
        FakeFileSystem files;
        Journal::Opened opened;
        const auto journal = Journal::open(files, options(), opened);
        ASSERT_TRUE(journal);
        JournalStream& stream = (*journal)->stream(StreamId::samples);
        for (std::int64_t day = 0; day < 7; ++day) {
            const std::int64_t clock_ns = day % 2 == 0 ? kStartNs : wrong_ns;
            const std::size_t segments = stream.segments() + 3;
            while (stream.segments() < segments) ASSERT_TRUE(append_one(stream, clock_ns + day * kDayNs));
            EXPECT_EQ(trim(**journal, limits, 0, clock_ns + day * kDayNs).value(), 0U) << day;
        }
        EXPECT_GT(trim(**journal, limits, 0, kStartNs + 50 * kDayNs).value(), 15U);
    }
}

// Power fails after some segments were dropped: those that are left follow each other.
TEST(Journal, DroppedSegmentsDoNotComeBackInPart) {
    std::mt19937_64 random(5);
    for (std::size_t n = 1; n <= 8; ++n) {
        FakeFileSystem files;
        ASSERT_EQ(fill(files, 120), 120U);
        {
            Journal::Opened opened;
            const auto journal = Journal::open(files, options(), opened);
            ASSERT_TRUE(journal);
            files.cut_power_at(n);
            (void)trim(**journal, {{StreamId::samples, {kSegment, {}}}}, 0, 0);
        }
        for (int round = 0; round < 4; ++round) files.restart(random);
        Journal::Opened opened;
        const auto journal = Journal::open(files, options(), opened);
        ASSERT_TRUE(journal);
        EXPECT_TRUE(opened.damage.empty()) << n;
        EXPECT_EQ((*journal)->stream(StreamId::samples).next_sequence(), 121U);
    }
}

TEST(Journal, TotalLimitTakesStateAndAuditLast) {
    FakeFileSystem files;
    Journal::Opened opened;
    const auto journal = Journal::open(files, options(), opened);
    ASSERT_TRUE(journal);
    for (int i = 0; i < 60; ++i) {
        for (const StreamId id : {StreamId::samples, StreamId::state})
            ASSERT_TRUE(append_one((*journal)->stream(id)));
    }
    const auto state_segments = (*journal)->stream(StreamId::state).segments();
    ASSERT_GT(state_segments, 1U);
    ASSERT_TRUE(trim(**journal, {}, (state_segments + 1) * kSegment, 0));
    EXPECT_EQ((*journal)->stream(StreamId::state).segments(), state_segments);
    EXPECT_EQ((*journal)->stream(StreamId::samples).segments(), 1U);
    ASSERT_TRUE(trim(**journal, {}, 2 * kSegment, 0));
    EXPECT_EQ((*journal)->stream(StreamId::state).segments(), 1U);
}

}  // namespace
}  // namespace outstation::store
