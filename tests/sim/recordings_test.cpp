// SPDX-License-Identifier: GPL-3.0-or-later
// Recordings of real devices, where there are any: OUTSTATION_RECORDINGS names the folder, else
// ../shared/data.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "tests/sim/snmprec.hpp"

namespace outstation::sim {
namespace {

TEST(Recordings, RealDevicesLoadNearlyWhole) {
    const char* named = std::getenv("OUTSTATION_RECORDINGS");
    const std::filesystem::path folder = named != nullptr ? named : "../shared/data/snmp";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no recordings at " << folder;
    std::size_t instances = 0;
    std::size_t left_out = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.path().extension() != ".snmprec") continue;
        const auto recording = read_snmprec(entry.path());
        ASSERT_TRUE(recording) << recording.error().text;
        EXPECT_GT(recording->mib.size(), 0U) << entry.path();
        instances += recording->mib.size();
        left_out += recording->left_out.size();
    }
    EXPECT_GT(instances, 0U);
    EXPECT_LT(left_out * 1000, instances);
    std::printf("%zu instances, %zu lines left out\n", instances, left_out);
}

}  // namespace
}  // namespace outstation::sim
