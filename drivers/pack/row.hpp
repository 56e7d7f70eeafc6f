// SPDX-License-Identifier: GPL-3.0-or-later
// One row of a table (or one scalar) and what the fields of its rule say there. Private to the evaluator.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "drivers/pack/findings.hpp"
#include "drivers/pack/pack.hpp"
#include "drivers/pack/searches.hpp"
#include "drivers/pack/values.hpp"

namespace outstation::pack {

class Row {
  public:
    // All of them outlive the row. `value` may be nullptr: a row without a value of its own.
    Row(Searches& searches, const Rule& rule, const Oid& oid, const Value* value);

    // Whether the index can be read as the rule says and its conditions hold.
    [[nodiscard]] bool is_wanted() const;
    // The first source that gives a text; empty when none does.
    [[nodiscard]] std::string text(const Field& field) const {
        unsigned steps = 0;
        return text(field, Effort{steps});
    }
    [[nodiscard]] std::string text(std::string_view field_name) const;
    // The same of what is no number: a device that says INTEGER where names are says nothing.
    [[nodiscard]] std::string name(std::string_view field_name) const;
    [[nodiscard]] std::optional<double> number(const Field& field) const;
    [[nodiscard]] std::optional<double> number(std::string_view field_name) const;
    // Of a field that reads one value (is_read()) what it says before its scale.
    [[nodiscard]] std::optional<Count> count(const Field& field) const;
    // The label in Chinese; the device's own name when the label is that.
    [[nodiscard]] std::string label_zh() const;
    // The template with its names replaced.
    [[nodiscard]] std::string expand(std::string_view form) const {
        unsigned steps = 0;
        return expand(form, Effort{steps});
    }
    [[nodiscard]] const Oid& index() const { return index_; }

  private:
    // What a text has cost so far: names may lead to names, and these to more.
    struct Effort {
        static constexpr int kMaxDepth = kMaxNameDepth + 1;
        static constexpr unsigned kMaxSteps = 256;
        unsigned& steps;
        int depth = 0;
        [[nodiscard]] Effort deeper() const { return {steps, depth + 1}; }
        [[nodiscard]] bool is_too_much() const { return depth > kMaxDepth || ++steps > kMaxSteps; }
        [[nodiscard]] bool is_spent() const { return steps > kMaxSteps; }
    };
    [[nodiscard]] bool take_index_part(const IndexPart& part, std::size_t& at);
    [[nodiscard]] bool holds(const Condition& condition) const;
    [[nodiscard]] std::string text(const Field& field, Effort effort) const;
    [[nodiscard]] std::string source_text(const Source& source, Effort effort) const;
    [[nodiscard]] std::string raw_text(const Source& source, Effort effort) const;
    [[nodiscard]] std::string found_text(const Source& source, Effort effort) const;
    [[nodiscard]] Searches::Total total_of(const Source& source, Effort effort) const;
    [[nodiscard]] std::string total_text(const Source& source, Effort effort) const;
    [[nodiscard]] std::string computed_text(const Source& source, Effort effort) const;
    [[nodiscard]] std::string value_at(const Oid& oid, Format format) const;
    [[nodiscard]] std::string expand(std::string_view form, Effort effort) const;
    [[nodiscard]] std::string name_text(std::string_view name, Effort effort) const;

    Searches& searches_;
    const Values& values_;
    const Rule& rule_;
    const Oid& oid_;
    const Value* value_;
    mutable const Value* read_ = nullptr;  // the last of a source
    Oid index_;
    std::map<std::string, std::string, std::less<>> parts_;  // of the index
    bool index_is_right_ = true;
};

// The number is one that the device has, perhaps scaled; it is not put together.
[[nodiscard]] bool is_read(const Field& field);
// format is done; extract or rewrite, then skip, map and scale. Empty when nothing is left.
[[nodiscard]] std::string modified(const Source& source, std::string text, MatchBudget& budget);

}  // namespace outstation::pack
