// SPDX-License-Identifier: GPL-3.0-or-later
// Where a station is restored to: everything is made in a directory of its own, on the same file system, and
// is given its name in the end. Threads: one. Blocks on the disk.
#pragma once

#include <string>

#include "lib/model/result.hpp"

namespace outstation::ctl {

class RestorePlace {
  public:
    // First finishes a restore into `directory` that was cut short while it was put into its place. Fails
    // with config when it did, when `directory` has something in it, or when root is to restore where others
    // could exchange what it makes; else with what the system said.
    [[nodiscard]] static Result<RestorePlace> make(const std::string& directory);

    // Where to make it: empty, and nobody else's.
    [[nodiscard]] const std::string& beside() const { return beside_; }
    // What was made there is the directory, or what is in it when that is a file system of its own; on the
    // disk when this returns well. Of a file system of its own a part may be there when it fails: the next
    // `make` goes on.
    [[nodiscard]] Result<void> commit() const;
    // Removes what was made beside.
    void give_up() const;

  private:
    RestorePlace(std::string directory, std::string beside, bool mounted)
        : directory_(std::move(directory)), beside_(std::move(beside)), mounted_(mounted) {}
    [[nodiscard]] Result<void> commit_into_mounted() const;

    std::string directory_;
    std::string beside_;
    bool mounted_;
};

}  // namespace outstation::ctl
