// SPDX-License-Identifier: GPL-3.0-or-later
// The expression to instructions, by recursive descent. A repetition emits its operand as often as it must
// be.
#include <algorithm>
#include <limits>

#include "drivers/pack/pattern_program.hpp"

namespace outstation::pack {
namespace {

constexpr std::size_t kMaxCode = 4000;
constexpr int kMaxDepth = 40;
constexpr std::size_t kUnbounded = std::numeric_limits<std::size_t>::max();

ByteSet word_set() {
    ByteSet out;
    for (std::size_t c = 0; c < 256; ++c) out[c] = is_word(static_cast<char>(c));
    return out;
}

ByteSet set_of(std::string_view bytes) {
    ByteSet out;
    for (const char c : bytes) out.set(static_cast<unsigned char>(c));
    return out;
}

// \d and its like; nothing for another letter.
std::optional<ByteSet> class_of(char letter) {
    switch (letter) {
        case 'd':
            return set_of("0123456789");
        case 'D':
            return ~set_of("0123456789");
        case 'w':
            return word_set();
        case 'W':
            return ~word_set();
        case 's':
            return set_of(" \t\n\r\f\v");
        case 'S':
            return ~set_of(" \t\n\r\f\v");
        default:
            return std::nullopt;
    }
}

char literal_of(char letter) {
    switch (letter) {
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        default:
            return letter;
    }
}

class Compiler {
  public:
    explicit Compiler(std::string_view in) : in_(in) {
        program_.expression = std::string(in);
        if (in_.substr(0, 4) == "(?i)") {
            any_case_ = true;
            at_ = 4;
        }
    }

    Result<Pattern::Program> run() {
        emit(Op::save, 0);
        alternatives(0);
        if (problem_.empty() && at_ < in_.size()) stop("unexpected ')'");
        emit(Op::save, 1);
        emit(Op::match);
        if (!problem_.empty()) return fail(ErrorCode::malformed, problem_);
        return std::move(program_);
    }

  private:
    struct Bounds {
        std::size_t min;
        std::size_t max;
    };

    [[nodiscard]] bool more() const { return problem_.empty() && at_ < in_.size(); }
    bool take(char c) {
        if (at_ >= in_.size() || in_[at_] != c) return false;
        ++at_;
        return true;
    }
    void stop(const std::string& text) {
        if (problem_.empty()) problem_ = text + " at character " + std::to_string(at_ + 1);
    }
    std::size_t emit(Op op, std::size_t x = 0, std::size_t y = 0) {
        if (program_.code.size() >= kMaxCode) stop("the expression is too large");
        program_.code.push_back({op, x, y});
        return program_.code.size() - 1;
    }
    void emit_set(const ByteSet& set) {
        program_.sets.push_back(set);
        emit(Op::byte, program_.sets.size() - 1);
    }
    [[nodiscard]] ByteSet folded(ByteSet set) const {
        if (!any_case_) return set;
        for (std::size_t c = 'a'; c <= 'z'; ++c) set[c] = set[c - 32] = set[c] || set[c - 32];
        return set;
    }

    // a|b|c: each choice but the last behind a split, each jumping to the end.
    void alternatives(int depth) {
        if (depth > kMaxDepth) return stop("too many groups in groups");
        std::vector<std::size_t> ends;
        for (;;) {
            const std::size_t start = program_.code.size();
            sequence(depth);
            if (!take('|')) break;
            insert_split(start);
            ends.push_back(emit(Op::jump));
            program_.code[start].y = program_.code.size();
        }
        for (const std::size_t end : ends) program_.code[end].x = program_.code.size();
    }

    // A split before `start`; what is behind it moves by one.
    void insert_split(std::size_t start) {
        const std::vector<Instruction> moved(program_.code.begin() + static_cast<std::ptrdiff_t>(start),
                                             program_.code.end());
        program_.code.resize(start);
        emit(Op::split, start + 1);
        append(moved, start, start + 1);
    }

    // Instructions that stood at `from`, at the end, which is `to`.
    void append(const std::vector<Instruction>& code, std::size_t from, std::size_t to) {
        for (Instruction one : code) {
            if (one.op == Op::jump || one.op == Op::split) one.x = one.x - from + to;
            if (one.op == Op::split) one.y = one.y - from + to;
            emit(one.op, one.x, one.y);
        }
    }

    void sequence(int depth) {
        while (more() && in_[at_] != '|' && in_[at_] != ')') {
            const std::size_t start = program_.code.size();
            atom(depth);
            if (const auto bounds = repetition()) repeat(start, *bounds, !take('?'));
        }
    }

    void atom(int depth) {
        const char c = in_[at_++];
        switch (c) {
            case '(':
                return group(depth);
            case '[':
                return set();
            case '.':
                return emit_set(~set_of("\n"));
            case '^':
                emit(Op::begin);
                return;
            case '$':
                emit(Op::end);
                return;
            case '\\':
                return escape();
            case '*':
            case '+':
            case '?':
                return stop("nothing to repeat");
            default:
                return emit_set(folded(set_of({&c, 1})));
        }
    }

    void escape() {
        if (at_ >= in_.size()) return stop("a \\ at the end");
        const char c = in_[at_++];
        if (c == 'b' || c == 'B') {
            emit(c == 'b' ? Op::boundary : Op::no_boundary);
        } else if (const auto set = class_of(c)) {
            emit_set(*set);
        } else if ((c >= '1' && c <= '9') || (is_word(c) && literal_of(c) == c && c != '_')) {
            stop("\\" + std::string(1, c) + " is not known");
        } else {
            const char literal = literal_of(c);
            emit_set(folded(set_of({&literal, 1})));
        }
    }

    void group(int depth) {
        const bool captures = !(in_.substr(at_, 2) == "?:");
        if (!captures) at_ += 2;
        if (captures && at_ < in_.size() && in_[at_] == '?') return stop("only (?: ) is known here");
        const std::size_t slot = program_.slots;
        if (captures) {
            program_.slots += 2;
            emit(Op::save, slot);
        }
        alternatives(depth + 1);
        if (!take(')')) return stop("a ( is not closed");
        if (captures) emit(Op::save, slot + 1);
    }

    void set() {
        const bool negated = take('^');
        ByteSet out;
        bool first = true;
        while (at_ < in_.size() && (first || in_[at_] != ']')) {
            first = false;
            const auto low = member(out);
            if (!low) continue;
            auto high = low;
            if (at_ + 1 < in_.size() && in_[at_] == '-' && in_[at_ + 1] != ']') {
                ++at_;
                high = member(out);
            }
            if (!high || *high < *low) return stop("a range that goes backwards");
            for (std::size_t c = *low; c <= *high; ++c) out.set(c);
        }
        if (!take(']')) return stop("a [ is not closed");
        out = folded(out);  // before it is turned round: [^v] has neither v nor V
        emit_set(negated ? ~out : out);
    }

    // One byte of a set; a class like \d is put into `out` whole, and gives nothing.
    std::optional<unsigned char> member(ByteSet& out) {
        char c = in_[at_++];
        if (c == '\\' && at_ < in_.size()) {
            c = in_[at_++];
            if (const auto known = class_of(c)) {
                out |= *known;
                return std::nullopt;
            }
            c = literal_of(c);
        }
        return static_cast<unsigned char>(c);
    }

    std::optional<Bounds> repetition() {
        if (take('*')) return Bounds{0, kUnbounded};
        if (take('+')) return Bounds{1, kUnbounded};
        if (take('?')) return Bounds{0, 1};
        const std::size_t close = in_.find('}', at_);
        if (at_ >= in_.size() || in_[at_] != '{' || close == std::string_view::npos) return std::nullopt;
        ++at_;
        const auto min = number();
        auto max = min;
        if (take(',')) max = in_[at_] == '}' ? std::optional(kUnbounded) : number();
        if (!min || !max || *max < *min || !take('}')) stop("expected {m}, {m,} or {m,n} up to 1000");
        return Bounds{min.value_or(0), max.value_or(0)};
    }

    std::optional<std::size_t> number() {
        std::size_t out = 0;
        const std::size_t start = at_;
        while (at_ < in_.size() && in_[at_] >= '0' && in_[at_] <= '9' && out <= 1000)
            out = out * 10 + static_cast<std::size_t>(in_[at_++] - '0');
        if (at_ == start || out > 1000) return std::nullopt;
        return out;
    }

    void emit_choice(std::size_t enter, std::size_t leave, bool greedy) {
        emit(Op::split, greedy ? enter : leave, greedy ? leave : enter);
    }

    void repeat(std::size_t start, Bounds bounds, bool greedy) {
        const std::vector<Instruction> body(program_.code.begin() + static_cast<std::ptrdiff_t>(start),
                                            program_.code.end());
        program_.code.resize(start);
        for (std::size_t i = 0; i < bounds.min && problem_.empty(); ++i)
            append(body, start, program_.code.size());
        if (bounds.max == kUnbounded) {
            const std::size_t loop = program_.code.size();
            emit_choice(loop + 1, loop + body.size() + 2, greedy);
            append(body, start, loop + 1);
            emit(Op::jump, loop);
            return;
        }
        const std::size_t end = program_.code.size() + (bounds.max - bounds.min) * (body.size() + 1);
        for (std::size_t i = bounds.min; i < bounds.max && problem_.empty(); ++i) {
            emit_choice(program_.code.size() + 1, end, greedy);
            append(body, start, program_.code.size());
        }
    }

    std::string_view in_;
    std::size_t at_ = 0;
    bool any_case_ = false;
    std::string problem_;
    Pattern::Program program_;
};

}  // namespace

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

Result<Pattern::Program> compile_pattern(std::string_view expression) {
    return Compiler(expression).run();
}

}  // namespace outstation::pack
