// SPDX-License-Identifier: GPL-3.0-or-later
// One open file of a database as SQLite asks for it, on a File. Results are SQLite's codes. Threads: one at a
// time, the connection's.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "lib/store/journal/file_system.hpp"
#include "lib/store/sqlite/lock_table.hpp"

namespace outstation::store {

[[nodiscard]] std::string directory_of(const std::string& path);

// Keeps why an operation failed for Vfs::take_error, and gives the code for it.
int vfs_failed(int code, const Error& error);

class VfsFile {
  public:
    struct Purpose {
        std::string path;
        bool database = false;  // not a journal or log beside one
        bool log = false;       // a write-ahead log
        bool page_checksums = false;
        bool remove_at_close = false;
        bool sync_name = false;  // made just now: the first sync makes its name durable too
    };

    VfsFile(FileSystem& files, LockTable& locks, std::unique_ptr<File> file, Purpose purpose);
    VfsFile(const VfsFile&) = delete;
    VfsFile& operator=(const VfsFile&) = delete;
    ~VfsFile();

    [[nodiscard]] int read(void* out, int octets, std::int64_t offset) const;
    [[nodiscard]] int write(const void* bytes, int octets, std::int64_t offset);
    // The FileSystem cannot cut files. A database just ends earlier while it is open (its header says how
    // long it is, when it is opened again); a log that is emptied also loses the mark that it is one; other
    // files refuse.
    [[nodiscard]] int truncate(std::int64_t octets);
    [[nodiscard]] int sync();
    [[nodiscard]] int size(std::int64_t& octets) const;
    [[nodiscard]] int lock(int level);
    void unlock(int level);
    [[nodiscard]] bool reserved() const;

  private:
    [[nodiscard]] Result<std::uint64_t> end() const;
    [[nodiscard]] int check_page(std::string_view bytes, std::int64_t offset) const;

    FileSystem& files_;
    LockTable& locks_;
    std::unique_ptr<File> file_;
    Purpose purpose_;
    LockLevel held_ = LockLevel::none;
    bool name_synced_ = false;
    bool cut_ = false;
    std::uint64_t cut_at_ = 0;
};

}  // namespace outstation::store
