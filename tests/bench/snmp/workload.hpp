// SPDX-License-Identifier: GPL-3.0-or-later
// The work that all contenders do: a switch of 48 ports, 20 scalars and 12 columns, the same on every device.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "drivers/snmp/datagram_socket.hpp"
#include "drivers/snmp/plan.hpp"
#include "lib/event/loop.hpp"

namespace outstation::bench {

inline constexpr std::size_t kRows = 48;
inline constexpr std::size_t kColumns = 12;
inline constexpr std::size_t kScalars = 20;
inline constexpr std::size_t kValuesPerCycle = kScalars + kColumns * kRows;
inline constexpr std::size_t kMaxReplyBytes = 1472;
inline constexpr std::size_t kMaxReplyHeadBytes = 40;     // everything before error-status
inline constexpr std::size_t kMaxV3ReplyHeadBytes = 140;  // of SNMPv3
inline constexpr char kCommunity[] = "public";

// Dotted.
[[nodiscard]] const std::vector<std::string>& scalar_oids();
[[nodiscard]] const std::vector<std::string>& column_oids();
[[nodiscard]] std::shared_ptr<const snmp::Plan> make_plan();

// What a device answers with: BER of the OID and of the whole varbind, in OID order.
struct Instance {
    std::string oid;
    std::string varbind;
};
[[nodiscard]] std::vector<Instance> make_instances();
// As many as fit into every answer of kMaxReplyBytes.
[[nodiscard]] std::size_t rows_per_reply(const std::vector<Instance>& instances, std::size_t head_bytes);

// As whom devices are asked in SNMPv3: SHA-1 and AES-128.
inline constexpr char kUser[] = "reader";
inline constexpr char kAuthPassphrase[] = "authentication";
inline constexpr char kPrivPassphrase[] = "and privacy";

// 127.1.0.1 and up.
[[nodiscard]] std::uint32_t device_ipv4(std::size_t device);
[[nodiscard]] std::string device_text(std::size_t device);

// How much is measured: `devices` are polled `cycles` times each, `window` of them at once, after a first
// cycle that is not measured. `devices` is a multiple of `window`. Paced: `paced_cycles` in all, a device
// each `gap`, whenever the others are done.
struct Work {
    std::size_t devices = 200;
    std::size_t cycles = 16;
    std::size_t window = 200;
    std::uint16_t port = 0;
    bool is_v3 = false;
    std::size_t paced_cycles = 0;
    Duration gap{0};

    [[nodiscard]] bool is_paced() const { return paced_cycles > 0; }
    [[nodiscard]] std::size_t measured_cycles() const { return is_paced() ? paced_cycles : devices * cycles; }

    // Which device starts when one ends: never one that is in flight.
    [[nodiscard]] std::size_t after(std::size_t device) const { return (device + window) % devices; }
};

struct Measured {
    std::uint64_t cpu_us = 0;
    std::uint64_t values = 0;
    std::uint64_t requests = 0;
    std::uint64_t resent = 0;
    std::uint64_t memory_bytes = 0;  // resident, grown since the contender was made

    [[nodiscard]] double cpu_us_per_value() const {
        return static_cast<double>(cpu_us) / static_cast<double>(values);
    }
};

}  // namespace outstation::bench
