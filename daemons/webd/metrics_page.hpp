// SPDX-License-Identifier: GPL-3.0-or-later
// OpenMetrics 1.0 text put together from many sources: each family once, with its type, its points one after
// another. Threads: one.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "lib/wire/store_messages.hpp"

namespace outstation::webd {

class MetricsPage {
  public:
    // A latest value, with the label `device` and its time. Left out: what is older than `oldest_ns`, and a
    // metric whose name is no OpenMetrics name.
    void add(const wire::LatestRow& row, std::int64_t oldest_ns);
    // Text of another daemon in the same format, without its "# EOF". A family that comes again is joined.
    void add(std::string_view text);
    [[nodiscard]] std::string text() const;  // ends with "# EOF\n"

  private:
    struct Family {
        std::string head;  // "# TYPE ..." and "# HELP ..." lines
        std::string points;
    };
    std::map<std::string, Family> families_;
};

}  // namespace outstation::webd
