// SPDX-License-Identifier: GPL-3.0-or-later
// Sweeps that probe, on virtual time, with the real prober and a network of hosts that are not there.
#include <gtest/gtest.h>

#include "daemons/polld/sweep.hpp"
#include "drivers/probe/fake_network.hpp"
#include "drivers/probe/prober.hpp"
#include "drivers/snmp/fake_network.hpp"
#include "lib/event/sim_loop.hpp"

namespace outstation::polld {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kNet = 0x0a000000;

// What probed does, without its socket.
class LocalProbes : public ProbeSource {
  public:
    explicit LocalProbes(SimLoop& loop) : loop_(loop), prober_(loop, network, {}) {}
    void probe(const wire::ProbeRequest& request, Answer answer) override {
        if (is_away) return loop_.post([answer] { answer(fail(ErrorCode::io, "not connected")); });
        EXPECT_TRUE(prober_.probe(request.addresses, {true, true, {443}}, [answer](const auto& all) {
            wire::ProbeReply reply;
            for (const probe::Findings& one : all) {
                wire::ProbedAddress out;
                out.address = one.address;
                out.has_echo = one.rtt.has_value();
                out.has_pong = one.has_pong;
                out.has_ipmi = one.has_ipmi;
                if (one.ports[0].state == probe::PortState::open) out.open_ports = {443};
                reply.addresses.push_back(out);
            }
            answer(reply);
        }));
    }
    bool is_away = false;

  private:
    SimLoop& loop_;

  public:
    probe::FakeNetwork network{loop_};

  private:
    probe::Prober prober_;
};

class SweepProbesTest : public testing::Test {
  protected:
    SweepProbesTest() {
        network_.mib[snmp::encode_oid("1.3.6.1.2.1.1.1.0").value()] = {snmp::Tag::octet_string, "A switch"};
        network_.mib[snmp::encode_oid("1.3.6.1.2.1.1.5.0").value()] = {snmp::Tag::octet_string, "sw"};
        network_.twist = [this](const snmp::Address& from, std::string& bytes) {
            const std::string address = from.text().substr(0, from.text().find(':'));
            if (asked_.insert(address).second) order_.push_back(address);
            if (speaks_.count(address) == 0) bytes.clear();
        };
        credentials_.update({{"room", "snmp-v2c", "public"}});
        make();
    }
    void make() {
        sweep_ = std::make_unique<Sweep>(
            Sweep::Parts{loop_, engine_, shelf_, credentials_, [this] { return neighbours_; }, &probes_});
        sweep_->configure({{*parse_range("10.0.0.0/16"), {"room"}}}, {});
    }
    void add(std::uint32_t address, bool speaks, const probe::FakeNetwork::Host& host) {
        if (speaks) speaks_.insert(ipv4_text(address));
        probes_.network.hosts[address] = host;
    }
    // Of the sweep that runs.
    Duration run_to_end() {
        const MonoTime began = loop_.now();
        while (sweep_->status().state == "running" && loop_.now() - began < 10min) loop_.advance(100ms);
        EXPECT_EQ(sweep_->status().state, "done");
        EXPECT_EQ(sweep_->status().done, sweep_->status().total);
        return loop_.now() - began;
    }

    SimLoop loop_;
    snmp::FakeNetwork network_{loop_};
    snmp::Engine engine_{loop_, &network_, nullptr, {}};
    LocalProbes probes_{loop_};
    PackShelf shelf_;
    Credentials credentials_;
    std::map<std::uint32_t, std::string> neighbours_;
    std::set<std::string> speaks_;
    std::set<std::string> asked_;
    std::vector<std::string> order_;
    std::unique_ptr<Sweep> sweep_;
};

TEST_F(SweepProbesTest, FiftyDevicesInASlash22AreFoundWithinTwoMinutesAndFirst) {
    for (std::uint32_t i = 0; i < 50; ++i) add(kNet + 5 + i * 20, true, {});
    ASSERT_TRUE(sweep_->start({"10.0.0.0/22"}));
    loop_.advance(40s);
    EXPECT_EQ(sweep_->status().found, 50U) << "who answers waits for nobody";
    EXPECT_LT(sweep_->status().done, sweep_->status().total);
    const Duration took = 40s + run_to_end();
    EXPECT_LT(took, 2min);
    RecordProperty("seconds", std::to_string(std::chrono::duration<double>(took).count()));
    EXPECT_EQ(sweep_->candidates().size(), 50U);
    EXPECT_EQ(sweep_->candidates()[0].seen, (std::vector<std::string>{"snmp", "ping"}));
    EXPECT_EQ(asked_.size(), 1022U) << "the silent are asked all the same";
    for (std::size_t i = 0; i < 50; ++i) EXPECT_EQ(speaks_.count(order_[i]), 1U) << order_[i];
}

TEST_F(SweepProbesTest, WhoFiltersPingsIsFoundByItsCredential) {
    speaks_.insert("10.0.0.9");
    ASSERT_TRUE(sweep_->start({"10.0.0.0/28"}));
    run_to_end();
    ASSERT_EQ(sweep_->candidates().size(), 1U);
    EXPECT_EQ(sweep_->candidates()[0].seen, std::vector<std::string>{"snmp"});
}

TEST_F(SweepProbesTest, WhoSpeaksNoSnmpIsListedWithHowItWasSeen) {
    add(kNet + 2, false, {true, 1ms, true, true, {{443, probe::PortState::open}}});
    add(kNet + 3, false, {});
    neighbours_ = {{kNet + 3, "00:00:5e:00:53:03"}, {kNet + 4, "00:00:5e:00:53:04"}};
    ASSERT_TRUE(sweep_->start({"10.0.0.0/28"}));
    run_to_end();
    const auto found = sweep_->candidates();
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].seen, (std::vector<std::string>{"ping", "ipmi", "tcp/443"}));
    EXPECT_EQ(found[0].device_class, "bmc");
    EXPECT_EQ(found[1].seen, (std::vector<std::string>{"ping", "arp"}));
    EXPECT_EQ(found[1].mac, "00:00:5e:00:53:03");
    EXPECT_EQ(found[2].seen, std::vector<std::string>{"arp"});
    EXPECT_EQ(sweep_->status().others, 3U);
}

TEST_F(SweepProbesTest, WithoutProbedItGoesOnBySnmpAloneAndSaysSoOnce) {
    probes_.is_away = true;
    for (std::uint32_t i = 1; i < 200; i += 20) add(kNet + i, true, {});
    ASSERT_TRUE(sweep_->start({"10.0.0.0/24"}));
    run_to_end();
    EXPECT_EQ(sweep_->status().found, 10U);
    ASSERT_EQ(sweep_->status().problems.size(), 1U);
    EXPECT_NE(sweep_->status().problems[0].find("only SNMP"), std::string::npos);
    EXPECT_TRUE(probes_.network.sent.empty());
}

TEST_F(SweepProbesTest, NothingIsProbedOutsideTheRangesNorWhileItIsPaused) {
    ASSERT_TRUE(sweep_->start({"10.0.1.0/24"}));
    loop_.advance(1s);
    sweep_->pause();
    loop_.advance(30s);
    const std::size_t sent = probes_.network.sent.size();
    EXPECT_GT(sent, 0U);
    loop_.advance(1min);
    EXPECT_EQ(probes_.network.sent.size(), sent);
    sweep_->resume();
    run_to_end();
    for (const auto& packet : probes_.network.sent) EXPECT_EQ(packet.to >> 8U, (kNet >> 8U) + 1);
}

TEST_F(SweepProbesTest, AfterARestartNobodyIsLeftOut) {
    for (std::uint32_t i = 1; i < 250; i += 25) add(kNet + i, true, {});
    speaks_.insert("10.0.0.2");  // and is silent otherwise
    ASSERT_TRUE(sweep_->start({"10.0.0.0/24"}));
    loop_.advance(6s);
    const wire::SweepState saved = sweep_->saved();
    EXPECT_LE(saved.next, 1U) << "the silent ones of the beginning wait still";
    EXPECT_GT(saved.status.found, 0U);
    make();
    sweep_->restore(saved);
    sweep_->configure({{*parse_range("10.0.0.0/16"), {"room"}}}, {});
    run_to_end();
    EXPECT_EQ(sweep_->status().found, 11U);
}

}  // namespace
}  // namespace outstation::polld
