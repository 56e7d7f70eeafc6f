// SPDX-License-Identifier: GPL-3.0-or-later
// Tables for a terminal: columns padded by display width, so that Chinese text lines up.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace outstation::ctl {

// Cells that a terminal gives the text: 2 for wide characters (East Asian Width W and F), 0 for combining
// marks.
[[nodiscard]] std::size_t display_width(std::string_view utf8);

class Table {
  public:
    explicit Table(std::vector<std::string> head) : rows_{std::move(head)} {}
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    [[nodiscard]] std::string text() const;

  private:
    std::vector<std::vector<std::string>> rows_;
};

// "3 min 5 s", "2 d 4 h": the two largest units.
[[nodiscard]] std::string short_duration(double seconds);
// "1.5 GiB".
[[nodiscard]] std::string short_bytes(double bytes);

}  // namespace outstation::ctl
