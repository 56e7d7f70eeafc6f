// SPDX-License-Identifier: GPL-3.0-or-later
// Who keeps which number.
#include "daemons/polld/interface_numbers.hpp"

#include <gtest/gtest.h>

namespace outstation::polld {
namespace {

ToldStates told(const std::map<std::string, std::string>& names) {
    Recalled out;
    for (const auto& [number, name] : names) out.interfaces[number].name = name;
    return ToldStates(out);
}

std::string text_of(const std::vector<InterfaceState>& interfaces) {
    std::string out;
    for (const InterfaceState& interface : interfaces) out += interface.name + "=" + interface.index + " ";
    return out;
}

const std::map<std::string, std::string> kThree = {{"1", "GE1"}, {"2", "GE2"}, {"3", "GE3"}};

TEST(InterfaceNumbers, WhereNothingMovedNothingIsCompared) {
    EXPECT_TRUE(are_where_they_were({{"1", "GE1"}, {"3", "GE3"}}, told(kThree)));
    EXPECT_FALSE(are_where_they_were({{"1", "GE2"}}, told(kThree)));
    EXPECT_FALSE(are_where_they_were({{"4", "GE4"}}, told(kThree)));
}

TEST(InterfaceNumbers, APortKeepsTheNumberThatItWasToldBy) {
    EXPECT_EQ(text_of(numbered({{"11", "GE1"}, {"12", "GE2"}, {"13", "GE3"}}, told(kThree))),
              "GE1=1 GE2=2 GE3=3 ");
    EXPECT_EQ(text_of(numbered({{"1", "GE3"}, {"2", "GE1"}, {"3", "GE2"}}, told(kThree))),
              "GE3=3 GE1=1 GE2=2 ");
}

TEST(InterfaceNumbers, ANewPortInThePlaceOfOneThatMovedGetsANumberOfOurs) {
    const std::vector<InterfaceState> now = {{"1", "GE0"}, {"2", "GE00"}, {"3", "GE1"}, {"4", "GE2"}};
    EXPECT_EQ(text_of(numbered(now, told(kThree))), "GE0=2147483648 GE00=2147483649 GE1=1 GE2=2 ");
    auto names = kThree;
    names["2147483648"] = "GE0";
    EXPECT_EQ(text_of(numbered(now, told(names))), "GE0=2147483648 GE00=2147483649 GE1=1 GE2=2 ");
}

TEST(InterfaceNumbers, APortThatIsCalledOtherwiseInItsPlaceIsTheSame) {
    EXPECT_EQ(text_of(numbered({{"1", "Po1"}, {"2", "GE2"}}, told(kThree))), "Po1=1 GE2=2 ");
}

TEST(InterfaceNumbers, NamesThatRepeatTellNothing) {
    EXPECT_EQ(text_of(numbered({{"7", "GE1"}, {"8", "GE1"}}, told(kThree))), "GE1=7 GE1=8 ");
    EXPECT_EQ(text_of(numbered({{"7", "port"}}, told({{"1", "port"}, {"2", "port"}}))), "port=7 ");
}

}  // namespace
}  // namespace outstation::polld
