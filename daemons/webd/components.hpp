// SPDX-License-Identifier: GPL-3.0-or-later
// From the latest values of one device to its interfaces, sensors, processors and storage areas. Old values
// are not shown as if they were now: what is older than three poll intervals is not known. Threads: pure
// functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemons/webd/latest.hpp"

namespace outstation::webd {

struct Freshness {
    std::int64_t now_ns = 0;
    std::int64_t interval_ns = 0;
    [[nodiscard]] std::int64_t limit_ns() const { return 3 * interval_ns; }
    [[nodiscard]] bool holds(const wire::LatestRow& row) const { return now_ns - row.wall_ns <= limit_ns(); }
};

struct Interface {
    std::uint32_t if_index = 0;
    std::string name;
    std::string descr;
    std::string alias;
    std::string mac;
    std::optional<int> type;
    std::optional<double> admin;
    std::optional<double> oper;
    std::optional<double> speed_bps;
    std::optional<double> in_octets_per_s;
    std::optional<double> out_octets_per_s;
    std::optional<double> in_errors_per_s;
    std::optional<double> out_errors_per_s;
    std::uint32_t in_series = 0;
    std::uint32_t out_series = 0;
    std::int64_t time_ns = 0;
};

struct Sensor {
    std::string name;
    std::string kind;
    std::string unit;
    std::optional<double> value;
    std::optional<double> status;
    std::uint32_t series = 0;
    std::int64_t time_ns = 0;
};

struct Processor {
    std::string name;
    std::optional<double> load_ratio;
    std::uint32_t series = 0;
};

struct Storage {
    std::string name;
    std::string kind;
    std::optional<double> size_bytes;
    std::optional<double> used_bytes;
    std::uint32_t series = 0;
};

struct Resources {
    std::vector<Processor> processors;
    std::vector<Storage> storage;
};

// The best name for people among the labels of an interface's series.
[[nodiscard]] const std::string& interface_name(const wire::SeriesDef& series);
[[nodiscard]] std::vector<Interface> interfaces_of(const Rows& rows, Freshness freshness);  // by if_index
[[nodiscard]] std::vector<Sensor> sensors_of(const Rows& rows, Freshness freshness);
[[nodiscard]] Resources resources_of(const Rows& rows, Freshness freshness);

}  // namespace outstation::webd
