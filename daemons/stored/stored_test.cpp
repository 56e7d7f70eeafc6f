// SPDX-License-Identifier: GPL-3.0-or-later
// stored over its real socket, with real files and threads: producers, resends, followers, hostile peers.
#include <gtest/gtest.h>

#include "daemons/stored/stored_test.hpp"
#include "lib/event/sim_loop.hpp"

namespace outstation::stored {
namespace {

TEST_F(StoredTest, AppendsAreAnsweredWhenDurableAndServed) {
    define();
    std::optional<wire::Appended> answer;
    producer_->request<wire::Appended>(batch(1), 5s,
                                       [&](const Result<wire::Appended>& reply) { answer = *reply; });
    const auto down = ask<wire::Appended>(state(2, "device_down"));  // answered at once, the samples not
    ASSERT_TRUE(down) << down.error().text;
    EXPECT_EQ(*down, (wire::Appended{2, 1, 1, false}));
    EXPECT_FALSE(answer);
    const auto latest = ask<wire::LatestReply>(wire::LatestRequest{"sw-01", "", 0, 0});
    ASSERT_TRUE(latest);
    ASSERT_EQ(latest->rows.size(), 1U);
    EXPECT_EQ(latest->rows[0].counter, 100U);
    flush();
    run_until([&] { return answer.has_value(); });
    EXPECT_EQ(*answer, (wire::Appended{1, 1, 1, false}));
    const auto range = ask<wire::RangeReply>(
        wire::RangeRequest{{latest->rows[0].series.id}, 0, 1'800'000'000'000'000'000, 0, 0});
    ASSERT_TRUE(range) << range.error().text;
    EXPECT_EQ(range->columns[0].counters, std::vector<std::uint64_t>{100});
    const auto states = ask<wire::DeviceStatesReply>(wire::DeviceStatesRequest{});
    EXPECT_EQ(states->devices[0].state, wire::DeviceState::down);
    EXPECT_EQ(ask<wire::EventsReply>(wire::EventsRequest{})->events.size(), 1U);
    EXPECT_EQ(ask<wire::StoreStatus>(wire::StoreStatusRequest{})->streams.size(), std::size(kStreams));
}

TEST_F(StoredTest, ResendsAfterARestartAreNotDoubled) {
    ASSERT_TRUE(ask<wire::Appended>(state(1, "device_down")));
    start();
    const auto again = ask<wire::Appended>(state(1, "device_down"));
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->duplicate);
    const auto next = ask<wire::Appended>(state(2, "device_up"));
    EXPECT_EQ(next->first_sequence, 2U);
    const auto all = ask<wire::ReplayReply>(wire::ReplayRequest{StreamId::state, 1, 0});
    ASSERT_EQ(all->states.size(), 2U);
    EXPECT_EQ(all->batches[1].counter, 2U);
}

TEST_F(StoredTest, FollowersSeeRecordsWithTheirSeriesAndTheDurableMark) {
    auto follower = context_->peer("stored", "alertd", 1);
    std::vector<wire::Tail> tail;
    std::optional<wire::DurableMark> mark;
    bool following = false;
    follower->on_push<wire::Tail>([&](const wire::Tail& message) { tail.push_back(message); });
    follower->on_push<wire::DurableMark>([&](const wire::DurableMark& message) { mark = message; });
    follower->start();
    follower->request<wire::Done>(wire::TailRequest{{static_cast<std::uint32_t>(StreamId::samples)}}, 5s,
                                  [&](const Result<wire::Done>& reply) { following = reply.has_value(); });
    run_until([&] { return following; });
    define();
    for (std::uint64_t i = 1; i <= 2; ++i)
        producer_->request<wire::Appended>(batch(i), 5s, [](const Result<wire::Appended>&) {});
    run_until([&] { return tail.size() == 3; });
    EXPECT_EQ(tail[0].series.size(), 1U);
    EXPECT_EQ(tail[1].samples[0].counters[0], 100U);
    EXPECT_EQ(tail[2].first_sequence, 2U);
    EXPECT_TRUE(tail[2].series.empty());
    EXPECT_FALSE(mark);
    flush();
    run_until([&] { return mark.has_value(); });
    EXPECT_EQ(*mark, (wire::DurableMark{StreamId::samples, 2}));
}

TEST_F(StoredTest, OneDefinitionIsRefusedAndNamedAndTheRestIsKept) {
    std::optional<wire::SeriesRefused> refused;
    producer_->on_push<wire::SeriesRefused>([&](const wire::SeriesRefused& message) { refused = message; });
    const auto def = [](std::uint32_t id, const std::string& name) {
        return wire::SeriesDef{id, "sw-01", "if_in_octets_total", {{"if_name", name}}, SeriesKind::counter,
                               "", 1.0};
    };
    run_until([&] { return producer_->connected(); });
    ASSERT_TRUE(
        producer_->send(wire::DefineSeries{{def(1, "a"), def(2, std::string(2000, 'x')), def(3, "c")}}));
    auto message = batch(1, 1);
    message.records[0].counter_series = {1, 2, 3};
    message.records[0].counters = {10, 20, 30};
    producer_->request<wire::Appended>(message, 5s, [](const Result<wire::Appended>&) {});
    const auto latest = ask<wire::LatestReply>(wire::LatestRequest{"sw-01", "", 0, 0});
    ASSERT_TRUE(latest) << latest.error().text;
    ASSERT_EQ(latest->rows.size(), 2U);
    EXPECT_EQ(latest->rows[1].counter, 30U);
    ASSERT_TRUE(refused);
    ASSERT_EQ(refused->series.size(), 1U);
    EXPECT_EQ(refused->series[0].id, 2U);
    EXPECT_NE(refused->series[0].reason.find("value of a label of 2000 octets"), std::string::npos);
    EXPECT_TRUE(producer_->connected());
    EXPECT_TRUE(context_->refused.empty()) << context_->refused;
}

// What lies unread in a lost connection must not come behind what is sent again.
TEST_F(StoredTest, AProducerIsHeardOnItsNewestConnectionOnly) {
    ASSERT_TRUE(ask<wire::Appended>(state(1, "device_down")));
    const auto old = std::move(producer_);
    producer_ = connect(7);
    ASSERT_TRUE(ask<wire::Appended>(state(2, "device_up")));
    std::optional<Result<wire::Appended>> answer;
    old->request<wire::Appended>(state(9, "device_down"), 5s,
                                 [&](const Result<wire::Appended>& reply) { answer = reply; });
    run_until([&] { return answer.has_value(); });
    EXPECT_FALSE(*answer);
    const auto next = ask<wire::Appended>(state(3, "device_down"));
    ASSERT_TRUE(next);
    EXPECT_FALSE(next->duplicate);
    const auto other_start = connect(8);
    std::optional<Result<wire::Appended>> other;
    other_start->request<wire::Appended>(state(1, "device_up"), 5s,
                                         [&](const Result<wire::Appended>& reply) { other = reply; });
    run_until([&] { return other.has_value(); });
    EXPECT_TRUE(*other);
    EXPECT_TRUE(ask<wire::Appended>(state(4, "device_up")));
}

// Told why before it is cut off: else the producer would send the batch again for ever.
TEST_F(StoredTest, ABatchThatCanNeverBeTakenIsAnswered) {
    std::optional<Result<wire::Appended>> answer;
    run_until([&] { return producer_->connected(); });
    producer_->request<wire::Appended>(batch(1, 99), 5s,
                                       [&](const Result<wire::Appended>& reply) { answer = reply; });
    run_until([&] { return answer.has_value(); });
    EXPECT_EQ(answer->error().code, ErrorCode::malformed);
}

TEST_F(StoredTest, PeersThatSendNonsenseAreCutOff) {
    const auto cut = [&](const auto& message) {
        context_->refused.clear();
        const auto client = connect(8);
        client->request<wire::Appended>(message, 5s, [](const Result<wire::Appended>&) {});
        run_until([&] { return context_->refused.find("cut off") != std::string::npos; });
    };
    cut(batch(1, 99));                      // a series never defined
    cut(wire::AppendSamples{1, {}});        // an empty batch
    cut(state(1, std::string(5000, 'x')));  // text beyond its limit
    auto unequal = batch(1);
    unequal.records[0].counters.push_back(1);
    cut(unequal);
    EXPECT_TRUE(ask<wire::Appended>(state(1, "device_up")));  // the others are served
    EXPECT_TRUE(context_->died.empty());
}

// The name is kept with every batch.
TEST_F(StoredTest, AProducerWithoutANameOrWithAnEndlessOneMayNotAppend) {
    for (const std::string& name : {std::string(), std::string(65, 'x'), std::string(1U << 20, 'x')}) {
        const auto client = context_->peer("stored", name, 7);
        client->start();
        std::optional<Result<wire::Appended>> answer;
        run_until([&] { return client->connected(); });
        client->request<wire::Appended>(state(1, "device_up"), 5s,
                                        [&](const Result<wire::Appended>& reply) { answer = reply; });
        run_until([&] { return answer.has_value(); });
        ASSERT_FALSE(*answer) << name.size();
        EXPECT_EQ(answer->error().code, ErrorCode::refused);
    }
    EXPECT_EQ(ask<wire::Appended>(state(1, "device_up"))->first_sequence, 1U);
}

// However many connections define series: their numbers have a bound together, and one that ends gives room.
TEST_F(StoredTest, TheNumbersOfAllConnectionsAreBounded) {
    struct NamedPeer : ipc::Peer {
        explicit NamedPeer(std::uint64_t number) { number_ = number; }
        void send(std::uint16_t, std::uint32_t, std::string_view) override {}
        [[nodiscard]] std::size_t queued_bytes() const override { return 0; }
    };
    SimLoop loop;
    store::InlineWorker worker;
    const auto files = store::make_real_file_system();
    store::Journal::Options options;
    const std::string other = std::string(directory_) + "/other";
    ASSERT_TRUE(files->make_directory(other));
    options.directory = other + "/journal";
    options.bulk_segment_octets = options.urgent_segment_octets = 65536;
    store::StoreOpened opened;
    const auto store =
        store::open_journal_store({loop, *files, worker, worker, worker}, options, opened).value();
    IntakePeers peers;
    wire::DefineSeries message;
    const std::size_t part = IntakePeers::kMaxNumbers / 4;
    for (std::uint32_t i = 0; i < part; ++i)  // one series under many numbers
        message.series.push_back({i + 1, "sw", "m", {}, SeriesKind::gauge, "", 1.0});
    for (std::uint64_t number = 1; number <= 3; ++number)
        EXPECT_TRUE(peers.define(NamedPeer(number), message, *store).series.empty()) << number;
    const auto first = [&](std::ptrdiff_t count) {
        return wire::DefineSeries{{message.series.begin(), message.series.begin() + count}};
    };
    EXPECT_TRUE(
        peers.define(NamedPeer(4), first(static_cast<std::ptrdiff_t>(part) - 10), *store).series.empty());
    const auto refused = peers.define(NamedPeer(5), first(1000), *store).series;
    ASSERT_EQ(refused.size(), 990U);
    EXPECT_EQ(refused.front().id, 11U);
    EXPECT_EQ(refused.back().id, 1000U);
    EXPECT_TRUE(peers.define(NamedPeer(4), first(1000), *store).series.empty());  // nothing new
    peers.forget(NamedPeer(1));
    EXPECT_TRUE(peers.define(NamedPeer(5), first(1000), *store).series.empty());
}

TEST_F(StoredTest, DisconnectedProducersAndFollowersAreForgotten) {
    for (int i = 0; i < 20; ++i) {
        const auto client = connect(100 + static_cast<std::uint64_t>(i));
        bool answered = false;
        client->request<wire::Done>(wire::TailRequest{{1, 2}}, 5s, [&](const auto&) { answered = true; });
        run_until([&] { return answered; });
    }
    EXPECT_TRUE(ask<wire::Appended>(state(1, "device_up")));
    run_until([&] { return context_->server().peers() == 1; });
}

// Of two devices the store knows it has one, whose name is another's id.
std::unique_ptr<ipc::Server> played_confd(Loop& loop, const std::string& directory) {
    ipc::Server::Options options;
    options.path = directory + "/confd.sock";
    auto server = ipc::Server::listen(loop, std::move(options)).value();
    server->on<wire::ConfigRequest>(
        [](ipc::Peer&, const wire::ConfigRequest&, const ipc::Responder& responder) {
            wire::ConfigReply reply;
            reply.station.flush_interval_ms = 1000;
            wire::DeviceConfig& device = reply.devices.emplace_back();
            device.id = "sw-01";
            device.name = "sw-02";
            responder.reply(reply);
        });
    return server;
}

// What is not collected now is told of devices that are in the configuration, which has their ids.
TEST_F(StoredTest, NothingIsMissingOfADeviceThatWasRemoved) {
    const auto missing = [this] {
        std::set<std::string> devices;
        const auto ledger = ask<wire::LedgerReply>(wire::LedgerRequest{});
        for (const auto& entry : ledger->entries) devices.insert(entry.record.device);
        return devices;
    };
    run_until([&] { return producer_->connected(); });
    for (const std::uint32_t number : {1U, 2U}) {
        const wire::SeriesDef up{number, "sw-0" + std::to_string(number), "up", {}, SeriesKind::counter, "",
                                 1.0};
        ASSERT_TRUE(producer_->send(wire::DefineSeries{{up}}));
    }
    for (std::uint64_t minute = 1; minute <= 5; ++minute) {
        auto polled = batch(minute, 1);
        polled.records.push_back(batch(minute, 2).records[0]);
        polled.records[1].device = "sw-02";
        for (auto& record : polled.records)
            record.stamp.mono_ns = static_cast<std::int64_t>(minute) * 60'000'000'000;
        producer_->request<wire::Appended>(polled, 5s, [](const Result<wire::Appended>&) {});
    }
    ASSERT_EQ(missing(), (std::set<std::string>{"sw-01", "sw-02"}));
    flush();
    start();
    ASSERT_EQ(missing(), (std::set<std::string>{"sw-01", "sw-02"}));
    const auto confd = played_confd(context_->loop(), directory_);
    const MonoTime end = context_->loop().now() + 10s;
    while (missing().size() == 2 && context_->loop().now() < end) continue;
    EXPECT_EQ(missing(), std::set<std::string>{"sw-01"});
}

TEST_F(StoredTest, ImpossibleQuestionsAreAnsweredWithAnError) {
    EXPECT_EQ(ask<wire::RangeReply>(wire::RangeRequest{{77}, 0, 1, 0, 0}).error().code, ErrorCode::not_found);
    EXPECT_EQ(ask<wire::Done>(wire::TailRequest{{99}}).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace outstation::stored
