// SPDX-License-Identifier: GPL-3.0-or-later
// One row of a table (or one scalar) and what the fields of its rule say there. Private to the evaluator.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "drivers/pack/pack.hpp"
#include "drivers/pack/values.hpp"

namespace outstation::pack {

class Row {
  public:
    // All of them outlive the row. `value` may be nullptr: a row without a value of its own.
    Row(const Values& values, const Rule& rule, const Oid& oid, const Value* value);

    // Whether the index can be read as the rule says and its conditions hold.
    [[nodiscard]] bool is_wanted() const;
    // The first source that gives a text; empty when none does.
    [[nodiscard]] std::string text(const Field& field) const { return text(field, 0); }
    [[nodiscard]] std::string text(std::string_view field_name) const;
    [[nodiscard]] std::optional<double> number(const Field& field) const;
    [[nodiscard]] std::optional<double> number(std::string_view field_name) const;
    // The template with its names replaced.
    [[nodiscard]] std::string expand(std::string_view form) const { return expand(form, 0); }
    [[nodiscard]] const Oid& index() const { return index_; }

  private:
    [[nodiscard]] bool take_index_part(const IndexPart& part, std::size_t& at);
    [[nodiscard]] bool holds(const Condition& condition) const;
    [[nodiscard]] std::string text(const Field& field, int depth) const;
    [[nodiscard]] std::string source_text(const Source& source, int depth) const;
    [[nodiscard]] std::string raw_text(const Source& source, int depth) const;
    [[nodiscard]] std::string found_text(const Source& source, int depth) const;
    [[nodiscard]] std::string computed_text(const Source& source, int depth) const;
    [[nodiscard]] std::string value_at(const Oid& oid, Format format) const;
    [[nodiscard]] std::string expand(std::string_view form, int depth) const;
    [[nodiscard]] std::string name_text(std::string_view name, int depth) const;

    const Values& values_;
    const Rule& rule_;
    const Oid& oid_;
    const Value* value_;
    Oid index_;
    std::map<std::string, std::string, std::less<>> parts_;  // of the index
    bool index_is_right_ = true;
};

// format is done; extract or rewrite, then skip, map and scale. Empty when nothing is left.
[[nodiscard]] std::string modified(const Source& source, std::string text);

}  // namespace outstation::pack
