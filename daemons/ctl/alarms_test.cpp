// SPDX-License-Identifier: GPL-3.0-or-later
// alarms, alarm and rule test against an alertd that is played.
#include <fstream>
#include <nlohmann/json.hpp>

#include "daemons/ctl/alarm_commands.hpp"
#include "daemons/ctl/played_daemons_test.hpp"
#include "lib/wire/alert_messages.hpp"

namespace outstation::ctl {
namespace {

using nlohmann::json;
constexpr std::int64_t kSince = 1'767'225'600'000'000'000;

class AlarmsTest : public PlayedDaemons {
  protected:
    static wire::AlarmRow row(const std::string& id, wire::Severity severity, bool recorded) {
        wire::StateRecord record{"env-\x1b", {}, wire::kAlarmKind, "rack #3", "", ""};
        wire::AlarmState& state = record.alarm.emplace();
        state.rule = "hot";
        state.open = true;
        state.severity = severity;
        state.since_ns = kSince;
        state.name_zh = "热";
        state.name_en = "Hot";
        state.value = 0.0;
        return {id, record, recorded};
    }
    void serve_alarms() {
        ipc::Server& server = serve("alertd");
        server.on<wire::AlarmsRequest>([this](ipc::Peer&, const wire::AlarmsRequest& request,
                                              const ipc::Responder& responder) {
            asked_.push_back(request);
            if (request.after.empty())
                return responder.reply(
                    wire::AlarmsReply{{row("a1", wire::Severity::minor, true)}, true, behind_});
            responder.reply(wire::AlarmsReply{{row("b2", wire::Severity::critical, false)}, false, behind_});
        });
        server.on<wire::AlarmAct>(
            [this](ipc::Peer&, const wire::AlarmAct& act, const ipc::Responder& responder) {
                acted_ = act;
                if (act.id == "a1") return responder.reply(wire::Done{});
                responder.fail(Error{ErrorCode::not_found, "there is no alarm"});
            });
        server.on<wire::RuleTestRequest>(
            [this](ipc::Peer&, const wire::RuleTestRequest& request, const ipc::Responder& responder) {
                tested_ = request;
                responder.reply(
                    wire::RuleTestReply{{{row("", wire::Severity::major, false).record, kSince, 3}, {}},
                                        70,
                                        damaged_,
                                        kSince,
                                        skipped_,
                                        5});
            });
        run();
    }
    bool behind_ = false;
    std::uint64_t damaged_ = 0;
    std::uint64_t skipped_ = 0;
    std::vector<wire::AlarmsRequest> asked_;
    wire::AlarmAct acted_;
    wire::RuleTestRequest tested_;
};

TEST_F(AlarmsTest, AllPagesAreShownTheWorstFirst) {
    serve_alarms();
    EXPECT_EQ(said([&] { return show_alarms(target(), true); }), kDone) << err_;
    ASSERT_EQ(asked_.size(), 2U);
    EXPECT_EQ(asked_[1], (wire::AlarmsRequest{true, "a1", 0}));
    EXPECT_LT(out_.find("b2"), out_.find("a1")) << out_;
    EXPECT_NE(out_.find("not recorded"), std::string::npos) << out_;
    EXPECT_EQ(out_.find('\x1b'), std::string::npos);
    behind_ = true;
    EXPECT_EQ(said([&] { return show_alarms(target(true), false); }), kAway);
    const json rows = json::parse(out_)["alarms"];
    EXPECT_EQ(rows[0]["id"], "b2");
    EXPECT_EQ(rows[0]["severity"], "critical");
    EXPECT_EQ(rows[0]["value"], 0.0);
    EXPECT_EQ(rows[1]["recorded"], true);
    EXPECT_EQ(rows[1]["name"]["zh"], "热");
}

TEST_F(AlarmsTest, AStepIsSentWithItsTextAndItsEnd) {
    serve_alarms();
    using wire::AlarmStep;
    EXPECT_EQ(said([&] { return act_on_alarm(target(), "a1", AlarmStep::noted, "dirty", ""); }), kDone);
    EXPECT_EQ(acted_, (wire::AlarmAct{"a1", AlarmStep::noted, "", "dirty", 0}));
    EXPECT_EQ(said([&] { return act_on_alarm(target(), "a1", AlarmStep::shelved, "", "2h"); }), kDone);
    EXPECT_GT(acted_.until_ns, kSince);
    EXPECT_EQ(said([&] { return act_on_alarm(target(), "a1", AlarmStep::shelved, "", "long"); }), kUsage);
    EXPECT_EQ(said([&] { return act_on_alarm(target(), "zz", AlarmStep::acknowledged, "", ""); }), kFailed);
}

TEST_F(AlarmsTest, RulesAreSentAndWhatTheyWouldRaiseIsShown) {
    serve_alarms();
    const std::string file = std::string(dir_) + "/r.yaml";
    EXPECT_EQ(said([&] { return test_rules(target(), file, "1d"); }), kUsage);
    std::ofstream(file) << "rules: []\n";
    EXPECT_EQ(said([&] { return test_rules(target(), file, "1d"); }), kDone) << err_;
    EXPECT_EQ(tested_.text, "rules: []\n");
    EXPECT_EQ(tested_.file, file);
    EXPECT_GT(tested_.since_ns, kSince);
    EXPECT_NE(out_.find("2026-01-01T00:00:00Z"), std::string::npos) << out_;
    EXPECT_NE(out_.find("70 records were looked at, with values from 2026-01-01T00:00:00Z on"),
              std::string::npos)
        << out_;
    EXPECT_NE(out_.find("5 more times an alarm"), std::string::npos) << out_;
    EXPECT_EQ(out_.find("not kept"), std::string::npos) << out_;
    EXPECT_EQ(out_.find("cannot be read"), std::string::npos) << out_;
}

// Where nothing was looked at, no alarm is no good news.
TEST_F(AlarmsTest, WhatRulesCouldNotBeTriedOnIsSaid) {
    serve_alarms();
    damaged_ = 2;
    skipped_ = 8000;
    const std::string file = std::string(dir_) + "/r.yaml";
    std::ofstream(file) << "rules: []\n";
    EXPECT_EQ(said([&] { return test_rules(target(), file, "1d"); }), kDone) << err_;
    EXPECT_NE(out_.find("8000 records of values in between are not kept"), std::string::npos) << out_;
    EXPECT_NE(out_.find("2 parts of the journal cannot be read"), std::string::npos) << out_;
    EXPECT_EQ(said([&] { return test_rules(target(true), file, "1d"); }), kDone) << err_;
    const json told = json::parse(out_);
    EXPECT_EQ(told["skipped"], 8000);
    EXPECT_EQ(told["damaged"], 2);
    EXPECT_EQ(told["left_out"], 5);
    EXPECT_EQ(told["first_ns"], kSince);
}

}  // namespace
}  // namespace outstation::ctl
