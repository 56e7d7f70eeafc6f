// SPDX-License-Identifier: GPL-3.0-or-later
// A file for a person: readable by its owner only, there as a whole or not at all. Also standard output.
// Threads: one. Blocks on the disk.
#pragma once

#include <string>
#include <string_view>

#include "lib/crypto/wiped_bytes.hpp"
#include "lib/event/unique_fd.hpp"
#include "lib/model/result.hpp"

namespace outstation::ctl {

class NewFile {
  public:
    // Begins `path`.XXXXXX, a name that nothing else has; "-" is standard output. Fails with io, refused.
    [[nodiscard]] static Result<NewFile> make(const std::string& path);
    NewFile(NewFile&& other) noexcept;
    NewFile& operator=(NewFile&&) = delete;
    ~NewFile();  // removes what was not committed

    [[nodiscard]] Result<void> write(std::string_view bytes);
    // Flushes, and gives it its name.
    [[nodiscard]] Result<void> commit();

  private:
    NewFile(std::string path, std::string beside, UniqueFd fd)
        : path_(std::move(path)), beside_(std::move(beside)), fd_(std::move(fd)) {}
    std::string path_;
    std::string beside_;  // what it is called until then; empty: standard output, or committed
    UniqueFd fd_;         // none: standard output
};

// The first line of the file, without its end. Fails with config when there is none or others may read the
// file.
[[nodiscard]] Result<crypto::WipedBytes> read_passphrase(const std::string& path);

}  // namespace outstation::ctl
