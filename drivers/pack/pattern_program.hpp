// SPDX-License-Identifier: GPL-3.0-or-later
// A compiled expression: what the compiler hands to the matcher. Private to Pattern.
#pragma once

#include <bitset>
#include <string>
#include <vector>

#include "drivers/pack/pattern.hpp"

namespace outstation::pack {

using ByteSet = std::bitset<256>;

enum class Op { byte, jump, split, save, begin, end, boundary, no_boundary, match };

struct Instruction {
    Op op = Op::match;
    std::size_t x = 0;  // byte: the set; jump: to; split: first choice; save: the slot
    std::size_t y = 0;  // split: second choice
};

struct Pattern::Program {
    std::string expression;
    std::vector<Instruction> code;
    std::vector<ByteSet> sets;
    std::size_t slots = 2;  // two a group, the whole match first
};

[[nodiscard]] bool is_word(char c);
[[nodiscard]] Result<Pattern::Program> compile_pattern(std::string_view expression);

}  // namespace outstation::pack
