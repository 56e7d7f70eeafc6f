// SPDX-License-Identifier: GPL-3.0-or-later
// The commands against daemons played on a thread: what they print, in both forms, and their exit codes.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "daemons/ctl/ask.hpp"
#include "daemons/ctl/console_commands.hpp"
#include "daemons/ctl/played_daemons_test.hpp"
#include "daemons/ctl/record_commands.hpp"
#include "lib/wire/auth_messages.hpp"
#include "lib/wire/config_messages.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::ctl {
namespace {

class CommandsTest : public PlayedDaemons {};

TEST_F(CommandsTest, ADaemonThatIsAwayIsNamedWithItsSocket) {
    EXPECT_EQ(said([&] { return show_first_password(target()); }), kAway);
    EXPECT_NE(err_.find("authd does not run here"), std::string::npos) << err_;
    EXPECT_NE(err_.find(std::string(dir_) + "/authd.sock"), std::string::npos) << err_;
    EXPECT_EQ(said([&] { return list_tokens(target(true)); }), kAway);
    EXPECT_EQ(nlohmann::json::parse(err_)["error"]["code"], "timeout");
    EXPECT_EQ(out_, "");
}

TEST_F(CommandsTest, TheFirstPasswordIsPrintedWhileItStands) {
    wire::FirstPasswordReply reply{"admin", "abcd2345"};
    serve("authd").on<wire::FirstPasswordRequest>(
        [&reply](ipc::Peer&, const wire::FirstPasswordRequest&, const ipc::Responder& responder) {
            responder.reply(std::exchange(reply, {"admin", reply.password == "last" ? "" : "last"}));
        });
    run();
    EXPECT_EQ(said([&] { return show_first_password(target()); }), kDone);
    EXPECT_EQ(out_, "User      admin\nPassword  abcd2345\n");
    EXPECT_EQ(said([&] { return show_first_password(target(true)); }), kDone);
    EXPECT_EQ(nlohmann::json::parse(out_), (nlohmann::json{{"user", "admin"}, {"password", "last"}}));
    EXPECT_EQ(said([&] { return show_first_password(target()); }), kFailed);
    EXPECT_NE(err_.find("password reset"), std::string::npos);
}

TEST_F(CommandsTest, WhatADaemonRefusesNamesTheDaemon) {
    serve("authd").on<wire::TokenRemove>(
        [](ipc::Peer&, const wire::TokenRemove& request, const ipc::Responder& responder) {
            if (request.name == "good") return responder.reply(wire::Done{});
            responder.fail(Error{ErrorCode::not_found, "there is no token of that name"});
        });
    run();
    EXPECT_EQ(said([&] { return remove_token(target(), "x"); }), kFailed);
    EXPECT_EQ(err_, "outstation: authd: there is no token of that name\n");
    EXPECT_EQ(said([&] { return remove_token(target(true), "x"); }), kFailed);
    EXPECT_EQ(nlohmann::json::parse(err_)["error"]["code"], "not_found");
    EXPECT_EQ(said([&] { return remove_token(target(true), "good"); }), kDone);
    EXPECT_EQ(nlohmann::json::parse(out_), (nlohmann::json{{"done", true}}));
}

TEST_F(CommandsTest, StatusTellsByItsExitCodeThatADaemonIsDown) {
    for (const char* name : {"stored", "confd", "authd", "probed", "polld", "alertd"}) serve_status(name);
    run();
    EXPECT_EQ(said([&] { return show_status(target(true)); }), kAway);
    EXPECT_EQ(nlohmann::json::parse(out_)["daemons"][6]["running"], false);
    loop_->post([this] { serve_status("webd"); });
    for (int i = 0; i < 100'000 && !Asker::connect(dir_, "webd"); ++i) std::this_thread::yield();
    EXPECT_EQ(said([&] { return show_status(target()); }), kDone);
}

TEST_F(CommandsTest, DevicesAreShownWithoutWhatADaemonThatIsAwayKnows) {
    serve("confd").on<wire::ConfigRequest>(
        [](ipc::Peer&, const wire::ConfigRequest&, const ipc::Responder& responder) {
            wire::ConfigReply reply;
            reply.devices.resize(1);
            reply.devices[0].id = "sw-1";
            responder.reply(reply);
        });
    run();
    EXPECT_EQ(said([&] { return show_devices(target()); }), kAway);
    EXPECT_NE(out_.find("sw-1"), std::string::npos);
    EXPECT_NE(err_.find("stored does not run"), std::string::npos);
    EXPECT_NE(err_.find("polld does not run"), std::string::npos);
}

// Two answers: the first is full, the second begins behind it.
TEST_F(CommandsTest, TheLedgerIsReadToTheEndAndSaysWhatIsNotOver) {
    serve("stored").on<wire::LedgerRequest>(
        [](ipc::Peer&, const wire::LedgerRequest& request, const ipc::Responder& responder) {
            wire::LedgerReply reply;
            wire::LedgerRecord record;
            record.account = wire::Account::not_collected;
            record.device = "sw-01";
            record.from_ns = 1'790'000'000'000'000'000;
            record.reason = "device_down";
            if (request.before_sequence == 0) {
                reply.entries.push_back({0, record});
                record.to_ns = record.from_ns + 1'000'000'000;
                reply.entries.push_back({9, record});
                reply.more = true;
                reply.next_before = 9;
            } else {
                record.account = wire::Account::dropped;
                record.device.clear();
                record.first_sequence = 1;
                record.last_sequence = 5;
                reply.entries.push_back({request.before_sequence - 1, record});
            }
            responder.reply(reply);
        });
    run();
    EXPECT_EQ(said([&] { return show_ledger(target(true), "", 50); }), kDone);
    const auto entries = nlohmann::json::parse(out_)["entries"];
    ASSERT_EQ(entries.size(), 3U);
    EXPECT_FALSE(entries[0].contains("sequence"));
    EXPECT_FALSE(entries[0].contains("to_ns"));
    EXPECT_EQ(entries[1]["sequence"], 9);
    EXPECT_EQ(entries[2]["sequence"], 8);
    EXPECT_EQ(entries[2]["account"], "dropped");
    EXPECT_EQ(entries[2]["last_sequence"], 5);
    EXPECT_EQ(said([&] { return show_ledger(target(), "", 2); }), kDone);
    EXPECT_NE(out_.find("2026-09-21T14:13:20Z"), std::string::npos) << out_;
    EXPECT_NE(out_.find("now"), std::string::npos) << out_;
    EXPECT_EQ(out_.find("dropped"), std::string::npos) << out_;
}

TEST_F(CommandsTest, TheJournalGoesOnBehindAGap) {
    serve("stored").on<wire::ReplayRequest>(
        [](ipc::Peer&, const wire::ReplayRequest& request, const ipc::Responder& responder) {
            wire::ReplayReply reply;
            reply.epoch = 9;
            wire::StateRecord record;
            record.device = "sw-01";
            record.kind = "device_up";
            wire::StateRecord step = record;
            step.kind = wire::kAlarmKind;
            step.alarm.emplace().step = wire::AlarmStep::cleared;
            if (request.first_sequence <= 2) {
                reply.first_sequence = 1;
                reply.states = {record, step};
                reply.more = true;
            } else if (request.first_sequence == 3) {
                reply.gaps = {{3, 4}};
                reply.first_sequence = 7;
                reply.states = {record};
            }
            responder.reply(reply);
        });
    run();
    EXPECT_EQ(said([&] { return show_journal(target(), "state", 1, 100); }), kDone);
    std::istringstream lines(out_);
    std::string first, second, rest;
    std::getline(lines, first);
    std::getline(lines, second);
    std::getline(lines, rest, '\0');
    EXPECT_EQ(first, R"({"device":"sw-01","epoch":9,"kind":"device_up","sequence":1})");
    EXPECT_EQ(nlohmann::json::parse(second)["alarm"]["step"], "cleared");
    EXPECT_EQ(rest,
              "{\"gap\":{\"count\":4,\"epoch\":9,\"sequence\":3}}\n"
              "{\"device\":\"sw-01\",\"epoch\":9,\"kind\":\"device_up\",\"sequence\":7}\n");
}

}  // namespace
}  // namespace outstation::ctl
