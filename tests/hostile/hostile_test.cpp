// SPDX-License-Identifier: GPL-3.0-or-later
// R16: agents of every bad kind beside good ones, on virtual time, of which each datagram takes some. Every
// value of the good ones arrives, each in its time, and no value of anybody is another than the device has.
// OUTSTATION_CAMPAIGN=N: N times as long.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/faults/findings.hpp"
#include "tests/hostile/network.hpp"
#include "tests/hostile/watcher.hpp"

namespace outstation::hostile {
namespace {

using namespace std::chrono_literals;
using faults::Findings;

constexpr Duration kInterval = 10s;
constexpr Duration kMostLate = kInterval / 100;
constexpr Duration kDatagramCost = 50us;  // of a slow box: several times what is measured
constexpr std::size_t kLeastValues = 60;  // of a good device's record: the table of the fleet is whole
constexpr std::uint64_t kLooks = 1;       // records before the packs of a device are known
constexpr std::uint64_t kMostRequestsACycle = 2500;  // to any device: Plan::Table::max_rows ends tables

class Trial {
  public:
    explicit Trial(const Fleet& fleet)
        : network_(loop_, fleet.devices(), Fleet::agent_options(), kDatagramCost),
          watcher_(loop_, network_, fleet) {
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
        if (late() > kMostLate) out.add(&Findings::other, fmt::format("a poll was {} ms late", late() / 1ms));
        return out;
    }
    [[nodiscard]] const Watcher& watcher() const { return watcher_; }
    [[nodiscard]] Duration late() const { return watcher_.poller().counters().worst_lateness; }

  private:
    static void look_at_good(const std::string& id, const Watcher::Account& account, std::uint64_t cycles,
                             Findings& out) {
        const auto tell = [&](const std::string& what) { out.add(&Findings::lost, id + ": " + what); };
        if (account.records + 1 < cycles) tell(std::to_string(account.records) + " records");
        if (account.cut_short() != 0 || account.values < kLeastValues || account.first_whole > kLooks + 1)
            tell(std::to_string(account.cut_short()) + " records with less than " +
                 std::to_string(account.values) + " values, which were there from record " +
                 std::to_string(account.first_whole) + " on");
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

// What would be false, told to it by hand.
TEST(Hostile, TheWatcherSeesForgeriesInEveryTextAndPortsThatGo) {
    Fleet fleet(16100);
    fleet.add_good(1);
    const std::string id = fleet.members().front().device.id;
    SimLoop loop;
    Network network(loop, fleet.devices(), Fleet::agent_options(), Duration{0});
    Watcher watcher(loop, network, fleet);
    const auto tell = [&](const wire::StateRecord& record) {
        watcher.append(wire::AppendStates{1, {record}}, [](const auto&) {});
        loop.advance(1ms);
    };
    tell({id, {}, "interface_alias", "GE1", "1", {}, "to the core"});
    EXPECT_EQ(watcher.false_values(), 0U);
    tell({id, {}, "interface_alias", "GE1", "1", {}, sim::kForgedText});
    EXPECT_EQ(watcher.false_values(), 1U);
    wire::SeriesDef series;
    series.device = id;
    series.metric = "if_info";
    series.labels = {{"if_descr", "port1"}, {"if_name", std::to_string(sim::kForgedNumber)}};
    watcher.define({{series}});
    EXPECT_EQ(watcher.false_values(), 2U);
    EXPECT_EQ(watcher.accounts().at(id).down, "");
    tell({id, {}, "interface_gone", "GE1", "1", {}, {}});
    EXPECT_EQ(watcher.accounts().at(id).down, "interface_gone");
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

// Dead, slow, looping and lying ones.
TEST(Hostile, AHundredOfAThousand) {
    Fleet fleet(16100);
    fleet.add_good(900);
    const std::vector<std::string> kinds = {"silent",  "latency 3 s", "drip", "loop",   "stuck",
                                            "endless", "lie",         "cut",  "forger", "giant"};
    for (std::size_t i = 0; i < 50; ++i) fleet.add_hostile(kinds[i % kinds.size()]);
    ASSERT_EQ(fleet.members().size(), 1000U);
    Trial trial(fleet);
    faults::Tally tally("R16", "a hundred bad ones of a thousand");
    tally.count(trial.run(30s * static_cast<int>(faults::campaign_size(1))), "a hundred of a thousand");
    EXPECT_GT(trial.late(), 0s);  // it is measured
    RecordProperty("worst_lateness_us", std::to_string(trial.late() / 1us));
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

// SNM-6: polling goes on, and what is wrong is told of the device that it is wrong with, and of no other.
TEST(Hostile, EnginesThatAreNotAsTheyShouldBeAreTold) {
    Fleet fleet(16100);
    fleet.add_good(20);
    for (const char* behaviour : {"same-engine", "same-engine", "two-engines", "boots-backwards"})
        fleet.add_hostile(behaviour);
    Trial trial(fleet);
    const Findings found = trial.run(10min);
    EXPECT_EQ(found.lost + found.phantom + found.other, 0U) << found.what;
    for (const auto& [id, account] : trial.watcher().accounts()) {
        auto events = account.engine_events;
        const std::string& behaviour = account.member->behaviour;
        if (behaviour == "same-engine") {
            EXPECT_EQ(events["engine_shared"], 1U) << id;
        } else if (behaviour == "two-engines") {
            EXPECT_EQ(events["engine_changed"], 1U) << id;
            EXPECT_EQ(events["engine_alternates"], 1U) << id;
        } else if (behaviour == "boots-backwards") {
            EXPECT_GE(events["engine_clock_back"], 2U) << id;
        } else {
            EXPECT_TRUE(events.empty()) << id;
        }
        EXPECT_GT(account.records, 50U) << id;
        if (!behaviour.empty()) {
            EXPECT_LT(account.not_up, account.records / 4) << id;
        }
    }
}

}  // namespace
}  // namespace outstation::hostile
