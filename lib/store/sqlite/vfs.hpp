// SPDX-License-Identifier: GPL-3.0-or-later
// SQLite on a FileSystem: the database files go through the same few operations as the journal, so that a
// test can fail any of them, tear unsynced writes and cut the power. Not here: shared memory (WAL works only
// with one connection, see DatabaseOptions) and temporary files (they stay in memory).
//
// Locks: connections of one process keep SQLite's own rules among themselves; against other processes the
// first lock on a database takes FileSystem::lock("PATH-lock") until the last one is let go. Immutable
// databases are not locked. Threads: any. Ownership: the FileSystem outlives the Vfs, the Vfs its databases.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "lib/model/result.hpp"
#include "lib/store/journal/file_system.hpp"

namespace outstation::store {

class Vfs {
  public:
    // Registers a VFS of a name of its own. Fails with io when SQLite does not take it.
    [[nodiscard]] static Result<std::unique_ptr<Vfs>> make(FileSystem& files);
    ~Vfs();
    Vfs(const Vfs&) = delete;
    Vfs& operator=(const Vfs&) = delete;

    [[nodiscard]] const std::string& name() const;
    // Why the last operation of this thread failed, as the FileSystem said it, once: SQLite keeps a code
    // only.
    [[nodiscard]] static std::optional<Error> take_error();

  private:
    struct Impl;
    explicit Vfs(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace outstation::store
