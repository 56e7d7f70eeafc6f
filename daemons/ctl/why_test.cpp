// SPDX-License-Identifier: GPL-3.0-or-later
// `outstation why` against a polld played on a thread: the words, the JSON, the exit codes.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "daemons/ctl/played_daemons_test.hpp"
#include "daemons/ctl/why_command.hpp"
#include "lib/wire/poll_messages.hpp"

namespace outstation::ctl {
namespace {

wire::WhyReply example() {
    wire::WhyReply why;
    why.poll.device = "sw-01";
    why.poll.protocol = "SNMPv3";
    why.poll.last_ns = 1'790'000'000'000'000'000;
    why.poll.next_ns = why.poll.last_ns + 18'000'000'000;
    why.poll.duration_ns = 6'200'000'000;
    why.poll.requests = 9;
    why.poll.values = 240;
    why.poll.timeouts = 1;
    why.poll.error = "endless: more rows\nthan may be";
    why.last_error = why.poll.error;
    why.last_error_ns = why.last_answer_ns = why.poll.last_ns;
    why.configured_ms = 10'000;
    why.intervals = 2;
    why.strain_ns = 6'300'000'000;
    why.exchange = {
        why.poll.last_ns - 40'000'000, "GETBULK", "1.3.6.1.2.1.2.2.1.8", 6, 20, 1, 180, 1290, 3'400'000, 0};
    why.version = "SNMPv3";
    why.has_bulk = true;
    why.timeout_ns = 500'000'000;
    why.smoothed_rtt_ns = 3'300'000;
    why.scalars_per_request = 64;
    why.engine_id = "80001f8804";
    why.engine_boots = 7;
    why.engine_time_s = 7200;
    why.parts = {{"scalars", 0, 1, 300, 3'000'000, 0, 0, ""},
                 {"interfaces", 40, 4, 5200, 14'000'000, 12, 6, "endless"}};
    return why;
}

class WhyTest : public PlayedDaemons {
  protected:
    void play(const wire::WhyReply& why) {
        serve("polld").on<wire::WhyRequest>(
            [why](ipc::Peer&, const wire::WhyRequest& request, const ipc::Responder& responder) {
                if (request.device != "sw-01")
                    return responder.fail(Error{ErrorCode::not_found, "no device has the id sw-02"});
                wire::WhyReply reply = why;
                if (request.metric == "if_oper_status") {
                    wire::SeriesDef series{3,           "sw-01", request.metric, {{"interface", "GE1"}}, {},
                                           "1.3.6.1.8", 1};
                    reply.sources = {{series, "interfaces", "built-in"}};
                }
                responder.reply(reply);
            });
        run();
    }
};

TEST_F(WhyTest, SaysItInWords) {
    play(example());
    EXPECT_EQ(said([&] { return show_why(target(), "sw-01", "if_oper_status"); }), kDone);
    for (const char* line :
         {"last poll     2026-09-21T14:13:20Z  9 requests, 240 values, 1 without an answer, 6.2 s\n",
          "last answer   2026-09-21T14:13:20Z\n", "last error    endless: more rows\\x0athan may be\n",
          "that is       a table of the device has no end: a fault of the device\n",
          "next poll     2026-09-21T14:13:38Z  every 20.0 s instead of 10.0 s: strained, a poll took 6.3 s, "
          "most of it for "
          "interfaces\n",
          "GETBULK of 6 OIDs from 1.3.6.1.2.1.2.2.1.8, 20 rows, 180 B, asked 1 times before\n",
          "its reply     after 3.4 ms, 1290 B\n", "round trip    3.3 ms, an answer is waited for 500 ms\n",
          "SNMPv3 with GETBULK, 64 scalars a request\n", "80001f8804, boots 7, time 2 h 0 min\n",
          "interfaces  40    4         5200   14 ms   12 rows, 6 columns  endless\n",
          "if_oper_status  interface=GE1  1.3.6.1.8  1      interfaces  built-in\n"})
        EXPECT_NE(out_.find(line), std::string::npos) << line << "in\n" << out_;
}

TEST_F(WhyTest, ADeviceThatIsSilentHasNoReplyAndIsAskedLessOften) {
    wire::WhyReply why = example();
    why.strain_ns = 0;
    why.intervals = 4;
    why.failures = 8;
    why.exchange.reply_bytes = 0;
    why.last_answer_ns = 0;
    why.poll.error.clear();
    play(why);
    EXPECT_EQ(said([&] { return show_why(target(), "sw-01", ""); }), kDone);
    EXPECT_NE(out_.find("every 40.0 s instead of 10.0 s: no answer to 8 polls in a row\n"),
              std::string::npos);
    EXPECT_NE(out_.find("its reply     none\n"), std::string::npos) << out_;
    EXPECT_NE(out_.find("last answer   none since polld was started\n"), std::string::npos) << out_;
    EXPECT_NE(out_.find("last error    2026-09-21T14:13:20Z, over since: endless"), std::string::npos)
        << out_;
    EXPECT_EQ(said([&] { return show_why(target(true), "sw-01", ""); }), kDone);
    EXPECT_EQ(nlohmann::json::parse(out_)["last_request"]["reply"], nullptr);
}

TEST_F(WhyTest, WhatPolldDoesNotKnowIsAnError) {
    play(example());
    EXPECT_EQ(said([&] { return show_why(target(), "sw-02", ""); }), kFailed);
    EXPECT_EQ(err_, "outstation: polld: no device has the id sw-02\n");
    EXPECT_EQ(said([&] { return show_why(target(true), "sw-01", "fan_speed"); }), kFailed);
    EXPECT_NE(err_.find("polld has read no fan_speed of sw-01"), std::string::npos) << err_;
    const auto why = nlohmann::json::parse(out_);
    EXPECT_EQ(why["engine"]["boots"], 7);
    EXPECT_EQ(why["parts"][1]["error"], "endless");
    EXPECT_EQ(why["last_request"]["reply"]["bytes"], 1290);
}

}  // namespace
}  // namespace outstation::ctl
