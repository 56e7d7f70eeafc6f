// SPDX-License-Identifier: GPL-3.0-or-later
// The poll engine: reads plans from many devices over one unconnected socket an address family, in batches,
// or over a TCP connection a device, never blocking. It keeps at most one request in flight a device, answers
// only what was asked of the address asked (request id, address, port), and gives each cycle a hard deadline.
// It knows no schedule and no metric: daemons/polld does. Threads: the loop's. Ownership: the loop and the
// sockets outlive it; callbacks may call poll() and remove().
#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "drivers/snmp/datagram_socket.hpp"
#include "drivers/snmp/plan.hpp"
#include "drivers/snmp/session.hpp"
#include "lib/event/loop.hpp"

namespace outstation::snmp {

enum class Transport : std::uint8_t { udp, tcp };

struct Target {
    Address address;
    Security security;
    EngineState known{};  // v3: what engine() gave before a restart
    Transport transport = Transport::udp;
};

// What worked with a device before a restart.
struct Known {
    EngineState engine{};  // v3
    Version version = Version::v2c;
    bool has_bulk = true;
};

struct EngineOptions {
    // 0: answers are read as they come. Otherwise, while a cycle is under way, by the clock, for fewer
    // wake-ups: two looks that answers are expected at are so far apart (look_agenda.hpp).
    Duration receive_tick{0};
    Duration min_timeout = std::chrono::milliseconds(500);
    Duration max_timeout = std::chrono::seconds(5);
    Duration first_timeout = std::chrono::seconds(1);  // before a round trip was measured
    unsigned retries = 2;
    std::size_t max_reply_bytes = 1400;      // what a GETBULK is sized for
    std::size_t max_cycle_bytes = 4U << 20;  // received in one cycle; more is `endless`
    unsigned verify_every = 8;               // each n-th cycle asks for a row more than remembered
    // Asked before each set(), with what would be written where: the place of policy and of the audit trail,
    // which has to be on disk before it says yes. Empty: nothing is ever written to a device.
    std::function<bool(std::uint32_t device, const std::vector<Setting>&)> allow_set{};
};

// Counted since the start; what was not for us is ignored and counted.
struct EngineCounters {
    std::uint64_t requests = 0;
    std::uint64_t responses = 0;
    std::uint64_t retries = 0;
    std::uint64_t malformed = 0;
    std::uint64_t unexpected_source = 0;  // a known request id, but not from whom we asked as far as we know:
                                          // another address or port, community, user, signature or time
    std::uint64_t late_or_unknown = 0;    // answers nobody waits for: late, doubled or forged
    std::uint64_t send_errors = 0;
};

struct Learned;

class Engine {
  public:
    using DeviceId = std::uint32_t;
    using Done = std::function<void(DeviceId, const Cycle&)>;

    // `socket6` may be nullptr: then IPv6 targets of UDP fail with refused.
    Engine(Loop& loop, DatagramSocket* socket4, DatagramSocket* socket6, EngineOptions options);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    [[nodiscard]] DeviceId add(Target target);
    // A cycle in progress ends without a callback.
    void remove(DeviceId device);
    // Starts a cycle; `done` is called once, never from inside this call. Must not be called while one is in
    // progress.
    void poll(DeviceId device, std::shared_ptr<const Plan> plan, Duration deadline, Done done);
    // Writes to a device, as poll() reads, with a Cycle that has no values. It is sent once: after `timeout`
    // or `deadline` it may or may not have been done. Where EngineOptions::allow_set does not say yes,
    // nothing is sent, and the error is `not_allowed`.
    void set(DeviceId device, std::vector<Setting> settings, Duration deadline, Done done);
    [[nodiscard]] bool busy(DeviceId device) const;
    // What worked before a restart, for a device that has not answered yet; without effect on any other.
    void inform(DeviceId device, const Known& known);
    // GETBULK is used, as far as the version has it.
    [[nodiscard]] bool has_bulk(DeviceId device) const;
    // v3: what is known of the device's engine now.
    [[nodiscard]] EngineState engine_state(DeviceId device) const;
    // All that is known of it now, for people (learned.hpp).
    [[nodiscard]] Learned learned(DeviceId device) const;
    [[nodiscard]] const EngineCounters& counters() const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace outstation::snmp
