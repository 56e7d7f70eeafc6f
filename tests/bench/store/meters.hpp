// SPDX-License-Identifier: GPL-3.0-or-later
// What the store's benchmark measures with: processor time, memory, octets that reach the device, and the
// two others beside the store.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/store/journal/file_system.hpp"
#include "tests/bench/store/room.hpp"

namespace outstation::bench {

[[nodiscard]] double cpu_us();  // of the process
[[nodiscard]] double rss_mb();
// Runs `work`; returns how long it took.
[[nodiscard]] double ms_of(const std::function<void()>& work);
// The value below which 99 of 100 are, and the middle one.
[[nodiscard]] double p99_of(std::vector<double> values);
[[nodiscard]] double middle_of(std::vector<double> values);
// Of the files whose path has `part` in it.
[[nodiscard]] double octets_of_files(const std::string& directory, std::string_view part);

// Counts what reaches the device: whole pages, each once a sync. Without `real_syncs` it only counts.
class CountingFiles : public store::FileSystem {
  public:
    explicit CountingFiles(bool real_syncs) : real_syncs_(real_syncs) {}

    Result<std::unique_ptr<store::File>> open(const std::string& path, Mode mode) override;
    Result<std::vector<std::string>> list(const std::string& d) override { return real_->list(d); }
    Result<void> make_directory(const std::string& path) override { return real_->make_directory(path); }
    Result<void> rename(const std::string& a, const std::string& b) override { return real_->rename(a, b); }
    Result<void> remove(const std::string& path) override { return real_->remove(path); }
    Result<void> sync_directory(const std::string& path) override {
        return real_syncs_ ? real_->sync_directory(path) : Result<void>();
    }
    Result<std::unique_ptr<store::FileLock>> lock(const std::string& path) override {
        return real_->lock(path);
    }
    [[nodiscard]] double octets() const { return static_cast<double>(octets_); }

  private:
    class Counted;
    std::unique_ptr<store::FileSystem> real_ = store::make_real_file_system();
    bool real_syncs_;
    std::atomic<std::uint64_t> octets_ = 0;
};

struct Other {
    double samples = 0;
    double cpu_us = 0;  // a sample
    double octets = 0;  // a sample, on disk
    double p99_ms = 0;  // of a commit
};
// One row a sample in SQLite, keyed by series and time, committed as often as the store flushes.
[[nodiscard]] Other measure_rows(const std::string& directory, std::size_t devices, std::size_t flushes);
// The floor: the values as they are, twelve octets each, behind one another in a file, and fdatasync.
[[nodiscard]] Other measure_plain(const std::string& directory, std::size_t devices, std::size_t flushes);

}  // namespace outstation::bench
