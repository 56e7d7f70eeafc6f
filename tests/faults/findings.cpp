// SPDX-License-Identifier: GPL-3.0-or-later
// Counting and telling.
#include "tests/faults/findings.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "lib/store/test_part.hpp"

namespace outstation::faults {
namespace {

using store::number_from;

constexpr std::uint64_t kEnoughFailures = 10;

}  // namespace

std::size_t campaign_size(std::size_t everyday) {
    return number_from("OUTSTATION_CAMPAIGN", std::max<std::size_t>(1, everyday / store::test_part()));
}

std::vector<Case> cases_of(std::size_t all, std::size_t everyday) {
    const std::size_t wanted = std::max<std::size_t>(1, std::min(all, campaign_size(everyday)));
    const std::size_t seeds = number_from("OUTSTATION_CAMPAIGN_SEEDS", 1);
    std::vector<Case> out;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        // Other seeds begin elsewhere, so that few cases do not always meet the same numbers.
        for (std::size_t i = 0; i < wanted; ++i)
            out.push_back({1 + (i * all / wanted + seed - 1) % all, seed});
    }
    return out;
}

Findings Findings::failure(std::string what) {
    Findings out;
    out.add(&Findings::other, what);
    return out;
}

void Findings::add(std::uint64_t Findings::*kind, const std::string& found) {
    ++(this->*kind);
    if (what.empty()) what = found;
}

bool Tally::count(const Findings& findings, const std::string& at) {
    ++trials_;
    sum_.lost += findings.lost;
    sum_.doubled += findings.doubled;
    sum_.phantom += findings.phantom;
    sum_.other += findings.other;
    if (findings.what.empty()) return true;
    ADD_FAILURE() << id_ << ", " << fault_ << ", " << at << ": " << findings.what;
    return ++failed_ < kEnoughFailures;
}

Tally::~Tally() {
    std::cout << R"({"campaign": ")" << id_ << R"(", "fault": ")" << fault_ << R"(", "trials": )" << trials_
              << R"(, "lost": )" << sum_.lost << R"(, "doubled": )" << sum_.doubled << R"(, "phantom": )"
              << sum_.phantom << R"(, "other": )" << sum_.other << "}" << std::endl;
}

}  // namespace outstation::faults
