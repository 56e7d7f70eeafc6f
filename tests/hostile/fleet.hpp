// SPDX-License-Identifier: GPL-3.0-or-later
// Devices that are polled together: good ones, and hostile ones of every kind that tests/sim/behaviours.cpp
// names, each as v2c and as v3. Every device has numbers of its own, so that a value tells whose it is.
#pragma once

#include <string>
#include <vector>

#include "lib/wire/config_messages.hpp"
#include "tests/sim/agent.hpp"

namespace outstation::hostile {

struct Member {
    sim::Device device;
    std::string behaviour;   // as parse_behaviour() has it; empty: a good one
    std::string credential;  // "v1", "v2c" or "v3"
    [[nodiscard]] bool is_good() const { return behaviour.empty(); }
};

// Names of the behaviours that are hostile.
[[nodiscard]] std::vector<std::string> hostile_behaviours();

class Fleet {
  public:
    explicit Fleet(std::uint16_t port) : port_(port) {}
    // Every fifth speaks v3, every tenth v1.
    void add_good(std::size_t count);
    void add_hostile(const std::string& behaviour);  // one of each version that can show it

    [[nodiscard]] const std::vector<Member>& members() const { return members_; }
    [[nodiscard]] std::vector<sim::Device> devices() const;
    // For the agents and for the poller.
    [[nodiscard]] static sim::AgentOptions agent_options();
    [[nodiscard]] wire::ConfigReply config(std::uint64_t interval_ms, bool with_hostile = true) const;

  private:
    void add(const std::string& behaviour, const std::string& credential);

    std::uint16_t port_;
    std::vector<Member> members_;
};

}  // namespace outstation::hostile
