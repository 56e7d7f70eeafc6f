// SPDX-License-Identifier: GPL-3.0-or-later
// Writes OpenMetrics 1.0 text for a daemon's own health. Names carry the unit; counters end in _total.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/model/record.hpp"

namespace outstation::runtime {

class Metrics {
  public:
    // `family` without the _total suffix. All points of one family must be written one after another.
    void counter(std::string_view family, std::string_view help, std::uint64_t value,
                 const std::vector<Label>& labels = {});
    void gauge(std::string_view family, std::string_view help, double value,
               const std::vector<Label>& labels = {});
    [[nodiscard]] const std::string& text() const { return text_; }

  private:
    void head(std::string_view family, std::string_view type, std::string_view help);
    std::string text_;
    std::string last_family_;
};

// name{labels} with label values escaped (OpenMetrics 1.0, section "ABNF").
void append_labels(std::string& out, const std::vector<Label>& labels);
// The shortest text that reads back as the same double; NaN and infinities as OpenMetrics spells them.
void append_number(std::string& out, double value);

}  // namespace outstation::runtime
