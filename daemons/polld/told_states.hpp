// SPDX-License-Identifier: GPL-3.0-or-later
// What stored was told of one device, so that a state is told once. After a start of polld it is recalled
// from stored. Plain data.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "lib/wire/records.hpp"

namespace outstation::polld {

// What stored knows of a device.
struct Recalled {
    struct Interface {
        bool up = false;
        bool told = false;          // by an event; else its last value is known only
        std::int64_t value_ns = 0;  // wall clock of that last value
    };
    std::optional<bool> up;
    std::uint64_t uptime = 0;  // of the last answer, hundredths of a second; 0: not known
    std::map<std::string, std::string> attributes;
    std::map<std::string, Interface> interfaces;  // by ifIndex
};

class ToldStates {
  public:
    // none: it was told so. learnt: nothing was known of the interface, and a first look is no event.
    // changed: to be told.
    enum class News : std::uint8_t { none, learnt, changed };

    ToldStates() = default;
    explicit ToldStates(const Recalled& recalled) : known_(recalled) {}
    // Says what a record would be, and takes it as told.
    [[nodiscard]] News offer(const wire::StateRecord& record);
    // What no event said: after a restart of the device the interfaces begin anew.
    void forget_untold();

  private:
    [[nodiscard]] News offer_interface(const wire::StateRecord& record);
    Recalled known_;
};

}  // namespace outstation::polld
