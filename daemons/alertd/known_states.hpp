// SPDX-License-Identifier: GPL-3.0-or-later
// The newest state of each device and of its interfaces, which a new engine begins with; also which
// interfaces are gone, as long as somebody may ask. As many interfaces of a device as polld tells of, and as
// many of all as fit beside the alarms into the memory of alertd. Plain data. Threads: the loop's.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "lib/wire/records.hpp"

namespace outstation::alertd {

struct KnownState {
    std::string name;
    std::string reason;
    wire::WireStamp stamp;
    std::uint64_t number = 0;
    bool up = false;
};

class KnownStates {
  public:
    static constexpr std::size_t kMostOfDevice = 4096;
    static constexpr std::size_t kMost = 150'000;

    // Device and ifIndex.
    using Port = std::pair<std::string, std::string>;
    explicit KnownStates(std::size_t most = kMost, std::size_t most_of_device = kMostOfDevice)
        : most_(most), most_of_device_(most_of_device) {}

    // It is up, down, gone or called otherwise.
    [[nodiscard]] static bool is_of_interface(const wire::StateRecord& record);
    [[nodiscard]] static bool is_end_of_interface(const wire::StateRecord& record);
    [[nodiscard]] static bool is_name_of_interface(const wire::StateRecord& record);
    // Records of other kinds say nothing here. False: there is no room. A device has room always: the
    // configuration bounds how many there are.
    [[nodiscard]] bool take(const wire::StateRecord& record);
    // What is so there now, as the record that says it; nothing: it is not known.
    [[nodiscard]] std::optional<wire::StateRecord> state_of(const Port& port) const;
    // nullptr: its state is not known.
    [[nodiscard]] const std::string* name_of(const Port& port) const;
    [[nodiscard]] bool is_gone(const Port& port) const { return gone_.contains(port); }
    // In the order in which they came.
    void for_each(const std::function<void(const wire::StateRecord&)>& take) const;
    void let_go_of_devices(const std::function<bool(const std::string&)>& is_configured);
    [[nodiscard]] std::size_t gone() const { return gone_.size(); }
    // Forgets what is gone, but for these.
    void let_go_of_gone(const std::set<Port>& wanted);

  private:
    using State = KnownState;
    struct Device {
        std::optional<State> own;
        std::map<std::string, State> interfaces;  // by ifIndex
    };
    [[nodiscard]] State* place_of(const wire::StateRecord& record);
    [[nodiscard]] const State* find(const Port& port) const;
    void remove(const Port& port);
    void rename(const wire::StateRecord& record);

    std::size_t most_;
    std::size_t most_of_device_;
    std::size_t interfaces_ = 0;
    std::uint64_t last_number_ = 0;
    std::map<std::string, Device> devices_;
    std::set<Port> gone_;
};

}  // namespace outstation::alertd
