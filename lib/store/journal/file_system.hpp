// SPDX-License-Identifier: GPL-3.0-or-later
// The few file operations the journal is made of, as an interface: the real one below, and one in memory
// (fake_file_system.hpp) that loses or tears what was not synced. Threads: a File may be read by several
// threads while one writes; everything else by one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/model/result.hpp"

namespace outstation::store {

class File {
  public:
    virtual ~File() = default;
    // Up to `octets` bytes from `offset`; fewer only at the end of the file.
    [[nodiscard]] virtual Result<std::string> read(std::uint64_t offset, std::size_t octets) const = 0;
    // All of `bytes` at `offset`, growing the file when needed. Not durable before sync(). Fails with
    // exhausted when there is no room, with some of the bytes written perhaps.
    [[nodiscard]] virtual Result<void> write(std::uint64_t offset, std::string_view bytes) = 0;
    // Everything written is on the device when this returns well (fdatasync). After a failure what was
    // written may be lost although it can still be read: do not try again, open the file anew.
    [[nodiscard]] virtual Result<void> sync() = 0;
    // Room for the file's first `octets`, where the system can tell without writing them. Fails with
    // exhausted when there is none.
    [[nodiscard]] virtual Result<void> reserve(std::uint64_t) { return {}; }
    [[nodiscard]] virtual Result<std::uint64_t> size() const = 0;
};

// Held until destroyed.
struct FileLock {
    virtual ~FileLock() = default;
};

class FileSystem {
  public:
    enum class Mode : std::uint8_t { read, write, create };  // create: the file must not exist

    virtual ~FileSystem() = default;
    // What makes or renames a file fails with exhausted when there is no room for its name.
    [[nodiscard]] virtual Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) = 0;
    // Names in a directory, sorted.
    [[nodiscard]] virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
    [[nodiscard]] virtual Result<void> make_directory(const std::string& path) = 0;  // well if it exists
    [[nodiscard]] virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
    [[nodiscard]] virtual Result<void> remove(const std::string& path) = 0;
    // Names made, renamed and removed in the directory are on the device when this returns well.
    [[nodiscard]] virtual Result<void> sync_directory(const std::string& path) = 0;
    // Fails with refused when another process or object holds the lock. Creates the file.
    [[nodiscard]] virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path) = 0;
};

[[nodiscard]] std::unique_ptr<FileSystem> make_real_file_system();

}  // namespace outstation::store
