// SPDX-License-Identifier: GPL-3.0-or-later
// A file system in memory that forgets what was not synced, for tests: it can fail at the n-th operation and
// lose power, keeping a random part of the unsynced writes, torn at sectors. Threads: any, one lock.
#pragma once

#include <map>
#include <mutex>
#include <random>

#include "lib/store/journal/file_system.hpp"

namespace outstation::store {

class FakeFileSystem : public FileSystem {
  public:
    FakeFileSystem();
    ~FakeFileSystem() override;

    Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) override;
    Result<std::vector<std::string>> list(const std::string& directory) override;
    Result<void> make_directory(const std::string& path) override;
    Result<void> rename(const std::string& from, const std::string& to) override;
    Result<void> remove(const std::string& path) override;
    Result<void> sync_directory(const std::string& path) override;
    Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;

    // Operations that change something, so far: writes, syncs, names made, moved or removed.
    [[nodiscard]] std::size_t operations() const;
    // The n-th changing operation from now on (1: the next) fails with io; a write fails after half of it.
    void fail_operation(std::size_t n);
    // From the n-th changing operation on everything fails, as without power.
    void cut_power_at(std::size_t n);
    [[nodiscard]] bool power_is_cut() const;
    // Syncs report well and do nothing: what a broken store would do.
    void ignore_syncs(bool ignore);

    // Power comes back: each unsynced write stays, vanishes or stays in part (whole 512-octet sectors); names
    // not synced are as before or as after, and each that was removed may be there again. Files opened before
    // must not be used any more; locks are gone.
    void restart(std::mt19937_64& random);

    // What a file holds now, to damage it.
    [[nodiscard]] std::string contents(const std::string& path) const;
    void set_contents(const std::string& path, std::string bytes);
    [[nodiscard]] std::vector<std::string> paths() const;

  private:
    struct Node;
    class OpenFile;
    class Lock;
    [[nodiscard]] Result<void> step();

    mutable std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Node>> names_;
    std::map<std::string, std::shared_ptr<Node>> durable_names_;
    std::map<std::string, bool> locks_;
    std::size_t operations_ = 0;
    std::size_t fail_at_ = 0;
    std::size_t cut_at_ = 0;
    bool ignore_syncs_ = false;
};

}  // namespace outstation::store
