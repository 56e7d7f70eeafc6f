// SPDX-License-Identifier: GPL-3.0-or-later
// What labels are called in Chinese: one dictionary for all packs, so that a thing has one name. Threads:
// any.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/pack/pack.hpp"

namespace outstation::pack {

// English -> Chinese, with {} for each name in braces and each number: "Fan {}" -> "风扇 {}".
using Words = std::map<std::string, std::string>;

// The label in Chinese, with the names and numbers of this one; empty when the dictionary does not have it.
[[nodiscard]] std::string translated(const Words& words, std::string_view label);
// Gives every label that is ours, and has no Chinese yet, its translation.
void translate(const Words& words, Pack& pack);
// Labels of ours that are words but have no Chinese.
[[nodiscard]] std::vector<std::string> untranslated(const Pack& pack);

}  // namespace outstation::pack
