// SPDX-License-Identifier: GPL-3.0-or-later
// For tests: a Poller on virtual time, between a network of small agents and a stored that remembers.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "daemons/polld/poller.hpp"
#include "drivers/snmp/fake_network.hpp"
#include "lib/event/sim_loop.hpp"

namespace outstation::polld {

inline std::string oid(const std::string& dotted) {
    return snmp::encode_oid(dotted).value();
}

// A stored that acknowledges in the next turn and remembers all.
class FakeStore : public StoreLink {
  public:
    explicit FakeStore(Loop& loop) : loop_(loop) {}
    [[nodiscard]] bool connected() const override { return up; }
    void define(const wire::DefineSeries& series) override { defined += series.series.size(); }
    void append(const wire::AppendSamples& batch, Answer answer) override {
        samples.insert(samples.end(), batch.records.begin(), batch.records.end());
        acknowledge(batch.counter, std::move(answer));
    }
    void append(const wire::AppendStates& batch, Answer answer) override {
        if (refuses) {
            loop_.post([answer] { answer(fail(ErrorCode::malformed, "not so")); });
            return;
        }
        for (const auto& record : batch.records) {
            (record.is_event() ? states : names)
                .push_back(record.device + " " + record.kind +
                           (record.component.empty() ? "" : " " + record.component));
            if (record.kind == "attribute") attributes[record.device][record.component] = record.value;
        }
        acknowledge(batch.counter, std::move(answer));
    }
    bool up = true;
    bool refuses = false;  // states
    std::size_t defined = 0;
    std::vector<wire::SampleRecord> samples;
    std::vector<std::string> states;
    std::vector<std::string> names;                                    // and other attributes
    std::map<std::string, decltype(Recalled::attributes)> attributes;  // by device

  private:
    void acknowledge(std::uint64_t counter, Answer answer) {
        loop_.post([counter, answer = std::move(answer)] { answer(wire::Appended{counter, 1, 1, false}); });
    }
    Loop& loop_;
};

// Answers when told to.
class FakeStates : public StateSource {
  public:
    explicit FakeStates(const FakeStore& store) : store_(store) {}
    [[nodiscard]] bool connected() const override { return store_.up; }
    void ask(Answer answer) override { waiting.push_back(std::move(answer)); }
    void answer(const Result<States>& states) {
        const auto asked = std::move(waiting);
        waiting.clear();
        for (const auto& one : asked) one(states);
    }
    std::vector<Answer> waiting;

  private:
    const FakeStore& store_;
};

inline wire::DeviceConfig device(const std::string& id, const std::string& address,
                                 std::uint64_t interval_ms = 10'000) {
    wire::DeviceConfig out;
    out.id = id;
    out.address = address;
    out.port = 161;
    out.interval_ms = interval_ms;
    out.credential = "room";
    return out;
}

class PollerTest : public testing::Test {
  protected:
    PollerTest() {
        network_.mib[oid("1.3.6.1.2.1.1.3.0")] = {snmp::Tag::time_ticks, snmp::encode_number(100'000)};
        network_.mib[oid("1.3.6.1.2.1.2.2.1.8.1")] = {snmp::Tag::integer, snmp::encode_number(1)};
        network_.mib[oid("1.3.6.1.2.1.31.1.1.1.1.1")] = {snmp::Tag::octet_string, "GE1"};
        network_.twist = [this](const snmp::Address& from, std::string& bytes) {
            asked_.insert(from.text());
            if (dead_.contains(from.text())) bytes.clear();
        };
        start();
    }
    void start() {
        poller_.reset();
        uplink_ = std::make_unique<Uplink>(loop_, store_, book_);
        poller_ = std::make_unique<Poller>(
            Poller::Parts{loop_, engine_, book_, *uplink_, states_,
                          [this] {
                              Stamp stamp;
                              stamp.wall_ns = loop_.wall().time_since_epoch().count();
                              return stamp;
                          },
                          [this](const char* id, const std::string&) { told_.emplace_back(id); }, packs_});
    }
    // What the store was told of attributes, as after a restart of polld.
    void recall_attributes() {
        StateSource::States states;
        for (const auto& [id, attributes] : store_.attributes) states[id].attributes = attributes;
        states_.answer(states);
    }
    void configure(std::vector<wire::DeviceConfig> devices,
                   const wire::Credential& credential = {"room", "snmp-v2c", "public"}) {
        wire::ConfigReply config;
        config.devices = std::move(devices);
        config.credentials = {credential};
        poller_->configure(config);
    }
    void connect() {
        store_.up = true;
        poller_->on_store_connected();
        uplink_->on_connected();
    }
    void disconnect() {
        store_.up = false;
        uplink_->on_disconnected();
        states_.answer(fail(ErrorCode::io, "connection lost"));
    }
    // Seconds between the records of the device.
    [[nodiscard]] std::vector<long> distances(const std::string& id) const {
        std::vector<long> out;
        std::int64_t before = 0;
        for (const auto& record : store_.samples) {
            if (record.device != id) continue;
            if (before != 0) out.push_back((record.stamp.wall_ns - before + 500'000'000) / 1'000'000'000);
            before = record.stamp.wall_ns;
        }
        return out;
    }

    PackShelf* packs_ = nullptr;
    SimLoop loop_;
    snmp::FakeNetwork network_{loop_};
    snmp::Engine engine_{loop_, &network_, nullptr, {}};
    SeriesBook book_{SeriesBook::Limits{60, 1000}};
    FakeStore store_{loop_};
    FakeStates states_{store_};
    std::unique_ptr<Uplink> uplink_;
    std::unique_ptr<Poller> poller_;
    std::set<std::string> asked_;
    std::set<std::string> dead_;
    std::vector<std::string> told_;
};

}  // namespace outstation::polld
