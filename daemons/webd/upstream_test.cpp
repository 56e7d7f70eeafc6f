// SPDX-License-Identifier: GPL-3.0-or-later
// What webd remembers of the answers of others is bounded.
#include "daemons/webd/site_test.hpp"

namespace outstation::webd {
namespace {

// Each page of a list is an answer of its own, and any place to go on from gives one.
TEST_F(SiteTest, PagesOfAlarmsAreRememberedWithinABudget) {
    alarms_.list.emplace();
    for (int i = 0; i < 500; ++i) {
        wire::AlarmRow& row = alarms_.list->alarms.emplace_back();
        row.id = "0a31";
        row.record = alarms_.step(wire::AlarmStep::noted, 8, "li");
    }
    const std::size_t weight = weight_of(*alarms_.list);
    EXPECT_GT(weight, 500 * sizeof(wire::AlarmRow));
    alarms_.list->alarms[0].record.alarm->text = std::string(1000, 'x');
    EXPECT_EQ(weight_of(*alarms_.list), weight + 1000);
    int asked = 0;
    for (int i = 0; i < 200; ++i) {
        wire::AlarmListRequest request;
        request.cursor = "0:0:" + std::to_string(i);
        site_->alertd().ask<wire::AlarmList>(request, [&asked](const Seen<wire::AlarmList>&) { ++asked; });
    }
    ASSERT_TRUE(run_until([&asked] { return asked == 200; }));
    EXPECT_LE(site_->alertd().kept_bytes(), Upstream::kMostKeptBytes);
    EXPECT_GT(site_->alertd().kept_bytes(), Upstream::kMostKeptBytes / 2);
}

}  // namespace
}  // namespace outstation::webd
