// SPDX-License-Identifier: GPL-3.0-or-later
// R16: agents of every bad kind beside good ones, on virtual time. Every value of the good ones arrives, each
// in its time, and no value of anybody is another than the device has. OUTSTATION_CAMPAIGN=N: N times as
// long.
#include <gtest/gtest.h>

#include "tests/faults/findings.hpp"
#include "tests/hostile/network.hpp"
#include "tests/hostile/watcher.hpp"

namespace outstation::hostile {
namespace {

using namespace std::chrono_literals;
using faults::Findings;

constexpr Duration kInterval = 10s;
constexpr std::size_t kLeastValues = 60;  // of a good device's record: the table of the fleet is whole
constexpr std::uint64_t kMostRequestsACycle = 2500;  // to any device: Plan::Table::max_rows ends tables

class Trial {
  public:
    explicit Trial(const Fleet& fleet)
        : network_(loop_, fleet.devices(), Fleet::agent_options()), watcher_(loop_, network_, fleet) {
        watcher_.configure(
            fleet.config(std::chrono::duration_cast<std::chrono::milliseconds>(kInterval).count()));
    }
    [[nodiscard]] Findings run(Duration span) {
        loop_.advance(span);
        const auto cycles = static_cast<std::uint64_t>(span / kInterval);
        Findings out;
        for (const auto& [id, account] : watcher_.accounts()) {
            if (account.member->is_good()) look_at_good(id, account, cycles, out);
            const auto& device = account.member->device;
            const auto requests = network_.requests(device.address + ":" + std::to_string(device.port));
            if (requests > (cycles + 1) * kMostRequestsACycle)
                out.add(&Findings::other, id + " was sent " + std::to_string(requests) + " requests");
        }
        out.phantom = watcher_.false_values();
        if (out.what.empty()) out.what = watcher_.first_false();
        if (watcher_.poller().counters().worst_lateness > 0s) out.add(&Findings::other, "a poll was late");
        return out;
    }
    [[nodiscard]] const Watcher& watcher() const { return watcher_; }

  private:
    static void look_at_good(const std::string& id, const Watcher::Account& account, std::uint64_t cycles,
                             Findings& out) {
        const auto tell = [&](const std::string& what) { out.add(&Findings::lost, id + ": " + what); };
        if (account.records + 1 < cycles) tell(std::to_string(account.records) + " records");
        if (account.whole != account.records || account.values < kLeastValues)
            tell(std::to_string(account.records - account.whole) + " records with less than " +
                 std::to_string(account.values) + " values");
        if (account.not_up > 0) tell("was not up");
        if (!account.down.empty()) tell("event " + account.down);
    }

    SimLoop loop_;
    Network network_;
    Watcher watcher_;
};

TEST(Hostile, ThereAreMoreThanTwoDozenKinds) {
    EXPECT_GE(hostile_behaviours().size(), 24U);
}

TEST(Hostile, AllAtOnceBesideManyGoodOnes) {
    Fleet fleet(16100);
    fleet.add_good(500);
    for (const std::string& behaviour : hostile_behaviours()) fleet.add_hostile(behaviour);
    Trial trial(fleet);
    faults::Tally tally("R16", "all hostile agents at once");
    tally.count(trial.run(1min * static_cast<int>(faults::campaign_size(1))), "all at once");
    EXPECT_GT(trial.watcher().values(), 100'000U);
    EXPECT_GT(trial.watcher().engine().counters().unexpected_source, 0U);
    EXPECT_GT(trial.watcher().engine().counters().late_or_unknown, 0U);
    EXPECT_GT(trial.watcher().engine().counters().malformed, 0U);
}

TEST(Hostile, EachKindByItself) {
    faults::Tally tally("R16", "one kind of hostile agent at a time");
    for (const std::string& behaviour : hostile_behaviours()) {
        Fleet fleet(16100);
        fleet.add_good(10);
        fleet.add_hostile(behaviour);
        Trial trial(fleet);
        if (!tally.count(trial.run(1min * static_cast<int>(faults::campaign_size(1))), behaviour)) break;
    }
}

}  // namespace
}  // namespace outstation::hostile
