// SPDX-License-Identifier: GPL-3.0-or-later
// The key that seals the secrets, in a file of one line (docs/formats/secrets.md). Threads: any; blocks on
// the disk.
#pragma once

#include <string>

#include "lib/model/result.hpp"

namespace outstation::confd {

// Fails with not_found, refused (not a regular file, or others than its owner may read it), malformed (it is
// damaged), io. Every text names the file.
[[nodiscard]] Result<std::string> read_key(const std::string& path);
// Makes a key and writes it, on disk before the call returns. Gives the key.
[[nodiscard]] Result<std::string> make_key(const std::string& path);

// ok when the file is a regular one that nobody but its owner may read or write.
[[nodiscard]] Result<void> check_private(const std::string& path);

}  // namespace outstation::confd
