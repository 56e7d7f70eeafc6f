// SPDX-License-Identifier: GPL-3.0-or-later
// What polld answers (types 400 to 499). Schema: poll_messages.proto.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/wire/records.hpp"

namespace outstation::wire {

// How devices are polled; device empty: all.
struct PollStatusRequest {
    static constexpr const char* kName = "PollStatusRequest";
    static constexpr std::uint16_t kType = 400;
    std::string device;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.device);
    }
    bool operator==(const PollStatusRequest&) const = default;
};

struct PollStatus {
    static constexpr const char* kName = "PollStatus";
    std::string device;
    std::int64_t last_ns = 0;  // wall clock at the end of the last cycle; 0: never
    std::int64_t next_ns = 0;
    std::uint64_t duration_ns = 0;
    std::uint64_t rtt_ns = 0;    // 0: not known
    std::uint32_t requests = 0;  // of the last cycle
    std::uint32_t values = 0;
    std::uint32_t timeouts = 0;
    std::string error;     // empty: none; one line
    std::string protocol;  // "SNMPv2c"
    bool authenticated = false;
    std::uint64_t interval_ms = 0;
    // Of all polls since `first_ns`, the end of the first of this run; bytes of messages, both ways.
    std::int64_t first_ns = 0;
    std::uint64_t all_requests = 0;
    std::uint64_t all_bytes = 0;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.device);
        v(2, s.last_ns);
        v(3, s.next_ns);
        v(4, s.duration_ns);
        v(5, s.rtt_ns);
        v(6, s.requests);
        v(7, s.values);
        v(8, s.timeouts);
        v(9, s.error);
        v(10, s.protocol);
        v(11, s.authenticated);
        v(12, s.interval_ms);
        v(13, s.first_ns);
        v(14, s.all_requests);
        v(15, s.all_bytes);
    }
    bool operator==(const PollStatus&) const = default;
};

struct PollStatusReply {
    static constexpr const char* kName = "PollStatusReply";
    static constexpr std::uint16_t kType = 401;
    std::vector<PollStatus> devices;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.devices);
    }
    bool operator==(const PollStatusReply&) const = default;
};

// Why a device is polled as it is, and where its values come from. Answered by WhyReply; not_found when no
// such device is polled.
struct WhyRequest {
    static constexpr const char* kName = "WhyRequest";
    static constexpr std::uint16_t kType = 402;
    std::string device;
    std::string metric;  // of which the sources are told; empty: of none
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.device);
        v(2, s.metric);
    }
    bool operator==(const WhyRequest&) const = default;
};

// The last request to a device and what came of it.
struct PollExchange {
    static constexpr const char* kName = "PollExchange";
    std::int64_t sent_ns = 0;  // wall clock; 0: nothing was asked yet
    std::string pdu;           // "GET", "GETNEXT", "GETBULK"
    std::string oid;           // the first of those asked for, dotted
    std::uint32_t varbinds = 0;
    std::uint32_t repetitions = 0;  // of a GETBULK
    std::uint32_t tries = 0;        // so many had no answer before this one
    std::uint32_t request_bytes = 0;
    std::uint32_t reply_bytes = 0;  // 0: there is no answer
    std::uint64_t reply_ns = 0;     // after which it came
    std::int64_t error_status = 0;  // of the answer, RFC 3416 section 3
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.sent_ns);
        v(2, s.pdu);
        v(3, s.oid);
        v(4, s.varbinds);
        v(5, s.repetitions);
        v(6, s.tries);
        v(7, s.request_bytes);
        v(8, s.reply_bytes);
        v(9, s.reply_ns);
        v(10, s.error_status);
    }
    bool operator==(const PollExchange&) const = default;
};

// A part of what is read, and what it cost the last time.
struct PollPart {
    static constexpr const char* kName = "PollPart";
    std::string name;  // "scalars", "interfaces", ...
    std::uint32_t rows = 0;
    std::uint32_t requests = 0;      // tries included
    std::uint32_t bytes = 0;         // both ways
    std::uint64_t time_ns = 0;       // from each request to its answer
    std::uint32_t most_rows = 0;     // a request, what the device bears; 0: not limited
    std::uint32_t most_columns = 0;  // likewise
    std::string error;               // why it has no values; empty: none
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.name);
        v(2, s.rows);
        v(3, s.requests);
        v(4, s.bytes);
        v(5, s.time_ns);
        v(6, s.most_rows);
        v(7, s.most_columns);
        v(8, s.error);
    }
    bool operator==(const PollPart&) const = default;
};

// Where the values of a series come from.
struct PollSource {
    static constexpr const char* kName = "PollSource";
    SeriesDef series;
    std::string part;    // PollPart::name; empty: polld's own measurement
    std::string origin;  // what asks for it: "built-in", "pack"
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.series);
        v(2, s.part);
        v(3, s.origin);
    }
    bool operator==(const PollSource&) const = default;
};

struct WhyReply {
    static constexpr const char* kName = "WhyReply";
    static constexpr std::uint16_t kType = 403;
    PollStatus poll;
    std::uint64_t configured_ms = 0;  // the interval
    std::uint32_t intervals = 0;      // it is polled each so many of them
    std::uint32_t failures = 0;       // cycles in a row without an answer
    std::uint64_t strain_ns = 0;      // the cycle for which it is polled less often; 0: it keeps up
    PollExchange exchange;
    std::string version;           // that is spoken: "SNMPv2c"
    bool has_bulk = false;         // GETBULK is used
    std::uint64_t timeout_ns = 0;  // of the next request
    std::uint64_t smoothed_rtt_ns = 0;
    std::uint32_t scalars_per_request = 0;
    std::uint32_t absent_scalars = 0;  // that the device said not to have, and is not asked for
    std::string engine_id;             // of SNMPv3, hexadecimal; empty: not known
    std::uint32_t engine_boots = 0;
    std::uint32_t engine_time_s = 0;
    std::vector<PollPart> parts;
    std::vector<PollSource> sources;
    bool more_sources = false;
    std::int64_t last_answer_ns = 0;  // of a poll, wall clock; 0: none since polld was started
    std::string last_error;           // of a poll, also when later ones went well; empty: none, as above
    std::int64_t last_error_ns = 0;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.poll);
        v(2, s.configured_ms);
        v(3, s.intervals);
        v(4, s.failures);
        v(5, s.strain_ns);
        v(6, s.exchange);
        v(7, s.version);
        v(8, s.has_bulk);
        v(9, s.timeout_ns);
        v(10, s.smoothed_rtt_ns);
        v(11, s.scalars_per_request);
        v(12, s.absent_scalars);
        v(13, s.engine_id);
        v(14, s.engine_boots);
        v(15, s.engine_time_s);
        v(16, s.parts);
        v(17, s.sources);
        v(18, s.more_sources);
        v(19, s.last_answer_ns);
        v(20, s.last_error);
        v(21, s.last_error_ns);
    }
    bool operator==(const WhyReply&) const = default;
};

// Looks for devices in subnets, goes on with that, or asks how far it is. Answered by SweepStatus.
struct SweepRequest {
    static constexpr const char* kName = "SweepRequest";
    static constexpr std::uint16_t kType = 410;
    std::string action;               // "start", "pause", "resume", "stop"; empty: only the status
    std::vector<std::string> ranges;  // of start: "10.1.0.0/22" or an address
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.action);
        v(2, s.ranges);
    }
    bool operator==(const SweepRequest&) const = default;
};

struct SweepStatus {
    static constexpr const char* kName = "SweepStatus";
    static constexpr std::uint16_t kType = 411;
    std::string state;  // "never", "running", "paused", "done", "stopped"
    std::vector<std::string> ranges;
    std::uint32_t total = 0;  // addresses
    std::uint32_t done = 0;
    std::uint32_t found = 0;  // devices that answered to a credential
    std::int64_t started_ns = 0;
    std::int64_t ended_ns = 0;
    std::vector<std::string> problems;      // of the sweep itself: a credential that is left alone
    std::vector<std::string> left_alone{};  // the names of these credentials
    std::uint32_t others{};                 // who is there, but refused all, or is silent
    std::uint32_t probed{};                 // addresses that were probed, or need not be
    std::string unprobed{};            // what is not probed: "all" (probed is away), "ping"; empty: nothing
    std::int64_t next_ns{};            // when the station itself searches again; 0: it does not
    std::vector<std::string> kinds{};  // of the problems: "left_alone", "full", "unanswered", "unprobed"
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.state);
        v(2, s.ranges);
        v(3, s.total);
        v(4, s.done);
        v(5, s.found);
        v(6, s.started_ns);
        v(7, s.ended_ns);
        v(8, s.problems);
        v(9, s.left_alone);
        v(10, s.others);
        v(14, s.probed);
        v(15, s.unprobed);
        v(11, s.next_ns);
        v(12, s.kinds);
    }
    bool operator==(const SweepStatus&) const = default;
};

// A device that a sweep found; what it does not say is empty.
struct Candidate {
    static constexpr const char* kName = "Candidate";
    std::vector<std::string> addresses{};  // at which it answered, the first is the one to poll
    std::string sys_name{};
    std::string vendor{};
    std::string device_class{};
    std::string model{};
    std::string version{};
    std::string serial{};
    std::string credential{};  // that it answered to
    std::vector<std::string> packs{};
    std::string problem{};    // why it cannot be polled as it is; one line
    std::string known_as{};   // id of the configured device with this address
    std::string engine_id{};  // snmpEngineID in hex
    std::string mac{};        // of the bridge or the first interface
    std::string object_id{};
    std::string description{};
    std::uint32_t port = 0;
    std::string id{};                 // to be configured as, when nobody says another
    std::string configured_class{};   // its class in words of station.yaml
    std::string trouble{};            // what kind the problem is of: "refused", "silent", "lost"
    bool ignored{};                   // somebody does not want it
    std::vector<std::string> why{};   // why each of the packs is its
    std::vector<std::string> seen{};  // "snmp", "ping", "ipmi", "asf", "tcp/443", "tcp/443 refused", "arp"
    std::string difference{};         // from what was known, when one stands: "new", "changed", "moved"
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.addresses);
        v(2, s.sys_name);
        v(3, s.vendor);
        v(4, s.device_class);
        v(5, s.model);
        v(6, s.version);
        v(7, s.serial);
        v(8, s.credential);
        v(9, s.packs);
        v(10, s.problem);
        v(11, s.known_as);
        v(12, s.engine_id);
        v(13, s.mac);
        v(14, s.object_id);
        v(15, s.description);
        v(16, s.port);
        v(17, s.id);
        v(18, s.configured_class);
        v(19, s.trouble);
        v(20, s.ignored);
        v(21, s.why);
        v(24, s.seen);
        v(30, s.difference);
    }
    bool operator==(const Candidate&) const = default;
};

// A credential that devices refused in a sweep.
struct RefusedCredential {
    static constexpr const char* kName = "RefusedCredential";
    std::string credential;
    std::uint32_t in_a_row = 0;            // by so many devices, the last ones that were asked
    std::vector<std::uint32_t> addresses;  // IPv4, of those that refused it
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.credential);
        v(2, s.in_a_row);
        v(3, s.addresses);
    }
    bool operator==(const RefusedCredential&) const = default;
};

// A sweep as polld keeps it in its file, so that it goes on after a restart.
struct SweepState {
    static constexpr const char* kName = "SweepState";
    SweepStatus status;
    std::uint32_t next = 0;  // the first address that was not finished
    std::vector<Candidate> candidates;
    std::vector<Candidate> ignored{};  // also of former sweeps
    std::vector<RefusedCredential> refused{};
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.status);
        v(2, s.next);
        v(3, s.candidates);
        v(4, s.ignored);
        v(5, s.refused);
    }
    bool operator==(const SweepState&) const = default;
};

struct CandidatesRequest {
    static constexpr const char* kName = "CandidatesRequest";
    static constexpr std::uint16_t kType = 412;
    template <class V, class S>
    static void fields(V&, S&) {}
    bool operator==(const CandidatesRequest&) const = default;
};

// What was found at the address is not wanted, or is again. Answered by Done; not_found.
struct IgnoreCandidate {
    static constexpr const char* kName = "IgnoreCandidate";
    static constexpr std::uint16_t kType = 414;
    std::string address;
    bool ignored = false;
    std::string by{};  // who asked, as webd knows it
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.address);
        v(2, s.ignored);
        v(3, s.by);
    }
    bool operator==(const IgnoreCandidate&) const = default;
};

// Those with a problem first.
struct CandidatesReply {
    static constexpr const char* kName = "CandidatesReply";
    static constexpr std::uint16_t kType = 413;
    std::vector<Candidate> candidates;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.candidates);
    }
    bool operator==(const CandidatesReply&) const = default;
};

}  // namespace outstation::wire
