// SPDX-License-Identifier: GPL-3.0-or-later
// Devices by TCP, on loopback: hundreds of good ones; and hostile ones of every kind beside good ones, where
// no value of anybody is another than the device has, and the good ones are read whole.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <filesystem>
#include <functional>

#include "tests/hostile/watcher.hpp"
#include "tests/sim/server.hpp"

namespace outstation::hostile {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t kPort = 16177;
constexpr Duration kLongest = 60s;  // a machine that is this slow fails
constexpr std::size_t kDevices = 500;
constexpr rlim_t kDescriptors = 2 * kDevices + 64;

// Nobody is asked by UDP.
class NoSocket : public snmp::DatagramSocket {
  public:
    [[nodiscard]] int fd() const override { return pipe_.get(); }
    [[nodiscard]] std::size_t send(std::span<snmp::Datagram> datagrams, int& error) override {
        ADD_FAILURE() << "a datagram was sent";
        error = 0;
        return datagrams.size();
    }
    [[nodiscard]] std::span<const snmp::Datagram> receive() override { return {}; }

  private:
    UniqueFd pipe_{socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
};

// Every device by TCP; until all good ones have been polled so often.
void poll_by_tcp(const Fleet& fleet, std::uint64_t interval_ms, std::uint64_t polls,
                 const std::function<void(const Watcher&)>& look) {
    const auto loop = make_epoll_loop().value();
    const auto server = sim::Server::start(*loop, fleet.devices(), Fleet::agent_options());
    ASSERT_TRUE(server) << server.error().text;
    NoSocket socket;
    Watcher watcher(*loop, socket, fleet);
    wire::ConfigReply config = fleet.config(interval_ms);
    for (wire::DeviceConfig& device : config.devices) device.transport = "tcp";
    watcher.configure(config);
    const auto is_done = [&](const auto& entry) {
        return !entry.second.member->is_good() || entry.second.records >= polls;
    };
    const MonoTime end = loop->now() + kLongest;
    const auto& accounts = watcher.accounts();
    while (!std::all_of(accounts.begin(), accounts.end(), is_done) && loop->now() < end) {
        const Timer timer = loop->after(200ms, [&loop] { loop->stop(); });
        loop->run();
    }
    for (const auto& [id, account] : accounts) {
        if (!account.member->is_good()) continue;
        EXPECT_GE(account.records, polls) << id;
        EXPECT_GE(account.values, 60U) << id;
    }
    EXPECT_EQ(watcher.false_values(), 0U) << watcher.first_false();
    look(watcher);
}

TEST(HostileStreams, AllAtOnceBesideGoodOnes) {
    Fleet fleet(kPort);
    fleet.add_good(20);
    for (const std::string& behaviour : hostile_behaviours()) fleet.add_hostile(behaviour);
    poll_by_tcp(fleet, 1000, 4,
                [](const Watcher& watcher) { EXPECT_GT(watcher.engine().counters().late_or_unknown, 0U); });
}

// Both ends of each connection are here.
TEST(HostileStreams, HundredsOfDevicesKeepTheirConnections) {
    rlimit limit{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_max < kDescriptors) GTEST_SKIP() << "too few descriptors are allowed";
    limit.rlim_cur = std::max(limit.rlim_cur, kDescriptors);
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
    Fleet fleet(kPort);
    fleet.add_good(kDevices);
    poll_by_tcp(fleet, 10'000, 2, [](const Watcher& watcher) {
        EXPECT_EQ(watcher.poller().devices_up(), kDevices);
        EXPECT_EQ(watcher.engine().counters().malformed, 0U);
        const auto descriptors = std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
        EXPECT_GE(descriptors, static_cast<std::ptrdiff_t>(2 * kDevices));
        EXPECT_LT(descriptors, static_cast<std::ptrdiff_t>(kDescriptors));  // one each, not one a poll
    });
}

}  // namespace
}  // namespace outstation::hostile
