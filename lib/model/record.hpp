// SPDX-License-Identifier: GPL-3.0-or-later
// What moves through a station: streams, records, series, stamps. Plain data; no I/O, no encoding (lib/wire
// encodes).
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace outstation {

// Streams of a station (ARCHITECTURE.md section 4). The numbers are on disk and on the wire: never reuse one.
enum class StreamId : std::uint8_t {
    state = 1,
    samples = 2,
    logs = 3,
    flows = 4,
    audit = 5,
    jobs = 6,
    ledger = 7,  // what was not collected, was thinned, was dropped
};
inline constexpr StreamId kStreams[] = {StreamId::state, StreamId::samples, StreamId::logs,  StreamId::flows,
                                        StreamId::audit, StreamId::jobs,    StreamId::ledger};
[[nodiscard]] std::string_view stream_name(StreamId id);
[[nodiscard]] std::optional<StreamId> stream_from(std::uint64_t number);
// Alarms and state, audit, jobs and the ledger are flushed at once; the rest at the flush interval.
[[nodiscard]] constexpr bool flushed_at_once(StreamId id) {
    return id == StreamId::state || id == StreamId::audit || id == StreamId::jobs || id == StreamId::ledger;
}

enum class ClockQuality : std::uint8_t { unknown = 0, synchronised = 1, free_running = 2 };

// When something was measured, on both clocks of the box, so that stamps can be repaired after a clock step.
struct Stamp {
    std::int64_t wall_ns = 0;  // since 1970-01-01 UTC
    std::int64_t mono_ns = 0;  // CLOCK_MONOTONIC
    std::string boot_id;       // 16 bytes (/proc/sys/kernel/random/boot_id); within a frame written once
    ClockQuality quality = ClockQuality::unknown;
    bool operator==(const Stamp&) const = default;
};

struct Label {
    std::string name;
    std::string value;
    auto operator<=>(const Label&) const = default;
};

enum class SeriesKind : std::uint8_t { gauge = 0, counter = 1 };

// A series is a device, a metric name by Prometheus conventions, and labels sorted by name.
struct SeriesKey {
    std::string device;  // stable id of the device
    std::string metric;
    std::vector<Label> labels;
    auto operator<=>(const SeriesKey&) const = default;
};

struct SeriesInfo {
    SeriesKey key;
    SeriesKind kind = SeriesKind::gauge;
    std::string oid;  // where the value comes from, numeric with index; empty when it does not come from SNMP
    double scale = 1.0;  // value = raw × scale
    bool operator==(const SeriesInfo&) const = default;
};

// One value: a counter keeps its 64 bits, a gauge is a double.
struct Value {
    SeriesKind kind = SeriesKind::gauge;
    std::uint64_t counter = 0;
    double gauge = 0.0;

    [[nodiscard]] static Value of_counter(std::uint64_t v) { return Value{SeriesKind::counter, v, 0.0}; }
    [[nodiscard]] static Value of_gauge(double v) { return Value{SeriesKind::gauge, 0, v}; }
    [[nodiscard]] double as_double() const {
        return kind == SeriesKind::counter ? static_cast<double>(counter) : gauge;
    }
    bool operator==(const Value&) const = default;
};

// Who made a batch, so that a resend is recognised: incarnation is new at each start of the daemon, counter
// grows by one a batch within it.
struct BatchId {
    std::string daemon;
    std::uint64_t incarnation = 0;
    std::uint64_t counter = 0;
    auto operator<=>(const BatchId&) const = default;
};

}  // namespace outstation
