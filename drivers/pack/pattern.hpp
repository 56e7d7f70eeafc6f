// SPDX-License-Identifier: GPL-3.0-or-later
// Regular expressions of packs, over what devices say. Time is bounded by expression x text, memory too, and
// nothing recurses on the text: a device cannot make a match expensive. What is known: literals, ., [], \d \w
// \s \D \W \S \b \B, escapes, ^ $, groups ( ) and (?: ), |, * + ? {m,n} greedy or lazy, and (?i) at the
// beginning. ^ and $ are the ends of the text; . is any byte but a line feed. Threads: any.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/model/result.hpp"

namespace outstation::pack {

// What matches may cost, all together: a state of an expression at a place of a text each. Once it is used up
// nothing matches any more.
struct MatchBudget {
    std::size_t states = 0;
};

class Pattern {
  public:
    // Bytes of a text that are looked at; fewer by an expression of more than 256 steps.
    static constexpr std::size_t kMaxText = 4096;

    // `malformed` with the reason and the place in the expression.
    [[nodiscard]] static Result<Pattern> compile(std::string_view expression);

    // Without a budget only each match for itself is bounded.
    [[nodiscard]] bool matches(std::string_view text, MatchBudget* budget = nullptr) const {
        return groups(text, budget).has_value();
    }
    // The leftmost match: the whole of it and each group, those that took no part empty.
    [[nodiscard]] std::optional<std::vector<std::string_view>> groups(std::string_view text,
                                                                      MatchBudget* budget = nullptr) const;
    // The first group of the leftmost match, or the whole of it when there is no group.
    [[nodiscard]] std::optional<std::string> extract(std::string_view text,
                                                     MatchBudget* budget = nullptr) const;
    // `form` with $0 to $9 replaced by the groups.
    [[nodiscard]] std::optional<std::string> rewrite(std::string_view text, std::string_view form,
                                                     MatchBudget* budget = nullptr) const;
    [[nodiscard]] const std::string& expression() const;

    struct Program;

  private:
    explicit Pattern(std::shared_ptr<const Program> program) : program_(std::move(program)) {}
    std::shared_ptr<const Program> program_;
};

}  // namespace outstation::pack
