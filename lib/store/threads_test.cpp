// SPDX-License-Identifier: GPL-3.0-or-later
// The store on real threads, with virtual time: windows are sealed and segments dropped while questions are
// answered. ThreadSanitizer looks at it, too.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>

#include "lib/store/store_test.hpp"

namespace outstation::store {
namespace {

using namespace std::chrono_literals;

// Workers may post to it.
class PostedLoop : public SimLoop {
  public:
    void post(std::function<void()> task) override {
        {
            const std::lock_guard lock(mutex_);
            tasks_.push_back(std::move(task));
        }
        wake_.notify_one();
    }
    // Waits for a task and runs it.
    void run_one() {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return !tasks_.empty(); });
        const auto task = std::move(tasks_.front());
        tasks_.pop_front();
        lock.unlock();
        task();
    }

  private:
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> tasks_;
};

struct StoreThreads : testing::Test {
    static constexpr std::uint64_t kRecordsOfBatch = 10;
    static constexpr int kMostUnderWay = 6;

    void SetUp() override {
        Journal::Options options;
        options.directory = "journal";
        options.bulk_segment_octets = 16384;
        StoreOpened opened;
        auto made = open_journal_store({loop, files, *flusher, *reader, *keeper}, options, opened);
        ASSERT_TRUE(made) << made.error().text;
        store = std::move(*made);
        id = store->define(counter_def("sw-01", "1")).value();
    }
    void TearDown() override { store.reset(); }

    void append_batch() {
        std::vector<wire::SampleRecord> records;
        for (std::uint64_t i = 0; i < kRecordsOfBatch; ++i) {
            wire::SampleRecord& record = records.emplace_back();
            ++sent;
            record.device = "sw-01";
            const auto at_ns = static_cast<std::int64_t>(sent) * kSecond;
            record.stamp = {start + at_ns, at_ns, kBoot, ClockQuality::synchronised};
            record.counter_series = {id};
            record.counters = {sent};
        }
        ++under_way;
        store->append({"polld", 7, sent / kRecordsOfBatch}, std::move(records),
                      [this](const Result<Accepted>& result) {
                          --under_way;
                          ASSERT_TRUE(result);
                          durable = result->last_sequence;
                      });
    }
    // Each from a place that moves over all that there is.
    void ask(std::uint64_t round) {
        const std::uint64_t first = 1 + round * 37 % std::max<std::uint64_t>(durable, 1);
        ++under_way;
        store->replay({StreamId::samples, first, 100},
                      [this, first, there = durable](const Result<wire::ReplayReply>& reply) {
                          --under_way;
                          ASSERT_TRUE(reply) << reply.error().text;
                          EXPECT_TRUE(reply->gaps.empty() && reply->damaged.empty());
                          if (first > there) return;
                          ASSERT_EQ(reply->first_sequence, first);
                          for (std::size_t i = 0; i < reply->samples.size(); ++i)
                              ASSERT_EQ(reply->samples[i].counters[0], first + i);
                      });
        ++under_way;
        store->range({{id}, start, start + 100'000 * kSecond, 0, 0},
                     [this, there = durable](const Result<wire::RangeReply>& reply) {
                         --under_way;
                         ASSERT_TRUE(reply) << reply.error().text;
                         const auto& values = reply->columns[0].counters;
                         ASSERT_GE(values.size(), there);
                         for (std::size_t i = 0; i < values.size(); ++i) ASSERT_EQ(values[i], i + 1);
                     });
    }
    void drain(int most) {
        while (under_way > most) loop.run_one();
    }

    // The reader stops where it opens this file for the first time.
    void stop_at(const std::string& path) {
        files.on_open = [this, path](const std::string& opened) {
            if (opened != path || stopped.exchange(true)) return;
            reached.set_value();
            go_on.get_future().wait();
        };
    }
    [[nodiscard]] bool is_there(const std::string& path) const {
        const auto paths = files.paths();
        return std::find(paths.begin(), paths.end(), path) != paths.end();
    }

    std::atomic<bool> stopped = false;
    std::promise<void> reached, go_on;
    PostedLoop loop;
    HookedFiles files;
    std::unique_ptr<ThreadWorker> flusher = std::make_unique<ThreadWorker>("flush");
    std::unique_ptr<ThreadWorker> reader = std::make_unique<ThreadWorker>("read");
    std::unique_ptr<ThreadWorker> keeper = std::make_unique<ThreadWorker>("keep");
    std::unique_ptr<Store> store;
    const std::int64_t start = loop.wall().time_since_epoch().count();
    std::uint32_t id = 0;
    std::uint64_t sent = 0;
    std::uint64_t durable = 0;
    int under_way = 0;
};

TEST_F(StoreThreads, EverySampleIsAnsweredOnceWhileWindowsAreSealed) {
    for (std::uint64_t round = 1; round <= 150; ++round) {
        append_batch();
        if (round % 10 == 0) {
            ++under_way;
            store->seal([this] { --under_way; });
        }
        ask(round);
        loop.advance(10s);
        drain(kMostUnderWay);
    }
    store->flush([] {});
    drain(0);
    EXPECT_EQ(durable, sent);
    EXPECT_FALSE(store->status().history.empty());
    EXPECT_LE(store->status().streams[1].segments, 2U);  // the journal let go of what was sealed
    ask(0);
    drain(0);
}

// The reader has its view of the journal and is about to open a segment that goes at that moment.
TEST_F(StoreThreads, ASegmentThatGoesDuringAReplayIsAnsweredFromHistory) {
    const std::string first = "journal/" + segment_name(StreamId::samples, 1);
    for (int i = 0; i < 1000 && store->status().streams[1].segments < 3; ++i) {
        append_batch();
        store->flush([] {});
        drain(0);
    }
    ASSERT_GE(store->status().streams[1].segments, 3U);
    stop_at(first);
    wire::ReplayReply answer;
    ++under_way;
    store->replay({StreamId::samples, 1, 100}, [&](const Result<wire::ReplayReply>& reply) {
        --under_way;
        ASSERT_TRUE(reply) << reply.error().text;
        answer = *reply;
    });
    reached.get_future().wait();
    loop.advance(61s);
    ++under_way;
    store->seal([this] { --under_way; });
    drain(1);
    append_batch();  // behind what the flusher has to do until now
    store->flush([] {});
    drain(1);
    EXPECT_FALSE(is_there(first)) << "nothing went";
    go_on.set_value();
    drain(0);
    EXPECT_EQ(answer.first_sequence, 1U);
    EXPECT_TRUE(answer.gaps.empty() && answer.damaged.empty());
    ASSERT_EQ(answer.samples.size(), 100U);
    for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(answer.samples[i].counters[0], i + 1);
}

}  // namespace
}  // namespace outstation::store
