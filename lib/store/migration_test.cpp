// SPDX-License-Identifier: GPL-3.0-or-later
// A store of the version before columns and history: frames of samples are messages (codec 1), nothing is
// sealed. This version opens it, serves all of it, knows its batches and seals it (R22).
#include "lib/store/store_test.hpp"
#include "lib/store/test_part.hpp"
#include "lib/wire/wire.hpp"

namespace outstation::store {
namespace {

using namespace std::chrono_literals;

struct MigrationTest : StoreTest {
    static constexpr std::uint64_t kFrames = 20;
    static constexpr std::uint64_t kRecordsOfFrame = 5;
    static constexpr std::uint64_t kRecords = kFrames * kRecordsOfFrame;
    static constexpr std::uint32_t kSeries = 3;

    void SetUp() override {
        start = loop.wall().time_since_epoch().count();
        segment_octets = 8192;  // a few frames each
    }

    // As it stood on disk: batch `frame` of polld; the first frame of a segment says what it needs.
    void write_previous() {
        Journal::Options options;
        options.directory = "journal";
        options.bulk_segment_octets = options.urgent_segment_octets = segment_octets;
        options.now_ns = start;
        Journal::Opened found;
        const auto journal = Journal::open(files, options, found).value();
        JournalStream& stream = journal->stream(StreamId::samples);
        std::uint64_t segment = 0;
        for (std::uint64_t frame = 1; frame <= kFrames; ++frame) {
            const std::uint64_t in = stream.prepare(2048, start).value();
            const std::string body = wire::encode(body_of(frame, std::exchange(segment, in) != in));
            FrameInfo info;
            info.first_sequence = stream.next_sequence();
            info.records = kRecordsOfFrame;
            info.t0_ns = stamp_ns(info.first_sequence);
            info.t1_ns = stamp_ns(info.first_sequence + kRecordsOfFrame - 1);
            if (segment == info.first_sequence) info.flags = kFlagDefinitions | kFlagKeyed;
            ASSERT_TRUE(stream.write(info, body));
        }
        ASSERT_GT(stream.segments(), 2U);
    }
    [[nodiscard]] std::int64_t stamp_ns(std::uint64_t sequence) const {
        return start + static_cast<std::int64_t>(sequence) * 60 * kSecond;
    }
    [[nodiscard]] wire::FrameBody body_of(std::uint64_t frame, bool first) const {
        wire::FrameBody body;
        const std::uint64_t before = (frame - 1) * kRecordsOfFrame;
        body.batches = {{"polld", incarnation, frame, before + 1, kRecordsOfFrame}};
        body.boot_id = kBoot;
        for (std::uint64_t i = 1; i <= kRecordsOfFrame; ++i) {
            wire::SampleRecord& record = body.samples.emplace_back();
            record.device = "sw-01";
            record.stamp = {stamp_ns(before + i), stamp_ns(before + i) - start, "",
                            ClockQuality::synchronised};
            record.counter_series = {kSeries};
            record.counters = {(before + i) * 600};
        }
        if (!first) return body;
        body.series = {counter_def("sw-01", "1")};
        body.series[0].id = kSeries;
        body.last_series = kSeries;
        if (frame > 1) body.producers = {{"polld", incarnation, frame - 1, 0, 0}};
        return body;
    }
    void expect_all() {
        const auto all = replay_all();
        ASSERT_EQ(all.size(), kRecords);
        for (std::uint64_t i = 0; i < kRecords; ++i) {
            EXPECT_EQ(all[i].counters[0], (i + 1) * 600);
            EXPECT_EQ(all[i].stamp.boot_id, kBoot);
        }
        const auto reply = ask(&Store::range, wire::RangeRequest{{kSeries}, start, stamp_ns(1000), 0, 0});
        ASSERT_TRUE(reply) << reply.error().text;
        EXPECT_EQ(reply->columns[0].counters.size(), kRecords);
        EXPECT_EQ(latest_of(*store, {"sw-01", "", 0, 0}).rows.at(0).counter, kRecords * 600);
        EXPECT_EQ(store->define(counter_def("sw-01", "1")).value(), kSeries);
        append(kFrames, kSeries, 1);  // the producer did not hear of its last batch
        EXPECT_TRUE(answers.at(kFrames)->duplicate);
    }
    void seal() {
        loop.advance(61s);
        store->seal([] {});
        loop.advance(1s);
    }

    std::int64_t start = 0;
};

TEST_F(MigrationTest, TheVersionBeforeIsServedAndSealed) {
    write_previous();
    open();
    EXPECT_TRUE(opened.damage.empty());
    expect_all();
    seal();
    EXPECT_FALSE(store->status().history.empty());
    EXPECT_EQ(store->status().streams[1].segments, 1U) << "the journal lets go of what is sealed";
    expect_all();
    open();
    expect_all();
}

// What was unsealed at the crash is sealed by the next start or the one after.
TEST_F(MigrationTest, PowerLostAtAnyOperationOfItLosesAndDoublesNothing) {
    std::mt19937_64 random(1);
    for (std::size_t n = 1;; n += test_part()) {
        store.reset();
        files.restart(random);
        for (const std::string& path : files.paths()) ASSERT_TRUE(files.remove(path));
        write_previous();
        files.cut_power_at(n);
        Journal::Options options;
        options.directory = "journal";
        options.bulk_segment_octets = options.urgent_segment_octets = segment_octets;
        StoreOpened found;
        auto made = open_journal_store({loop, files, worker, worker, worker}, options, found);
        if (made) {
            store = std::move(*made);
            seal();
        }
        const bool cut = files.power_is_cut();
        store.reset();
        files.restart(random);
        answers.clear();
        open();
        expect_all();
        if (testing::Test::HasFailure()) FAIL() << "cut at operation " << n;
        if (!cut) break;
    }
}

}  // namespace
}  // namespace outstation::store
