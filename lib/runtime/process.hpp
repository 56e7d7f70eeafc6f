// SPDX-License-Identifier: GPL-3.0-or-later
// What a process does to itself: directories, limits, and what it can read of its own use of memory. It never
// changes its user: the service manager starts it as the one it stays.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "lib/model/result.hpp"

namespace outstation::runtime {

// Makes the directory and its parents with the mode; an existing one is left as it is.
[[nodiscard]] Result<void> make_directories(const std::string& path, unsigned mode);

// In a station's directory: what a restore has not put into its place yet (docs/formats/backup.md).
inline constexpr const char* kHalfRestored = ".restored";

// Fails with config when a restore was cut short there: a daemon would begin anew beside what is to come.
[[nodiscard]] Result<void> must_be_restored(const std::string& station_dir);

// No core dumps, no new privileges, no reading of our memory by others of the same user, files for the owner
// only.
void harden_process();

// Ids of the users that exist; names that do not exist are left out.
[[nodiscard]] std::vector<uid_t> uids_of(const std::vector<std::string>& names);

[[nodiscard]] std::uint64_t own_rss_bytes();

}  // namespace outstation::runtime
