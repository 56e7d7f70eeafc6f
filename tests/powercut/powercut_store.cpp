// SPDX-License-Identifier: GPL-3.0-or-later
// Writes to the real store and notes on a raw device what was acknowledged (`write`), or opens a store after
// a power cut and compares it with what was acknowledged (`check`). rig.py runs both.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <optional>

#include "lib/event/loop.hpp"
#include "lib/event/unique_fd.hpp"
#include "lib/store/store.hpp"

namespace outstation {
namespace {

using namespace std::chrono_literals;
constexpr std::uint64_t kSegmentOctets = 65536;  // small, so that cuts fall into sealing and rolling too
constexpr std::size_t kValues = 24;
constexpr std::uint64_t kReopenEvery = 40;
constexpr std::size_t kSectorOctets = 4096;  // of a note
constexpr std::uint64_t kResent = 8;         // batches that the checker sends again

// The control: a store whose syncs do nothing. It must be caught.
class UnsyncedFileSystem : public store::FileSystem {
  public:
    Result<std::unique_ptr<store::File>> open(const std::string& path, Mode mode) override {
        auto file = real_->open(path, mode);
        if (!file) return file;
        return std::make_unique<Unsynced>(std::move(*file));
    }
    Result<std::vector<std::string>> list(const std::string& d) override { return real_->list(d); }
    Result<void> make_directory(const std::string& path) override { return real_->make_directory(path); }
    Result<void> rename(const std::string& from, const std::string& to) override {
        return real_->rename(from, to);
    }
    Result<void> remove(const std::string& path) override { return real_->remove(path); }
    Result<void> sync_directory(const std::string&) override { return {}; }
    Result<std::unique_ptr<store::FileLock>> lock(const std::string& path) override {
        return real_->lock(path);
    }

  private:
    class Unsynced : public store::File {
      public:
        explicit Unsynced(std::unique_ptr<store::File> real) : real_(std::move(real)) {}
        Result<std::string> read(std::uint64_t offset, std::size_t octets) const override {
            return real_->read(offset, octets);
        }
        Result<void> write(std::uint64_t offset, std::string_view bytes) override {
            return real_->write(offset, bytes);
        }
        Result<void> sync() override { return {}; }
        Result<std::uint64_t> size() const override { return real_->size(); }

      private:
        std::unique_ptr<store::File> real_;
    };
    std::unique_ptr<store::FileSystem> real_ = store::make_real_file_system();
};

[[noreturn]] void give_up(const std::string& text) {
    std::cerr << "powercut_store: " << text << "\n";
    std::exit(3);
}

std::uint64_t value_of(std::uint64_t batch, std::size_t column) {
    std::uint64_t x = batch * 0x9e3779b97f4a7c15ULL + column;
    x ^= x >> 31;
    return x * 0xbf58476d1ce4e5b9ULL;
}

wire::SampleRecord sample_of(std::uint64_t batch, const std::vector<std::uint32_t>& series) {
    wire::SampleRecord out;
    out.device = "device-" + std::to_string(batch % 5);
    out.stamp = {static_cast<std::int64_t>(batch) * 1'000'000'000, 1, "power-cut-boot-1",
                 ClockQuality::unknown};
    out.counter_series = series;
    for (std::size_t i = 0; i < series.size(); ++i) out.counters.push_back(value_of(batch, i));
    return out;
}

wire::StateRecord state_of(std::uint64_t batch) {
    wire::StateRecord out;
    out.device = "device-" + std::to_string(batch % 5);
    out.stamp.wall_ns = static_cast<std::int64_t>(batch) * 1'000'000'000;
    out.kind = "attribute";
    out.component = "batch";
    out.value = std::to_string(batch);
    return out;
}

// A store with its loop and threads.
class Station {
  public:
    Station(store::FileSystem& files, std::string directory)
        : files_(files), directory_(std::move(directory)) {
        open();
    }
    void open() {
        store_.reset();
        // A worker lets go of the journal, and of its lock, when its last task is gone.
        flusher_.emplace("flush");
        reader_.emplace("read");
        keeper_.emplace("keep");
        store::Journal::Options options;
        options.directory = directory_;
        options.bulk_segment_octets = options.urgent_segment_octets = kSegmentOctets;
        store::StoreOpened opened;
        auto made =
            store::open_journal_store({*loop_, files_, *flusher_, *reader_, *keeper_}, options, opened);
        if (!made) give_up("the store does not open: " + made.error().text);
        // A write that the cut tore is told as a gap: it was not acknowledged, which the notes prove.
        damage_ = static_cast<std::size_t>(std::count_if(opened.damage.begin(), opened.damage.end(),
                                                         [](const auto& damage) { return !damage.tail; }));
        store_ = std::move(*made);
        series_.clear();
        for (std::size_t i = 0; i < kValues; ++i) {
            const auto id = store_->define(
                {0, "device", "value_" + std::to_string(i) + "_total", {}, SeriesKind::counter, "", 1.0});
            if (!id) give_up(id.error().text);
            series_.push_back(*id);
        }
    }
    // Appends batch number `batch` to both streams; `done` tells which stream is durable.
    void append(std::uint64_t batch, const std::function<void(StreamId)>& done) {
        const BatchId id{"powercut", 1, batch};
        store_->append(id, std::vector{sample_of(batch, series_)}, told(StreamId::samples, done));
        store_->append(id, std::vector{state_of(batch)}, told(StreamId::state, done));
    }
    Loop& loop() { return *loop_; }
    store::Store& store() { return *store_; }
    [[nodiscard]] std::size_t damage() const { return damage_; }

  private:
    static store::Store::Appended told(StreamId id, const std::function<void(StreamId)>& done) {
        return [id, done](const Result<store::Accepted>& result) {
            if (!result) give_up("append: " + result.error().text);
            done(id);
        };
    }

    store::FileSystem& files_;
    std::string directory_;
    std::unique_ptr<Loop> loop_ = make_epoll_loop().value();
    std::optional<store::ThreadWorker> flusher_;
    std::optional<store::ThreadWorker> reader_;
    std::optional<store::ThreadWorker> keeper_;
    std::unique_ptr<store::Store> store_;
    std::vector<std::uint32_t> series_;
    std::size_t damage_ = 0;
};

// Acknowledgements as O_DIRECT writes behind the file system: they stand in the same log as its writes.
class Notes {
  public:
    Notes(const std::string& device, off_t offset)
        : fd_(::open(device.c_str(), O_WRONLY | O_DIRECT | O_CLOEXEC)), offset_(offset) {
        void* page = nullptr;
        if (!fd_ || posix_memalign(&page, kSectorOctets, kSectorOctets) != 0) give_up("open " + device);
        page_.reset(static_cast<char*>(page));
        std::memset(page, 0, kSectorOctets);
    }
    void write(std::uint64_t samples, std::uint64_t states) {
        const std::array<std::uint64_t, 2> numbers{samples, states};
        std::memcpy(page_.get(), numbers.data(), sizeof numbers);
        if (pwrite(fd_.get(), page_.get(), kSectorOctets, offset_) != static_cast<ssize_t>(kSectorOctets))
            give_up("write note: " + std::string(std::strerror(errno)));
    }

  private:
    struct Free {
        void operator()(char* page) const { std::free(page); }
    };
    UniqueFd fd_;
    off_t offset_;
    std::unique_ptr<char, Free> page_;
};

int write(store::FileSystem& files, const std::string& directory, Notes& notes, std::uint64_t batches) {
    Station station(files, directory);
    std::uint64_t samples = 0;
    std::uint64_t states = 0;
    std::uint64_t batch = 0;
    std::function<void()> next = [&] {
        if (batch > 0 && batch % kReopenEvery == 0) station.open();
        if (batch == batches) return station.loop().stop();
        ++batch;
        station.append(batch, [&](StreamId id) {
            (id == StreamId::samples ? samples : states) = batch;
            notes.write(samples, states);
        });
        station.store().flush([&] { station.loop().post(next); });
    };
    station.loop().post(next);
    station.loop().run();
    return samples == batches && states == batches ? 0 : 3;
}

// Every record of a stream, by replay; counts how often each batch is there and whether its content is right.
std::map<std::uint64_t, int> read_all(Station& station, StreamId id, int& wrong) {
    std::map<std::uint64_t, int> seen;
    std::uint64_t from = 1;
    std::function<void(Result<wire::ReplayReply>)> take = [&](Result<wire::ReplayReply> reply) {
        if (!reply) give_up("replay: " + reply.error().text);
        for (const auto& record : reply->samples) {
            const auto batch = static_cast<std::uint64_t>(record.stamp.wall_ns / 1'000'000'000);
            ++seen[batch];
            for (std::size_t i = 0; i < record.counters.size(); ++i)
                wrong += record.counters[i] == value_of(batch, i) ? 0 : 1;
        }
        for (const auto& record : reply->states) {
            const auto batch = static_cast<std::uint64_t>(record.stamp.wall_ns / 1'000'000'000);
            ++seen[batch];
            wrong += record.value == std::to_string(batch) ? 0 : 1;
        }
        from = reply->first_sequence + reply->samples.size() + reply->states.size();
        if (!reply->more) return station.loop().stop();
        station.store().replay({id, from, 0}, take);
    };
    station.store().replay({id, from, 0}, take);
    station.loop().run();
    return seen;
}

// Prints "lost doubled phantom damaged"; the exit code is 0 when all are 0.
int check(const std::string& directory, std::uint64_t acked_samples, std::uint64_t acked_states,
          std::uint64_t batches) {
    const auto files = store::make_real_file_system();
    Station station(*files, directory);
    // What a producer does after the cut: it sends everything again that it was not told about.
    const std::uint64_t first = std::min(acked_samples, acked_states) + 1;
    for (std::uint64_t batch = first; batch < first + kResent; ++batch)
        station.append(batch, [](StreamId) {});
    station.store().flush([&] { station.loop().stop(); });
    station.loop().run();
    int lost = 0;
    int doubled = 0;
    int phantom = 0;
    int wrong = 0;
    for (const StreamId id : {StreamId::samples, StreamId::state}) {
        const auto seen = read_all(station, id, wrong);
        for (std::uint64_t batch = 1; batch < first + kResent; ++batch) lost += seen.contains(batch) ? 0 : 1;
        for (const auto& [batch, count] : seen) {
            doubled += count > 1 ? 1 : 0;
            phantom += batch == 0 || batch > std::max(batches, first + kResent) ? 1 : 0;
        }
    }
    std::cout << lost << " " << doubled << " " << phantom + wrong << " " << station.damage() << "\n";
    return lost + doubled + phantom + wrong + static_cast<int>(station.damage()) == 0 ? 0 : 1;
}

}  // namespace
}  // namespace outstation

int main(int argc, char** argv) {
    using namespace outstation;
    const std::vector<std::string> args(argv + 1, argv + argc);
    if (args.size() == 5 && (args[0] == "write" || args[0] == "write-unsynced")) {
        Notes notes(args[2], std::stoll(args[3]));
        const std::unique_ptr<store::FileSystem> files =
            args[0] == "write" ? store::make_real_file_system() : std::make_unique<UnsyncedFileSystem>();
        return write(*files, args[1], notes, std::stoull(args[4]));
    }
    if (args.size() == 5 && args[0] == "check")
        return check(args[1], std::stoull(args[2]), std::stoull(args[3]), std::stoull(args[4]));
    std::cerr << "powercut_store write|write-unsynced DIRECTORY DEVICE OFFSET BATCHES\n"
                 "powercut_store check DIRECTORY ACKED_SAMPLES ACKED_STATES BATCHES\n";
    return 2;
}
