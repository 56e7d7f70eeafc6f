// SPDX-License-Identifier: GPL-3.0-or-later
// History of a station that was restored: files of its former epochs are its own.
#include <gtest/gtest.h>

#include "lib/store/history/fake_room.hpp"
#include "lib/store/history/reader.hpp"
#include "lib/store/journal/fake_file_system.hpp"

namespace outstation::store {
namespace {

constexpr std::int64_t kMinuteNs = 60'000'000'000;
constexpr std::int64_t kHourNs = 60 * kMinuteNs;

// Three windows of one epoch and three of the next.
struct HistoryEpochs : testing::Test {
    void SetUp() override {
        ASSERT_TRUE(room.seal_windows(*open(epochs), 3));
        border = room.last();
        epochs.begin();
        for (const StreamId id : kStreams) epochs.end_at(id, border);
        store = open(epochs);
        ASSERT_EQ(store->sealed_to(), border);
        ASSERT_TRUE(room.seal_windows(*store, 3));
    }
    std::unique_ptr<HistoryStore> open(const Epochs& of) {
        HistoryStore::Opened opened;
        auto out = HistoryStore::open(files, {"history", of}, opened).value();
        EXPECT_TRUE(opened.damage.empty());
        return out;
    }
    void expect_whole() {
        const auto verified = HistoryReader(*store).verify().value();
        EXPECT_TRUE(verified.damage.empty());
        EXPECT_TRUE(verified.gaps.empty());
    }

    FakeFileSystem files;
    FakeRoom room{3, kMinuteNs};
    Epochs epochs{FakeRoom::identity()};
    std::uint64_t border = 0;
    std::unique_ptr<HistoryStore> store;
};

TEST_F(HistoryEpochs, RecordsComeUnderTheEpochThatNumberedThem) {
    HistoryReader reader(*store);
    std::uint64_t next = 1;
    while (next <= room.last()) {
        const auto found = reader.records({next, room.last()}, 250).value();
        EXPECT_EQ(found.epoch, epochs.at(StreamId::samples, next).epoch);
        EXPECT_EQ(found.answered.first, next);
        ASSERT_LE(found.answered.last, epochs.last_at(StreamId::samples, next));
        ASSERT_EQ(found.records.size(), found.answered.last - next + 1);
        for (const NumberedRecord& record : found.records)
            EXPECT_EQ(record.record.counters, room.records().at(record.sequence - 1).record.counters);
        next = found.answered.last + 1;
    }
    expect_whole();
}

TEST_F(HistoryEpochs, NoFileSpansTwo) {
    EXPECT_EQ(store->seal({border, border + 1}, room.now_ns()).error().code, ErrorCode::malformed);
    while (store->merge(room.now_ns() + 60 * 24 * kHourNs, 10).value() > 0) continue;
    std::size_t raw = 0;
    for (const HistoryFileInfo& info : store->files()) {
        EXPECT_EQ(info.head.span, Span::day);
        EXPECT_LE(info.head.sequences.last, epochs.last_at(StreamId::samples, info.head.sequences.first));
        raw += info.head.level == Level::raw ? 1 : 0;
    }
    EXPECT_EQ(raw, 2U);
    expect_whole();
}

// A missing file is missed also where an epoch ends.
TEST_F(HistoryEpochs, AHoleAtTheBorderIsSeen) {
    const auto infos = store->files();
    store.reset();
    for (const HistoryFileInfo& info : infos) {
        if (info.head.sequences.last != border) continue;
        ASSERT_TRUE(files.remove("history/" + info.name));
    }
    store = open(epochs);
    const std::uint64_t window = border / 3;
    EXPECT_EQ(HistoryReader(*store).verify()->gaps,
              (std::vector<SequenceRange>{{border - window + 1, border}}));
}

// The oldest goes first, whatever its epoch.
TEST_F(HistoryEpochs, FormerEpochsAreThinnedAndDroppedFirst) {
    HistoryLimits limits;
    limits.raw_ns = 4 * kHourNs;
    ASSERT_TRUE(FakeRoom::cut_all(*store, limits, room.now_ns()));
    for (const HistoryFileInfo& info : store->files()) {
        EXPECT_TRUE(info.head.level != Level::raw || info.head.sequences.first > border) << info.name;
    }
}

}  // namespace
}  // namespace outstation::store
