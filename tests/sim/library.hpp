// SPDX-License-Identifier: GPL-3.0-or-later
// What devices show, read once: those that play one recording, or one description as one fleet, share it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lib/model/result.hpp"
#include "tests/sim/description.hpp"
#include "tests/sim/mib.hpp"

namespace outstation::sim {

class Library {
  public:
    // A recording (.snmprec), or a description (any other name) of the device with this identity. Fails with
    // config, naming the file and, where there is one, the line.
    [[nodiscard]] Result<std::shared_ptr<const Mib>> load(const std::string& path, const Identity& identity);
    // The same with its interfaces renumbered.
    [[nodiscard]] std::shared_ptr<const Mib> renumbered(const std::shared_ptr<const Mib>& mib);
    // Lines of recordings that were left out, "FILE:LINE: why".
    [[nodiscard]] const std::vector<std::string>& left_out() const { return left_out_; }

  private:
    [[nodiscard]] Result<std::shared_ptr<const Mib>> load_recording(const std::string& path);

    std::map<std::string, std::shared_ptr<const Mib>> recordings_;
    std::map<const Mib*, std::shared_ptr<const Mib>> renumbered_;
    std::vector<std::string> left_out_;
};

}  // namespace outstation::sim
