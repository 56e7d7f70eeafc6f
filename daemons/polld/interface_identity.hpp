// SPDX-License-Identifier: GPL-3.0-or-later
// By what an interface is known, so that its series go on when it gets another ifIndex: by its name; where
// the name repeats in the device by name and MAC; where these do too by name and ifIndex. Threads: the
// loop's.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemons/polld/cycle_cells.hpp"
#include "lib/model/record.hpp"

namespace outstation::polld {

// What an interface says it is, as labels.
struct InterfaceTexts {
    std::string name;   // ifName, else ifDescr, else the MAC, else the ifIndex
    std::string descr;  // as it is told
    std::string mac;    // empty: none, or zeros
};
[[nodiscard]] InterfaceTexts interface_texts(const snmp::Cycle& cycle, std::string_view index,
                                             const snmp::Cell& name, const snmp::Cell& descr,
                                             const snmp::Cell& address);

class InterfaceIdentities {
  public:
    enum class By : std::uint8_t { nothing, name, mac, index };
    struct One {
        std::string_view name;
        std::string_view mac;
    };
    // All that there are now. What repeated once is taken to repeat from then on: a series must not change
    // each time that one of two is away.
    void see(std::span<const One> all);
    [[nodiscard]] By of(const One& one) const;

  private:
    std::set<std::string> repeated_;  // names, and names with a MAC
};

[[nodiscard]] std::vector<Label> interface_labels(InterfaceIdentities::By by, const std::string& name,
                                                  const std::string& mac, std::string_view index);

}  // namespace outstation::polld
