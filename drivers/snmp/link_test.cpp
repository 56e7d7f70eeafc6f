// SPDX-License-Identifier: GPL-3.0-or-later
// A socket that takes nothing for a while.
#include <gtest/gtest.h>

#include <cerrno>

#include "drivers/snmp/engine.hpp"
#include "drivers/snmp/fake_network.hpp"
#include "lib/event/sim_loop.hpp"

namespace outstation::snmp {
namespace {

using namespace std::chrono_literals;

class NoBuffers : public FakeNetwork {
  public:
    explicit NoBuffers(SimLoop& loop) : FakeNetwork(loop), loop_(loop), until_(loop.now() + 500ms) {}
    [[nodiscard]] std::size_t send(std::span<Datagram> datagrams, int& error) override {
        if (loop_.now() >= until_) return FakeNetwork::send(datagrams, error);
        error = ENOBUFS;
        ++refused;
        return 0;
    }
    int refused = 0;

  private:
    SimLoop& loop_;
    MonoTime until_;
};

// It counts as writable all the time: to wait for that would be to try without a pause.
TEST(Link, WithoutBuffersItIsTriedAgainALittleLater) {
    SimLoop loop;
    NoBuffers network(loop);
    auto plan = std::make_shared<Plan>();
    plan->scalars = {encode_oid("1.3.6.1.2.1.1.3.0").value()};
    network.mib[plan->scalars[0]] = {Tag::time_ticks, encode_number(1)};
    Engine engine(loop, &network, nullptr, {});
    int done = 0;
    for (int i = 1; i <= 40; ++i) {
        const auto device =
            engine.add({Address::parse("192.0.2." + std::to_string(i), 161).value(), {.community = "x"}});
        engine.poll(device, plan, 10s, [&](Engine::DeviceId, const Cycle& cycle) {
            done += cycle.error == CycleError::none ? 1 : 0;
        });
    }
    loop.advance(1s);
    EXPECT_EQ(done, 40);
    EXPECT_GT(network.refused, 5);
    EXPECT_LT(network.refused, 100);
    EXPECT_EQ(engine.counters().send_errors, 0U);
}

// The cycle ends by its deadline while nothing can be sent, and its device is written to next.
TEST(Link, WhoBeginsAnewBeforeAnythingWasSentIsSentOnce) {
    SimLoop loop;
    NoBuffers network(loop);
    const auto plan = std::make_shared<Plan>();
    plan->scalars = {encode_oid("1.3.6.1.2.1.1.4.0").value()};
    network.mib[plan->scalars[0]] = {Tag::octet_string, "nobody"};
    EngineOptions options;
    options.allow_set = [](Engine::DeviceId, const std::vector<Setting>&) { return true; };
    Engine engine(loop, &network, nullptr, options);
    int written = 0;
    network.corrupt = [&written](const FakeRequest& request, FakeAnswer&) {
        written += request.pdu == Tag::set_request ? 1 : 0;
        return false;
    };
    std::uint32_t requests = 0;
    const auto device = engine.add({Address::parse("192.0.2.1", 161).value(), {.community = "x"}});
    engine.poll(device, plan, 10ms, [&](Engine::DeviceId id, const Cycle& polled) {
        EXPECT_EQ(polled.error, CycleError::deadline);
        engine.set(id, {{plan->scalars[0], Tag::octet_string, "somebody"}}, 10s,
                   [&](Engine::DeviceId, const Cycle& cycle) { requests = cycle.requests; });
    });
    loop.advance(2s);
    EXPECT_EQ(network.mib[plan->scalars[0]].second, "somebody");
    EXPECT_EQ(written, 1);
    EXPECT_EQ(requests, 1U);
}

}  // namespace
}  // namespace outstation::snmp
