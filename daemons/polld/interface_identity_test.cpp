// SPDX-License-Identifier: GPL-3.0-or-later
// Interfaces that are numbered anew, share a name or have none: whose series their counters go to.
#include "daemons/polld/interface_identity.hpp"

#include <gtest/gtest.h>

#include <map>

#include "daemons/polld/cycle_builder.hpp"
#include "daemons/polld/translator.hpp"

namespace outstation::polld {
namespace {

using snmp::Tag;

struct Port {
    std::uint32_t index;
    std::string name;
    std::string mac;
    std::uint64_t octets;
};

void add_names(CycleBuilder& builder, const Port& port) {
    builder.row<IfNameColumn>(TableId::interface_name, port.index,
                              {{IfNameColumn::name, builder.text_cell(port.name)},
                               {IfNameColumn::phys_address, builder.text_cell(port.mac)}});
}

class InterfaceIdentityTest : public testing::Test {
  protected:
    // Counters by series, of a device that has `before` while its counters are read and `after` behind them.
    std::map<std::string, std::uint64_t> poll(const std::vector<Port>& before, const std::vector<Port>& after,
                                              snmp::CycleError names = snmp::CycleError::none) {
        CycleBuilder builder;
        for (const Port& port : before)
            builder.row<IfColumn>(
                TableId::interface, port.index,
                {{IfColumn::name, builder.text_cell(port.name)},
                 {IfColumn::phys_address, builder.text_cell(port.mac)},
                 {IfColumn::hc_in_octets, CycleBuilder::number(Tag::counter64, port.octets)}});
        if (names == snmp::CycleError::none) {
            for (const Port& port : after) add_names(builder, port);
        }
        builder.table(TableId::interface_name).error = names;
        wire::SampleRecord record;
        translator_.translate(builder.cycle_, record);
        std::map<std::string, std::uint64_t> out;
        for (std::size_t i = 0; i < record.counters.size(); ++i)
            EXPECT_TRUE(out.emplace(name(record.counter_series[i]), record.counters[i]).second);
        return out;
    }
    std::map<std::string, std::uint64_t> poll(const std::vector<Port>& ports) { return poll(ports, ports); }
    using Values = std::map<std::string, std::uint64_t>;

  private:
    [[nodiscard]] std::string name(std::uint32_t series) const {
        std::string out;
        for (const Label& label : book_.info(series).key.labels)
            out += (out.empty() ? "" : " ") + label.name + "=" + label.value;
        return out;
    }
    SeriesBook book_;
    Translator translator_{"sw-01", book_};
};

TEST_F(InterfaceIdentityTest, APortThatIsNumberedAnewKeepsItsSeries) {
    EXPECT_EQ(poll({{1, "GE1", "", 10}, {2, "GE2", "", 20}}),
              (Values{{"if_name=GE1", 10}, {"if_name=GE2", 20}}));
    EXPECT_EQ(poll({{1, "GE2", "", 21}, {2, "GE1", "", 11}}),
              (Values{{"if_name=GE1", 11}, {"if_name=GE2", 21}}));
    EXPECT_EQ(poll({{11, "GE1", "", 12}, {12, "GE2", "", 22}}),
              (Values{{"if_name=GE1", 12}, {"if_name=GE2", 22}}));
}

// The device numbers them anew while it is read: whose counters these are nobody knows.
TEST_F(InterfaceIdentityTest, WhatIsCalledOtherwiseAfterItsCountersIsAGap) {
    const std::vector<Port> before{{1, "GE1", "", 10}, {2, "GE2", "", 20}, {3, "GE3", "", 30}};
    const std::vector<Port> after{{1, "GE2", "", 21}, {2, "GE1", "", 11}, {3, "GE3", "", 31}};
    EXPECT_EQ(poll(before, after), (Values{{"if_name=GE3", 30}}));
    EXPECT_EQ(poll(before, {{3, "GE3", "", 31}}), (Values{{"if_name=GE3", 30}}));  // gone meanwhile
    EXPECT_EQ(poll(after).size(), 3U);
}

TEST_F(InterfaceIdentityTest, WithoutNamesAfterwardsItIsWhatItWasIfItStillSaysSo) {
    poll({{1, "GE1", "", 10}, {2, "GE2", "", 20}});
    EXPECT_EQ(poll({{1, "GE1", "", 11}, {2, "GE3", "", 33}}, {}, snmp::CycleError::timeout),
              (Values{{"if_name=GE1", 11}}));
}

TEST_F(InterfaceIdentityTest, WhereNamesRepeatTheMacTellsThemApart) {
    const Port a{1, "eth", "aaaaaa", 10};
    const Port b{2, "eth", "bbbbbb", 20};
    const Values both{{"if_mac=61:61:61:61:61:61 if_name=eth", 10},
                      {"if_mac=62:62:62:62:62:62 if_name=eth", 20}};
    EXPECT_EQ(poll({a, b}), both);
    EXPECT_EQ(poll({{1, "eth", "bbbbbb", 20}, {2, "eth", "aaaaaa", 10}}), both);
    EXPECT_EQ(poll({b}), (Values{{"if_mac=62:62:62:62:62:62 if_name=eth", 20}}));  // the other one is away
}

TEST_F(InterfaceIdentityTest, WhereTheMacRepeatsTooTheIndexDoes) {
    const std::string none(6, '\0');
    EXPECT_EQ(poll({{1, "eth", "aaaaaa", 10},
                    {2, "eth", "aaaaaa", 20},
                    {3, "vlan", none, 30},
                    {4, "vlan", none, 40}}),
              (Values{{"if_index=1 if_name=eth", 10},
                      {"if_index=2 if_name=eth", 20},
                      {"if_index=3 if_name=vlan", 30},
                      {"if_index=4 if_name=vlan", 40}}));
}

TEST_F(InterfaceIdentityTest, WithoutANameItIsCalledByItsMacOrItsIndex) {
    EXPECT_EQ(poll({{1, "", "aaaaaa", 10}, {2, "", "", 20}}),
              (Values{{"if_name=61:61:61:61:61:61", 10}, {"if_name=2", 20}}));
}

}  // namespace
}  // namespace outstation::polld
