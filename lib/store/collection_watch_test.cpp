// SPDX-License-Identifier: GPL-3.0-or-later
// When nothing was collected, and when it only looks so.
#include "lib/store/collection_watch.hpp"

#include <gtest/gtest.h>

namespace outstation::store {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kStart = 1'790'000'000 * kSecond;

wire::SampleRecord record(std::int64_t wall_s, std::int64_t mono_s, const std::string& boot = "b1",
                          const std::string& device = "sw") {
    wire::SampleRecord out;
    out.device = device;
    out.stamp.wall_ns = kStart + wall_s * kSecond;
    out.stamp.mono_ns = mono_s * kSecond;
    out.stamp.boot_id = boot;
    return out;
}

void poll_every_minute(CollectionWatch& watch) {
    for (int i = 0; i <= 10; ++i) EXPECT_FALSE(watch.see(record(i * 60, i * 60)));
}

TEST(CollectionWatch, TellsAGapWhenItIsOver) {
    CollectionWatch watch;
    poll_every_minute(watch);
    EXPECT_FALSE(watch.see(record(780, 780)));  // three minutes: one or two were late
    const auto gap = watch.see(record(1800, 1800));
    ASSERT_TRUE(gap);
    EXPECT_EQ(gap->device, "sw");
    EXPECT_EQ(gap->from_ns, kStart + 780 * kSecond);
    EXPECT_EQ(gap->to_ns, kStart + 1800 * kSecond);
    EXPECT_FALSE(gap->restarted);
    EXPECT_FALSE(watch.see(record(1860, 1860)));
}

TEST(CollectionWatch, KnowsThatTheBoxRestarted) {
    CollectionWatch watch;
    poll_every_minute(watch);
    const auto gap = watch.see(record(4000, 30, "b2"));
    ASSERT_TRUE(gap);
    EXPECT_TRUE(gap->restarted);
    EXPECT_FALSE(watch.see(record(4060, 90, "b2")));
    CollectionWatch quick;
    poll_every_minute(quick);
    EXPECT_FALSE(quick.see(record(700, 30, "b2")));  // no poll was missed
}

TEST(CollectionWatch, AStepOfTheWallClockIsNoGap) {
    CollectionWatch watch;
    poll_every_minute(watch);
    EXPECT_FALSE(watch.see(record(86'400, 660)));
    EXPECT_FALSE(watch.see(record(-86'400, 720)));
    EXPECT_FALSE(watch.see(record(780, 780)));
}

TEST(CollectionWatch, AnIntervalThatWasMadeLongerIsToldOnceAtMost) {
    CollectionWatch watch;
    poll_every_minute(watch);
    int gaps = 0;
    for (int i = 1; i <= 10; ++i) gaps += watch.see(record(600 + i * 600, 600 + i * 600)).has_value() ? 1 : 0;
    EXPECT_LE(gaps, 2);
    EXPECT_FALSE(watch.see(record(7200, 7200)));
    EXPECT_TRUE(watch.see(record(10'800, 10'800)));
}

TEST(CollectionWatch, ShowsWhatIsStillOpen) {
    CollectionWatch watch;
    poll_every_minute(watch);
    watch.recall(record(0, 0, "b1", "ap"));
    EXPECT_TRUE(watch.open(kStart + 700 * kSecond).empty());
    const auto open = watch.open(kStart + 1000 * kSecond);
    ASSERT_EQ(open.size(), 1U);  // of the other device nothing usual is known
    EXPECT_EQ(open[0].device, "sw");
    EXPECT_EQ(open[0].from_ns, kStart + 600 * kSecond);
    EXPECT_EQ(open[0].to_ns, 0);
}

// The entry became durable, the record that ended the gap did not, and comes again.
TEST(CollectionWatch, AGapThatTheLedgerHasIsNotToldAgain) {
    CollectionWatch watch;
    poll_every_minute(watch);
    wire::LedgerRecord entry;
    entry.account = wire::Account::not_collected;
    entry.device = "sw";
    entry.from_ns = kStart + 600 * kSecond;
    entry.to_ns = kStart + 1800 * kSecond;
    watch.recall(entry);
    EXPECT_FALSE(watch.see(record(1800, 1800)));
    EXPECT_FALSE(watch.see(record(1860, 1860)));
    EXPECT_TRUE(watch.see(record(3600, 3600)));  // another one
    entry.device = "unknown";
    watch.recall(entry);
    EXPECT_TRUE(watch.open(kStart + 3700 * kSecond).empty());
}

TEST(CollectionWatch, OfADeviceThatIsGoneNothingIsMissing) {
    CollectionWatch watch;
    poll_every_minute(watch);
    for (int i = 0; i <= 10; ++i) EXPECT_FALSE(watch.see(record(i * 60, i * 60, "b1", "ap")));
    ASSERT_EQ(watch.open(kStart + 3000 * kSecond).size(), 2U);
    watch.keep_only({"ap", "other"});
    ASSERT_EQ(watch.open(kStart + 3000 * kSecond).size(), 1U);
    EXPECT_EQ(watch.open(kStart + 3000 * kSecond)[0].device, "ap");
    watch.forget("ap");
    watch.forget("ap");
    EXPECT_TRUE(watch.open(kStart + 3000 * kSecond).empty());
    EXPECT_FALSE(watch.see(record(6000, 6000, "b1", "ap")));  // it is new
}

TEST(CollectionWatch, HostileStampsDoNotOverflow) {
    CollectionWatch watch;
    poll_every_minute(watch);
    auto odd = record(0, 0, "b2");
    odd.stamp.wall_ns = INT64_MIN;
    EXPECT_FALSE(watch.see(odd));
    odd.stamp.wall_ns = INT64_MAX;
    odd.stamp.boot_id = "b3";
    EXPECT_FALSE(watch.see(odd));
    EXPECT_TRUE(watch.open(INT64_MIN).empty());
}

}  // namespace
}  // namespace outstation::store
