// SPDX-License-Identifier: GPL-3.0-or-later
// What stored was told of one device, so that a state is told once. After a start of polld it is recalled
// from stored. Plain data.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemons/polld/neighbours.hpp"
#include "daemons/polld/translator.hpp"
#include "lib/wire/records.hpp"

namespace outstation::polld {

// What stored knows of a device.
struct Recalled {
    struct Interface {
        std::optional<bool> up;
        bool told = false;          // that it is up or down, by an event; else its last value is known only
        std::int64_t value_ns = 0;  // wall clock of that last value
        // As told; none: nothing was.
        std::optional<std::string> name{};
        std::optional<std::string> descr{};
        std::optional<std::string> alias{};
        unsigned missing = 0;  // polls in a row that saw the end of the table
        [[nodiscard]] bool anything_told() const { return told || name || descr || alias; }
    };
    std::optional<bool> up;
    std::uint64_t uptime = 0;  // of the last answer, hundredths of a second; 0: not known
    std::map<std::string, std::string, std::less<>> attributes;
    std::map<std::string, Interface> interfaces;  // by number (interface_numbers.hpp)
    struct Component {
        std::string name;
        std::string severity;
        std::string text;
        bool operator==(const Component&) const = default;
    };
    std::map<std::string, Component> components{};  // by OID
    struct Neighbour {
        std::string port;
        std::string protocol;
        std::string text;
        unsigned missing = 0;  // times in a row that it was not found
    };
    std::map<std::string, Neighbour> neighbours{};  // by key
};

class ToldStates {
  public:
    // none: it was told so. learnt: nothing was known of the interface, and a first look is no event.
    // first: to be told, and no change. changed: to be told.
    enum class News : std::uint8_t { none, learnt, first, changed };
    // Of one device; of more nothing is told (as many as stored keeps).
    static constexpr std::size_t kMaxInterfaces = 4096;
    static constexpr std::size_t kMaxComponents = 1024;
    // An interface that is missing in so many polls in a row that saw the end of the table is gone.
    static constexpr unsigned kMissingPolls = 3;
    // A neighbour that was not found so many times in a row is gone: a link does not go because its other end
    // is off for a night.
    static constexpr unsigned kMissingLooks = 96;  // a day

    ToldStates() = default;
    explicit ToldStates(const Recalled& recalled) : known_(recalled) {}
    // Says what a record would be, and takes it as told.
    [[nodiscard]] News offer(const wire::StateRecord& record);
    // What was told of an attribute of the device; empty: nothing.
    [[nodiscard]] const std::string& attribute(std::string_view name) const;
    // What it is called was told so.
    [[nodiscard]] bool has_texts(const InterfaceState& interface) const;
    // These are all that there are now. Of those that are gone the ones of which something was told: to be
    // told, at most so many; the name and the number.
    using Gone = std::vector<std::pair<std::string, std::string>>;
    [[nodiscard]] Gone see_missing(const std::vector<InterfaceState>& now, std::size_t most);
    [[nodiscard]] const std::map<std::string, Recalled::Interface>& interfaces() const {
        return known_.interfaces;
    }
    [[nodiscard]] const std::map<std::string, Recalled::Component>& components() const {
        return known_.components;
    }
    [[nodiscard]] const std::map<std::string, Recalled::Neighbour>& neighbours() const {
        return known_.neighbours;
    }
    // These are all the neighbours that there are. Of those that are gone, to be told: the ones in whose
    // place others are, and those that were missing long enough; port and key.
    [[nodiscard]] Gone see_missing(const Neighbours& now);
    // stored will not have this record, which was offered: what it says is told again when it is still so.
    void untell(const wire::StateRecord& record);
    // What no event said: after a restart of the device the interfaces begin anew.
    void forget_untold();

  private:
    [[nodiscard]] Recalled::Interface* interface_of(const wire::StateRecord& record);
    [[nodiscard]] News offer_interface(const wire::StateRecord& record);
    [[nodiscard]] News offer_text(const wire::StateRecord& record);
    [[nodiscard]] News offer_component(const wire::StateRecord& record);
    [[nodiscard]] News offer_neighbour(const wire::StateRecord& record);
    [[nodiscard]] News offer_gone(const wire::StateRecord& record);
    void untell_interface(const wire::StateRecord& record);
    void untell_attribute(const wire::StateRecord& record);
    void untell_component(const wire::StateRecord& record);
    void untell_neighbour(const wire::StateRecord& record);
    [[nodiscard]] static std::optional<std::string>& text_of(Recalled::Interface& interface,
                                                             const std::string& kind);

    Recalled known_;
};

}  // namespace outstation::polld
