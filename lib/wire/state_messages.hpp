// SPDX-License-Identifier: GPL-3.0-or-later
// What stored answers from its folded states (types 130 to 139). Schema: state_messages.proto.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace outstation::wire {

// A value that an attribute of a thing has or had. `component` is empty for the device itself, `interface:7`
// for the interface told by that number; `attribute` is `state` (up, down) or an attribute's name.
struct FactRow {
    static constexpr const char* kName = "FactRow";
    std::string device;
    std::string component;
    std::string attribute;
    std::string value;
    std::string reason;
    std::int64_t since_ns = 0;
    std::int64_t until_ns = 0;   // 0: it is so now
    std::uint64_t sequence = 0;  // of the record that said so first
    std::string name{};          // that the component has now
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.device);
        v(2, s.component);
        v(3, s.attribute);
        v(4, s.value);
        v(5, s.reason);
        v(6, s.since_ns);
        v(7, s.until_ns);
        v(8, s.sequence);
        v(9, s.name);
    }
    bool operator==(const FactRow&) const = default;
};

// What is so now and has all the words typed, best match first.
struct SearchRequest {
    static constexpr const char* kName = "SearchRequest";
    static constexpr std::uint16_t kType = 130;
    std::string typed;        // what stands behind 256 octets is not looked at
    std::uint32_t limit = 0;  // at most 1000, as for the other questions; 0 means 1000
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.typed);
        v(2, s.limit);
    }
    bool operator==(const SearchRequest&) const = default;
};

// What is or was so of one device, by component and attribute, behind the place of the last row that the
// asker has.
struct StatesRequest {
    static constexpr const char* kName = "StatesRequest";
    static constexpr std::uint16_t kType = 131;
    std::string device;
    std::int64_t at_ns = 0;  // 0: now
    std::string after_component;
    std::string after_attribute;  // both empty: from the start
    std::uint32_t limit = 0;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.device);
        v(2, s.at_ns);
        v(3, s.after_component);
        v(4, s.after_attribute);
        v(5, s.limit);
    }
    bool operator==(const StatesRequest&) const = default;
};

// Every value that one attribute had, newest first.
struct StateHistoryRequest {
    static constexpr const char* kName = "StateHistoryRequest";
    static constexpr std::uint16_t kType = 132;
    std::string device;
    std::string component;
    std::string attribute;
    std::uint64_t before_sequence = 0;  // 0: from the newest
    std::uint32_t limit = 0;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.device);
        v(2, s.component);
        v(3, s.attribute);
        v(4, s.before_sequence);
        v(5, s.limit);
    }
    bool operator==(const StateHistoryRequest&) const = default;
};

// Answers the three.
struct FactsReply {
    static constexpr const char* kName = "FactsReply";
    static constexpr std::uint16_t kType = 133;
    std::vector<FactRow> facts;
    bool more = false;
    bool behind =
        false;  // durable records are not folded in yet: after a start, or state.db cannot be written
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.facts);
        v(2, s.more);
        v(3, s.behind);
    }
    bool operator==(const FactsReply&) const = default;
};

}  // namespace outstation::wire
