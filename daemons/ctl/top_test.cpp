// SPDX-License-Identifier: GPL-3.0-or-later
// Rates between two looks: also when a daemon began anew, and when it is away.
#include "daemons/ctl/top.hpp"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "daemons/ctl/played_daemons_test.hpp"

namespace outstation::ctl {
namespace {

using namespace std::chrono_literals;

StationLook look(std::chrono::nanoseconds at, std::int64_t started_ns, std::int64_t cpu_ns, double polls) {
    DaemonLook polld{
        "polld", true, 77, started_ns, 1 << 20, 500'000, cpu_ns, 4096, {{"polld_polls_total", polls}}};
    StationLook out;
    out.at = at;
    DaemonLook webd;
    webd.name = "webd";
    out.daemons = {std::move(polld), std::move(webd)};
    return out;
}

StationLook stored_look(std::chrono::nanoseconds at, std::uint64_t epoch, std::uint64_t last,
                        std::uint64_t durable) {
    StationLook out;
    out.at = at;
    out.store.emplace();
    out.store->epoch = epoch;
    wire::StreamStatus stream;
    stream.last_sequence = last;
    stream.durable_sequence = durable;
    out.store->streams = {stream};
    return out;
}

TEST(Rate, IsWhatGrewInASecond) {
    EXPECT_EQ(rate(10, 30, 4s), 5.0);
    EXPECT_EQ(rate(10, 10, 4s), 0.0);
    EXPECT_EQ(rate(10, 9, 4s), std::nullopt);
    EXPECT_EQ(rate(10, 30, 0s), std::nullopt);
    EXPECT_EQ(rate(10, 30, -1s), std::nullopt);
}

TEST(Rate, OfADaemonIsForTheSameOneOnly) {
    const auto before = look(10s, 1, 1'000'000'000, 100);
    const auto after = look(12s, 1, 2'000'000'000, 150);
    EXPECT_EQ(rates_of(before, after, "polld").cpu_ratio, 0.5);
    EXPECT_EQ(rates_of(before, after, "polld").written_bytes_per_s, 0.0);
    EXPECT_EQ(metric_rate(before, after, "polld", "polld_polls"), 25.0);
    EXPECT_EQ(metric_rate(before, after, "polld", "polld_other"), std::nullopt);
    // It began anew, and has more already than the one before it: no rate is made of that.
    const auto anew = look(12s, 2, 9'000'000'000, 900);
    EXPECT_EQ(rates_of(before, anew, "polld").cpu_ratio, std::nullopt);
    EXPECT_EQ(metric_rate(before, anew, "polld", "polld_polls"), std::nullopt);
    const auto less = look(12s, 1, 1, 1);
    EXPECT_EQ(metric_rate(before, less, "polld", "polld_polls"), std::nullopt);
    EXPECT_EQ(rates_of(before, after, "webd").cpu_ratio, std::nullopt);
    EXPECT_EQ(rates_of(before, after, "nobody").cpu_ratio, std::nullopt);
}

TEST(Rate, OfAStreamIsNeverNegative) {
    const auto before = stored_look(10s, 5, 1000, 900);
    const auto after = stored_look(14s, 5, 1400, 1300);
    const auto rates = rates_of(before, after, StreamId::samples);
    EXPECT_EQ(rates.accepted_per_s, 100.0);
    EXPECT_EQ(rates.durable_per_s, 100.0);
    EXPECT_EQ(rates.pending, 100U);
    // What was accepted and not durable is gone after a crash.
    const auto crashed = rates_of(before, stored_look(14s, 5, 950, 950), StreamId::samples);
    EXPECT_EQ(crashed.accepted_per_s, std::nullopt);
    EXPECT_EQ(crashed.durable_per_s, 12.5);
    EXPECT_EQ(crashed.pending, 0U);
    EXPECT_EQ(rates_of(before, stored_look(14s, 6, 2000, 2000), StreamId::samples).durable_per_s,
              std::nullopt);
    EXPECT_EQ(rates_of(before, StationLook{}, StreamId::samples).durable_per_s, std::nullopt);
    EXPECT_EQ(rates_of(StationLook{}, after, StreamId::samples).pending, 100U);
}

TEST(ProcText, IsReadAndRubbishIsNot) {
    const std::string stat = "77 (a) b (c) S 1 77 77 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 3 0 12345 1 2 3";
    EXPECT_EQ(parse_cpu_ns(stat, 100), 3'000'000'000);
    EXPECT_EQ(parse_cpu_ns("77 (a) S 1", 100), std::nullopt);
    EXPECT_EQ(parse_cpu_ns("", 100), std::nullopt);
    EXPECT_EQ(parse_written_bytes("rchar: 1\nwrite_bytes: 8192\ncancelled_write_bytes: 4096\n"), 8192U);
    EXPECT_EQ(parse_written_bytes(""), std::nullopt);
    const auto metrics = parse_metrics("# TYPE a counter\na_total 12\nb{daemon=\"x\"} 5\nc 1.5\nd rubbish\n");
    EXPECT_EQ(metrics, (std::map<std::string, double>{{"a_total", 12}, {"c", 1.5}}));
}

class TopTest : public PlayedDaemons {
  protected:
    // Each answer has ten more polls, and ten more records.
    void play() {
        auto& polld = serve("polld");
        polld.on<wire::StatusRequest>(
            [](ipc::Peer&, const wire::StatusRequest&, const ipc::Responder& responder) {
                wire::StatusReply reply;
                reply.pid = static_cast<std::uint32_t>(getpid());
                responder.reply(reply);
            });
        polld.on<wire::MetricsRequest>(
            [this](ipc::Peer&, const wire::MetricsRequest&, const ipc::Responder& responder) {
                polls_ += 10;
                responder.reply(wire::MetricsReply{"polld_polls_total " + std::to_string(polls_) +
                                                   "\npolld_unacknowledged_records 3\n"});
            });
        serve_status("stored");
        auto& stored = *servers_.back();
        stored.on<wire::DeviceStatesRequest>(
            [](ipc::Peer&, const wire::DeviceStatesRequest&, const ipc::Responder& responder) {
                wire::DeviceStatesReply reply;
                reply.devices.resize(3);
                reply.devices[0].state = reply.devices[1].state = wire::DeviceState::up;
                reply.devices[2].state = wire::DeviceState::down;
                responder.reply(reply);
            });
        stored.on<wire::StoreStatusRequest>(
            [this](ipc::Peer&, const wire::StoreStatusRequest&, const ipc::Responder& responder) {
                records_ += 10;
                responder.reply(*stored_look(0s, 1, records_, records_ - 5).store);
            });
        run();
    }
    std::uint64_t polls_ = 0;
    std::uint64_t records_ = 100;
};

TEST_F(TopTest, OnceIsOneTable) {
    play();
    EXPECT_EQ(said([&] { return show_top(target(), {true, 1ms}); }), kAway);  // the other daemons are away
    EXPECT_NE(out_.find("devices: 2 up, 1 down, 0 unknown\n"), std::string::npos) << out_;
    EXPECT_NE(out_.find("3 records that polld keeps"), std::string::npos) << out_;
    EXPECT_NE(out_.find("\nsamples "), std::string::npos) << out_;
    EXPECT_NE(out_.find("webd    not running\n"), std::string::npos) << out_;
    EXPECT_EQ(out_.find('\x1b'), std::string::npos);
}

TEST_F(TopTest, JsonHasRatesAndNullWhereNoneIsKnown) {
    play();
    EXPECT_EQ(said([&] { return show_top(target(true), {true, 1ms}); }), kAway);
    const auto top = nlohmann::json::parse(out_);
    const double seconds = top["seconds"];
    EXPECT_GT(seconds, 0);
    EXPECT_NEAR(top["rates"]["polld_polls"].get<double>() * seconds, 10, 0.001);
    EXPECT_TRUE(top["rates"]["outstation_http_requests"].is_null());
    EXPECT_EQ(top["queues"]["polld_unacknowledged_records"], 3);
    EXPECT_NEAR(top["streams"][0]["accepted_per_s"].get<double>() * seconds, 10, 0.001);
    EXPECT_EQ(top["streams"][0]["pending"], 5);
    EXPECT_EQ(top["daemons"][5]["running"], false);
    EXPECT_GE(top["daemons"][4]["cpu_ratio"], 0.0);
}

TEST_F(TopTest, WithoutStoredThereIsNothingToShow) {
    EXPECT_EQ(said([&] { return show_top(target(), {true, 1ms}); }), kAway);
    EXPECT_NE(err_.find("stored does not run"), std::string::npos) << err_;
}

}  // namespace
}  // namespace outstation::ctl
