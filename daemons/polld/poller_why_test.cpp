// SPDX-License-Identifier: GPL-3.0-or-later
// The poller on virtual time: devices that cannot keep up, and what is answered when somebody asks why.
#include <algorithm>

#include "daemons/polld/poller_test.hpp"

namespace outstation::polld {
namespace {

using namespace std::chrono_literals;
using snmp::Tag;

TEST_F(PollerTest, ADeviceThatTakesTooLongIsPolledLessOftenAndThatIsTold) {
    configure({device("a", "192.0.2.1")});
    states_.answer(StateSource::States{});
    loop_.advance(1min);
    network_.delay = 2s;  // three requests a cycle, all of the tables in each eighth
    loop_.advance(2min);
    std::vector<std::string> expected = {"a device_up", "a under_strain"};
    EXPECT_EQ(store_.states, expected);
    EXPECT_EQ(poller_->status("a").at(0).interval_ms, 20'000U);
    const auto polls = poller_->counters().polls;
    loop_.advance(10min);
    EXPECT_EQ(poller_->counters().polls - polls, 30U);
    network_.delay = 5ms;
    loop_.advance(5min);
    expected.emplace_back("a strain_over");
    EXPECT_EQ(store_.states, expected);
    EXPECT_EQ(poller_->status("a").at(0).interval_ms, 10'000U);
}

// It is cut each time: at an eighth of the interval's pace, as is said, and no turn is lost.
TEST_F(PollerTest, ADeviceThatIsCutEachTimeIsPolledAsOftenAsIsSaid) {
    network_.delay = 900ms;
    network_.max_varbinds = 1;
    for (int i = 2; i < 200; ++i)
        network_.mib[oid("1.3.6.1.2.1.2.2.1.8." + std::to_string(i))] = {Tag::integer,
                                                                         snmp::encode_number(1)};
    configure({device("a", "192.0.2.1", 5000)});
    states_.answer(StateSource::States{});
    loop_.advance(5min);
    ASSERT_EQ(poller_->status("a").at(0).interval_ms, 40'000U);
    const auto before = poller_->counters();
    loop_.advance(10min);
    EXPECT_EQ(poller_->counters().polls - before.polls, 15U);
    EXPECT_EQ(poller_->counters().skipped, before.skipped);
    EXPECT_EQ(poller_->status("a").at(0).error.substr(0, 8), "deadline");
}

TEST_F(PollerTest, StrainIsOverWithTheAddressThatHadIt) {
    configure({device("a", "192.0.2.1")});
    states_.answer(StateSource::States{});
    network_.delay = 2s;
    loop_.advance(3min);
    EXPECT_EQ(poller_->status("a").at(0).interval_ms, 20'000U);
    dead_ = {"192.0.2.2:161"};
    configure({device("a", "192.0.2.2")});
    EXPECT_EQ(poller_->status("a").at(0).interval_ms, 10'000U);
    loop_.advance(1s);
    EXPECT_EQ(store_.states, (std::vector<std::string>{"a device_up", "a under_strain", "a strain_over"}));
}

TEST_F(PollerTest, StrainHoldsOverARestartAndIsToldOnce) {
    const auto restart = [this] {
        start();
        configure({device("a", "192.0.2.1")});
        recall_attributes();
    };
    restart();
    network_.delay = 2s;
    loop_.advance(3min);
    EXPECT_EQ(store_.states, (std::vector<std::string>{"a device_up", "a under_strain"}));
    restart();
    EXPECT_EQ(poller_->status("a").at(0).interval_ms, 20'000U);
    EXPECT_GE(poller_->why("a", "").value().strain_ns, 5'000'000'000U);
    loop_.advance(3min);
    EXPECT_EQ(std::count(store_.states.begin(), store_.states.end(), "a under_strain"), 1);
    network_.delay = 5ms;
    restart();
    loop_.advance(5min);
    restart();
    loop_.advance(5min);
    EXPECT_EQ(std::count(store_.states.begin(), store_.states.end(), "a under_strain"), 1);
    EXPECT_EQ(std::count(store_.states.begin(), store_.states.end(), "a strain_over"), 1);
    EXPECT_EQ(poller_->status("a").at(0).interval_ms, 10'000U);
}

TEST_F(PollerTest, WhyTellsTheLastExchangeWhatIsLearnedAndWhereValuesComeFrom) {
    configure({device("a", "192.0.2.1"), device("b", "bad address")});
    states_.answer(StateSource::States{});
    loop_.advance(1min);
    EXPECT_EQ(poller_->why("c", "").error().code, ErrorCode::not_found);
    const auto why = poller_->why("a", "if_oper_status").value();
    EXPECT_EQ(why.configured_ms, 10'000U);
    EXPECT_EQ(why.intervals, 1U);
    EXPECT_EQ(why.version, "SNMPv2c");
    EXPECT_TRUE(why.has_bulk);
    EXPECT_EQ(why.exchange.pdu, "GETBULK");
    EXPECT_EQ(why.exchange.reply_ns, 5'000'000U);
    EXPECT_LE(why.exchange.sent_ns, why.poll.last_ns);
    EXPECT_GE(why.exchange.sent_ns, why.poll.last_ns - 1'000'000'000);
    ASSERT_EQ(why.parts.size(), 7U);
    EXPECT_EQ(why.parts[0].name, "scalars");
    EXPECT_EQ(why.parts[1].name, "interfaces");
    EXPECT_EQ(why.parts[1].rows, 1U);
    EXPECT_GE(why.parts[1].requests, 1U);
    ASSERT_EQ(why.sources.size(), 1U);
    EXPECT_EQ(why.sources[0].series.oid, "1.3.6.1.2.1.2.2.1.8.1");
    EXPECT_EQ(why.sources[0].part, "interfaces");
    EXPECT_EQ(why.sources[0].origin, "built-in");
    const auto bad = poller_->why("b", "").value();
    EXPECT_NE(bad.poll.error, "");
    EXPECT_TRUE(bad.parts.empty());
    EXPECT_EQ(bad.exchange.sent_ns, 0);
}

TEST_F(PollerTest, WhyTellsWithWhichPartAPackIsRead) {
    PackShelf shelf;
    ASSERT_TRUE(shelf
                    .take({{"box.yaml",
                            "pack: box\nmatch: always\n"
                            "sensors:\n"
                            "  - {OID: 1.3.6.1.4.1.99999.1.2.0, unit: volts, label: Battery}\n"
                            "  - {OID: 1.3.6.1.4.1.99999.2.1.4, unit: volts, label: '{index}'}\n"
                            "states: [{OID: 1.3.6.1.2.1.2.2.1.8, label: '{index}', states: {1: ok up}}]\n"}})
                    .empty());
    network_.mib[oid("1.3.6.1.4.1.99999.1.2.0")] = {Tag::integer, snmp::encode_number(54)};
    network_.mib[oid("1.3.6.1.4.1.99999.2.1.4.7")] = {Tag::integer, snmp::encode_number(230)};
    packs_ = &shelf;
    start();
    configure({device("a", "192.0.2.1")});
    states_.answer(StateSource::States{});
    loop_.advance(1min);
    const auto source_of = [this](const char* metric, std::size_t at) {
        const auto why = poller_->why("a", metric).value();
        return at < why.sources.size() ? why.sources[at].origin + ": " + why.sources[at].part : "none";
    };
    EXPECT_EQ(source_of("voltage_volts", 0), "pack: scalars");
    EXPECT_EQ(source_of("voltage_volts", 1), "pack: pack 1");
    EXPECT_EQ(poller_->why("a", "").value().parts.back().name, "pack 1");
    EXPECT_EQ(source_of("state_severity", 0), "pack: interfaces");
    EXPECT_EQ(source_of("if_oper_status", 0), "built-in: interfaces");
    EXPECT_EQ(source_of("up", 0), "built-in: ");
}

TEST_F(PollerTest, WhyTellsOfStrainAndOfSilence) {
    configure({device("a", "192.0.2.1")});
    states_.answer(StateSource::States{});
    network_.delay = 2s;
    loop_.advance(3min);
    const auto strained = poller_->why("a", "").value();
    EXPECT_GE(strained.intervals, 2U);
    EXPECT_GE(strained.strain_ns, 5'000'000'000U);
    EXPECT_TRUE(strained.sources.empty());
    network_.delay = 5ms;
    loop_.advance(10min);
    EXPECT_EQ(poller_->why("a", "").value().strain_ns, 0U);
    dead_.insert("192.0.2.1:161");
    loop_.advance(10min);
    const auto silent = poller_->why("a", "").value();
    EXPECT_GE(silent.failures, 6U);
    EXPECT_EQ(silent.intervals, 4U);
    EXPECT_EQ(silent.exchange.reply_bytes, 0U);
    EXPECT_EQ(silent.exchange.tries, 2U);
    EXPECT_EQ(silent.parts[0].error, "timeout");
}

}  // namespace
}  // namespace outstation::polld
