// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of columns by what stands in them: put in order when a column is searched first, so that the rows
// of one table search those of another at little cost. Private to the evaluator.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "drivers/pack/pattern.hpp"
#include "drivers/pack/values.hpp"

namespace outstation::pack {

// What all expressions over the texts of a device may cost in one evaluation.
inline constexpr std::size_t kMaxMatchStates = 4'000'000;

class Searches {
  public:
    static constexpr std::size_t kMaxRows = 20'000;  // of a column; the rest is not found
    static constexpr std::size_t kMaxSame = 256;     // that have the same text; likewise
    using Rows = std::vector<const Oid*>;            // as the device has them

    struct Total {  // of the values that are numbers
        std::size_t count = 0;
        double sum = 0;
        double min = 0;
        double max = 0;
        void add(double value);
    };

    explicit Searches(const Values& values, MatchBudget& matches) : values_(values), matches_(matches) {}
    [[nodiscard]] const Values& values() const { return values_; }
    // Of all expressions over the texts of a device.
    [[nodiscard]] MatchBudget& matches() { return matches_; }
    // Rows whose text is this one.
    [[nodiscard]] const Rows& rows_with(const Oid& column, const std::string& text);
    // Rows that have any text.
    [[nodiscard]] const Rows& rows_of(const Oid& column) { return in_order(column).any; }
    // Of everything below the OID.
    [[nodiscard]] const Total& total_below(const Oid& oid);

  private:
    struct Column {
        Rows any;
        std::map<std::string, Rows> by_text;
    };
    [[nodiscard]] Column& in_order(const Oid& column);

    const Values& values_;
    MatchBudget& matches_;
    std::map<Oid, Column> columns_;
    std::map<Oid, Total> totals_;
};

}  // namespace outstation::pack
