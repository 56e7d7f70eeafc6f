// SPDX-License-Identifier: GPL-3.0-or-later
// What trials of one kind found, counted: lost, doubled, phantom and other failures. Threads: one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace outstation::faults {

// How many cases of one kind are tried: OUTSTATION_CAMPAIGN, or so many in everyday runs; of those, where
// programs are slow (sanitizers, emulation), one in OUTSTATION_TEST_PART.
[[nodiscard]] std::size_t campaign_size(std::size_t everyday);

// One trial: the n-th of something meets a fault; what is random comes from `seed`.
struct Case {
    std::size_t n = 1;
    std::uint64_t seed = 0;
};
// About `campaign_size(everyday)` of the numbers 1 to `all`, evenly, and all of them once for each of
// OUTSTATION_CAMPAIGN_SEEDS (1) seeds. The same ones every time.
[[nodiscard]] std::vector<Case> cases_of(std::size_t all, std::size_t everyday);

// Of one trial.
struct Findings {
    std::uint64_t lost = 0;     // acknowledged, and neither there nor in the ledger
    std::uint64_t doubled = 0;  // there more than once
    std::uint64_t phantom = 0;  // there and not as it was sent
    std::uint64_t other = 0;    // does not open, numbers that nothing is told of, ...
    std::string what;           // the first of them; empty: nothing

    [[nodiscard]] static Findings failure(std::string what);
    void add(std::uint64_t Findings::*kind, const std::string& found);
};

// Sums the trials of one row of the campaign (docs/campaign.md) and prints it when it is destroyed, as one
// line of JSON.
class Tally {
  public:
    Tally(std::string id, std::string fault) : id_(std::move(id)), fault_(std::move(fault)) {}
    ~Tally();
    Tally(const Tally&) = delete;
    Tally& operator=(const Tally&) = delete;

    // One trial more; what it found fails the test. False: there were so many failures that more say nothing.
    bool count(const Findings& findings, const std::string& at);
    [[nodiscard]] std::uint64_t trials() const { return trials_; }

  private:
    std::string id_;
    std::string fault_;
    std::uint64_t trials_ = 0;
    std::uint64_t failed_ = 0;
    Findings sum_;
};

}  // namespace outstation::faults
