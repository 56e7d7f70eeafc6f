// SPDX-License-Identifier: GPL-3.0-or-later
// What happens to good devices, as polld's own Poller sees it on virtual time: interfaces that get another
// index, counters that wrap, restarts. A port keeps its series, and what its counters grew by stays true.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "daemons/polld/poller.hpp"
#include "lib/model/counter.hpp"
#include "tests/hostile/network.hpp"
#include "tests/hostile/watcher.hpp"
#include "tests/sim/snmprec.hpp"

namespace outstation::hostile {
namespace {

using namespace std::chrono_literals;

constexpr int kPorts = 3;
constexpr double kGrowth = 1000;          // of every counter, a second
constexpr double kMostOff = kGrowth / 5;  // a record's stamp is that of its end
constexpr char kSecret[] = "only for this test";
// Columns, numbers of which the ports have their own.
constexpr char kErrors[] = "1.3.6.1.2.1.2.2.1.14.";  // Counter32
constexpr char kNarrow[] = "1.3.6.1.2.1.2.2.1.10.";  // Counter32
constexpr char kWide[] = "1.3.6.1.2.1.31.1.1.1.6.";  // Counter64

std::shared_ptr<const sim::Mib> make_mib(bool has_wide) {
    std::string text = "1.3.6.1.2.1.1.3.0|67|5000\n";
    for (int i = 1; i <= kPorts; ++i) {
        text += fmt::format("1.3.6.1.2.1.2.2.1.1.{}|2|{}\n1.3.6.1.2.1.2.2.1.2.{}|4|port{}\n", i, i, i, i);
        text += fmt::format("1.3.6.1.2.1.2.2.1.8.{}|2|{}\n", i, i == 1 ? 2 : 1);  // the first is down
        text += fmt::format("1.3.6.1.2.1.31.1.1.1.1.{}|4|port{}\n", i, i);
        text += fmt::format("{}{}|65|{}00000000\n{}{}|65|{}10000000\n", kErrors, i, i, kNarrow, i, i);
        if (has_wide) text += fmt::format("{}{}|70|{}00000000000000\n", kWide, i, i);
    }
    auto recording = sim::parse_snmprec(text);
    EXPECT_TRUE(recording.left_out.empty());
    return std::make_shared<const sim::Mib>(std::move(recording.mib));
}

sim::Device make_device(const std::vector<std::string>& behaviours, bool has_wide) {
    sim::Device out;
    out.id = "switch";
    out.address = "127.77.0.2";
    out.port = 16100;
    out.mib = make_mib(has_wide);
    out.renumbered = std::make_shared<const sim::Mib>(out.mib->with_interfaces_renumbered());
    std::vector<sim::Scheduled> all{sim::parse_behaviour("counters 1000").value()};
    for (const std::string& one : behaviours) all.push_back(sim::parse_behaviour(one).value());
    out.behaviours = std::make_shared<const std::vector<sim::Scheduled>>(std::move(all));
    return out;
}

sim::AgentOptions agent_options() {
    return {"public",
            {snmp::UsmUser::make("reader", snmp::AuthProtocol::sha256, kSecret, snmp::PrivProtocol::aes128,
                                 kSecret)
                 .value()}};
}

// A poller whose store remembers the counters of ports, and events.
class Life : public polld::StoreLink, public polld::StateSource {
  public:
    explicit Life(const std::vector<std::string>& behaviours, const std::string& protocol = "snmp-v2c",
                  bool has_wide = true)
        : network_(loop_, {make_device(behaviours, has_wide)}, agent_options(), 0ns) {
        wire::ConfigReply config;
        config.devices.emplace_back();
        config.devices[0].id = "switch";
        config.devices[0].address = "127.77.0.2";
        config.devices[0].port = 16100;
        config.devices[0].interval_ms = 10'000;
        config.devices[0].credential = "room";
        config.credentials = {{"room", protocol, "public", "reader", "sha256", kSecret, "aes128", kSecret}};
        poller_.on_store_connected();
        uplink_.on_connected();
        poller_.configure(config);
    }
    void run(Duration span) { loop_.advance(span); }

    struct Sample {
        double at_s;
        std::uint64_t raw;
    };
    struct Port {
        std::vector<Sample> samples;
        std::set<std::string> oids;
        // By how much more than it should from sample to sample; nothing where it was reset.
        [[nodiscard]] std::vector<std::optional<double>> surplus(bool is_32_bit) const {
            std::vector<std::optional<double>> out;
            for (std::size_t i = 1; i < samples.size(); ++i) {
                const auto increase = counter_increase(samples[i - 1].raw, samples[i].raw, is_32_bit);
                const double seconds = samples[i].at_s - samples[i - 1].at_s;
                out.push_back(increase ? std::optional(static_cast<double>(*increase) - kGrowth * seconds)
                                       : std::nullopt);
            }
            return out;
        }
    };
    // The series of a column, by what they are called.
    [[nodiscard]] std::map<std::string, Port> ports(const std::string& column) const {
        std::map<std::string, Port> out;
        for (const auto& [name, port] : series_) {
            if (port.oids.begin()->starts_with(column)) out[name] = port;
        }
        return out;
    }
    [[nodiscard]] std::size_t count(const std::string& event) const {
        return static_cast<std::size_t>(std::count(events.begin(), events.end(), event));
    }

    std::vector<std::string> events;
    std::vector<std::string> told;

  private:
    [[nodiscard]] bool connected() const override { return true; }
    void define(const wire::DefineSeries&) override {}
    void ask(StateSource::Answer answer) override {
        loop_.post([answer = std::move(answer)] { answer(StateSource::States{}); });
    }
    void append(const wire::AppendSamples& batch, StoreLink::Answer answer) override {
        for (const wire::SampleRecord& record : batch.records) {
            for (std::size_t i = 0; i < record.counters.size(); ++i) {
                const SeriesInfo& info = book_.info(record.counter_series[i]);
                std::string name = info.key.metric;
                for (const Label& label : info.key.labels) name += " " + label.value;
                series_[name].oids.insert(info.oid);
                series_[name].samples.push_back(
                    {static_cast<double>(record.stamp.wall_ns) / 1e9, record.counters[i]});
            }
        }
        acknowledge(batch.counter, std::move(answer));
    }
    void append(const wire::AppendStates& batch, StoreLink::Answer answer) override {
        for (const wire::StateRecord& record : batch.records) {
            if (record.is_event()) events.push_back(record.kind);
        }
        acknowledge(batch.counter, std::move(answer));
    }
    void acknowledge(std::uint64_t counter, StoreLink::Answer answer) {
        loop_.post([counter, answer = std::move(answer)] { answer(wire::Appended{counter, 1, 1, false}); });
    }

    std::map<std::string, Port> series_;
    SimLoop loop_;
    Network network_;
    snmp::Engine engine_{loop_, &network_, nullptr, {}};
    polld::PackShelf packs_ = shipped_packs();
    polld::SeriesBook book_;
    polld::Uplink uplink_{loop_, *this, book_};
    polld::Poller poller_{{loop_, engine_, book_, uplink_, *this,
                           [this] {
                               Stamp stamp;
                               stamp.wall_ns = loop_.wall().time_since_epoch().count();
                               return stamp;
                           },
                           [this](const char* id, const std::string&) { told.emplace_back(id); }, &packs_}};
};

void expect_steady(const std::map<std::string, Life::Port>& ports, bool is_32_bit) {
    EXPECT_EQ(ports.size(), static_cast<std::size_t>(kPorts));
    for (const auto& [name, port] : ports) {
        SCOPED_TRACE(name);
        EXPECT_GT(port.samples.size(), 50U);
        for (const auto& off : port.surplus(is_32_bit)) EXPECT_NEAR(off.value_or(2 * kMostOff), 0, kMostOff);
    }
}

TEST(LifeTest, APortKeepsItsSeriesWhenItsIndexChanges) {
    Life life({"reindex every 1 min"});
    life.run(10min);
    for (const char* column : {kErrors, kWide}) {
        const auto ports = life.ports(column);
        expect_steady(ports, column == kErrors);
        std::size_t moved = 0;
        for (const auto& [name, port] : ports) moved += port.oids.size() > 1 ? 1 : 0;
        EXPECT_GT(moved, 1U);  // they really got another index
    }
    EXPECT_EQ(life.count("interface_down") + life.count("interface_up"), 0U);
    EXPECT_EQ(life.count("device_restarted"), 0U);
}

// Each answer takes a while, so that nearly every cycle sees interfaces under two numbers.
TEST(LifeTest, APortThatIsNumberedAnewWhileItIsReadGetsNoValuesOfAnother) {
    Life life({"latency 90 ms", "reindex every 700 ms"});
    life.run(30min);
    for (const char* column : {kErrors, kWide}) {
        const auto ports = life.ports(column);
        EXPECT_EQ(ports.size(), static_cast<std::size_t>(kPorts));
        for (const auto& [name, port] : ports) {
            EXPECT_GT(port.samples.size(), 20U);
            EXPECT_LT(port.samples.size(), 170U);  // some were left out
            for (const auto& off : port.surplus(column == kErrors))
                EXPECT_NEAR(off.value_or(2 * kGrowth), 0, kGrowth) << name;
        }
    }
}

TEST(LifeTest, ACounterOf32BitsThatWrapsGoesOn) {
    for (const bool has_wide : {true, false}) {
        Life life({"wrap 95 s"}, "snmp-v2c", has_wide);
        life.run(10min);
        const auto narrow = life.ports(has_wide ? kErrors : kNarrow);
        expect_steady(narrow, true);
        for (const auto& [name, port] : narrow) {
            const auto resets = port.surplus(false);
            EXPECT_EQ(std::count(resets.begin(), resets.end(), std::nullopt), 1) << name;
        }
        if (has_wide) expect_steady(life.ports(kWide), false);
        EXPECT_EQ(life.count("device_restarted"), 0U);
    }
}

TEST(LifeTest, ARestartIsToldOnceAndCountersBeginAnew) {
    for (const char* protocol : {"snmp-v2c", "snmp-v3"}) {
        SCOPED_TRACE(protocol);
        Life life({"restart 5 s every 3 min"}, protocol);
        life.run(10min);
        const std::size_t restarts = life.count("device_restarted");
        EXPECT_EQ(restarts, 3U);
        EXPECT_TRUE(life.told.empty());  // an engine that boots is nothing to tell of
        EXPECT_EQ(life.count("device_down"), life.count("device_up") - 1);
        const auto ports = life.ports(kWide);
        EXPECT_EQ(ports.size(), static_cast<std::size_t>(kPorts));
        for (const auto& [name, port] : ports) {
            std::size_t resets = 0;
            for (const auto& off : port.surplus(false)) {
                resets += off ? 0 : 1;
                EXPECT_NEAR(off.value_or(0), 0, kMostOff) << name;
            }
            EXPECT_EQ(resets, restarts) << name;
        }
    }
}

}  // namespace
}  // namespace outstation::hostile
