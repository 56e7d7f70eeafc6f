// SPDX-License-Identifier: GPL-3.0-or-later
// A device's cycle under way in the engine: its time, its request in flight, the messages that were sent for
// it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "drivers/snmp/cycle.hpp"
#include "drivers/snmp/look_agenda.hpp"
#include "drivers/snmp/request_ids.hpp"

namespace outstation::snmp {

inline constexpr std::size_t kMaxRequestBytes = 1472;  // an Ethernet frame without fragments

struct Run {
    // A message to the request in flight.
    struct Try {
        std::uint32_t id = 0;
        MonoTime sent;
    };
    std::uint32_t device = 0;
    CycleRun cycle;
    Cycle result;
    std::function<void(std::uint32_t device, const Cycle&)> done;
    MonoTime started;
    MonoTime deadline;
    MonoTime due;  // of the timeout of the request in flight
    Try last;
    std::array<Try, 2> earlier;  // whose answers will do as well
    unsigned tries = 0;
    unsigned exchanges = 0;               // messages to this request
    CycleError doubt = CycleError::none;  // what an ignored answer to it was
    std::string doubt_detail;
    std::size_t bytes = 0;
    std::size_t active_at = 0;
    LookAgenda::Slot look = 0;  // at which its answer is expected
    bool queued = false;
    bool waiting = false;
    std::array<char, kMaxRequestBytes> buffer;
    std::string_view message;

    // The next message gets another id; answers to this one will do until drop_ids().
    void keep_id(RequestIds& ids) {
        if (last.id == 0) return;
        ids.release(std::exchange(earlier[1], std::exchange(earlier[0], std::exchange(last, {}))).id);
    }
    void drop_ids(RequestIds& ids) {
        for (Try* one : {&last, &earlier[0], &earlier[1]}) ids.release(std::exchange(one->id, 0));
    }
    // When the message with one of our ids was.
    [[nodiscard]] MonoTime sent_at(std::uint32_t id) const {
        return id == last.id ? last.sent : earlier[id == earlier[0].id ? 0 : 1].sent;
    }
};

}  // namespace outstation::snmp
