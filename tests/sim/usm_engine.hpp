// SPDX-License-Identifier: GPL-3.0-or-later
// The authoritative engine of SNMPv3 (RFC 3412 section 7.2, RFC 3414 section 3.2): opens requests, names what
// is wrong with them, seals answers and reports. Keys at this engine are made when a user first speaks.
// Threads: one.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "drivers/snmp/message.hpp"
#include "drivers/snmp/usm_keys.hpp"
#include "drivers/snmp/v3_message.hpp"

namespace outstation::sim {

using Users = std::vector<std::shared_ptr<const snmp::UsmUser>>;

// An engine id of octets (RFC 3411 section 5) that is always the same for this name.
[[nodiscard]] std::string engine_id_of(std::string_view name);

// The level that a user speaks at (msgFlags).
[[nodiscard]] std::uint8_t level_of(const snmp::UsmUser& user);

// usmStats (RFC 3414 section 5), by the last arc but one of their OIDs.
enum class UsmFault : std::uint8_t {
    none = 0,
    unsupported_level = 1,
    not_in_time = 2,
    unknown_user = 3,
    unknown_engine = 4,
    wrong_digest = 5,
    decryption = 6,
};

struct EngineClock {
    std::uint32_t boots = 0;
    std::uint32_t time = 0;
};

class UsmEngine {
  public:
    explicit UsmEngine(std::string id) : id_(std::move(id)) {}

    struct Opened {
        bool is_sound = false;  // it is a message of v3
        UsmFault fault = UsmFault::none;
        snmp::V3Message message;
        snmp::ScopedPdu scoped;               // when there is no fault; lives as long as `scratch`
        const snmp::UsmUser* user = nullptr;  // when it is known
    };
    [[nodiscard]] Opened open(const Users& users, std::string_view datagram, EngineClock clock,
                              std::span<char> scratch);

    // How an answer is sealed; at first as it should be.
    struct Seal {
        std::uint32_t id;
        std::uint8_t level;
        std::string_view user_name;
        EngineClock clock;
        std::size_t mac_bytes = SIZE_MAX;  // no more of the MAC
    };
    [[nodiscard]] static Seal seal_of(const Opened& request, EngineClock clock);
    // Around the PDU that is the only thing in `out`. False: it does not fit, or OpenSSL failed.
    [[nodiscard]] bool seal(snmp::BackWriter& out, const Opened& request, const Seal& how);
    // The whole report; authenticated when it is about time, as RFC 3414 section 3.2 has it.
    [[nodiscard]] bool report(snmp::BackWriter& out, const Opened& request, UsmFault fault,
                              EngineClock clock);

  private:
    [[nodiscard]] snmp::UsmKeys* keys_of(const snmp::UsmUser& user);
    [[nodiscard]] UsmFault check(Opened& opened, const Users& users, EngineClock clock);
    [[nodiscard]] bool is_authentic(const Opened& opened);

    std::string id_;
    std::map<const snmp::UsmUser*, snmp::UsmKeys> keys_;
    std::array<std::uint32_t, 7> faults_{};
};

}  // namespace outstation::sim
