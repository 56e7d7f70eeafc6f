// SPDX-License-Identifier: GPL-3.0-or-later
// Which ifIndex an interface has now. Its series are called by its name, or by name and MAC where the name
// repeats, and stay what they are when the device numbers its interfaces anew: if_info tells.
#pragma once

#include <string>
#include <unordered_map>

#include "lib/wire/store_messages.hpp"

namespace outstation::webd {

class InterfaceIndexes {
  public:
    // A row of if_info; of those of one interface the newest counts.
    void add(const wire::LatestRow& info);
    // Empty: not known, or no series of an interface.
    [[nodiscard]] const std::string& of(const wire::SeriesDef& series) const;

  private:
    struct Place {
        std::string index;
        std::int64_t wall_ns = 0;
    };
    std::unordered_map<std::string, Place> places_;
};

}  // namespace outstation::webd
