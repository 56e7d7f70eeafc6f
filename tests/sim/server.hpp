// SPDX-License-Identifier: GPL-3.0-or-later
// The devices of a room on the network, on loopback only: one UDP socket and one TCP listener for all IPv4
// devices of a port, however many, and for each of IPv6. Threads: the loop's. Ownership: the loop outlives
// it.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "lib/event/loop.hpp"
#include "lib/event/unique_fd.hpp"
#include "tests/sim/agent.hpp"
#include "tests/sim/post.hpp"
#include "tests/sim/streams.hpp"

namespace outstation::sim {

class Server {
  public:
    // Fails when an address is not loopback, or is taken.
    [[nodiscard]] static Result<std::unique_ptr<Server>> start(Loop& loop, std::vector<Device> devices,
                                                               AgentOptions options);
    ~Server();
    [[nodiscard]] std::uint64_t requests() const { return requests_; }

  private:
    struct Played {
        Device device;
        DeviceState state;
    };
    // A port of one family.
    struct Place {
        UniqueFd fd;
        std::unordered_map<std::uint32_t, std::size_t> by_address;  // IPv4, as it travels; 0: of IPv6
        Watch watch;
        std::unique_ptr<Streams> streams;
    };
    struct Batch;
    class Reply;
    Server(Loop& loop, AgentOptions options);
    [[nodiscard]] Result<void> add(Device device);
    [[nodiscard]] Result<Place*> place_of(const Device& device, bool is_v6);
    void serve(const Place& place);
    void take(const Place& place, std::size_t i, const SimTime& time);
    // False: nobody is there.
    [[nodiscard]] bool answer(const Place& place, in_addr asked, std::string_view message,
                              const SimTime& time, Outbox& outbox);
    [[nodiscard]] SimTime time() const;

    Loop& loop_;
    Agent agent_;
    MonoTime started_;
    double started_wall_s_;
    std::uint64_t requests_ = 0;
    std::unique_ptr<Batch> batch_;
    std::vector<Played> devices_;
    std::unordered_map<std::uint32_t, std::unique_ptr<Place>> places_;  // by port, of IPv6 plus 65536
    UniqueFd other_port_;
    Post post_;
};

}  // namespace outstation::sim
