// SPDX-License-Identifier: GPL-3.0-or-later
// Memory ends at the n-th allocation. Nobody catches that: the process ends at once and is started again, and
// what it had acknowledged is there, once. A child process runs with real files and tells its parent, over a
// pipe, what was sent and acknowledged.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <new>

#include "tests/faults/station.hpp"

namespace {

// Counts down to the allocation that fails; 0: none does.
std::size_t g_until_failure = 0;
std::size_t g_allocations = 0;

}  // namespace

// Not inlined: GCC 12 would see one of a pair and not the other.
[[gnu::noinline]] void* operator new(std::size_t octets) {
    ++g_allocations;
    if (g_until_failure > 0 && --g_until_failure == 0) throw std::bad_alloc();
    if (void* memory = std::malloc(octets == 0 ? 1 : octets)) return memory;
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace outstation::faults {
namespace {

constexpr int kCycles = 25;
constexpr int kEndedForMemory = 77;
constexpr int kStoreFailed = 70;

struct Note {
    StreamId stream;
    std::uint64_t number;
    bool acknowledged;
};

// Syncs cost time and change nothing for a process that ends: its writes are the system's already.
class UnsyncedFiles : public store::FileSystem {
  public:
    Result<std::unique_ptr<store::File>> open(const std::string& path, Mode mode) override {
        auto file = real_->open(path, mode);
        if (!file) return file;
        return std::make_unique<Unsynced>(std::move(*file));
    }
    Result<std::vector<std::string>> list(const std::string& path) override { return real_->list(path); }
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

// As the daemon does it: whatever is thrown ends the process, and so does a store that failed.
int run(Station& station) noexcept {
    if (!station.open()) return kStoreFailed;
    for (int i = 1; i <= kCycles; ++i) {
        station.cycle();
        if (station.failed()) return kStoreFailed;
        if (i == kCycles / 2 && !station.open()) return kStoreFailed;
    }
    return 0;
}

[[noreturn]] void be_child(const std::string& directory, std::size_t failing, int notes) {
    std::set_terminate([] { _exit(kEndedForMemory); });
    UnsyncedFiles files;
    Station station(files, directory);
    station.on_batch = [notes](StreamId id, std::uint64_t number, bool acknowledged) {
        const Note note{id, number, acknowledged};
        if (write(notes, &note, sizeof note) != static_cast<ssize_t>(sizeof note)) _exit(1);
    };
    g_until_failure = failing;
    const int code = run(station);
    g_until_failure = 0;
    _exit(code);
}

// Runs a child to its end; what it sent and what it was told is the station's then.
int run_child(Station& station, const std::string& directory, std::size_t failing) {
    int ends[2];
    if (pipe(ends) != 0) return -1;
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        be_child(directory, failing, ends[1]);
    }
    close(ends[1]);
    std::map<StreamId, std::pair<std::uint64_t, std::uint64_t>> told;
    Note note{};
    while (read(ends[0], &note, sizeof note) == static_cast<ssize_t>(sizeof note)) {
        auto& number = note.acknowledged ? told[note.stream].second : told[note.stream].first;
        number = std::max(number, note.number);
    }
    close(ends[0]);
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
    for (const auto& [id, numbers] : told) station.take_over(id, numbers.first, numbers.second);
    return WEXITSTATUS(status);
}

class OutOfMemory : public testing::Test {
  protected:
    void SetUp() override { ASSERT_NE(mkdtemp(directory), nullptr); }
    void TearDown() override { std::filesystem::remove_all(directory); }

    char directory[40] = "/tmp/outstation-memory-XXXXXX";
};

TEST_F(OutOfMemory, AtAnyAllocationNothingIsLostOrDoubled) {
    UnsyncedFiles files;
    std::size_t all = 0;
    {
        Station whole(files, std::string(directory) + "/whole");
        const std::size_t before = g_allocations;
        ASSERT_EQ(run(whole), 0);
        all = g_allocations - before;
    }
    ASSERT_GT(all, 3000U);
    const std::size_t stride = stride_of(all, 150);
    std::size_t ended = 0;
    for (std::size_t n = 1; n <= all; n += stride) {
        const std::string journal = std::string(directory) + "/" + std::to_string(n);
        Station station(files, journal);
        const int code = run_child(station, journal, n);
        ASSERT_TRUE(code == kEndedForMemory || code == 0) << "allocation " << n << ": " << code;
        ended += code == kEndedForMemory ? 1 : 0;
        ASSERT_TRUE(station.open()) << n << ": " << station.error();
        for (int i = 0; i < 3; ++i) station.cycle();
        ASSERT_TRUE(station.settle()) << n;
        ASSERT_EQ(station.verify(), "") << "allocation " << n;
        station.close();
        std::filesystem::remove_all(journal);
    }
    EXPECT_GT(ended, (all / stride) * 9 / 10);
}

}  // namespace
}  // namespace outstation::faults
