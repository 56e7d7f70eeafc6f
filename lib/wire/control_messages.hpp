// SPDX-License-Identifier: GPL-3.0-or-later
// What every daemon answers on its socket (types 1 to 99). Schema: control_messages.proto.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace outstation::wire {

// The first message of a connection, from the side that connects. A connection without it is cut off.
struct Hello {
    static constexpr const char* kName = "Hello";
    static constexpr std::uint16_t kType = 1;
    std::string daemon;  // name of the program that calls
    std::string version;
    std::uint64_t incarnation = 0;  // new at each start of the program
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.daemon);
        v(2, s.version);
        v(3, s.incarnation);
    }
    bool operator==(const Hello&) const = default;
};

// The answer to a request that failed; `code` is an error_code_name().
struct ErrorReply {
    static constexpr const char* kName = "ErrorReply";
    static constexpr std::uint16_t kType = 2;
    std::string code;
    std::string text;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.code);
        v(2, s.text);
    }
    bool operator==(const ErrorReply&) const = default;
};

// An answer that says nothing but "done".
struct Done {
    static constexpr const char* kName = "Done";
    static constexpr std::uint16_t kType = 3;
    template <class V, class S>
    static void fields(V&, S&) {}
    bool operator==(const Done&) const = default;
};

struct StatusRequest {
    static constexpr const char* kName = "StatusRequest";
    static constexpr std::uint16_t kType = 4;
    template <class V, class S>
    static void fields(V&, S&) {}
    bool operator==(const StatusRequest&) const = default;
};

// Name and value of one thing worth knowing, for people.
struct StatusField {
    static constexpr const char* kName = "StatusField";
    std::string name;
    std::string value;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.name);
        v(2, s.value);
    }
    bool operator==(const StatusField&) const = default;
};

struct StatusReply {
    static constexpr const char* kName = "StatusReply";
    static constexpr std::uint16_t kType = 5;
    std::string daemon;
    std::string version;
    std::uint32_t pid = 0;
    std::int64_t started_ns = 0;  // wall clock, since 1970 UTC
    std::uint64_t rss_bytes = 0;
    std::uint64_t worst_loop_lag_ns = 0;  // of the last full minute
    std::vector<StatusField> details;
    std::string log_level;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.daemon);
        v(2, s.version);
        v(3, s.pid);
        v(4, s.started_ns);
        v(5, s.rss_bytes);
        v(6, s.worst_loop_lag_ns);
        v(7, s.details);
        v(8, s.log_level);
    }
    bool operator==(const StatusReply&) const = default;
};

struct MetricsRequest {
    static constexpr const char* kName = "MetricsRequest";
    static constexpr std::uint16_t kType = 6;
    template <class V, class S>
    static void fields(V&, S&) {}
    bool operator==(const MetricsRequest&) const = default;
};

// OpenMetrics text without the final "# EOF".
struct MetricsReply {
    static constexpr const char* kName = "MetricsReply";
    static constexpr std::uint16_t kType = 7;
    std::string text;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.text);
    }
    bool operator==(const MetricsReply&) const = default;
};

struct LogLevelRequest {
    static constexpr const char* kName = "LogLevelRequest";
    static constexpr std::uint16_t kType = 8;
    std::string level;  // error, warning, info, debug
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.level);
    }
    bool operator==(const LogLevelRequest&) const = default;
};

}  // namespace outstation::wire
