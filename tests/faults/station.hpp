// SPDX-License-Identifier: GPL-3.0-or-later
// A store on virtual time with producers that do what ours do: number their batches, keep each until it is
// answered, send again after a failure. They remember what was acknowledged, and verify() compares it with
// what is there: nothing lost, nothing doubled, what is missing is accounted for. Threads: one.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>

#include "lib/event/sim_loop.hpp"
#include "lib/store/journal/fake_file_system.hpp"
#include "lib/store/store.hpp"

namespace outstation::faults {

// How many cases of one kind are tried: OUTSTATION_CAMPAIGN, or so many in everyday runs.
[[nodiscard]] std::size_t campaign_size(std::size_t everyday);
// About `campaign_size(everyday)` of the numbers 1 to `all`, the same ones every time: each `stride`-th.
[[nodiscard]] std::size_t stride_of(std::size_t all, std::size_t everyday);

// Files together as they are, to begin again from; for the file system in memory.
using Snapshot = std::map<std::string, std::string>;
[[nodiscard]] Snapshot snapshot_of(const store::FakeFileSystem& files);
void restore(store::FakeFileSystem& files, const Snapshot& snapshot);

class Station : public store::Store::Observer {
  public:
    static constexpr std::uint64_t kSegmentOctets = 7168;
    static constexpr std::array kProduced = {StreamId::samples, StreamId::state};

    explicit Station(store::FileSystem& files, std::string directory = "journal")
        : files_(files), directory_(std::move(directory)) {}
    ~Station() override { close(); }
    Station(const Station&) = delete;
    Station& operator=(const Station&) = delete;

    // False: it did not open; error() says why.
    bool open();
    void close() { store_.reset(); }
    // As long as something fails, at most `times`.
    bool open_again(int times = 3);
    // The next batch of each producer, and those that are to be sent again.
    void send_next();
    // The same, then some time.
    void cycle(Duration span = std::chrono::seconds(3));
    // Batches that another process sent, and the last of them that it was told about.
    void take_over(StreamId id, std::uint64_t sent, std::uint64_t acknowledged);
    // Cycles without new batches until everything is acknowledged. False: it never was.
    bool settle();
    // After settle(): opens the store again and reads everything; tells the first thing that is wrong.
    [[nodiscard]] std::string verify();

    [[nodiscard]] bool failed() const { return !error_.empty(); }
    [[nodiscard]] const std::string& error() const { return error_; }
    [[nodiscard]] store::Store& store() { return *store_; }
    [[nodiscard]] const store::StoreOpened& opened() const { return opened_; }
    [[nodiscard]] std::uint64_t sent(StreamId id) const { return producers_.at(id).sent; }
    [[nodiscard]] std::uint64_t acknowledged(StreamId id) const { return producers_.at(id).acknowledged; }

    // Everything that can be read of a stream, by batch number; the sequences that are told as missing.
    struct Contents {
        std::map<std::uint64_t, std::uint64_t> batches;  // number -> sequence
        std::uint64_t missing = 0;                       // sequences told as gap or damage
        std::uint64_t first_sequence = 0;
        std::uint64_t end_sequence = 0;
        std::string wrong;  // what is not as it was sent, or comes twice
    };
    [[nodiscard]] Contents read_all(StreamId id);

    SimLoop loop;
    store::Settings settings{std::chrono::seconds(1), 9 * kSegmentOctets, std::chrono::seconds(0)};
    // Told of each batch that is sent and of each that is acknowledged.
    std::function<void(StreamId, std::uint64_t number, bool acknowledged)> on_batch;

  private:
    struct Producer {
        std::uint64_t sent = 0;
        std::uint64_t acknowledged = 0;
        bool go_back = false;                              // to the first that is not acknowledged
        std::map<std::uint64_t, std::uint64_t> sequences;  // of batches that were acknowledged, where told
    };
    void on_samples(std::uint64_t, const std::vector<wire::SampleRecord>&) override {}
    void on_states(std::uint64_t, const std::vector<wire::StateRecord>&) override {}
    void on_durable(StreamId, std::uint64_t) override {}
    void on_failed(const Error& error) override { error_ = error.text; }
    void send(StreamId id, std::uint64_t number);
    void send_waiting();
    [[nodiscard]] bool all_acknowledged() const;
    [[nodiscard]] std::string check(StreamId id, const Contents& contents);
    [[nodiscard]] std::uint64_t dropped_to(StreamId id);

    store::FileSystem& files_;
    std::string directory_;
    store::InlineWorker worker_;
    std::unique_ptr<store::Store> store_;
    store::StoreOpened opened_;
    std::string error_;
    std::vector<std::uint32_t> series_;
    std::map<StreamId, Producer> producers_ = {{StreamId::samples, {}}, {StreamId::state, {}}};
};

}  // namespace outstation::faults
