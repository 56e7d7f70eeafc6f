// SPDX-License-Identifier: GPL-3.0-or-later
// `outstation statement` against a confd and a polld played on a thread.
#include "daemons/ctl/statement_command.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "daemons/ctl/played_daemons_test.hpp"
#include "lib/wire/config_messages.hpp"
#include "lib/wire/poll_messages.hpp"

namespace outstation::ctl {
namespace {

constexpr std::int64_t kStart = 1'790'000'000'000'000'000;

class StatementTest : public PlayedDaemons {
  protected:
    void add(const std::string& id, const std::string& its_class, std::uint64_t requests,
             std::uint64_t bytes) {
        config_.devices.emplace_back();
        config_.devices.back().id = id;
        config_.devices.back().device_class = its_class;
        config_.devices.back().interval_ms = 60'000;
        if (requests == 0) return;
        wire::PollStatus& poll = polls_.devices.emplace_back();
        poll.device = id;
        poll.interval_ms = 60'000;
        poll.first_ns = kStart;
        poll.last_ns = kStart + 9 * 60'000'000'000;  // ten polls
        poll.all_requests = requests;
        poll.all_bytes = bytes;
    }
    void play() {
        serve("confd").on<wire::ConfigRequest>(
            [this](ipc::Peer&, const wire::ConfigRequest&, const ipc::Responder& responder) {
                responder.reply(config_);
            });
        serve("polld").on<wire::PollStatusRequest>(
            [this](ipc::Peer&, const wire::PollStatusRequest&, const ipc::Responder& responder) {
                responder.reply(polls_);
            });
        run();
    }

    wire::ConfigReply config_;
    wire::PollStatusReply polls_;
};

TEST_F(StatementTest, ClassByClassAndWhoIsAskedTheMost) {
    add("sw-01", "switch", 100, 102'400);
    add("sw-02", "switch", 300, 204'800);
    add("ups-01", "ups", 0, 0);
    add("box", "", 20, 2'000);
    play();
    EXPECT_EQ(said([&] { return show_statement(target()); }), kDone);
    EXPECT_NE(out_.find("switch  2        60 s          20.0          30.0     15.0 KiB"), std::string::npos)
        << out_;
    EXPECT_NE(out_.find("ups     1        -"), std::string::npos) << out_;
    EXPECT_NE(out_.find("other   1        60 s          2.0"), std::string::npos) << out_;
    EXPECT_NE(out_.find("SET is never sent"), std::string::npos);
    EXPECT_EQ(said([&] { return show_statement(target(true)); }), kDone);
    const auto classes = nlohmann::json::parse(out_).at("classes");
    EXPECT_EQ(classes.at(1).at("class"), "switch");
    EXPECT_DOUBLE_EQ(classes.at(1).at("requests_per_minute").at("most").get<double>(), 30);
    EXPECT_EQ(classes.at(1).at("writes"), 0);
    EXPECT_EQ(classes.at(2).at("devices_polled"), 0);
}

TEST_F(StatementTest, WithoutPolldThereIsNone) {
    serve("confd").on<wire::ConfigRequest>(
        [](ipc::Peer&, const wire::ConfigRequest&, const ipc::Responder& responder) {
            responder.reply(wire::ConfigReply{});
        });
    run();
    EXPECT_EQ(said([&] { return show_statement(target()); }), kAway);
    EXPECT_NE(err_.find("polld"), std::string::npos);
}

}  // namespace
}  // namespace outstation::ctl
