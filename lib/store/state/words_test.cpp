// SPDX-License-Identifier: GPL-3.0-or-later
// Words of mixed Chinese and Latin text, and what a typed query becomes.
#include "lib/store/state/words.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace outstation::store {
namespace {

std::vector<std::string> words(std::string_view text, WordsFor purpose = WordsFor::text) {
    std::vector<std::string> out;
    for_each_word(text, purpose, [&](const Word& word) {
        out.push_back(std::string(word.same_place ? "=" : "") + std::string(word.word));
        return true;
    });
    return out;
}
using Words = std::vector<std::string>;

TEST(Words, AreLatinRunsInLowerCase) {
    EXPECT_EQ(words("Core-SW01 GigabitEthernet1/0/24"),
              (Words{"core", "sw01", "gigabitethernet1", "0", "24"}));
    EXPECT_EQ(words("ÄRGER ΑΒΓ Стойка"), (Words{"ärger", "αβγ", "стойка"}));
}

TEST(Words, ArePairsOfChineseCharactersAndTheLastOne) {
    EXPECT_EQ(words("数据机房"), (Words{"数据", "据机", "机房", "=房"}));
    EXPECT_EQ(words("机"), (Words{"机"}));
    EXPECT_EQ(words("数据机房", WordsFor::query), (Words{"数据", "据机", "机房"}));
}

TEST(Words, OfBothKindsSideBySide) {
    EXPECT_EQ(words("3号UPS输入电压"), (Words{"3", "号", "ups", "输入", "入电", "电压", "=压"}));
}

TEST(Words, TakeFullWidthLettersAndDigitsAsNarrow) {
    EXPECT_EQ(words("ＵＰＳ－０１"), (Words{"ups", "01"}));
}

TEST(Words, SayWhereTheyStand) {
    std::vector<std::pair<std::size_t, std::size_t>> places;
    for_each_word("A 机房", WordsFor::text, [&](const Word& word) {
        places.emplace_back(word.begin, word.end);
        return true;
    });
    EXPECT_EQ(places, (std::vector<std::pair<std::size_t, std::size_t>>{{0, 1}, {2, 8}, {5, 8}}));
}

TEST(Words, OctetsThatAreNotUtf8SeparateWords) {
    EXPECT_EQ(words("ab\xFF"
                    "cd"),
              (Words{"ab", "cd"}));
    EXPECT_EQ(words("\xE6\x9C"), Words{});                              // cut in the middle of a character
    EXPECT_EQ(words("\xC0\x80\xED\xA0\x80\xF5\x80\x80\x80"), Words{});  // overlong, surrogate, above U+10FFFF
}

TEST(Words, OfAnyLengthStayShort) {
    const auto long_words = words(std::string(100000, 'x'));
    ASSERT_EQ(long_words.size(), 1U);
    EXPECT_LE(long_words[0].size(), kMaxWordOctets);
    EXPECT_EQ(words(std::string(100000, 'x'), WordsFor::query), long_words);
}

TEST(Words, StopWhenNoMoreAreWanted) {
    int taken = 0;
    for_each_word("a b 机房楼", WordsFor::text, [&](const Word&) { return ++taken < 3; });
    EXPECT_EQ(taken, 3);
}

TEST(SearchExpression, AsksForEveryPartAsABeginning) {
    EXPECT_EQ(search_expression("  core 机房\u3000ups "), "\"core\"* AND \"机房\"* AND \"ups\"*");
}

TEST(SearchExpression, QuotesWhatFts5WouldReadAsItsLanguage) {
    EXPECT_EQ(search_expression("a\"b OR"), "\"a\"\"b\"* AND \"OR\"*");
    EXPECT_EQ(search_expression("x* NEAR(y"), "\"x*\"* AND \"NEAR(y\"*");
    EXPECT_EQ(search_expression(std::string("a\0b", 3)), "\"ab\"*");
}

TEST(SearchExpression, IsEmptyWithoutAWord) {
    EXPECT_EQ(search_expression(""), "");
    EXPECT_EQ(search_expression(" - \" / "), "");
}

}  // namespace
}  // namespace outstation::store
