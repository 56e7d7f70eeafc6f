// SPDX-License-Identifier: GPL-3.0-or-later
// How behaviours are written, when they are in force, and that the guide has all of them.
#include "tests/sim/behaviours.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

namespace outstation::sim {
namespace {

using namespace std::chrono_literals;

TEST(Behaviours, EachHasOneNameAndDoesSomething) {
    std::set<std::string> names;
    std::size_t hostile = 0;
    for (const Behaviour& one : all_behaviours()) {
        EXPECT_TRUE(names.insert(one.name).second) << one.name;
        EXPECT_EQ(find_behaviour(one.name), &one);
        hostile += one.kind == Behaviour::Kind::hostile ? 1 : 0;
        EXPECT_TRUE(parse_behaviour(one.name)) << one.name;
    }
    EXPECT_GE(hostile, 24U);
}

TEST(Behaviours, AmountsAndTimes) {
    const auto loss = parse_behaviour("loss 20 % from 60 s until 2 min").value();
    EXPECT_DOUBLE_EQ(loss.amount, 0.2);
    EXPECT_FALSE(loss.at(59s));
    EXPECT_TRUE(loss.at(60s));
    EXPECT_FALSE(loss.at(120s));
    EXPECT_DOUBLE_EQ(parse_behaviour("latency 150ms").value().amount, 0.15);
    EXPECT_DOUBLE_EQ(parse_behaviour("forger 50").value().amount, 50);
    const auto burst = parse_behaviour("silent every 1 min for 10 s").value();
    EXPECT_TRUE(burst.at(9s));
    EXPECT_FALSE(burst.at(10s));
    EXPECT_TRUE(burst.at(65s));
    const auto restart = parse_behaviour("restart").value();
    EXPECT_FALSE(restart.at(9min));  // nothing restarts when it starts
    EXPECT_EQ(restart.at(21min)->number, 1U);
    EXPECT_DOUBLE_EQ(restart.at(21min)->lasted_s, 60);
    EXPECT_TRUE(parse_behaviour("restart from 0 every 5 min").value().at(0s));
}

TEST(Behaviours, WhatIsNotUnderstoodIsRefused) {
    for (const char* text :
         {"", "lose 5 %", "loss", "loss 20", "loss 120 %", "latency 5", "silent 5", "loop x", "loss 5 % from",
          "loss 5 % at 10 s", "loss 5 % from noon", "loop -1"}) {
        const bool is_name_alone = std::string_view(text) == "loss";
        EXPECT_EQ(static_cast<bool>(parse_behaviour(text)), is_name_alone) << text;
    }
    EXPECT_NE(parse_behaviour("loss 20").error().text.find("a share like '20 %'"), std::string::npos);
}

TEST(Behaviours, TheyAddUp) {
    const std::vector<Scheduled> all = {
        parse_behaviour("latency 100 ms").value(), parse_behaviour("drip 300 ms").value(),
        parse_behaviour("silent from 1 min").value(), parse_behaviour("boots-backwards every 10 s").value()};
    const Conduct conduct = conduct_at(all, 30s);
    EXPECT_DOUBLE_EQ(conduct.latency_s, 0.4);
    EXPECT_EQ(conduct.most_varbinds, 1U);
    EXPECT_FALSE(conduct.is_silent);
    EXPECT_EQ(conduct.boots_back, 3U);
    EXPECT_TRUE(conduct_at(all, 60s).is_silent);
}

std::string text_of(const char* path) {
    std::ifstream in(path);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

TEST(Behaviours, TheGuideHasEachInBothLanguages) {
    const std::string english = text_of("docs/guide/simulator.md");
    const std::string chinese = text_of("docs/guide/simulator.zh.md");
    for (const Behaviour& one : all_behaviours()) {
        const std::string row = "| `" + std::string(one.name) + "` |";
        const std::size_t at = english.find(row);
        ASSERT_NE(at, std::string::npos) << one.name;
        EXPECT_EQ(english.substr(english.find('|', at + row.size()), std::string(one.what).size() + 4),
                  "| " + std::string(one.what) + " |");
        EXPECT_NE(chinese.find(row), std::string::npos) << one.name;
    }
}

}  // namespace
}  // namespace outstation::sim
