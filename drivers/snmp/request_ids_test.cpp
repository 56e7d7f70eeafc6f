// SPDX-License-Identifier: GPL-3.0-or-later
// The table of ids against a map.
#include "drivers/snmp/request_ids.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace outstation::snmp {
namespace {

TEST(RequestIds, LeadBackToTheirDevicesWhateverComesAndGoes) {
    RequestIds ids;
    std::map<std::uint32_t, std::uint32_t> expected;
    std::vector<std::uint32_t> gone;
    std::minstd_rand random(7);
    for (std::uint32_t step = 0; step < 20000; ++step) {
        const bool more = step < 5000 || (step / 500) % 2 == 0;
        if (expected.empty() || random() % 8 < (more ? 6U : 2U)) {
            const std::uint32_t id = ids.make(step);
            ASSERT_GE(id, 1U);
            ASSERT_LE(id, static_cast<std::uint32_t>(INT32_MAX));
            ASSERT_TRUE(expected.emplace(id, step).second);
        } else {
            const auto it = expected.lower_bound(static_cast<std::uint32_t>(random()));
            const std::uint32_t id = it == expected.end() ? expected.begin()->first : it->first;
            ids.release(id);
            expected.erase(id);
            gone.push_back(id);
        }
        if (step % 100 != 0) continue;
        for (const auto& [id, device] : expected) {
            ASSERT_NE(ids.find(id), nullptr);
            ASSERT_EQ(*ids.find(id), device);
        }
        for (const std::uint32_t id : gone) ASSERT_EQ(ids.find(id) != nullptr, expected.contains(id));
    }
    EXPECT_EQ(ids.size(), expected.size());
}

TEST(RequestIds, WhatIsNotInUseIsNotFoundAndReleasedWithoutHarm) {
    RequestIds ids;
    const std::uint32_t id = ids.make(7);
    for (const std::uint32_t other : {0U, id ^ 1U, id ^ 64U, UINT32_MAX}) {
        EXPECT_EQ(ids.find(other), nullptr);
        ids.release(other);
    }
    ASSERT_NE(ids.find(id), nullptr);
    EXPECT_EQ(*ids.find(id), 7U);
    ids.release(id);
    EXPECT_EQ(ids.find(id), nullptr);
}

}  // namespace
}  // namespace outstation::snmp
