// SPDX-License-Identifier: GPL-3.0-or-later
// Neighbours: what of them is told, and when.
#include "daemons/polld/neighbours.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "daemons/polld/state_watch.hpp"

namespace outstation::polld {
namespace {

using Links = std::vector<pack::Link>;
using Texts = std::vector<std::string>;

Texts keys_of(const Links& links) {
    Texts out;
    for (const auto& [key, one] : neighbours_of(links)) out.push_back(key + " = " + neighbour_text(one));
    return out;
}

TEST(Neighbours, TwoRowsOfANeighbourAreOne) {
    EXPECT_EQ(keys_of({{"lldp", "GE1", "core\n", "XGE1", "02:00:00:00:00:01", ""},
                       {"lldp", "GE1", "", "", "02:00:00:00:00:01", "192.0.2.1"}}),
              (Texts{"lldp|GE1|02:00:00:00:00:01 = core|XGE1|02:00:00:00:00:01|192.0.2.1"}));
}

TEST(Neighbours, APortWithSeveralMacsLeadsOn) {
    EXPECT_EQ(keys_of({{"fdb", "GE1", "", "", "02:00:00:00:00:01", ""},
                       {"fdb", "GE1", "", "", "02:00:00:00:00:02", ""},
                       {"fdb", "GE2", "", "", "02:00:00:00:00:03", ""},
                       {"fdb", "GE2", "", "", "02:00:00:00:00:03", ""},
                       {"fdb", "", "", "", "02:00:00:00:00:04", ""}}),
              (Texts{"fdb|GE2|02:00:00:00:00:03 = ||02:00:00:00:00:03|"}));
}

TEST(Neighbours, NoMacIsAloneWhereNotAllWereRead) {
    EXPECT_TRUE(neighbours_of({{"fdb", "GE1", "", "", "02:00:00:00:00:01", ""}}, false).empty());
    EXPECT_EQ(neighbours_of({{"lldp", "GE1", "core", "", "", ""}}, false).size(), 1U);
}

TEST(Neighbours, WhatADeviceSaysOfItselfIsToldOnce) {
    EXPECT_EQ(keys_of({{"own", "GE1", "", "", "02:00:00:00:00:01", ""},
                       {"own", "GE2", "", "", "02:00:00:00:00:01", ""},
                       {"own", "", "", "", "", "192.0.2.1"}}),
              (Texts{"own||02:00:00:00:00:01 = ||02:00:00:00:00:01|", "own||192.0.2.1 = |||192.0.2.1"}));
}

TEST(Neighbours, NoKindTakesTheRoomOfAnother) {
    Links links;
    for (int n = 0; n < 8; ++n) links.push_back({"own", "", "", "", "the chassis " + std::to_string(n), ""});
    for (int n = 0; n < 1000; ++n) links.push_back({"own", "", "", "", "", "10.0.0." + std::to_string(n)});
    for (const char* protocol : {"arp", "fdb", "lldp", "cdp", "own", "ospf", "bgp", "unheard"})
        for (int n = 0; n < 1000; ++n)
            links.push_back({protocol, "p" + std::to_string(n), "", "", "id" + std::to_string(n), ""});
    const Neighbours neighbours = neighbours_of(links);
    EXPECT_EQ(neighbours.size(), kMaxNeighbours);
    EXPECT_EQ(std::count_if(neighbours.begin(), neighbours.end(),
                            [](const auto& entry) { return entry.second.protocol == "lldp"; }),
              64);
    EXPECT_TRUE(neighbours.contains("own||the chassis 7")) << "it waits behind addresses and ports";
}

class ToldNeighboursTest : public testing::Test {
  protected:
    ToldNeighboursTest() { static_cast<void>(watch_.recall({})); }
    Texts survey(const Links& links, bool is_whole = true, bool has_links = true) {
        DevicePacks::Found found;
        found.findings.links = links;
        found.has_links = has_links;
        found.is_whole = is_whole;
        Texts out;
        records_ = watch_.update(found, {}, now_ += std::chrono::minutes(15));
        for (const wire::StateRecord& record : records_)
            out.push_back(record.kind + " " + record.component + " " + record.value + " " + record.reason +
                          " " + record.text);
        return out;
    }
    StateWatch watch_{"sw"};
    MonoTime now_{std::chrono::hours(1)};
    std::vector<wire::StateRecord> records_;
};

const pack::Link kCore{"lldp", "GE1", "core", "XGE1", "", ""};
const pack::Link kOther{"lldp", "GE1", "other", "XGE1", "", ""};

TEST_F(ToldNeighboursTest, IsToldOnceAndAgainWhenItIsAnother) {
    EXPECT_EQ(survey({kCore}), (Texts{"neighbour_seen GE1 lldp|GE1|core lldp core|XGE1||"}));
    EXPECT_EQ(survey({kCore}), Texts{});
    pack::Link moved = kCore;
    moved.remote_port = "XGE2";
    EXPECT_EQ(survey({moved}), (Texts{"neighbour_seen GE1 lldp|GE1|core lldp core|XGE2||"}));
    EXPECT_EQ(survey({kOther}), (Texts{"neighbour_gone GE1 lldp|GE1|core  ",
                                       "neighbour_seen GE1 lldp|GE1|other lldp other|XGE1||"}));
    for (const wire::StateRecord& record : records_) EXPECT_FALSE(record.is_event());
}

TEST_F(ToldNeighboursTest, IsNotGoneBecauseItIsSilentForANight) {
    EXPECT_EQ(survey({kCore}).size(), 1U);
    for (unsigned n = 1; n < ToldStates::kMissingLooks; ++n) EXPECT_EQ(survey({}), Texts{}) << n;
    EXPECT_EQ(survey({}, false), Texts{}) << "what was not read says nothing";
    EXPECT_EQ(survey({}, true, false), Texts{}) << "nobody asked";
    EXPECT_EQ(survey({}), (Texts{"neighbour_gone GE1 lldp|GE1|core  "}));
}

TEST_F(ToldNeighboursTest, WhatStoredKnewIsNotToldAgain) {
    StateWatch watch("sw");
    Recalled recalled;
    recalled.neighbours["lldp|GE1|core"] = {"GE1", "lldp", "core|XGE1||"};
    static_cast<void>(watch.recall(recalled));
    watch_ = std::move(watch);
    EXPECT_EQ(survey({kCore}), Texts{});
    EXPECT_EQ(survey({kOther}).size(), 2U);
}

TEST_F(ToldNeighboursTest, WhatStoredRefusedIsToldAgain) {
    const Texts first = survey({kCore});
    watch_.untell(records_.at(0));
    EXPECT_EQ(survey({kCore}), first);
    const Texts changed = survey({kOther});
    for (const wire::StateRecord& record : records_) watch_.untell(record);
    EXPECT_EQ(survey({kOther}), changed);
}

}  // namespace
}  // namespace outstation::polld
