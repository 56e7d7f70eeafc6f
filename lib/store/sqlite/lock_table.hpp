// SPDX-License-Identifier: GPL-3.0-or-later
// SQLite's five lock levels among the connections of one process, and one FileSystem lock for the process.
// Threads: any, one lock of its own.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "lib/store/journal/file_system.hpp"

namespace outstation::store {

// As SQLite numbers them (sqlite3.h, SQLITE_LOCK_*).
enum class LockLevel : int { none = 0, shared = 1, reserved = 2, pending = 3, exclusive = 4 };

class LockTable {
  public:
    explicit LockTable(FileSystem& files) : files_(files) {}

    // Raises the lock of `holder` from `held`, which is updated (also when it only got as far as pending).
    // refused: another connection or process is in the way.
    [[nodiscard]] Result<void> raise(const std::string& path, const void* holder, LockLevel& held,
                                     LockLevel wanted);
    // Lowers to shared or none.
    void lower(const std::string& path, const void* holder, LockLevel& held, LockLevel wanted);
    // Whether any connection means to write.
    [[nodiscard]] bool reserved(const std::string& path) const;

  private:
    struct State {
        std::unique_ptr<FileLock> process;
        int readers = 0;               // connections at shared or above
        const void* writer = nullptr;  // the one at reserved or above
        bool pending = false;          // no new readers
    };

    FileSystem& files_;
    mutable std::mutex mutex_;
    std::map<std::string, State> states_;
};

}  // namespace outstation::store
