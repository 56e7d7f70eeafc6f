// SPDX-License-Identifier: GPL-3.0-or-later
// Secrets by name, one 0600 file each in a 0700 directory; written whole or not at all. Never logged.
#pragma once

#include <string>
#include <string_view>

#include "lib/model/result.hpp"

namespace outstation::confd {

inline constexpr std::size_t kMaxSecretBytes = 4096;

class Secrets {
  public:
    explicit Secrets(std::string directory) : directory_(std::move(directory)) {}
    // One line end at the end is not part of the secret. Fails with not_found, refused (others may read the
    // file), io.
    [[nodiscard]] Result<std::string> get(const std::string& name) const;
    [[nodiscard]] Result<void> put(const std::string& name, std::string_view value) const;

  private:
    [[nodiscard]] std::string path_of(const std::string& name) const { return directory_ + "/" + name; }
    std::string directory_;
};

}  // namespace outstation::confd
