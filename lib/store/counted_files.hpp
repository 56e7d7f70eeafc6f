// SPDX-License-Identifier: GPL-3.0-or-later
// A file system that knows at each operation how many octets all named files have together, for tests of
// limits. Threads: one. Ownership: the file system below outlives it.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "lib/store/journal/file_system.hpp"

namespace outstation::store {

class CountedFiles : public FileSystem {
  public:
    explicit CountedFiles(FileSystem& below) : below_(below) {}

    Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) override;
    Result<std::vector<std::string>> list(const std::string& directory) override {
        return below_.list(directory);
    }
    Result<void> make_directory(const std::string& path) override { return below_.make_directory(path); }
    Result<void> rename(const std::string& from, const std::string& to) override;
    Result<void> remove(const std::string& path) override;
    Result<void> sync_directory(const std::string& path) override { return below_.sync_directory(path); }
    Result<std::unique_ptr<FileLock>> lock(const std::string& path) override { return below_.lock(path); }

    [[nodiscard]] std::uint64_t octets() const { return octets_; }
    // The most there were so far, and the file that made it so.
    [[nodiscard]] std::uint64_t most() const { return most_; }
    [[nodiscard]] const std::string& most_by() const { return most_by_; }

  private:
    class Counted;
    struct Node {
        std::string path;  // empty: it has no name any more
        std::uint64_t octets = 0;
    };
    void grown(Node& node, std::uint64_t to);
    void forget(const std::string& path);

    FileSystem& below_;
    std::map<std::string, std::shared_ptr<Node>> files_;
    std::uint64_t octets_ = 0;
    std::uint64_t most_ = 0;
    std::string most_by_;
};

}  // namespace outstation::store
