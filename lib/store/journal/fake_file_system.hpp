// SPDX-License-Identifier: GPL-3.0-or-later
// A file system in memory that forgets what was not synced, for tests: it can fail at the n-th operation, be
// full or read-only, have places that cannot be read, and lose power, keeping a random part of the unsynced
// writes, torn at sectors. Threads: any, one lock.
#pragma once

#include <cstdint>
#include <functional>
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
    // How an operation fails: with io or, for want of room, exhausted; a write fails after half of it, or
    // before anything of it is written.
    enum class Fault : std::uint8_t { half_written, nothing_written, no_room, no_room_halfway };
    // The n-th changing operation from now on (1: the next) fails.
    void fail_operation(std::size_t n, Fault fault = Fault::half_written);
    // The n-th read from now on fails with io.
    void fail_read(std::size_t n);
    // Octets `from` to `to` of a file cannot be read any more (io), or the file cannot even be opened.
    void fail_reads(const std::string& path, std::uint64_t from = 0, std::uint64_t to = UINT64_MAX);
    void fail_open(const std::string& path);
    void mend_reads();
    // All files together hold at most so many octets; what would grow them beyond fails with exhausted.
    void set_capacity(std::uint64_t octets);
    // Everything that changes something fails with refused.
    void set_read_only(bool read_only);
    // Octets of all files that have a name.
    [[nodiscard]] std::uint64_t octets() const;
    // Called whenever files grew or were renamed, and told octets(), without those of files whose paths begin
    // with `except`; it must not touch the file system.
    void on_operation(std::function<void(std::uint64_t octets)> look, std::string except = "");
    // From the n-th changing operation on everything fails, as without power.
    void cut_power_at(std::size_t n);
    [[nodiscard]] bool power_is_cut() const;
    // Syncs report well and do nothing: what a broken store would do.
    void ignore_syncs(bool ignore);

    // Power comes back: each unsynced write stays, vanishes or stays in part (whole 512-octet sectors); names
    // not synced are as before or as after, and each that was removed may be there again. Files opened before
    // must not be used any more; locks are gone.
    void restart(std::mt19937_64& random);

    // What a file holds now, to damage it; set_contents() makes one that is not there.
    [[nodiscard]] std::string contents(const std::string& path) const;
    void set_contents(const std::string& path, std::string bytes);
    [[nodiscard]] std::vector<std::string> paths() const;

  private:
    struct Node;
    class OpenFile;
    class Lock;
    [[nodiscard]] Result<void> step(const std::string& what);
    [[nodiscard]] Result<void> readable(const std::string& path, std::uint64_t from, std::uint64_t to);
    [[nodiscard]] bool writes_half() const;
    [[nodiscard]] std::uint64_t octets_locked(const std::string& except = "") const;
    [[nodiscard]] std::uint64_t room() const;
    void looked();

    mutable std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Node>> names_;
    std::map<std::string, std::shared_ptr<Node>> durable_names_;
    std::map<std::string, bool> locks_;
    std::size_t operations_ = 0;
    std::size_t fail_at_ = 0;
    Fault fault_ = Fault::half_written;
    std::size_t reads_ = 0;
    std::size_t fail_read_at_ = 0;
    std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> unreadable_;
    std::map<std::string, bool> closed_;  // cannot be opened
    std::uint64_t capacity_ = UINT64_MAX;
    bool read_only_ = false;
    std::function<void(std::uint64_t)> look_;
    std::string look_except_;
    std::size_t cut_at_ = 0;
    bool ignore_syncs_ = false;
};

}  // namespace outstation::store
