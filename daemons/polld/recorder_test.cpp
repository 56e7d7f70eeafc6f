// SPDX-License-Identifier: GPL-3.0-or-later
// Recordings on virtual time: all of a device, at a bounded pace, whatever it answers; nothing of what must
// not be told.
#include "daemons/polld/recorder.hpp"

#include <gtest/gtest.h>

#include "drivers/snmp/fake_network.hpp"
#include "lib/event/sim_loop.hpp"

namespace outstation::polld {
namespace {

using namespace std::chrono_literals;
using snmp::Tag;

std::string oid(const std::string& dotted) {
    return snmp::encode_oid(dotted).value();
}

class RecorderTest : public testing::Test {
  protected:
    RecorderTest() {
        put("1.3.6.1.2.1.1.1.0", Tag::octet_string, "A box of canary-name");
        put("1.3.6.1.2.1.1.5.0", Tag::octet_string, "canary-name");
        put("1.3.6.1.2.1.4.20.1.1.10.9.8.7", Tag::ip_address, "\x0a\x09\x08\x07");
        put("1.3.6.1.4.1.99999.1.0", Tag::octet_string, "asked with a-community");
        put("1.3.6.1.6.3.10.2.1.3.0", Tag::integer, snmp::encode_number(77));
        put("1.3.6.1.6.3.18.1.1.1.2.1", Tag::octet_string, "other");
    }
    void put(const std::string& dotted, Tag tag, std::string content) {
        network_.mib[oid(dotted)] = {tag, std::move(content)};
    }
    void put_column(const std::string& dotted, unsigned rows) {
        for (unsigned row = 1; row <= rows; ++row)
            put(dotted + "." + std::to_string(row), Tag::integer, snmp::encode_number(row));
    }
    Result<void> start() {
        snmp::Security security{snmp::Version::v2c, "a-community", {}, {}};
        return recorder_.start(
            {"box", {*snmp::Address::parse("10.0.0.1", 161), security}, {"a-community"}, plain_});
    }
    [[nodiscard]] std::size_t lines() {
        const auto text = recorder_.text();
        return text == nullptr ? 0 : static_cast<std::size_t>(std::count(text->begin(), text->end(), '\n'));
    }

    SimLoop loop_;
    snmp::FakeNetwork network_{loop_};
    snmp::Engine engine_{loop_, &network_, nullptr, {}};
    PackShelf shelf_;
    bool plain_ = false;
    Recorder recorder_{{loop_, engine_, shelf_, [](const Recorder::Work& work, const Recorder::Work& then) {
                            work();
                            then();
                        }}};
};

TEST_F(RecorderTest, AllThatADeviceSaysIsThereAndNothingThatMustNotBeTold) {
    put_column("1.3.6.1.4.1.99999.2.1.1", 1000);
    ASSERT_TRUE(start());
    EXPECT_FALSE(start()) << "one at a time";
    loop_.advance(1min);
    EXPECT_EQ(recorder_.status().state, "done") << recorder_.status().problem;
    ASSERT_NE(recorder_.text(), nullptr);
    EXPECT_EQ(lines(), 1005U) << "without the communities";
    EXPECT_TRUE(recorder_.status().notes.empty());
    for (const char* gone : {"canary", "a-community", "10.9.8.7", "other"})
        EXPECT_EQ(recorder_.text()->find(gone), std::string::npos) << gone;
    EXPECT_NE(recorder_.text()->find("|4|A box of "), std::string::npos);
    EXPECT_NE(recorder_.text()->find("1.3.6.1.4.1.99999.2.1.1.1000|2|1000\n"), std::string::npos);
    loop_.advance(Recorder::kKept + 1s);
    EXPECT_EQ(recorder_.text(), nullptr) << "it is not kept for ever";
}

TEST_F(RecorderTest, PlainIsAsItIs) {
    plain_ = true;
    ASSERT_TRUE(start());
    loop_.advance(1min);
    ASSERT_NE(recorder_.text(), nullptr);
    EXPECT_TRUE(recorder_.status().plain);
    EXPECT_NE(recorder_.text()->find("canary-name"), std::string::npos);
}

TEST_F(RecorderTest, TheDeviceHasAtLeastHalfOfItsTimeForOthers) {
    put_column("1.3.6.1.4.1.99999.2.1.1", 5000);
    network_.delay = 20ms;
    std::vector<MonoTime> asked;
    network_.corrupt = [&](const snmp::FakeRequest&, snmp::FakeAnswer&) {
        asked.push_back(loop_.now());
        return false;
    };
    ASSERT_TRUE(start());
    loop_.advance(1min);
    ASSERT_EQ(recorder_.status().state, "done");
    ASSERT_GT(asked.size(), 20U);
    EXPECT_GE(asked.back() - asked.front(), asked.size() * 20ms * 2 - 500ms);
}

TEST_F(RecorderTest, OfATableOfTheNetworkSomeRowsAreEnough) {
    put_column("1.3.6.1.2.1.4.22.1.2.7", 900);
    put("1.3.6.1.2.1.31.1.1.1.1.7", Tag::octet_string, "port 7");
    ASSERT_TRUE(start());
    loop_.advance(1min);
    EXPECT_EQ(lines(), 5U + Recorder::kMostRows + 1);
    ASSERT_EQ(recorder_.status().notes.size(), 1U);
    EXPECT_NE(recorder_.text()->find("|4|port 7\n"), std::string::npos) << "what is behind it is there";
}

// Behind row 250 it goes in a circle.
TEST_F(RecorderTest, WhatCannotBeReadIsLeftOutAndToldOf) {
    put_column("1.3.6.1.4.1.99999.2.1.1", 300);
    put("1.3.6.1.4.1.99999.9.1.1.7", Tag::octet_string, "behind it");
    network_.corrupt = [](const snmp::FakeRequest& request, snmp::FakeAnswer& answer) {
        const std::string column = "1.3.6.1.4.1.99999.2.1.1.";
        const std::string asked = snmp::decode_oid(request.oids.at(0)).value_or("");
        if (asked.rfind(column, 0) != 0 || std::stoul(asked.substr(column.size())) < 250) return false;
        if (asked.substr(column.size()) == "4294967295") return false;
        answer.varbinds = {{oid(column + "1"), {Tag::integer, snmp::encode_number(1)}}};
        return true;
    };
    ASSERT_TRUE(start());
    loop_.advance(4min);
    EXPECT_EQ(recorder_.status().state, "done") << recorder_.status().problem;
    ASSERT_NE(recorder_.text(), nullptr);
    ASSERT_EQ(recorder_.status().notes.size(), 1U);
    EXPECT_NE(recorder_.status().notes[0].find("not_increasing"), std::string::npos)
        << recorder_.status().notes[0];
    EXPECT_NE(recorder_.text()->find("99999.2.1.1.250|"), std::string::npos);
    EXPECT_NE(recorder_.text()->find("behind it"), std::string::npos);
}

TEST_F(RecorderTest, ADeviceThatIsSilentFailsAndOneThatStopsLeavesWhatWasRead) {
    network_.lost = [](int) { return true; };
    ASSERT_TRUE(start());
    loop_.advance(2min);
    EXPECT_EQ(recorder_.status().state, "failed");
    EXPECT_FALSE(recorder_.status().problem.empty());
    EXPECT_EQ(recorder_.text(), nullptr);
    put_column("1.3.6.1.4.1.99999.2.1.1", 3000);
    const int before = network_.sent;
    network_.lost = [before](int request) { return request > before + 12; };
    ASSERT_TRUE(start());
    loop_.advance(5min);
    EXPECT_EQ(recorder_.status().state, "done") << recorder_.status().problem;
    EXPECT_GT(lines(), 100U);
    EXPECT_FALSE(recorder_.status().notes.empty());
}

TEST_F(RecorderTest, ACancelledOneAsksNoMore) {
    put_column("1.3.6.1.4.1.99999.2.1.1", 5000);
    ASSERT_TRUE(start());
    loop_.advance(500ms);
    recorder_.cancel();
    const int sent = network_.sent;
    loop_.advance(1min);
    EXPECT_EQ(network_.sent, sent);
    EXPECT_EQ(recorder_.status().state, "cancelled");
    EXPECT_EQ(recorder_.text(), nullptr);
    EXPECT_TRUE(start()) << "another one may begin";
}

// It makes up values for ever.
TEST_F(RecorderTest, AnEndlessDeviceIsCutOffInTime) {
    unsigned made = 0;
    network_.corrupt = [&](const snmp::FakeRequest& request, snmp::FakeAnswer& answer) {
        answer.varbinds.clear();
        for (std::int64_t i = 0; i < std::max<std::int64_t>(request.repetitions, 1); ++i)
            answer.varbinds.push_back({oid("1.3.6.1.4.1.99999.7.1.1." + std::to_string(++made)),
                                       {Tag::octet_string, std::string(20, 'x')}});
        return true;
    };
    ASSERT_TRUE(start());
    loop_.advance(Recorder::kLongest + 1min);
    EXPECT_EQ(recorder_.status().state, "done");
    EXPECT_LE(lines(), Recorder::kMostValues + 200);
    EXPECT_FALSE(recorder_.status().notes.empty());
}

}  // namespace
}  // namespace outstation::polld
