// SPDX-License-Identifier: GPL-3.0-or-later
// Look-ups, values in the life of a device, and interfaces that are numbered anew.
#include "tests/sim/mib.hpp"

#include <gtest/gtest.h>

#include "tests/sim/snmprec.hpp"
#include "tests/sim/values.hpp"

namespace outstation::sim {
namespace {

std::string oid(const std::string& dotted) {
    return snmp::encode_oid(dotted).value();
}

std::uint64_t number(const Mib& mib, const std::string& dotted, const DeviceClock& clock) {
    std::string scratch;
    std::uint64_t out = 0;
    EXPECT_TRUE(snmp::parse_unsigned(content_at(mib.at(mib.find(oid(dotted))), clock, scratch), out));
    return out;
}

TEST(Mib, AGuessIsOnlyAGuess) {
    const Mib mib = parse_snmprec("1.3.1|2|1\n1.3.2|2|2\n1.3.3|2|3\n").mib;
    for (std::size_t guess : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{3}, SIZE_MAX}) {
        EXPECT_EQ(mib.after(oid("1.3.1"), guess), 1U) << guess;
        EXPECT_EQ(mib.after(oid("1.3.2.9"), guess), 2U) << guess;
        EXPECT_EQ(mib.after(oid("1.3.3"), guess), mib.size()) << guess;
    }
}

TEST(Mib, RenumberedInterfacesHaveTheRowsOfTheirNeighbours) {
    std::string text = "1.3.6.1.2.1.1.5.0|4|sw\n";
    for (const char* index : {"1", "2", "10003"}) {
        text += std::string("1.3.6.1.2.1.2.2.1.1.") + index + "|2|" + index + "\n";
        text += std::string("1.3.6.1.2.1.31.1.1.1.1.") + index + "|4|port" + index + "\n";
    }
    text += "1.3.6.1.2.1.2.2.1.10.2|65~|5 rate 1\n";  // a sparse column
    const Mib mib = parse_snmprec(text).mib.with_interfaces_renumbered();
    const auto content = [&](const char* dotted) {
        const std::size_t at = mib.find(oid(dotted));
        return at < mib.size() ? std::string(mib.at(at).content) : "absent";
    };
    EXPECT_EQ(mib.size(), 8U);
    EXPECT_EQ(content("1.3.6.1.2.1.31.1.1.1.1.10003"), "port1");
    EXPECT_EQ(content("1.3.6.1.2.1.31.1.1.1.1.1"), "port2");
    EXPECT_EQ(content("1.3.6.1.2.1.31.1.1.1.1.2"), "port10003");
    EXPECT_EQ(content("1.3.6.1.2.1.2.2.1.1.2"), "\x02");  // an ifIndex is its own
    EXPECT_EQ(content("1.3.6.1.2.1.2.2.1.10.2"), "absent");
    EXPECT_NE(mib.at(mib.find(oid("1.3.6.1.2.1.2.2.1.10.1"))).motion, nullptr);
    EXPECT_EQ(content("1.3.6.1.2.1.1.5.0"), "sw");
}

TEST(Values, ARecordingThatStandsStillCanBeMadeToMove) {
    const Mib mib = parse_snmprec("1.3.1|65|100\n1.3.2|66|5\n1.3.3|67|1000\n").mib;
    DeviceClock clock;
    clock.time = {1.7e9, 20};
    EXPECT_EQ(number(mib, "1.3.1", clock), 100U);
    clock.growth_per_s = 3;
    EXPECT_EQ(number(mib, "1.3.1", clock), 160U);
    EXPECT_EQ(number(mib, "1.3.2", clock), 5U);
    EXPECT_EQ(number(mib, "1.3.3", clock), 3000U);
}

TEST(Values, ACounterCanBeMadeToWrapSoon) {
    const Mib mib = parse_snmprec("1.3.1|65~|100 rate 50\n").mib;
    DeviceClock clock;
    clock.wrap_s = 30;
    clock.time = {1.7e9, 29};
    EXPECT_EQ(number(mib, "1.3.1", clock), 4294967296U - 50);
    clock.time.elapsed_s = 31;
    EXPECT_EQ(number(mib, "1.3.1", clock), 50U);
}

TEST(Values, DevicesOfOneRecordingMoveDifferently) {
    const Mib mib = parse_snmprec("1.3.1|65~|100 rate 50 jitter 0.5\n").mib;
    DeviceClock one;
    one.time = {1.7e9, 60};
    DeviceClock other = one;
    other.variation = 1;
    EXPECT_NE(number(mib, "1.3.1", one), number(mib, "1.3.1", other));
}

}  // namespace
}  // namespace outstation::sim
