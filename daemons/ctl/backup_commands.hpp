// SPDX-License-Identifier: GPL-3.0-or-later
// backup and restore: a station as one file, sealed with a passphrase (docs/formats/backup.md).
#pragma once

#include <string>

#include "daemons/ctl/outcome.hpp"
#include "lib/crypto/sealed_stream.hpp"

namespace outstation::ctl {

struct BackupOptions {
    std::string file;  // "-": standard output or input
    std::string passphrase_file;
    crypto::ScryptCost cost = crypto::kStreamCost;  // tests take less
};

// Everything under target.state_dir, while the station goes on, into options.file, which is there as a whole
// or not at all.
[[nodiscard]] int back_up(const Target& target, const BackupOptions& options);
// Into target.state_dir, which must be missing or empty, and gets its name only when all is there and proved.
[[nodiscard]] int restore(const Target& target, const BackupOptions& options);

// Reads options.file to its end and proves every octet, as restore() does, and writes nothing.
[[nodiscard]] int check_backup(const Target& target, const BackupOptions& options);

}  // namespace outstation::ctl
