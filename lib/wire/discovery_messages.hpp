// SPDX-License-Identifier: GPL-3.0-or-later
// What polld knows of former sweeps, and what is otherwise than it was (types 415 to 419). Schema:
// discovery_messages.proto.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/wire/poll_messages.hpp"

namespace outstation::wire {

// Answered by DifferencesReply.
struct DifferencesRequest {
    static constexpr const char* kName = "DifferencesRequest";
    static constexpr std::uint16_t kType = 415;
    template <class V, class S>
    static void fields(V&, S&) {}
    bool operator==(const DifferencesRequest&) const = default;
};

struct Difference {
    static constexpr const char* kName = "Difference";
    std::uint64_t id = 0;
    std::string kind{};                  // "new", "changed", "vanished"
    std::string device{};                // the id of the configured device; empty: it is none
    Candidate before{};                  // of a new one without addresses
    Candidate now{};                     // of one that vanished without addresses
    std::vector<std::string> differs{};  // "device", "address", "serial", "model", "version", "name"
    std::int64_t found_ns = 0;
    bool ignored = false;
    std::int64_t first_seen_ns = 0;
    std::int64_t last_seen_ns = 0;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.id);
        v(2, s.kind);
        v(3, s.device);
        v(4, s.before);
        v(5, s.now);
        v(6, s.differs);
        v(7, s.found_ns);
        v(8, s.ignored);
        v(9, s.first_seen_ns);
        v(10, s.last_seen_ns);
    }
    bool operator==(const Difference&) const = default;
};

// A configured device answers at another address than the one where it is polled.
[[nodiscard]] bool has_moved(const Difference& difference);

// Gone and changed before new, ignored behind.
struct DifferencesReply {
    static constexpr const char* kName = "DifferencesReply";
    static constexpr std::uint16_t kType = 416;
    std::vector<Difference> differences;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.differences);
    }
    bool operator==(const DifferencesReply&) const = default;
};

// Answered by Done; not_found.
struct SettleDifference {
    static constexpr const char* kName = "SettleDifference";
    static constexpr std::uint16_t kType = 417;
    std::uint64_t id = 0;
    std::string action;  // "accept", "ignore", "restore"
    std::string by;      // who asked, as webd knows it
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.id);
        v(2, s.action);
        v(3, s.by);
    }
    bool operator==(const SettleDifference&) const = default;
};

// A device that a whole sweep found, and what stands of it.
struct Known {
    static constexpr const char* kName = "Known";
    Candidate what{};
    std::int64_t first_seen_ns = 0;
    std::int64_t last_seen_ns = 0;
    Difference difference{};  // of no kind: none
    bool gone = false;        // somebody accepted that it is gone
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.what);
        v(2, s.first_seen_ns);
        v(3, s.last_seen_ns);
        v(4, s.difference);
        v(5, s.gone);
    }
    bool operator==(const Known&) const = default;
};

// polld's file `known`.
struct KnownState {
    static constexpr const char* kName = "KnownState";
    std::vector<Known> devices{};
    std::vector<std::string> looked{};  // "10.0.0.1-10.0.0.254"
    std::uint64_t last_id = 0;
    std::int64_t last_search_ns =
        0;  // when the station itself began to search; at first, since when it could
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.devices);
        v(2, s.looked);
        v(3, s.last_id);
        v(4, s.last_search_ns);
    }
    bool operator==(const KnownState&) const = default;
};

}  // namespace outstation::wire
