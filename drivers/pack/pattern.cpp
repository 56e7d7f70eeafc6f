// SPDX-License-Identifier: GPL-3.0-or-later
// The matcher: backtracking that visits each (instruction, position) once, with a stack of its own.
#include "drivers/pack/pattern.hpp"

#include <algorithm>

#include "drivers/pack/pattern_program.hpp"

namespace outstation::pack {
namespace {

using Position = std::uint32_t;  // in the code, in the text, or a slot: there may be a million jobs

constexpr Position kNone = static_cast<Position>(-1);
constexpr std::size_t kMaxStates = 1U << 20;

class Matcher {
  public:
    Matcher(const Pattern::Program& program, std::string_view text, std::size_t states)
        : program_(program),
          text_(text.substr(0, std::min(Pattern::kMaxText, kMaxStates / program.code.size()))),
          states_(states),
          visited_(program.code.size() * (text_.size() + 1)),
          slots_(program.slots, kNone) {}

    // States that failed from an earlier beginning fail from a later one, too: `visited_` is kept.
    bool run() {
        for (Position start = 0; start <= text_.size() && states_ > 0; ++start) {
            stack_.push_back({0, start, kNone, 0});
            while (!stack_.empty()) {
                const Job job = stack_.back();
                stack_.pop_back();
                if (job.slot != kNone) {
                    slots_[job.slot] = job.old;
                } else if (step(job.pc, job.at)) {
                    return true;
                }
            }
        }
        return false;
    }

    [[nodiscard]] std::size_t states_left() const { return states_; }
    [[nodiscard]] std::string_view group(std::size_t n) const {
        const Position from = slots_[2 * n];
        const Position to = slots_[2 * n + 1];
        return from == kNone || to == kNone ? std::string_view() : text_.substr(from, to - from);
    }

  private:
    struct Job {
        Position pc;
        Position at;
        Position slot;  // when it is one: put `old` back into it
        Position old;
    };

    [[nodiscard]] bool at_boundary(std::size_t at) const {
        const bool before = at > 0 && is_word(text_[at - 1]);
        const bool after = at < text_.size() && is_word(text_[at]);
        return before != after;
    }

    [[nodiscard]] bool passes(const Instruction& one, std::size_t at) const {
        switch (one.op) {
            case Op::begin:
                return at == 0;
            case Op::end:
                return at == text_.size();
            case Op::boundary:
                return at_boundary(at);
            case Op::no_boundary:
                return !at_boundary(at);
            case Op::byte:
                return at < text_.size() && program_.sets[one.x][static_cast<unsigned char>(text_[at])];
            default:
                return true;
        }
    }

    // Follows one thread until it fails or matches; other choices wait on the stack.
    bool step(Position pc, Position at) {
        for (;;) {
            const std::size_t state = std::size_t{pc} * (text_.size() + 1) + at;
            if (visited_[state] || states_ == 0) return false;
            visited_[state] = true;
            --states_;
            const Instruction& one = program_.code[pc];
            if (!passes(one, at)) return false;
            ++pc;
            if (one.op == Op::match) return true;
            if (one.op == Op::byte) ++at;
            const auto x = static_cast<Position>(one.x);
            if (one.op == Op::jump || one.op == Op::split) pc = x;
            if (one.op == Op::split) stack_.push_back({static_cast<Position>(one.y), at, kNone, 0});
            if (one.op == Op::save) {
                stack_.push_back({0, 0, x, slots_[x]});
                slots_[x] = at;
            }
        }
    }

    const Pattern::Program& program_;
    std::string_view text_;
    std::size_t states_;  // that may still be visited
    std::vector<bool> visited_;
    std::vector<Position> slots_;
    std::vector<Job> stack_;
};

}  // namespace

Result<Pattern> Pattern::compile(std::string_view expression) {
    auto program = compile_pattern(expression);
    if (!program) return fail(program.error());
    return Pattern(std::make_shared<const Program>(std::move(*program)));
}

std::optional<std::vector<std::string_view>> Pattern::groups(std::string_view text,
                                                             MatchBudget* budget) const {
    if (budget != nullptr && budget->states == 0) return std::nullopt;
    Matcher matcher(*program_, text, budget == nullptr ? kMaxStates + program_->code.size() : budget->states);
    const bool is_found = matcher.run();
    if (budget != nullptr) budget->states = matcher.states_left();
    if (!is_found) return std::nullopt;
    std::vector<std::string_view> out;
    for (std::size_t n = 0; n < program_->slots / 2; ++n) out.push_back(matcher.group(n));
    return out;
}

std::optional<std::string> Pattern::extract(std::string_view text, MatchBudget* budget) const {
    const auto found = groups(text, budget);
    if (!found) return std::nullopt;
    return std::string(found->size() > 1 ? (*found)[1] : (*found)[0]);
}

std::optional<std::string> Pattern::rewrite(std::string_view text, std::string_view form,
                                            MatchBudget* budget) const {
    const auto found = groups(text, budget);
    if (!found) return std::nullopt;
    std::string out;
    for (std::size_t i = 0; i < form.size(); ++i) {
        const bool is_group =
            form[i] == '$' && i + 1 < form.size() && form[i + 1] >= '0' && form[i + 1] <= '9';
        if (!is_group) {
            out += form[i];
            continue;
        }
        const auto n = static_cast<std::size_t>(form[++i] - '0');
        if (n < found->size()) out += (*found)[n];
    }
    return out;
}

const std::string& Pattern::expression() const {
    return program_->expression;
}

}  // namespace outstation::pack
