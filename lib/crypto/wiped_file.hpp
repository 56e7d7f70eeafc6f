// SPDX-License-Identifier: GPL-3.0-or-later
// Files with a secret that must go: overwritten, then removed. Best effort: flash and journaling file systems
// keep copies. A power cut in the middle leaves the file under its old name untouched, or under a name that
// says that it is going. Threads: any; blocks on the disk.
#pragma once

#include <string>
#include <string_view>

#include "lib/model/result.hpp"

namespace outstation::crypto {

// What a file is called while it is being overwritten: PATH.~wipe.
inline constexpr std::string_view kWipeSuffix = ".~wipe";

// Renames it to PATH.~wipe, flushes the folder, and goes on as finish_wipe(). Fails with not_found, refused,
// io.
[[nodiscard]] Result<void> wipe_file(const std::string& path);
// Overwrites PATH.~wipe (given whole), flushes, removes. Not through symbolic links.
[[nodiscard]] Result<void> finish_wipe(const std::string& wiped_path);

}  // namespace outstation::crypto
