// SPDX-License-Identifier: GPL-3.0-or-later
// Every scenario of daemons/alertd/scenarios: each kind of rule, flapping, restarts, clocks, gaps.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "daemons/alertd/scenario.hpp"

namespace outstation::alertd {
namespace {

TEST(Scenarios, GoAsTheySay) {
    std::set<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator("daemons/alertd/scenarios"))
        files.insert(entry.path());
    EXPECT_GE(files.size(), 10U);
    for (const std::string& file : files) {
        for (const std::string& fault : run_scenario(file)) ADD_FAILURE() << fault;
    }
}

// The player itself tells what did not come and what nobody expected.
TEST(Scenarios, APlayerThatIsWrongSaysSo) {
    const std::pair<const char*, const char*> wrong[] = {
        {"nothing-came.txt", ":9: expected raised hot env-01 minor, came nothing"},
        {"another-came.txt", ":9: expected raised hot env-01 major, came raised hot env-01 minor"},
        {"nobody-expected.txt", ":9: nobody expected: raised hot env-01 minor"}};
    for (const auto& [file, fault] : wrong) {
        const std::string path = std::string("daemons/alertd/wrong_scenarios/") + file;
        EXPECT_EQ(run_scenario(path), std::vector<std::string>{path + fault});
    }
    EXPECT_FALSE(run_scenario("daemons/alertd/scenarios/absent.txt").empty());
}

}  // namespace
}  // namespace outstation::alertd
