// SPDX-License-Identifier: GPL-3.0-or-later
// How much flows through a station now: two looks at it, and the rates between them. The arithmetic is pure;
// a look asks the daemons and reads /proc. Threads: one.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemons/ctl/outcome.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::ctl {

struct DaemonLook {
    std::string name;
    bool running = false;
    std::uint32_t pid = 0;
    std::int64_t started_ns = 0;
    std::uint64_t rss_bytes = 0;
    std::uint64_t worst_loop_lag_ns = 0;
    std::optional<std::int64_t> cpu_ns;          // used since its start; nothing: /proc does not say
    std::optional<std::uint64_t> written_bytes;  // to disks; only root may know
    std::map<std::string, double> metrics;       // its own, without labels
};

struct StationLook {
    std::chrono::nanoseconds at{0};  // monotonic
    std::vector<DaemonLook> daemons;
    std::optional<wire::StoreStatus> store;
    std::optional<std::vector<wire::DeviceStateRow>> devices;
};

// A rate is missing where it is not known: before the second look, or when what it is of began anew.
struct DaemonRates {
    std::optional<double> cpu_ratio;  // of one processor
    std::optional<double> written_bytes_per_s;
};
struct StreamRates {
    std::optional<double> accepted_per_s;
    std::optional<double> durable_per_s;
    std::uint64_t pending = 0;  // accepted, not durable
};

// (after - before) / seconds; nothing when it fell, or no time went by.
[[nodiscard]] std::optional<double> rate(double before, double after, std::chrono::nanoseconds time);
[[nodiscard]] DaemonRates rates_of(const StationLook& before, const StationLook& after,
                                   const std::string& daemon);
[[nodiscard]] StreamRates rates_of(const StationLook& before, const StationLook& after, StreamId stream);
// Of a counter (its name without _total) of a daemon's own metrics.
[[nodiscard]] std::optional<double> metric_rate(const StationLook& before, const StationLook& after,
                                                const std::string& daemon, const std::string& metric);
[[nodiscard]] const DaemonLook* find_daemon(const StationLook& look, const std::string& name);

// Points without labels of OpenMetrics text.
[[nodiscard]] std::map<std::string, double> parse_metrics(std::string_view text);
// Processor time of /proc/PID/stat, and bytes of /proc/PID/io (proc(5)).
[[nodiscard]] std::optional<std::int64_t> parse_cpu_ns(std::string_view stat, long ticks_per_s);
[[nodiscard]] std::optional<std::uint64_t> parse_written_bytes(std::string_view io);

// Asks every daemon; those that do not answer are not running.
[[nodiscard]] StationLook look_at(const Target& target);

[[nodiscard]] std::string top_text(const StationLook& before, const StationLook& after);
[[nodiscard]] std::string top_json(const StationLook& before, const StationLook& after);  // one line

struct TopOptions {
    bool once = false;
    std::chrono::nanoseconds interval = std::chrono::seconds(2);
};
// Until it is interrupted, or once. With `once`: kAway when a daemon does not run.
[[nodiscard]] int show_top(const Target& target, const TopOptions& options);

}  // namespace outstation::ctl
