// SPDX-License-Identifier: GPL-3.0-or-later
// Expressions against texts, and that hostile texts cost no more than their length.
#include "drivers/pack/pattern.hpp"

#include <gtest/gtest.h>

namespace outstation::pack {
namespace {

// What the first group (or the whole) of the match is; "-" when nothing matches, "!" when it does not
// compile.
std::string found(std::string_view expression, std::string_view text) {
    const auto pattern = Pattern::compile(expression);
    if (!pattern) return "!";
    return pattern->extract(text).value_or("-");
}

TEST(Pattern, FindsTheLeftmostMatchGreedyOrLazy) {
    EXPECT_EQ(found("Version ([^,\\s]+)", "IOS, Version 15.0(2)SE11, RELEASE"), "15.0(2)SE11");
    EXPECT_EQ(found("a.*b", "xaabab-b"), "aabab-b");
    EXPECT_EQ(found("a.*?b", "xaabab-b"), "aab");
    EXPECT_EQ(found("(?:ab|cd)+", "xxabcdab!"), "abcdab");
    EXPECT_EQ(found("^b|a$", "ba"), "b");
    EXPECT_EQ(found("[^a-c]{2,3}", "abcdefgh"), "def");
    EXPECT_EQ(found("\\bSN:\\s+(\\w+)", "xSN: 1 SN: AB12"), "AB12");
    EXPECT_EQ(found("(?i)cisco IOS", "CISCO ios"), "CISCO ios");
    EXPECT_EQ(found("(?i)[^v]", "vV"), "-");
    EXPECT_EQ(found("(?i)[^v-x]+", "vWay"), "ay");
    EXPECT_EQ(found("(?i)[v]\\V", "Vv"), "!");
    EXPECT_EQ(found("(?i)[v].", "aVv"), "Vv");
    EXPECT_EQ(found("x?y*z", "z"), "z");
    EXPECT_EQ(found("(a|b)*c", "ababc"), "b");
    EXPECT_EQ(found("[\\d.-]+", "v-1.5x"), "-1.5");
    EXPECT_EQ(found("[]x]+", "a]x]"), "]x]");
    EXPECT_EQ(found("a{3}", "aa"), "-");
    EXPECT_EQ(found("(\\d+[.]?\\d+)", "5 12.5"), "12.5");
}

TEST(Pattern, RewritesWithItsGroups) {
    const auto pattern = Pattern::compile("PF:(\\S+) .*AF1:(\\S+)");
    ASSERT_TRUE(pattern);
    EXPECT_EQ(pattern->rewrite("MB:1 PF:v7.0 PN:x AF1:v7.1 y", "AOS $1 / App $2"), "AOS v7.0 / App v7.1");
    EXPECT_EQ(pattern->rewrite("MB:1", "$1"), std::nullopt);
}

TEST(Pattern, MistakesAreToldWithTheirPlace) {
    for (const char* wrong :
         {"(a", "a)", "[a", "*a", "a\\", "(?=a)", "\\1", "\\q", "[b-a]", "a{2,1}", "a{1001}"})
        EXPECT_FALSE(Pattern::compile(wrong)) << wrong;
    EXPECT_EQ(Pattern::compile("ab)").error().text, "unexpected ')' at character 3");
    EXPECT_FALSE(Pattern::compile(std::string(5000, 'a')));
    EXPECT_FALSE(Pattern::compile(std::string(200, '(') + std::string(200, ')')));
    EXPECT_FALSE(Pattern::compile("((((a{100}){100}){100}){100})"));
}

// Backtracking without a memory would take 2^40 steps here, or a stack as deep as the text.
TEST(Pattern, AHostileTextCostsItsLengthTimesTheExpression) {
    EXPECT_EQ(found("^(a+)+$", std::string(40, 'a') + "!"), "-");
    EXPECT_EQ(found("^(?:(?:a*)*)*b", std::string(4000, 'a')), "-");
    std::string many;
    for (int i = 0; i < 1000; ++i) many += "y?";
    EXPECT_EQ(found(many + "z", std::string(400, 'x') + "z"), "z");
    EXPECT_EQ(found(many + "z", std::string(4000, 'x') + "z"), "-");  // 2000 steps: less of it is looked at
    EXPECT_EQ(found("x$", std::string(100'000, 'y') + "x"), "-");     // only the beginning is looked at
}

TEST(Pattern, MatchesShareABudgetAndAfterItNothingMatches) {
    const auto pattern = Pattern::compile("a+b");
    ASSERT_TRUE(pattern);
    MatchBudget budget{10'000};
    EXPECT_TRUE(pattern->matches("aab", &budget));
    EXPECT_GT(budget.states, 9'900U);
    EXPECT_FALSE(pattern->matches(std::string(4000, 'a'), &budget));
    EXPECT_EQ(budget.states, 0U);
    EXPECT_FALSE(pattern->matches("aab", &budget));
    EXPECT_TRUE(pattern->matches("aab"));
}

}  // namespace
}  // namespace outstation::pack
