// SPDX-License-Identifier: GPL-3.0-or-later
// Peers of stored that flood it, send rubbish or stop reading: they cost themselves, the others go on.
#include <sys/socket.h>
#include <sys/un.h>

#include <atomic>
#include <cstring>
#include <random>
#include <thread>

#include "daemons/stored/stored_test.hpp"
#include "lib/ipc/channel.hpp"

namespace outstation::stored {
namespace {

constexpr std::size_t kLargeRecords = 2000;
constexpr std::size_t kLongName = 4000;  // octets: a batch of kLargeRecords has 8 MB, and packs to nothing

// A connection that keeps no rule of ours. Blocks.
class RawPeer {
  public:
    explicit RawPeer(const std::string& directory) : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string path = directory + "/stored.sock";
        std::memcpy(address.sun_path, path.data(), path.size());
        EXPECT_EQ(connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    }
    // False: the other side has closed.
    bool send_bytes(std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t sent = send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    template <typename Message>
    bool send_message(const Message& message, std::uint32_t id) const {
        const std::string body = wire::encode(message);
        return send_bytes(ipc::encode_header(Message::kType, id, body.size()) + body);
    }
    // Frames that came, by type; waits for the first bytes where `wait` says so.
    void take(bool wait, std::map<std::uint16_t, std::size_t>& frames) {
        char buffer[4096];
        const ssize_t got = recv(fd_.get(), buffer, sizeof buffer, wait ? 0 : MSG_DONTWAIT);
        if (got <= 0) return;
        reader_.add({buffer, static_cast<std::size_t>(got)});
        ipc::Frame frame;
        for (auto more = reader_.next(frame); more && *more; more = reader_.next(frame)) ++frames[frame.type];
    }

  private:
    UniqueFd fd_;
    ipc::FrameReader reader_;
};

struct HostileTest : StoredTest {
    static wire::AppendSamples large(std::uint64_t counter) {
        wire::AppendSamples out = batch(counter);
        out.records[0].device = std::string(kLongName, 'x');
        out.records.resize(kLargeRecords, out.records[0]);
        return out;
    }
};

TEST_F(HostileTest, AFollowerThatStopsReadingIsCutOffAndTheOthersGoOn) {
    const RawPeer deaf(directory_);
    ASSERT_TRUE(deaf.send_message(wire::Hello{"alertd", "0", 1}, 0));
    ASSERT_TRUE(deaf.send_message(wire::TailRequest{{static_cast<std::uint32_t>(StreamId::samples)}}, 1));
    const auto follower = context_->peer("stored", "follower", 1);
    std::uint64_t seen = 0;
    bool following = false;
    follower->on_push<wire::Tail>([&](const wire::Tail& tail) { seen += tail.samples.size(); });
    follower->start();
    follower->request<wire::Done>(wire::TailRequest{{static_cast<std::uint32_t>(StreamId::samples)}}, 5s,
                                  [&](const Result<wire::Done>& reply) { following = reply.has_value(); });
    run_until([&] { return following && context_->server().peers() == 3; });
    define();
    std::uint64_t batches = 0;
    while (context_->times_refused == 0 && batches < 30) {
        producer_->request<wire::Appended>(large(++batches), 5s, [](const Result<wire::Appended>&) {});
        run_until([&] { return seen == batches * kLargeRecords; });
        flush();
    }
    EXPECT_NE(context_->refused.find("alertd cut off"), std::string::npos) << context_->refused;
    // What is kept for it is bounded.
    EXPECT_LE(batches * kLargeRecords * kLongName, 2 * ipc::kMaxQueuedBytes);
    EXPECT_TRUE(ask<wire::Appended>(state(100, "device_up")));
    EXPECT_EQ(context_->server().peers(), 2U);
}

TEST_F(HostileTest, RubbishIsCutOffAndTheProducerGoesOn) {
    run_until([&] { return producer_->connected(); });
    constexpr std::uint64_t kPeers = 120;
    for (std::uint64_t seed = 0; seed < kPeers; ++seed) {
        std::mt19937_64 random(seed);
        std::string rubbish(64 + random() % 4096, '\0');
        for (char& c : rubbish) c = static_cast<char>(random());
        const RawPeer peer(directory_);
        ASSERT_TRUE(seed % 3 == 0 || peer.send_message(wire::Hello{"polld", "0", 7000 + seed}, 0));
        if (seed % 3 == 2)  // in a whole frame, where a batch should be
            rubbish = ipc::encode_header(wire::AppendSamples::kType, 1, rubbish.size()) + rubbish;
        ASSERT_TRUE(peer.send_bytes(rubbish));
        const std::size_t refused = context_->times_refused;
        run_until([&] { return context_->times_refused > refused; });
        if (HasFatalFailure()) FAIL() << "seed " << seed;
        ASSERT_TRUE(ask<wire::Appended>(state(seed + 1, "device_up"))) << "seed " << seed;
    }
    EXPECT_EQ(ask<wire::StoreStatus>(wire::StoreStatusRequest{})->streams[0].last_sequence, kPeers);
    run_until([&] { return context_->server().peers() == 1; });
    EXPECT_TRUE(context_->died.empty());
}

// Five times what may wait to be written, as fast as the socket takes it.
TEST_F(HostileTest, EachBatchOfAFloodIsAnsweredAndTheOthersGoOn) {
    constexpr std::uint64_t kBatches = 5 * store::kMaxPendingOctets / (kLargeRecords * kLongName);
    std::map<std::uint16_t, std::size_t> answers;
    std::atomic<bool> over = false;
    std::thread flood([&] {
        RawPeer peer(directory_);
        wire::DefineSeries definition;
        definition.series.push_back({5, "sw-01", "m", {}, SeriesKind::counter, "", 1.0});
        bool up = peer.send_message(wire::Hello{"polld", "0", 99}, 0);
        up = up && peer.send_message(definition, 0);
        for (std::uint64_t i = 1; i <= kBatches && up; ++i) {
            up = peer.send_message(large(i), static_cast<std::uint32_t>(i));
            peer.take(false, answers);
        }
        const auto answered = [&] {
            return answers[wire::Appended::kType] + answers[wire::ErrorReply::kType];
        };
        for (int i = 0; i < 100 && up && answered() < kBatches; ++i) peer.take(true, answers);
        over = true;
    });
    std::uint64_t states = 0;
    while (!over || states < 5) {
        const auto answer = ask<wire::Appended>(state(++states, "device_up"));
        EXPECT_TRUE(answer) << states << ": " << answer.error().text;
        if (!answer) break;
        app_->drain([] {});
    }
    flood.join();
    EXPECT_EQ(answers[wire::Appended::kType] + answers[wire::ErrorReply::kType], kBatches);
    EXPECT_GT(answers[wire::Appended::kType], 0U);
    const auto status = ask<wire::StoreStatus>(wire::StoreStatusRequest{});
    ASSERT_TRUE(status);
    EXPECT_EQ(status->streams[1].durable_sequence, answers[wire::Appended::kType] * kLargeRecords);
    EXPECT_TRUE(context_->died.empty());
}

}  // namespace
}  // namespace outstation::stored
