// SPDX-License-Identifier: GPL-3.0-or-later
// Rows on their way into a file: CSV (RFC 4180) with a line of names, or one JSON object a line. Bounded
// memory. Threads: one.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "daemons/ctl/new_file.hpp"
#include "lib/wire/records.hpp"

namespace outstation::ctl {

enum class RowFormat : std::uint8_t { csv, json };

// What stands in one place of a row.
struct Cell {
    enum class Kind : std::uint8_t { empty, text, number, labels };
    Kind kind = Kind::empty;
    std::string text;  // of a number: its digits
    std::vector<wire::WireLabel> labels;

    static Cell of(std::string text) { return {Kind::text, std::move(text), {}}; }
    static Cell of(std::uint64_t number) { return {Kind::number, std::to_string(number), {}}; }
    // The shortest digits that give it back. What JSON has no number for is a text there.
    static Cell of(double number);
    static Cell of(std::vector<wire::WireLabel> labels) { return {Kind::labels, "", std::move(labels)}; }
};

class RowWriter {
  public:
    RowWriter(NewFile file, RowFormat format, std::vector<std::string> names);

    // As many cells as names.
    [[nodiscard]] Result<void> add(const std::vector<Cell>& row);
    [[nodiscard]] Result<void> commit();
    [[nodiscard]] std::uint64_t rows() const { return rows_; }

  private:
    void add_csv(const std::vector<std::string>& texts);
    void add_json(const std::vector<Cell>& row);
    [[nodiscard]] Result<void> pass_on();

    NewFile file_;
    RowFormat format_;
    std::vector<std::string> names_;
    std::string bytes_;  // not written yet
    std::uint64_t rows_ = 0;
};

}  // namespace outstation::ctl
