// SPDX-License-Identifier: GPL-3.0-or-later
// A file system in memory on which single files fail, and that tells when something changes and what is held
// open; for tests of history. Threads: one.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "lib/store/journal/fake_file_system.hpp"

namespace outstation::store {

class WatchedFiles : public FakeFileSystem {
  public:
    Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) override;
    Result<void> rename(const std::string& from, const std::string& to) override;
    Result<void> remove(const std::string& path) override;

    // Reads of files with this in their path fail with io, from now on; empty: none.
    void fail_reads(std::string part) { unreadable_ = std::move(part); }
    void fail_removes(bool fails) { fail_removes_ = fails; }
    // Called after each rename and removal.
    void on_change(std::function<void()> call) { on_change_ = std::move(call); }
    [[nodiscard]] std::uint64_t octets_read() const { return octets_read_; }
    // Open files that were removed since.
    [[nodiscard]] std::size_t open_and_removed() const;

  private:
    class WatchedFile;
    std::string unreadable_;
    std::uint64_t octets_read_ = 0;
    bool fail_removes_ = false;
    std::function<void()> on_change_;
    std::map<const File*, std::string> open_;  // the path; empty: removed
};

}  // namespace outstation::store
