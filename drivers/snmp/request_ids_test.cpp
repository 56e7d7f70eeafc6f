// SPDX-License-Identifier: GPL-3.0-or-later
// The table of ids against a map.
#include "drivers/snmp/request_ids.hpp"

#include <gtest/gtest.h>

#include <array>
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

// The generator that was here before could be run backwards: with its state at hand the next id was known.
TEST(RequestIds, NoneFollowsFromThoseBefore) {
    RequestIds ids;
    std::array<int, 31> ones{};
    constexpr int kIds = 20000;
    for (int i = 0; i < kIds; ++i) {
        const std::uint32_t id = ids.make(1);
        for (std::size_t bit = 0; bit < ones.size(); ++bit) ones[bit] += static_cast<int>(id >> bit & 1U);
        ids.release(id);
    }
    for (const int count : ones) EXPECT_NEAR(count, kIds / 2, 700);  // ten standard deviations
    RequestIds copy = ids;  // has the same state, but for what is drawn from the kernel
    std::size_t same = 0;
    for (int i = 0; i < 200; ++i) same += ids.make(1) == copy.make(1) ? 1U : 0U;
    EXPECT_LE(same, 64U);
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
