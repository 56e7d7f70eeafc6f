// SPDX-License-Identifier: GPL-3.0-or-later
// What a trial says of the past that is not there any more; against a stored that is played.
#include "daemons/alertd/rule_trial.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>

#include "daemons/alertd/rules_file.hpp"
#include "lib/ipc/server.hpp"

namespace outstation::alertd {
namespace {

using namespace std::chrono_literals;
constexpr std::int64_t kMinute = 60'000'000'000;
constexpr std::int64_t kBegin = 1'800'000'000'000'000'000;

class RuleTrialTest : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_NE(mkdtemp(directory_), nullptr);
        const std::string path = std::string(directory_) + "/stored.sock";
        ipc::Server::Options options;
        options.path = path;
        server_ = ipc::Server::listen(*loop_, std::move(options)).value();
        serve();
        stored_ = std::make_unique<ipc::Client>(*loop_, path, wire::Hello{"alertd", "0", 1});
        stored_->on_connected([this] { loop_->stop(); });
        stored_->start();
        if (!stored_->connected()) run();
        ASSERT_TRUE(stored_->connected());
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    // Two samples, 5000 that are thinned, two more; a damaged part behind the third.
    void serve() {
        server_->on<wire::StoreStatusRequest>(
            [](ipc::Peer&, const wire::StoreStatusRequest&, const ipc::Responder& responder) {
                wire::StoreStatus status;
                wire::StreamStatus& samples = status.streams.emplace_back();
                samples.first_sequence = 1;
                samples.last_sequence = samples.durable_sequence = kLast;
                responder.reply(status);
            });
        server_->on<wire::LatestRequest>(
            [this](ipc::Peer&, const wire::LatestRequest&, const ipc::Responder& responder) {
                wire::LatestReply reply;
                for (std::uint32_t id = 1; id <= series_; ++id) {
                    wire::SeriesDef& def = reply.rows.emplace_back().series;
                    def.id = id;
                    def.device = "env-01";
                    def.metric = "celsius";
                    def.labels = {{"sensor", std::to_string(id)}};
                }
                responder.reply(reply);
            });
        server_->on<wire::ReplayRequest>(
            [this](ipc::Peer&, const wire::ReplayRequest& request, const ipc::Responder& responder) {
                wire::ReplayReply reply;
                reply.first_sequence = request.first_sequence;
                if (request.first_sequence > 2 && request.first_sequence < kLast - 1) {
                    reply.gaps.push_back({request.first_sequence, kLast - 1 - request.first_sequence});
                    reply.first_sequence = kLast - 1;
                }
                const std::uint64_t end = reply.first_sequence <= 2 ? 2 : kLast;
                for (std::uint64_t at = reply.first_sequence; at <= end; ++at)
                    reply.samples.push_back(sample(at));
                if (end == kLast) reply.damaged.emplace_back().first_sequence = kLast;
                responder.reply(reply);
            });
    }
    [[nodiscard]] wire::SampleRecord sample(std::uint64_t sequence) const {
        const std::int64_t age = static_cast<std::int64_t>(sequence) * kMinute;
        wire::SampleRecord record;
        record.device = "env-01";
        record.stamp = {kBegin + age, age, "boot", ClockQuality::unknown};
        for (std::uint32_t id = 1; id <= series_; ++id) {
            record.gauge_series.push_back(id);
            record.gauges.push_back(30);
        }
        return record;
    }
    Result<wire::RuleTestReply> tried(std::int64_t since_ns) {
        const auto rules = parse_rules(
            "rules:\n"
            "  - {id: hot, name: {zh: 热, en: Hot}, kind: threshold, metric: celsius, above: {minor: 28}}\n",
            "rules");
        std::optional<Result<wire::RuleTestReply>> ended;
        RuleTrial trial(
            *stored_, rules.value(), since_ns, [] { return true; },
            [&](const Result<wire::RuleTestReply>& reply) {
                ended = reply;
                loop_->stop();
            });
        trial.start();
        run();
        return ended.value_or(fail(ErrorCode::timeout, "no end"));
    }
    void run() {
        const Timer end = loop_->after(30s, [this] { loop_->stop(); });
        loop_->run();
    }

    static constexpr std::uint64_t kLast = 5004;
    std::uint32_t series_ = 1;
    std::unique_ptr<Loop> loop_ = make_epoll_loop().value();
    char directory_[32] = "/tmp/outstation-trial-XXXXXX";
    std::unique_ptr<ipc::Server> server_;
    std::unique_ptr<ipc::Client> stored_;
};

TEST_F(RuleTrialTest, WhatIsNotKeptAsItCameIsCounted) {
    const auto reply = tried(kBegin);
    ASSERT_TRUE(reply) << reply.error().text;
    EXPECT_EQ(reply->records, 4U);
    EXPECT_EQ(reply->first_ns, sample(1).stamp.wall_ns);
    EXPECT_EQ(reply->skipped, 5000U);
    EXPECT_EQ(reply->damaged, 1U);
    EXPECT_EQ(reply->left_out, 0U);
}

// Gaps of the time before are none of the past that was asked for.
TEST_F(RuleTrialTest, WhatIsKeptFromIsSaid) {
    const auto reply = tried(kBegin + 3 * kMinute);
    ASSERT_TRUE(reply) << reply.error().text;
    EXPECT_EQ(reply->records, 2U);
    EXPECT_EQ(reply->first_ns, sample(kLast - 1).stamp.wall_ns);
    EXPECT_EQ(reply->skipped, 0U);
}

TEST_F(RuleTrialTest, AlarmsThatHaveNoRoomInTheAnswerAreCounted) {
    series_ = 1003;
    const auto reply = tried(kBegin);
    ASSERT_TRUE(reply) << reply.error().text;
    EXPECT_EQ(reply->firings.size(), 1000U);
    EXPECT_EQ(reply->left_out, 3U);
}

}  // namespace
}  // namespace outstation::alertd
