// SPDX-License-Identifier: GPL-3.0-or-later
// What a device shows: instances in OID order, their values ready to be sent or moving.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "drivers/snmp/ber.hpp"
#include "drivers/snmp/oid.hpp"
#include "tests/sim/motion.hpp"

namespace outstation::sim {

struct Instance {
    std::string oid;  // BER content, as lib names it: snmp::encode_oid
    snmp::Tag tag = snmp::Tag::none;
    std::string content;  // of the value, unless it moves
    std::optional<Motion> motion;
};

class Mib {
  public:
    // In any order; of two with the same OID the first counts. seal() before any look-up.
    void add(Instance instance) { instances_.push_back(std::move(instance)); }
    void seal();

    [[nodiscard]] std::size_t size() const { return instances_.size(); }
    [[nodiscard]] const Instance& at(std::size_t i) const { return instances_[i]; }
    // The instance with this OID; size() when there is none.
    [[nodiscard]] std::size_t find(snmp::OidBytes oid) const;
    // The first instance after the OID; size() at the end.
    [[nodiscard]] std::size_t after(snmp::OidBytes oid) const;
    // Whether any instance lies under the OID.
    [[nodiscard]] bool has_under(snmp::OidBytes prefix) const;

  private:
    std::vector<Instance> instances_;
};

// The content of a value at a time.
[[nodiscard]] std::string content_at(const Instance& instance, const SimTime& time);
// Shortest content of a number: two's complement for INTEGER, with a leading zero where needed for the
// others.
[[nodiscard]] std::string number_content(snmp::Tag tag, std::uint64_t value);

}  // namespace outstation::sim
