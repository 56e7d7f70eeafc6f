// SPDX-License-Identifier: GPL-3.0-or-later
// What a device shows: instances in OID order, their values ready to be sent or moving. Packed into one block
// of bytes, never changed once sealed, and shared by all devices that show the same.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "drivers/snmp/ber.hpp"
#include "drivers/snmp/oid.hpp"
#include "tests/sim/motion.hpp"

namespace outstation::sim {

struct Instance {
    snmp::OidBytes oid;  // BER content: snmp::encode_oid
    snmp::Tag tag = snmp::Tag::none;
    std::string_view content;        // of the value, unless it moves
    const Motion* motion = nullptr;  // or no motion
};

class Mib {
  public:
    // In any order; of two with the same OID the first counts. seal() before any look-up. False: there is no
    // room for more.
    bool add(snmp::OidBytes oid, snmp::Tag tag, std::string_view content,
             const std::optional<Motion>& motion);
    void seal();

    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    // Valid as long as the Mib.
    [[nodiscard]] Instance at(std::size_t i) const;
    // The instance with this OID; size() when there is none.
    [[nodiscard]] std::size_t find(snmp::OidBytes oid) const;
    // The first instance after the OID; size() at the end. `guess`: the place of that OID in a walk, if it is
    // one.
    [[nodiscard]] std::size_t after(snmp::OidBytes oid, std::size_t guess = SIZE_MAX) const;
    // Whether any instance lies under the OID.
    [[nodiscard]] bool has_under(snmp::OidBytes prefix) const;
    [[nodiscard]] std::size_t bytes() const;

    // The same device after it numbered its interfaces anew: in ifTable and ifXTable each has the ifIndex of
    // the one before it.
    [[nodiscard]] Mib with_interfaces_renumbered() const;

  private:
    static constexpr std::uint32_t kStill = UINT32_MAX;
    struct Entry {
        std::uint32_t at;  // in bytes_: the OID, then the content
        std::uint32_t content_size;
        std::uint32_t motion;  // in motions_, or kStill
        std::uint16_t oid_size;
        snmp::Tag tag;
    };
    [[nodiscard]] snmp::OidBytes oid_of(const Entry& entry) const {
        return std::string_view(bytes_).substr(entry.at, entry.oid_size);
    }

    std::string bytes_;
    std::vector<Entry> entries_;
    std::vector<Motion> motions_;
};

// Shortest content of a number: two's complement for INTEGER, with a leading zero where needed for the
// others.
[[nodiscard]] std::string number_content(snmp::Tag tag, std::uint64_t value);

}  // namespace outstation::sim
