// SPDX-License-Identifier: GPL-3.0-or-later
// The fixture of the store's tests: a store on virtual time over a file system that forgets.
#pragma once

#include <gtest/gtest.h>

#include <map>

#include "lib/event/sim_loop.hpp"
#include "lib/store/journal/fake_file_system.hpp"
#include "lib/store/store.hpp"

namespace outstation::store {

inline constexpr std::int64_t kSecond = 1'000'000'000;
inline const std::string kBoot = "0123456789abcdef";

inline wire::SeriesDef counter_def(const std::string& device, const std::string& interface) {
    return {0, device, "if_in_octets_total", {{"if_name", interface}}, SeriesKind::counter, "1.3.6.1", 1.0};
}

inline wire::LatestReply latest_of(const Store& store, const wire::LatestRequest& request) {
    return wire::decode<wire::LatestReply>(store.latest(request).bytes).value();
}

// Runs what it was given when told to.
class HeldWorker : public Worker {
  public:
    void submit(std::function<void()> task) override {
        if (!held) return task();
        tasks.push_back(std::move(task));
    }
    void run_one() {
        const auto task = std::move(tasks.front());
        tasks.erase(tasks.begin());
        task();
    }
    void release() {
        held = false;
        while (!tasks.empty()) run_one();
    }
    bool held = false;
    std::vector<std::function<void()>> tasks;
};

// Lets a test do something at the moment when a file is opened or removed.
struct HookedFiles : FakeFileSystem {
    Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) override {
        if (on_open) on_open(path);
        if (!unopenable.empty() && path.find(unopenable) != std::string::npos)
            return fail(ErrorCode::io, "open " + path + ": injected failure");
        return FakeFileSystem::open(path, mode);
    }
    Result<void> remove(const std::string& path) override {
        if (on_remove) on_remove(path);
        if (!unremovable.empty() && path.find(unremovable) != std::string::npos)
            return fail(ErrorCode::io, "remove " + path + ": injected failure");
        return FakeFileSystem::remove(path);
    }
    std::function<void(const std::string& path)> on_open;
    std::function<void(const std::string& path)> on_remove;
    std::string unopenable;  // a part of the path
    std::string unremovable;
};

struct StoreTest : testing::Test, Store::Observer {
    void SetUp() override { open(); }
    void TearDown() override { store.reset(); }

    void open() {
        store.reset();
        Journal::Options options;
        options.directory = "journal";
        options.bulk_segment_octets = options.urgent_segment_octets = segment_octets;
        opened = {};
        auto made = open_journal_store({loop, files, worker, worker, worker}, options, opened);
        ASSERT_TRUE(made) << made.error().text;
        store = std::move(*made);
        store->set_observer(this);
    }
    wire::SampleRecord counter_sample(std::uint32_t id, std::uint64_t value) {
        wire::SampleRecord out;
        out.device = "sw-01";
        out.stamp = {loop.wall().time_since_epoch().count(), 5, kBoot, ClockQuality::synchronised};
        out.counter_series = {id};
        out.counters = {value};
        return out;
    }
    void append(std::uint64_t counter, std::uint32_t id, std::uint64_t value) {
        store->append({"polld", incarnation, counter}, {counter_sample(id, value)},
                      [this, counter](const Result<Accepted>& result) { answers[counter] = result; });
    }
    void append_state(std::uint64_t counter, const std::string& kind, const std::string& component = "",
                      const std::string& value = "", const std::string& reason = "") {
        wire::StateRecord record;
        record.device = "sw-01";
        record.stamp.wall_ns = loop.wall().time_since_epoch().count();
        record.stamp.boot_id = kBoot;
        record.kind = kind;
        record.component = component;
        record.value = value;
        record.reason = reason;
        store->append({"polld", incarnation, counter}, std::vector{record},
                      [this, counter](const Result<Accepted>& result) { answers[counter] = result; });
    }
    template <typename Reply, typename Request>
    Result<Reply> ask(void (Store::*question)(const Request&, Store::Answer<Reply>), const Request& request) {
        Result<Reply> out = fail(ErrorCode::timeout, "no answer");
        ((*store).*question)(request, [&](Result<Reply> reply) { out = std::move(reply); });
        loop.advance(std::chrono::milliseconds(1));
        return out;
    }

    // Turns a bit in the body of the n-th frame of the stream's first segment.
    void spoil_frame(const std::string& stream, std::size_t n) {
        for (const std::string& path : files.paths()) {
            if (path.find("/" + stream + "-") == std::string::npos) continue;
            std::string bytes = files.contents(path);
            std::size_t at = kSegmentHeaderOctets;
            while (--n > 0) at = bytes.find("OFRM", at + 1);
            bytes[at + kFrameHeaderOctets + 2] ^= 1;
            files.set_contents(path, std::move(bytes));
            return;
        }
        FAIL() << "no segment of " << stream;
    }

    // Every sample, question after question; each number is a record's or a gap's.
    std::vector<wire::SampleRecord> replay_all() {
        std::vector<wire::SampleRecord> out;
        std::uint64_t next = 1;
        for (bool more = true; more;) {
            const auto reply = ask(&Store::replay, wire::ReplayRequest{StreamId::samples, next, 0}).value();
            for (const auto& gap : reply.gaps) {
                EXPECT_EQ(gap.first_sequence, next);
                next += gap.count;
            }
            EXPECT_TRUE(reply.samples.empty() || reply.first_sequence == next);
            next += reply.samples.size();
            out.insert(out.end(), reply.samples.begin(), reply.samples.end());
            more = reply.more;
        }
        EXPECT_EQ(next, store->status().streams[1].last_sequence + 1);
        return out;
    }

    void on_samples(std::uint64_t first, const std::vector<wire::SampleRecord>& records) override {
        accepted_end = first + records.size();
    }
    void on_states(std::uint64_t, const std::vector<wire::StateRecord>&) override {}
    void on_durable(StreamId stream, std::uint64_t sequence) override { durable[stream] = sequence; }
    void on_impossible_stamp(const wire::SampleRecord& record) override {
        impossible.push_back(record.stamp.wall_ns);
    }
    void on_failed(const Error& error) override { failure = error.text; }

    std::uint64_t segment_octets = 65536;
    std::uint64_t incarnation = 7;
    SimLoop loop;
    HookedFiles files;
    HeldWorker worker;
    std::unique_ptr<Store> store;
    StoreOpened opened;
    std::map<std::uint64_t, Result<Accepted>> answers;
    std::map<StreamId, std::uint64_t> durable;
    std::uint64_t accepted_end = 0;
    std::vector<std::int64_t> impossible;  // stamps
    std::string failure;
};

}  // namespace outstation::store
