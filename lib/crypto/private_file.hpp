// SPDX-License-Identifier: GPL-3.0-or-later
// Small files that hold secrets: replaced as a whole or not at all, on disk before the call returns, readable
// by their owner only. Threads: any; blocks on the disk.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "lib/model/result.hpp"

namespace outstation::crypto {

// Writes beside the file, flushes, renames over it, flushes the folder. After a failure (io, refused) the old
// content stands.
[[nodiscard]] Result<void> write_private_file(const std::string& path, std::string_view bytes,
                                              mode_t mode = 0600);

// All of the bytes, however often that takes.
[[nodiscard]] Result<void> write_all(int fd, std::string_view bytes);

// The folder that a path is in: "." for a name alone.
[[nodiscard]] std::string folder_of(const std::string& path);
// Flushes the names in it to the disk.
[[nodiscard]] Result<void> flush_folder_of(const std::string& path);

// The whole file. Fails with not_found, io, or exhausted when it is larger than `limit_bytes`.
[[nodiscard]] Result<std::string> read_small_file(const std::string& path,
                                                  std::size_t limit_bytes = 4U << 20);

// Removes the file and flushes its folder; one that is not there is removed already.
[[nodiscard]] Result<void> remove_private_file(const std::string& path);

}  // namespace outstation::crypto
