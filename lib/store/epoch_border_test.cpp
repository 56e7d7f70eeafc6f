// SPDX-License-Identifier: GPL-3.0-or-later
// The store where one epoch ends and the next begins: what is sealed is of one epoch, and every answer goes
// over the border.
#include "lib/store/history/head.hpp"
#include "lib/store/history/reader.hpp"
#include "lib/store/store_test.hpp"

namespace outstation::store {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kMinute = 60 * kSecond;

struct EpochBorder : StoreTest {
    void SetUp() override {
        StoreTest::SetUp();
        start = loop.wall().time_since_epoch().count();
        id = store->define(counter_def("sw-01", "1")).value();
    }
    // One record a minute, its counter grows by 600 each.
    void poll(int minutes) {
        for (int i = 0; i < minutes; ++i) {
            ++counter;
            append(counter, id, counter * 600);
            loop.advance(60s);
        }
    }
    void restore() {
        store->flush([] {});
        loop.advance(1ms);
        store.reset();
        ASSERT_TRUE(files.open("journal/new-epoch", FileSystem::Mode::create));
        ASSERT_TRUE(files.sync_directory("journal"));
        open();
        ASSERT_TRUE(opened.new_epoch);
        ++incarnation;
    }
    [[nodiscard]] Epochs epochs() const { return parse_epochs(files.contents("journal/identity")).value(); }
    // The first number of each raw file, and whose the file is.
    [[nodiscard]] std::map<std::uint64_t, std::uint64_t> raw_files() const {
        std::map<std::uint64_t, std::uint64_t> out;
        for (const std::string& path : files.paths()) {
            const auto head = parse_history_name(path.substr(path.rfind('/') + 1));
            if (head && head->level == Level::raw) out[head->sequences.first] = head->identity.epoch;
        }
        return out;
    }
    // Every page, block and number of history; the store is closed for it.
    HistoryReader::Verified verified() {
        store.reset();
        HistoryStore::Opened found;
        const auto history = HistoryStore::open(files, {"history", epochs()}, found).value();
        EXPECT_TRUE(found.damage.empty());
        return HistoryReader(*history).verify().value();
    }

    std::int64_t start = 0;
    std::uint32_t id = 0;
    std::uint64_t counter = 0;
};

TEST_F(EpochBorder, AWindowEndsWhereAnEpochDoes) {
    poll(150);
    restore();
    poll(400);
    open();
    const auto raw = raw_files();
    ASSERT_GT(raw.size(), 3U);
    for (const auto& [first, epoch] : raw)
        EXPECT_EQ(epoch, epochs().at(StreamId::samples, first).epoch) << first;
    EXPECT_TRUE(raw.contains(151)) << "no file begins with the epoch";
    const auto history = verified();
    EXPECT_TRUE(history.damage.empty());
    EXPECT_TRUE(history.gaps.empty());
}

TEST_F(EpochBorder, ValuesRatesAndNumbersGoOverIt) {
    poll(150);
    restore();
    poll(50);
    for (int sealed = 0; sealed < 2; ++sealed) {
        EXPECT_EQ(replay_all().size(), counter);
        EXPECT_EQ(store->status().streams[1].first_sequence, 1U);
        EXPECT_EQ(latest_of(*store, {"sw-01", "", 0, 0}).rows.at(0).counter, counter * 600);
        const std::int64_t from = (start / (15 * kMinute) + 1) * 15 * kMinute;
        const auto reply =
            ask(&Store::range, wire::RangeRequest{{id}, from, from + 165 * kMinute, 15 * kMinute, 0});
        ASSERT_TRUE(reply) << reply.error().text;
        for (std::size_t i = 0; i < reply->columns[0].count.size(); ++i) {
            EXPECT_EQ(reply->columns[0].count[i], 15U) << i;
            EXPECT_NEAR(reply->columns[0].mean[i], 10.0, 0.01) << i;
        }
        poll(300);
        open();
    }
}

// An answer ends where the epoch does, wherever its records lie.
TEST_F(EpochBorder, AnAnswerToAReplayIsOfOneEpoch) {
    poll(20);
    append_state(1, "attribute", "a", "1");
    restore();
    poll(20);
    append_state(1, "attribute", "a", "2");
    for (int sealed = 0; sealed < 2; ++sealed) {
        const auto former = ask(&Store::replay, wire::ReplayRequest{StreamId::samples, 1, 0}).value();
        EXPECT_EQ(former.samples.size(), 20U);
        EXPECT_EQ(former.epoch, epochs().former.at(0).epoch);
        EXPECT_TRUE(former.more);
        const auto now = ask(&Store::replay, wire::ReplayRequest{StreamId::samples, 21, 0}).value();
        EXPECT_EQ(now.first_sequence, 21U);
        EXPECT_GE(now.samples.size(), 20U);
        EXPECT_EQ(now.epoch, epochs().identity.epoch);
        const auto state = ask(&Store::replay, wire::ReplayRequest{StreamId::state, 1, 0}).value();
        EXPECT_EQ(state.states.size(), 1U);
        EXPECT_EQ(state.epoch, former.epoch);
        EXPECT_EQ(ask(&Store::replay, wire::ReplayRequest{StreamId::state, 2, 0})->epoch, now.epoch);
        poll(300);
    }
}

// What gave samples alone, which the journal has let go of, is still a former epoch of ours.
TEST_F(EpochBorder, AnEpochThatOnlyHistoryNamesIsNotForgotten) {
    poll(20);
    restore();
    poll(300);
    const std::uint64_t first = epochs().former.at(0).epoch;
    ASSERT_TRUE(epochs().former.at(0).last_of(StreamId::samples) == 20);
    store->seal([] {});
    loop.advance(61s);
    store.reset();
    for (const std::string& path : files.paths()) {
        EXPECT_NE(path, "journal/" + segment_name(StreamId::samples, 1)) << "the journal has it still";
        const bool names_it = path.starts_with("journal/state-") || path.starts_with("journal/ledger-");
        EXPECT_TRUE(!names_it || files.remove(path));
    }
    ASSERT_TRUE(files.remove("journal/identity"));
    open();
    ASSERT_TRUE(opened.new_epoch);
    const auto former = ask(&Store::replay, wire::ReplayRequest{StreamId::samples, 1, 0}).value();
    EXPECT_EQ(former.samples.size(), 20U);
    EXPECT_EQ(former.epoch, first);
    EXPECT_EQ(epochs().former.size(), 2U);
}

// The backup ended in a torn write: its numbers are the former epoch's, and nobody's.
TEST_F(EpochBorder, ATornEndIsNoHoleInHistory) {
    poll(150);
    store->seal([] {});
    loop.advance(1ms);
    poll(1);
    store->flush([] {});
    loop.advance(1ms);
    store.reset();
    std::string path;
    for (const std::string& each : files.paths()) {
        if (each.starts_with("journal/samples-")) path = each;
    }
    std::string bytes = files.contents(path);
    bytes[bytes.rfind("OFRM") + 8] ^= 1;  // its header
    files.set_contents(path, bytes);
    open();
    const std::uint64_t end = store->status().streams[1].last_sequence;
    EXPECT_GT(end, 151U);
    restore();
    poll(400);
    open();
    EXPECT_TRUE(opened.damage.empty());
    EXPECT_TRUE(opened.history.empty());
    EXPECT_EQ(epochs().former.at(0).last_of(StreamId::samples), end);
    EXPECT_EQ(replay_all().size(), 150U + 400U);
    const auto history = verified();
    EXPECT_TRUE(history.damage.empty());
    EXPECT_TRUE(history.gaps.empty());
}

}  // namespace
}  // namespace outstation::store
