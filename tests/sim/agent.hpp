// SPDX-License-Identifier: GPL-3.0-or-later
// A device that answers: a datagram and a time to the datagrams that leave, with where from and how much
// later. Knows no socket and no clock: server.hpp gives it both, and tests a virtual network. Threads: one.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/event/loop.hpp"
#include "tests/sim/behaviours.hpp"
#include "tests/sim/device.hpp"
#include "tests/sim/usm_engine.hpp"
#include "tests/sim/view.hpp"

namespace outstation::sim {

struct AgentOptions {
    std::string community = "public";
    Users users{};
    std::size_t max_message_bytes = 1472;
};

// How an answer leaves.
struct Departure {
    Duration after{0};
    bool from_other_address = false;  // than the one that was asked
    bool from_other_port = false;
};

class Outbox {
  public:
    virtual ~Outbox() = default;
    // The bytes are valid during the call.
    virtual void send(std::string_view bytes, const Departure& departure) = 0;
};

// What changes while a device is played.
struct DeviceState {
    explicit DeviceState(const Device& device);
    std::size_t guess = 0;  // where its last walk stood
    std::uint64_t random;   // seed of its luck: the same in each run
    std::string first_answer;
    std::unique_ptr<UsmEngine> engine;  // made when it first speaks v3
    std::unique_ptr<UsmEngine> second_engine;
};

class Agent {
  public:
    explicit Agent(AgentOptions options) : options_(std::move(options)), scratch_(65536), out_(65536) {}
    void receive(const Device& device, DeviceState& state, std::string_view datagram, const SimTime& time,
                 Outbox& outbox);

  private:
    struct Turn {
        const Device& device;
        DeviceState& state;
        SimTime time;
        Outbox& outbox;
        Conduct conduct;
    };
    void receive_community(Turn& turn, std::string_view datagram);
    void receive_v3(Turn& turn, std::string_view datagram);
    void report(const Turn& turn, UsmEngine& engine, const UsmEngine::Opened& opened, EngineClock clock);
    void answer(const Turn& turn, std::uint32_t id);
    void answer_v3(const Turn& turn, UsmEngine& engine, const UsmEngine::Opened& opened, EngineClock clock,
                   std::uint32_t more_id);
    // The PDU of the answer to request_.
    void put_pdu(snmp::BackWriter& out, const Turn& turn, std::uint32_t id, std::size_t head_bytes);
    void deliver(const Turn& turn, std::string_view bytes);

    AgentOptions options_;
    Request request_;
    std::vector<char> scratch_;
    std::vector<char> out_;
    std::string twisted_;
};

}  // namespace outstation::sim
