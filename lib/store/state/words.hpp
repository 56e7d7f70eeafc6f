// SPDX-License-Identifier: GPL-3.0-or-later
// Cuts text into the words that search knows: Latin words in lower case, and every two neighbouring
// characters of a Chinese, Japanese or Korean run, because these are written without spaces and most Chinese
// words have two characters. Pure functions. Threads: any.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace outstation::store {

enum class WordsFor : bool { text, query };

struct Word {
    std::string_view
        word;  // folded: lower case, full-width letters and digits made narrow; lives until the call returns
    std::size_t begin = 0;  // octets of the source text that it stands for
    std::size_t end = 0;
    bool same_place = false;  // at the position of the word before it
};

// Longer words are cut here, in a text and in a query alike.
inline constexpr std::size_t kMaxWordOctets = 64;

// Calls `take` with each word in order, until it returns false. Octets that are not UTF-8 separate words. A
// run of one character is a word; the last character of a longer run is one in a text too (at the place of
// the pair before), so that a query of one character, which is asked as a beginning, finds it anywhere.
void for_each_word(std::string_view text, WordsFor purpose, const std::function<bool(const Word&)>& take);

// What a person typed as an FTS5 expression: every part between blanks must be found, the last word of each
// as a beginning. Empty when there is no word in it.
[[nodiscard]] std::string search_expression(std::string_view typed);

}  // namespace outstation::store
