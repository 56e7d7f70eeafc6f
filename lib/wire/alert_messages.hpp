// SPDX-License-Identifier: GPL-3.0-or-later
// What alertd answers (types 500 to 599). Schema: alert_messages.proto.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/wire/records.hpp"

namespace outstation::wire {

// Alarms in the order of their ids.
struct AlarmsRequest {
    static constexpr const char* kName = "AlarmsRequest";
    static constexpr std::uint16_t kType = 500;
    bool cleared = false;     // also those that were cleared lately
    std::string after;        // only those behind this id
    std::uint32_t limit = 0;  // at most 1000; 0 means 1000
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.cleared);
        v(2, s.after);
        v(3, s.limit);
    }
    bool operator==(const AlarmsRequest&) const = default;
};

struct AlarmRow {
    static constexpr const char* kName = "AlarmRow";
    std::string id;         // of the alarm, the same for ever
    StateRecord record;     // its newest step
    bool recorded = false;  // that step is on disk
    std::string unit{};  // only in AlarmList: of its values, the last word of the metric's name ("celsius")
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.id);
        v(2, s.record);
        v(3, s.recorded);
        v(4, s.unit);
    }
    bool operator==(const AlarmRow&) const = default;
};

struct AlarmsReply {
    static constexpr const char* kName = "AlarmsReply";
    static constexpr std::uint16_t kType = 501;
    std::vector<AlarmRow> alarms;
    bool more = false;
    bool behind = false;  // alertd reads the journal after its start, or stored does not answer
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.alarms);
        v(2, s.more);
        v(3, s.behind);
    }
    bool operator==(const AlarmsReply&) const = default;
};

enum class AlarmScope : std::uint8_t {
    any = 0,
    active = 1,   // open and not shelved
    shelved = 2,  // open
    cleared = 3,  // lately
};

// A page of alarms as people look at them: the worst first, of these the newest.
struct AlarmListRequest {
    static constexpr const char* kName = "AlarmListRequest";
    static constexpr std::uint16_t kType = 505;
    AlarmScope scope = AlarmScope::any;
    Severity severity = Severity::none;  // none: of all
    bool untaken = false;                // only those that nobody has acknowledged or been assigned
    std::string id;                      // only this one; empty: all
    std::string cursor;                  // `next` of the page before
    std::uint32_t limit = 0;             // at most 500; 0 means 500
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.scope);
        v(2, s.severity);
        v(3, s.untaken);
        v(4, s.id);
        v(5, s.cursor);
        v(6, s.limit);
    }
    bool operator==(const AlarmListRequest&) const = default;
};

// How many there are, whatever was asked for: of the active ones by severity, and of the others.
struct AlarmCounts {
    static constexpr const char* kName = "AlarmCounts";
    std::uint32_t critical = 0;
    std::uint32_t major = 0;
    std::uint32_t minor = 0;
    std::uint32_t warning = 0;
    std::uint32_t untaken = 0;
    std::uint32_t shelved = 0;
    std::uint32_t cleared = 0;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.critical);
        v(2, s.major);
        v(3, s.minor);
        v(4, s.warning);
        v(5, s.untaken);
        v(6, s.shelved);
        v(7, s.cleared);
    }
    bool operator==(const AlarmCounts&) const = default;
};

struct AlarmList {
    static constexpr const char* kName = "AlarmList";
    static constexpr std::uint16_t kType = 506;
    std::vector<AlarmRow> alarms;
    std::string next;         // empty: this was the last page
    std::uint32_t total = 0;  // of all pages
    AlarmCounts counts;
    bool behind = false;   // as in AlarmsReply
    bool partial = false;  // behind, and never was not since its start: not all alarms are known
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.alarms);
        v(2, s.next);
        v(3, s.total);
        v(4, s.counts);
        v(5, s.behind);
        v(6, s.partial);
    }
    bool operator==(const AlarmList&) const = default;
};

// A person's step. Answered by Done once it is on disk. Who got no answer sends it again with the same token.
// Errors: not_found (no such alarm), malformed, refused (not possible as it is now), exhausted (no step is
// taken while the journal is not followed).
struct AlarmAct {
    static constexpr const char* kName = "AlarmAct";
    static constexpr std::uint16_t kType = 502;
    std::string id;
    AlarmStep step = AlarmStep::unknown;  // acknowledged, assigned, noted, shelved, unshelved or cleared
    std::string by;                       // only webd may name somebody; else the peer's user
    std::string text;                     // the note; of `assigned` the person
    std::int64_t until_ns = 0;            // of `shelved`
    std::string token{};                  // at most 64 octets; empty: each is a step of its own
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.id);
        v(2, s.step);
        v(3, s.by);
        v(4, s.text);
        v(5, s.until_ns);
        v(6, s.token);
    }
    bool operator==(const AlarmAct&) const = default;
};

// What rules would have done since then.
struct RuleTestRequest {
    static constexpr const char* kName = "RuleTestRequest";
    static constexpr std::uint16_t kType = 503;
    std::string file;  // its name, for messages
    std::string text;
    std::int64_t since_ns = 0;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.file);
        v(2, s.text);
        v(3, s.since_ns);
    }
    bool operator==(const RuleTestRequest&) const = default;
};

struct Firing {
    static constexpr const char* kName = "Firing";
    StateRecord record;           // of the step `raised`
    std::int64_t cleared_ns = 0;  // 0: not yet
    std::uint32_t times = 0;      // how often it was raised in all
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.record);
        v(2, s.cleared_ns);
        v(3, s.times);
    }
    bool operator==(const Firing&) const = default;
};

struct RuleTestReply {
    static constexpr const char* kName = "RuleTestReply";
    static constexpr std::uint16_t kType = 504;
    std::vector<Firing> firings;  // at most 1000
    std::uint64_t records = 0;    // looked at
    std::uint64_t damaged = 0;    // spans that could not be read
    std::int64_t first_ns = 0;    // wall clock of the first samples that were looked at; 0: there are none
    std::uint64_t skipped = 0;    // numbers of samples behind these that are not kept as they came
    std::uint64_t left_out = 0;   // how often alarms beside `firings` would have been raised
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.firings);
        v(2, s.records);
        v(3, s.damaged);
        v(4, s.first_ns);
        v(5, s.skipped);
        v(6, s.left_out);
    }
    bool operator==(const RuleTestReply&) const = default;
};

}  // namespace outstation::wire
