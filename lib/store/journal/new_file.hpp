// SPDX-License-Identifier: GPL-3.0-or-later
// Making whole files: under a name of their own, so that a half-made one is never seen, and renamed when they
// are on the device. Threads: functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/store/journal/file_system.hpp"

namespace outstation::store {

// Zeros from one offset to another, not synced.
[[nodiscard]] Result<void> write_zeros(File& file, std::uint64_t from, std::uint64_t to);

// A sync after which nothing is tried again: what failed may be lost. Fails with io.
[[nodiscard]] Result<void> sync_once(File& file);

// Makes DIRECTORY/NAME by way of NAME.new: `octets` zeros that begin with `head`. Fails with exhausted when
// there is no room for it: nothing is left of it then, and it may be tried again.
[[nodiscard]] Result<void> make_file(FileSystem& files, const std::string& directory, const std::string& name,
                                     std::string_view head, std::uint64_t octets);

// Gives a file that is there already its name, durably. Fails with exhausted when it has its old name still.
[[nodiscard]] Result<void> move_file(FileSystem& files, const std::string& directory, const std::string& from,
                                     const std::string& to);

}  // namespace outstation::store
