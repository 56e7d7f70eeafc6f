// SPDX-License-Identifier: GPL-3.0-or-later
// Samples that the device cannot read when the rest is sealed: the ledger has them, and their segment is kept
// for a person until room is needed.
#include <future>
#include <random>

#include "lib/store/store_test.hpp"

namespace outstation::store {
namespace {

using namespace std::chrono_literals;

struct SetAsideTest : StoreTest {
    void SetUp() override {
        segment_octets = 16384;
        open();
        for (std::size_t i = 0; i < kSeries; ++i)
            series.push_back(store->define(counter_def("sw-01", std::to_string(i))).value());
        for (int i = 0; i < 60; ++i) append_noise();
        flush();
        for (const std::string& path : files.paths()) {
            if (path.find("/samples-") != std::string::npos) segments.push_back(path);
        }
        ASSERT_GT(segments.size(), 3U);
        store.reset();
    }
    void append_noise() {
        wire::SampleRecord record = counter_sample(series[0], ++counter);
        record.counter_series = series;
        for (std::size_t i = 1; i < kSeries; ++i) record.counters.push_back(noise());
        store->append({"polld", incarnation, counter}, {record}, [](const Result<Accepted>&) {});
        flush();
    }
    void flush() {
        store->flush([] {});
        loop.advance(1s);
    }
    void seal() {
        loop.advance(61s);
        store->seal([] {});
        loop.advance(61s);
    }
    [[nodiscard]] std::vector<std::string> kept() const {
        std::vector<std::string> out;
        for (const std::string& path : files.paths()) {
            if (path.ends_with(".bad")) out.push_back(path);
        }
        return out;
    }
    std::vector<wire::StoredLedger> ledger() { return ask(&Store::ledger, wire::LedgerRequest{})->entries; }
    static std::uint64_t first_of(const std::string& path) {
        return parse_segment_name(path.substr(path.rfind('/') + 1))->first_sequence;
    }
    void on_segment_set_aside(const std::string& path) override { told.push_back(path); }

    static constexpr std::size_t kSeries = 100;
    std::mt19937_64 noise{5};
    std::uint64_t counter = 0;
    std::vector<std::uint32_t> series;
    std::vector<std::string> segments;
    std::vector<std::string> told;
};

// The first segment of all, and one between others.
TEST_F(SetAsideTest, ASegmentThatCannotBeOpenedIsEnteredAndKept) {
    for (const std::size_t i : {0U, 2U}) files.fail_open(segments[i]);
    open();
    store->configure({});
    loop.advance(1s);
    const auto entries = ledger();
    ASSERT_EQ(entries.size(), 2U);
    for (const std::size_t i : {0U, 2U}) {
        const wire::LedgerRecord& lost = entries[i == 0 ? 1 : 0].record;
        EXPECT_EQ(lost.account, wire::Account::damaged);
        EXPECT_EQ(lost.stream, StreamId::samples);
        EXPECT_EQ(lost.first_sequence, first_of(segments[i]));
        EXPECT_EQ(lost.last_sequence, first_of(segments[i + 1]) - 1);
        EXPECT_GT(lost.to_ns, 0);
        EXPECT_GE(lost.to_ns, lost.from_ns);
    }
    EXPECT_TRUE(kept().empty()) << "it may be read yet";
    seal();
    const std::vector<std::string> expected = {segments[0] + ".bad", segments[2] + ".bad"};
    EXPECT_EQ(kept(), expected);
    EXPECT_EQ(told, expected);
    EXPECT_EQ(store->status().set_aside_segments, 2U);
    EXPECT_EQ(store->status().set_aside_bytes, 2 * segment_octets);
    EXPECT_GE(store->status().streams[1].bytes, 3 * segment_octets);
    open();
    store->configure({});
    loop.advance(61s);
    EXPECT_EQ(kept(), expected);
    EXPECT_EQ(told, expected) << "once";
    EXPECT_EQ(ledger(), entries) << "once";
}

TEST_F(SetAsideTest, ASegmentThatCannotBeReadAsAWholeIsKept) {
    files.fail_reads(segments[1], 8192, 12288);
    open();
    store->configure({});
    seal();
    EXPECT_EQ(kept(), std::vector{segments[1] + ".bad"});
    EXPECT_FALSE(ledger().empty());
}

TEST_F(SetAsideTest, WhatIsKeptGoesBeforeAnythingIsThinned) {
    files.fail_open(segments[1]);
    open();
    store->configure({});
    seal();
    ASSERT_EQ(kept().size(), 1U);
    const auto entries = ledger();
    Settings settings;
    settings.limit_octets = store->status().bytes * 3;
    store->configure(settings);
    loop.advance(61s);
    EXPECT_EQ(kept().size(), 1U) << "there is room";
    settings.limit_octets = store->status().bytes + 4 * segment_octets;
    store->configure(settings);
    loop.advance(61s);
    EXPECT_TRUE(kept().empty());
    EXPECT_EQ(store->status().set_aside_segments, 0U);
    EXPECT_EQ(ledger(), entries) << "nothing else went";
}

TEST_F(SetAsideTest, WhatCannotBeRemovedIsToldAndKeepsNothingFromComing) {
    for (std::size_t i = 0; i + 1 < segments.size(); ++i) files.fail_open(segments[i]);
    open();
    store->configure({});
    seal();
    const std::vector<std::string> all = kept();
    ASSERT_EQ(all.size(), segments.size() - 1);
    files.unremovable = ".bad";
    files.set_capacity(files.octets() + segment_octets / 2);
    for (int i = 0; i < 40; ++i) append_noise();
    loop.advance(61s);
    EXPECT_EQ(kept(), all);
    files.set_capacity(UINT64_MAX);
    loop.advance(61s);
    EXPECT_NE(store->status().failing.find("remove " + all[0]), std::string::npos) << store->status().failing;
    EXPECT_GT(store->status().failing_since_ns, 0);
    EXPECT_EQ(store->status().set_aside_segments, all.size());
    files.unremovable.clear();
    files.set_capacity(files.octets());
    for (int i = 0; i < 40; ++i) append_noise();
    files.set_capacity(UINT64_MAX);
    loop.advance(61s);
    EXPECT_TRUE(kept().empty());
    EXPECT_EQ(store->status().failing, "");
}

// A disk that fails may take a minute for it.
TEST_F(SetAsideTest, NobodyWaitsForTheDiskToRemoveWhatIsKept) {
    files.fail_open(segments[1]);
    open();
    store->configure({});
    seal();
    ASSERT_EQ(kept().size(), 1U);
    std::future<std::uint32_t> answer;
    bool answered = false;
    files.on_remove = [&](const std::string& path) {
        if (!path.ends_with(".bad")) return;
        answer = std::async(std::launch::async, [this] { return store->status().set_aside_segments; });
        answered = answer.wait_for(20s) == std::future_status::ready;
    };
    files.set_capacity(files.octets() + segment_octets / 2);
    for (int i = 0; i < 40 && !kept().empty(); ++i) append_noise();
    EXPECT_TRUE(answered);
    files.on_remove = nullptr;
}

// No limit, but the disk is full: a stream that finds no room takes it.
TEST_F(SetAsideTest, WhatIsKeptGoesWhenTheDiskIsFull) {
    files.fail_open(segments[1]);
    open();
    store->configure({});
    seal();
    ASSERT_EQ(kept().size(), 1U);
    files.set_capacity(files.octets() + segment_octets / 2);
    for (int i = 0; i < 40 && !kept().empty(); ++i) append_noise();
    EXPECT_TRUE(kept().empty());
    EXPECT_TRUE(failure.empty()) << failure;
}

// Room is not short any more, and the disk is well again.
TEST_F(SetAsideTest, WhatCouldNotBeRemovedIsTriedAgainWithoutNeed) {
    files.fail_open(segments[1]);
    open();
    store->configure({});
    seal();
    ASSERT_EQ(kept().size(), 1U);
    files.unremovable = ".bad";
    files.set_capacity(files.octets() + segment_octets / 2);
    for (int i = 0; i < 40; ++i) append_noise();
    files.set_capacity(UINT64_MAX);
    loop.advance(2min);
    ASSERT_NE(store->status().failing, "");
    files.unremovable.clear();
    loop.advance(2min);
    EXPECT_EQ(store->status().failing, "");
    EXPECT_TRUE(kept().empty());
}

}  // namespace
}  // namespace outstation::store
