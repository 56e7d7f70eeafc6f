// SPDX-License-Identifier: GPL-3.0-or-later
// The devices of a room on the network: a UDP socket each, on loopback only. Threads: the loop's. Ownership:
// the loop outlives it.
#pragma once

#include <memory>
#include <vector>

#include "lib/event/loop.hpp"
#include "lib/event/unique_fd.hpp"
#include "tests/sim/agent.hpp"
#include "tests/sim/room.hpp"

namespace outstation::sim {

class Server {
  public:
    // Fails when an address is not loopback, is taken, or there are too few descriptors.
    [[nodiscard]] static Result<std::unique_ptr<Server>> start(Loop& loop, std::vector<Device> devices,
                                                               AgentOptions options);
    ~Server();

  private:
    struct Endpoint {
        UniqueFd fd;
        std::shared_ptr<const Mib> mib;
        Watch watch;
    };
    struct Batch;
    Server(Loop& loop, AgentOptions options);
    void serve(const Endpoint& endpoint);

    Loop& loop_;
    Agent agent_;
    MonoTime started_;
    SimTime time_;
    std::unique_ptr<Batch> batch_;
    std::vector<std::unique_ptr<Endpoint>> endpoints_;
};

}  // namespace outstation::sim
