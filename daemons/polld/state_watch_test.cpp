// SPDX-License-Identifier: GPL-3.0-or-later
// Changes told once, after a start too, and not without end.
#include "daemons/polld/state_watch.hpp"

#include <gtest/gtest.h>

#include "daemons/polld/cycle_builder.hpp"
#include "daemons/polld/recall.hpp"
#include "lib/event/sim_loop.hpp"

namespace outstation::polld {
namespace {

using namespace std::chrono_literals;
using snmp::Tag;

std::string text_of(const std::vector<wire::StateRecord>& records) {
    std::string out;
    for (const auto& record : records) {
        if (!record.is_event() && record.kind != "attribute") continue;  // see texts_of()
        out += record.kind + (record.component.empty() ? "" : ":" + record.component) +
               (record.reason.empty() ? "" : "(" + record.reason + ")") + " ";
    }
    return out;
}

std::string texts_of(const std::vector<wire::StateRecord>& records) {
    std::string out;
    for (const auto& record : records) {
        if (record.is_event() || record.kind == "attribute") continue;
        out += record.kind + ":" + record.value + ":" + record.component;
        out += (record.text.empty() ? "" : "=" + record.text) + " ";
    }
    return out;
}

CycleBuilder dead() {
    CycleBuilder builder;
    builder.cycle_.answered = false;
    builder.cycle_.error = snmp::CycleError::timeout;
    return builder;
}

CycleBuilder alive(std::uint64_t uptime) {
    CycleBuilder builder;
    builder.scalar(Scalar::sys_name, "sw").scalar(Scalar::sys_uptime, Tag::time_ticks, uptime);
    return builder;
}

class StateWatchTest : public testing::Test {
  protected:
    // One cycle; a minute passes with each.
    std::string update(const CycleBuilder& builder, const std::vector<InterfaceState>& interfaces = {}) {
        now_ += 60s;
        wire::WireStamp stamp;
        stamp.wall_ns = (now_ - MonoTime{}).count();
        return text_of(watch_.update(builder.cycle_, interfaces, stamp, now_));
    }
    std::vector<wire::StateRecord> records_of(const std::vector<InterfaceState>& interfaces) {
        now_ += 60s;
        return watch_.update(alive(500).cycle_, interfaces, {}, now_);
    }
    // What is told of how interfaces are called.
    std::string texts(const std::vector<InterfaceState>& interfaces) {
        return texts_of(records_of(interfaces));
    }
    MonoTime now_{1000s};
    StateWatch watch_{"sw-01"};
};

class RecalledWatchTest : public StateWatchTest {
  protected:
    void SetUp() override { EXPECT_TRUE(watch_.recall({}).empty()); }
};

TEST_F(RecalledWatchTest, TellsEachChangeOnce) {
    EXPECT_EQ(update(alive(500), {{"1", "GE1", 1}}), "device_up attribute:sys_name ");
    EXPECT_EQ(update(alive(600), {{"1", "GE1", 1}}), "");
    EXPECT_EQ(update(alive(700), {{"1", "GE1", 2}}), "interface_down:GE1 ");
    EXPECT_EQ(update(dead()), "device_down(timeout) ");
    EXPECT_EQ(update(dead()), "");
    EXPECT_EQ(update(alive(100), {{"1", "GE1", 1}}), "device_up device_restarted interface_up:GE1 ");
}

TEST_F(RecalledWatchTest, AfterARestartInterfacesThatNoEventToldOfBeginAnew) {
    update(alive(500), {{"1", "GE1", 1}});
    EXPECT_EQ(update(alive(100), {{"1", "GE1", 2}}), "device_restarted ");
    EXPECT_EQ(update(alive(200), {{"1", "GE1", 1}}), "interface_up:GE1 ");
}

TEST_F(RecalledWatchTest, InterfacesOfTheSameNameAreTwo) {
    const CycleBuilder builder;
    EXPECT_EQ(update(builder, {{"1", "port", 1}, {"2", "port", 2}}), "device_up ");
    EXPECT_EQ(update(builder, {{"1", "port", 1}, {"2", "port", 2}}), "");
    EXPECT_EQ(update(builder, {{"1", "port", 2}, {"2", "port", 2}}), "interface_down:port ");
}

TEST_F(RecalledWatchTest, APortKeepsItsStateWhenTheDeviceNumbersItsPortsAnew) {
    EXPECT_EQ(texts({{"1", "GE1", 1}, {"2", "GE2", 2}}), "interface_name:1:GE1 interface_name:2:GE2 ");
    const std::vector<InterfaceState> moved = {{"1", "new", 1}, {"2", "GE1", 1}, {"3", "GE2", 2}};
    const auto records = records_of(moved);
    EXPECT_EQ(text_of(records), "");
    EXPECT_EQ(texts_of(records), "interface_name:2147483648:new ");
    EXPECT_EQ(text_of(records_of(moved)) + texts(moved), "");
    const auto down = records_of({{"1", "new", 1}, {"2", "GE1", 2}, {"3", "GE2", 2}});
    ASSERT_EQ(text_of(down), "interface_down:GE1 ");
    EXPECT_EQ(down[0].value, "1");
}

TEST_F(StateWatchTest, APortThatMovedWhileNobodyLookedKeepsItsState) {
    EXPECT_EQ(update(alive(500), {{"1", "GE2", 2}, {"2", "GE1", 1}}), "");
    wire::DeviceStatesReply folded;
    folded.devices.push_back(
        {"sw-01",
         wire::DeviceState::up,
         1,
         "",
         {},
         {{"1", "GE1", true, true, true, "", ""}, {"2", "GE2", true, true, true, "", ""}}});
    StateSource::States states;
    take_states(folded, states);
    const auto news = watch_.recall(states.at("sw-01"));
    ASSERT_EQ(news.size(), 2U) << text_of(news);
    EXPECT_EQ(news[1].kind, "interface_down");
    EXPECT_EQ(news[1].component, "GE2");
    EXPECT_EQ(news[1].value, "2");
}

TEST_F(RecalledWatchTest, WhatInterfacesAreCalledIsToldOnceAndWhenItChanges) {
    EXPECT_EQ(texts({{"1", "GE1", 1, "GigabitEthernet1", "uplink"}, {"2", "2", 1}}),
              "interface_name:1:GE1 interface_descr:1:GE1=GigabitEthernet1 "
              "interface_alias:1:GE1=uplink ");
    EXPECT_EQ(texts({{"1", "GE1", 1, "GigabitEthernet1", "uplink"}, {"2", "2", 1}}), "");
    EXPECT_EQ(texts({{"1", "GE1", 1, "GigabitEthernet1", ""}, {"2", "2", 1}}), "interface_alias:1:GE1 ");
    EXPECT_EQ(texts({{"1", "Po1", 1, "GigabitEthernet1", ""}, {"2", "2", 1}}), "interface_name:1:Po1 ");
    EXPECT_EQ(texts({{"1", "1", 1, "", ""}, {"2", "2", 1}}), "interface_name:1:1 interface_descr:1:1 ");
}

TEST_F(StateWatchTest, WhatInterfacesAreCalledIsNotToldAgainAfterARestart) {
    const std::vector<InterfaceState> ports = {{"1", "GE1", 1, "Gigabit 1", "uplink"}, {"2", "GE2", 1}};
    EXPECT_EQ(texts(ports), "");  // nobody knows yet what was told
    wire::DeviceStatesReply folded;
    folded.devices.push_back(
        {"sw-01",
         wire::DeviceState::up,
         1,
         "",
         {},
         {{"1", "GE1", false, false, true, "Gigabit 1", "core"}, {"2", "GE2", true, true, true, "", ""}}});
    StateSource::States states;
    take_states(folded, states);
    EXPECT_EQ(texts_of(watch_.recall(states.at("sw-01"))), "");
    EXPECT_EQ(texts(ports), "interface_alias:1:GE1=uplink ");
}

TEST_F(RecalledWatchTest, WhatInterfacesAreCalledIsToldAgainWhereStoredWillNeverHaveIt) {
    const auto refused = [&](const std::vector<InterfaceState>& ports) {
        const auto told = records_of(ports);
        for (const auto& record : told) watch_.untell(record);
        return texts_of(told);
    };
    const std::vector<InterfaceState> named = {{"1", "GE1", 1, "", "uplink"}, {"2", "2", 1}};
    const std::vector<InterfaceState> bare = {{"1", "1", 1}, {"2", "2", 1}};
    const std::string told = "interface_name:1:GE1 interface_alias:1:GE1=uplink ";
    EXPECT_EQ(refused(named), told);
    EXPECT_EQ(texts(named), told);
    EXPECT_EQ(refused(bare), "interface_name:1:1 interface_alias:1:1 ");
    EXPECT_EQ(texts(bare), "interface_name:1:1 interface_alias:1:1 ");
    EXPECT_EQ(texts(bare), "");
    texts({{"2", "2", 1}});
    texts({{"2", "2", 1}});
    EXPECT_EQ(refused({{"2", "2", 1}}), "interface_gone:1:1 ");
    texts({{"2", "2", 1}});
    texts({{"2", "2", 1}});
    EXPECT_EQ(texts({{"2", "2", 1}}), "interface_gone:1:1 ");
}

TEST_F(RecalledWatchTest, APortThatIsMissingForSomePollsIsGone) {
    const std::vector<InterfaceState> both = {{"1", "GE1", 1}, {"2", "GE2", 1, "", "uplink"}};
    const std::vector<InterfaceState> one = {{"1", "GE1", 1}};
    texts(both);
    EXPECT_EQ(texts(one), "");
    EXPECT_EQ(texts(one), "");
    EXPECT_EQ(texts(both), "");  // it was only a moment
    EXPECT_EQ(texts(one), "");
    EXPECT_EQ(texts(one), "");
    EXPECT_EQ(texts(one), "interface_gone:2:GE2 ");
    EXPECT_EQ(texts(one), "");
    EXPECT_EQ(texts(both), "interface_name:2:GE2 interface_alias:2:GE2=uplink ");
}

TEST_F(RecalledWatchTest, ATableThatCouldNotBeReadMakesNothingGone) {
    texts({{"1", "GE1", 1}});
    for (const TableId id : {TableId::interface, TableId::interface_name}) {
        for (int poll = 0; poll < 5; ++poll) {
            CycleBuilder builder = alive(500);
            builder.table(id).error = snmp::CycleError::timeout;
            now_ += 60s;
            EXPECT_EQ(texts_of(watch_.update(builder.cycle_, {}, {}, now_)), "");
        }
    }
}

TEST_F(RecalledWatchTest, ATableThatMayHaveMoreRowsMakesNothingGone) {
    texts({{"1", "GE1", 1}, {"2", "GE2", 1}});
    for (int poll = 0; poll < 5; ++poll) {
        CycleBuilder builder = alive(500);
        builder.table(TableId::interface).complete = false;
        now_ += 60s;
        EXPECT_EQ(texts_of(watch_.update(builder.cycle_, {{"1", "GE1", 1}}, {}, now_)), "");
    }
}

TEST_F(RecalledWatchTest, ManyPortsAreToldInPieces) {
    std::vector<InterfaceState> ports;
    for (int i = 1; i <= 3000; ++i)
        ports.push_back({std::to_string(i), "p" + std::to_string(i), 1, "d", "a"});
    std::size_t told = 0, polls = 0;
    for (; polls < 100 && told < 9000; ++polls) {
        const std::size_t now = records_of(ports).size();
        EXPECT_LT(now, 270U);
        told += now;
    }
    EXPECT_EQ(records_of(ports).size(), 0U);
    EXPECT_LT(polls, 40U);
}

// Neither one that calls its ports something else at every poll, nor one whose ports come and go.
TEST_F(RecalledWatchTest, WhatADeviceCanSayOfItsPortsIsBounded) {
    std::size_t renamed = 0, replaced = 0;
    const auto ports = [](int poll, int first) {
        std::vector<InterfaceState> out;
        for (int i = 1; i <= 100; ++i)
            out.push_back({std::to_string(first + i), "p" + std::to_string(poll), 1, "", ""});
        return out;
    };
    for (int poll = 0; poll < 1440; ++poll) renamed += records_of(ports(poll, 0)).size();
    for (int poll = 0; poll < 1440; ++poll) replaced += records_of(ports(poll, 100 * poll)).size();
    EXPECT_LT(renamed, 50'000U);  // of 144,000 a day
    EXPECT_LT(replaced, 100'000U);
    const std::string absurd(400, '7');
    EXPECT_EQ(texts({{absurd, "x", 1, "", ""}}).find(absurd), std::string::npos);
}

TEST_F(RecalledWatchTest, TheWrapOfSysUpTimeIsNoRestart) {
    update(alive(0xfffffff0U));
    EXPECT_EQ(update(alive(900)), "");
}

TEST_F(RecalledWatchTest, ATableThatCouldNotBeReadSaysNothing) {
    update(alive(500), {{"1", "GE1", 1}});
    CycleBuilder spoiled = alive(600);
    spoiled.table(TableId::interface).error = snmp::CycleError::malformed;
    spoiled.cycle_.error = snmp::CycleError::malformed;
    EXPECT_EQ(update(spoiled), "");
    CycleBuilder other = alive(700);  // another table
    other.table(TableId::storage).error = other.cycle_.error = snmp::CycleError::endless;
    EXPECT_EQ(update(other, {{"1", "GE1", 2}}), "interface_down:GE1 ");
}

Recalled known() {
    Recalled out;
    out.up = true;
    out.uptime = 1000;
    out.attributes = {{"sys_name", "sw"}};
    out.interfaces = {{"1", {true, false}}, {"2", {false, true}}};
    return out;
}

TEST_F(StateWatchTest, WhatStoredKnowsIsNotRepeated) {
    EXPECT_EQ(update(alive(1500), {{"1", "GE1", 1}, {"2", "GE2", 2}, {"3", "GE3", 1}}), "");
    EXPECT_TRUE(watch_.recall(known()).empty());
    EXPECT_EQ(update(alive(1600), {{"1", "GE1", 1}, {"2", "GE2", 2}, {"3", "GE3", 2}}),
              "interface_down:GE3 ");
}

TEST_F(StateWatchTest, WhatChangedWhileNobodyLookedIsToldWithTheStampOfTheFirstLook) {
    EXPECT_EQ(update(alive(1500), {{"1", "GE1", 2}, {"2", "GE2", 1}}), "");
    const MonoTime first = now_;
    update(alive(1600), {{"1", "GE1", 2}, {"2", "GE2", 1}});
    const auto news = watch_.recall(known());
    EXPECT_EQ(text_of(news), "interface_down:GE1 interface_up:GE2 ");
    for (const auto& record : news) EXPECT_EQ(record.stamp.wall_ns, (first - MonoTime{}).count());
}

TEST_F(StateWatchTest, WhatHappenedBeforeStoredAnsweredIsToldInOrder) {
    update(alive(1500), {{"1", "GE1", 1}});
    update(dead());
    update(alive(1700), {{"1", "GE1", 2}});
    EXPECT_EQ(text_of(watch_.recall(known())), "device_down(timeout) device_up interface_down:GE1 ");
    EXPECT_TRUE(watch_.recall({}).empty());  // once
    EXPECT_EQ(update(alive(1800), {{"1", "GE1", 2}}), "");
}

TEST_F(StateWatchTest, ARestartWhileNobodyLookedIsSeenByTheUptime) {
    update(alive(200), {{"1", "GE1", 2}, {"2", "GE2", 1}});
    EXPECT_EQ(text_of(watch_.recall(known())), "device_restarted interface_up:GE2 ");
}

TEST_F(StateWatchTest, ADeadDeviceThatComesBackRestartedIsSeenByTheUptimeToo) {
    update(dead());
    EXPECT_EQ(text_of(watch_.recall(known())), "device_down(timeout) ");
    EXPECT_EQ(update(alive(200)), "device_up device_restarted ");
}

TEST_F(StateWatchTest, WithoutKnowledgeTheStateIsToldAsItIs) {
    update(alive(200), {{"1", "GE1", 2}});
    EXPECT_EQ(text_of(watch_.recall({})), "device_up attribute:sys_name ");
}

TEST_F(RecalledWatchTest, ADeviceThatFlapsIsToldLessOfAndItsStateInTheEnd) {
    std::size_t told = 0;
    std::size_t tired = 0;
    std::string last;
    const auto poll = [&](bool up) {
        now_ += 10s;
        const auto cycle = up ? alive(500) : dead();
        for (const auto& record : watch_.update(cycle.cycle_, {}, {}, now_)) {
            ++told;
            if (record.kind == "changing_too_often") {
                ++tired;
            } else if (record.kind != "attribute") {
                last = record.kind;
            }
        }
    };
    for (int i = 0; i < 8640; ++i) poll(i % 2 == 0);  // a day
    EXPECT_LT(told, 1900U);  // a token a minute, and what each silence says of itself
    EXPECT_GT(tired, 10U);
    const std::size_t before = told;
    for (int i = 0; i < 360; ++i) poll(true);  // an hour of calm
    EXPECT_EQ(last, "device_up");
    EXPECT_LE(told, before + 1);
    EXPECT_EQ(watch_.up(), true);
}

TEST_F(RecalledWatchTest, WhatStoredWillNeverHaveIsToldAgainWhileItIsSo) {
    const auto tell = [&](const CycleBuilder& builder, std::uint64_t oper) {
        now_ += 60s;
        return watch_.update(builder.cycle_, {{"1", "GE1", oper}}, {}, now_);
    };
    const auto first = tell(alive(500), 1);
    for (const auto& record : first) watch_.untell(record);
    EXPECT_EQ(text_of(tell(alive(600), 1)), "device_up attribute:sys_name ");
    const auto down = tell(alive(700), 2);
    EXPECT_EQ(text_of(down), "interface_down:GE1 ");
    watch_.untell(down.at(0));
    EXPECT_EQ(text_of(tell(alive(800), 2)), "interface_down:GE1 ");
    EXPECT_EQ(text_of(tell(alive(900), 1)), "interface_up:GE1 ");
    // What is no longer so needs no word, nor what was told since.
    for (const auto& record : first) watch_.untell(record);
    watch_.untell(down.at(0));
    EXPECT_EQ(text_of(tell(alive(1000), 1)), "device_up attribute:sys_name ");
    watch_.untell(tell(alive(1100), 2).at(0));
    EXPECT_EQ(text_of(tell(alive(1200), 1)), "");
}

TEST_F(RecalledWatchTest, AStormOfInterfacesIsToldWholeAndPaidFor) {
    std::vector<InterfaceState> ports;
    for (int i = 1; i <= 2000; ++i) ports.push_back({std::to_string(i), std::to_string(i), 1});
    update(alive(500), ports);
    for (auto& port : ports) port.oper_status = 2;
    now_ += 10s;
    EXPECT_EQ(watch_.update(alive(600).cycle_, ports, {}, now_).size(), 2001U);  // and changing_too_often
    for (auto& port : ports) port.oper_status = 1;
    now_ += 10s;
    EXPECT_TRUE(watch_.update(alive(700).cycle_, ports, {}, now_).empty());
    now_ += 1h;
    EXPECT_EQ(watch_.update(alive(800).cycle_, ports, {}, now_).size(), 2001U);
}

TEST_F(RecalledWatchTest, AStormOfInterfacesDoesNotHideThatTheDeviceDied) {
    std::vector<InterfaceState> ports;
    for (int i = 1; i <= 2000; ++i) ports.push_back({std::to_string(i), "GE" + std::to_string(i), 1});
    update(alive(500), ports);
    for (auto& port : ports) port.oper_status = 2;
    EXPECT_NE(update(alive(600), ports).find("changing_too_often"), std::string::npos);
    EXPECT_EQ(update(dead()), "device_down(timeout) ");
    EXPECT_EQ(update(alive(800), ports), "device_up ");
    ports[0].oper_status = 1;
    EXPECT_EQ(update(alive(900), ports), "");
    update(alive(1000), ports);
    EXPECT_EQ(update(alive(1100), ports), "interface_up:GE1 ");  // five minutes after the storm, not an hour
}

TEST(Recall, ThreeAnswersMakeWhatStoredKnows) {
    StateSource::States states;
    wire::DeviceStatesReply folded;
    folded.devices.push_back(
        {"sw", wire::DeviceState::down, 1, "timeout", {{"sys_name", "x"}}, {{"1", "a", false, true}}});
    take_states(folded, states);
    wire::LatestReply oper;
    const auto row = [](const std::string& metric, std::vector<wire::WireLabel> labels, double value) {
        wire::LatestRow out;
        out.series = {1, "sw", metric, std::move(labels), SeriesKind::gauge, "", 1};
        out.gauge = value;
        return out;
    };
    oper.rows = {row("if_oper_status", {{"if_index", "1"}}, 1), row("if_oper_status", {{"if_index", "2"}}, 2),
                 row("if_oper_status", {{"if_index", "3"}}, 1)};
    take_oper_status(oper, states);
    take_uptimes(wire::LatestReply{{row("sys_uptime_seconds", {}, 12.34)}, false}, states);
    const Recalled& sw = states.at("sw");
    EXPECT_EQ(sw.up, false);
    EXPECT_EQ(sw.uptime, 1234U);
    EXPECT_EQ(sw.attributes.at("sys_name"), "x");
    EXPECT_FALSE(*sw.interfaces.at("1").up);  // what an event said stands
    EXPECT_TRUE(sw.interfaces.at("1").told);
    EXPECT_FALSE(*sw.interfaces.at("2").up);
    EXPECT_TRUE(*sw.interfaces.at("3").up);
    EXPECT_FALSE(sw.interfaces.at("3").told);
}

// Series are called by the names of interfaces, states by their indexes.
TEST(Recall, AnInterfaceIsFoundByTheNameThatWasTold) {
    StateSource::States states;
    Recalled::Interface named;
    named.name = "GE1";
    states["sw"].interfaces["7"] = named;
    const auto row = [](std::vector<wire::WireLabel> labels) {
        wire::LatestRow out;
        out.series = {1, "sw", "if_oper_status", std::move(labels), SeriesKind::gauge, "", 1};
        out.gauge = 1;
        return out;
    };
    take_oper_status(
        wire::LatestReply{{row({{"if_name", "GE1"}}), row({{"if_name", "9"}}), row({{"if_name", "GE8"}}),
                           row({{"if_mac", "00:01"}, {"if_name", "GE1"}})},
                          false},
        states);
    const auto& interfaces = states.at("sw").interfaces;
    EXPECT_EQ(interfaces.at("7").up, true);
    EXPECT_EQ(interfaces.at("9").up, true);  // it has no name but its index
    EXPECT_EQ(interfaces.size(), 2U);
}

TEST(Recall, OfTwoSeriesOfAPortTheLastValueCounts) {
    const auto row = [](std::uint32_t id, const char* name, double value, std::int64_t wall_ns) {
        wire::LatestRow out;
        out.series = {id, "sw", "if_oper_status", {{"if_index", "1"}, {"if_name", name}}, SeriesKind::gauge,
                      "", 1};
        out.gauge = value;
        out.wall_ns = wall_ns;
        return out;
    };
    // Renamed and renamed back: the first series goes on, the second one is old; also over two pages.
    const wire::LatestRow now = row(1, "GE1", 1, 2000);
    const wire::LatestRow old = row(2, "uplink", 2, 1000);
    StateSource::States states;
    take_oper_status(wire::LatestReply{{now, old}, false}, states);
    EXPECT_TRUE(*states.at("sw").interfaces.at("1").up);
    StateSource::States paged;
    take_oper_status(wire::LatestReply{{now}, true}, paged);
    take_oper_status(wire::LatestReply{{old}, false}, paged);
    EXPECT_TRUE(*paged.at("sw").interfaces.at("1").up);
    StateSource::States renamed;
    take_oper_status(wire::LatestReply{{row(1, "GE1", 1, 1000), row(2, "uplink", 2, 2000)}, false}, renamed);
    EXPECT_FALSE(*renamed.at("sw").interfaces.at("1").up);
}

}  // namespace
}  // namespace outstation::polld
