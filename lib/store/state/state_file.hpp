// SPDX-License-Identifier: GPL-3.0-or-later
// The file state.db in its folder: held by one process, looked at whole when it is opened, set aside as
// state.db.aside when it is damaged or not ours. Everything blocks. Threads: one at a time; octets() and
// log_octets() any.
// Ownership: the file system outlives it, it outlives the databases that it opened.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "lib/store/sqlite/vfs.hpp"
#include "lib/store/state/state_db.hpp"

namespace outstation::store {

class StateFile {
  public:
    // `directory` is made when it does not exist; its parent must exist.
    StateFile(FileSystem& files, std::string directory);

    // As StateDb::open, and malformed when a bit turned in any page. One of format 1 is made again if
    // `journal_has_all`, because it knows components by their names only.
    [[nodiscard]] Result<std::unique_ptr<StateDb>> open(const Epochs& epochs,
                                                        const std::function<bool()>& journal_has_all);
    // The database is closed. What was set aside before stays, and the file goes, when that has more.
    [[nodiscard]] Result<void> set_aside();
    [[nodiscard]] Result<void> drop_aside();
    // False: the device cannot read an octet of it.
    [[nodiscard]] bool is_readable() const;
    // Looks how large the files are.
    void measure();
    // Of all files in the folder, and of the log alone, which never becomes smaller.
    [[nodiscard]] std::uint64_t octets() const { return octets_; }
    [[nodiscard]] std::uint64_t log_octets() const { return log_octets_; }
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    [[nodiscard]] Result<void> take_directory();
    [[nodiscard]] Result<void> check_pages(std::uint64_t pages) const;
    [[nodiscard]] Result<void> remove(const std::string& path);
    [[nodiscard]] std::uint64_t number_in(const std::string& path, const char* name) const;
    [[nodiscard]] bool aside_has_more() const;

    FileSystem& files_;
    std::string directory_;
    std::string path_;
    std::unique_ptr<FileLock> lock_;  // of the directory
    std::unique_ptr<Vfs> vfs_;
    std::atomic<std::uint64_t> octets_ = 0;
    std::atomic<std::uint64_t> log_octets_ = 0;
};

}  // namespace outstation::store
