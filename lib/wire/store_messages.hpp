// SPDX-License-Identifier: GPL-3.0-or-later
// What stored answers (types 100 to 199): intake and questions here; its status and its streams in two
// headers of their own, which come with this one. Schema: store_messages.proto.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/wire/component_state.hpp"
#include "lib/wire/damaged_span.hpp"
#include "lib/wire/records.hpp"
#include "lib/wire/store_status_messages.hpp"
#include "lib/wire/store_stream_messages.hpp"

namespace outstation::wire {

enum class DeviceState : std::uint8_t { unknown = 0, up = 1, down = 2 };

// Gives the producer's own numbers to series, for this connection. Those that cannot be had are told by
// SeriesRefused.
struct DefineSeries {
    static constexpr const char* kName = "DefineSeries";
    static constexpr std::uint16_t kType = 100;
    std::vector<SeriesDef> series;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.series);
    }
    bool operator==(const DefineSeries&) const = default;
};

// One batch; `counter` grows by one a batch within the incarnation of Hello. Answered by Appended once it is
// durable.
struct AppendSamples {
    static constexpr const char* kName = "AppendSamples";
    static constexpr std::uint16_t kType = 101;
    std::uint64_t counter = 0;
    std::vector<SampleRecord> records;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.counter);
        v(2, s.records);
    }
    bool operator==(const AppendSamples&) const = default;
};

struct AppendStates {
    static constexpr const char* kName = "AppendStates";
    static constexpr std::uint16_t kType = 102;
    std::uint64_t counter = 0;
    std::vector<StateRecord> records;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.counter);
        v(2, s.records);
    }
    bool operator==(const AppendStates&) const = default;
};

struct Appended {
    static constexpr const char* kName = "Appended";
    static constexpr std::uint16_t kType = 103;
    std::uint64_t counter = 0;
    std::uint64_t first_sequence = 0;
    std::uint64_t last_sequence = 0;
    bool duplicate = false;  // it was durable before: a resend
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.counter);
        v(2, s.first_sequence);
        v(3, s.last_sequence);
        v(4, s.duplicate);
    }
    bool operator==(const Appended&) const = default;
};

struct RefusedSeries {
    static constexpr const char* kName = "RefusedSeries";
    std::uint32_t id = 0;  // the producer's own
    std::string reason;    // one line
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.id);
        v(2, s.reason);
    }
    bool operator==(const RefusedSeries&) const = default;
};

// Pushed (message id 0) to the producer: values of these series are left out of its batches on this
// connection.
struct SeriesRefused {
    static constexpr const char* kName = "SeriesRefused";
    static constexpr std::uint16_t kType = 104;
    std::vector<RefusedSeries> series;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.series);
    }
    bool operator==(const SeriesRefused&) const = default;
};

// Latest values, in the order of series ids.
struct LatestRequest {
    static constexpr const char* kName = "LatestRequest";
    static constexpr std::uint16_t kType = 110;
    std::string device;  // empty: all
    std::string metric;  // empty: all
    std::uint32_t after_id = 0;
    std::uint32_t limit = 0;  // at most 5000; 0 means 5000
    bool all = false;         // also series that have no value any more but in history: their wall_ns is 0
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.device);
        v(2, s.metric);
        v(3, s.after_id);
        v(4, s.limit);
        v(5, s.all);
    }
    bool operator==(const LatestRequest&) const = default;
};

// `previous_*` are the sample before the last one, for rates; previous_wall_ns 0 means there is none.
struct LatestRow {
    static constexpr const char* kName = "LatestRow";
    SeriesDef series;
    std::int64_t wall_ns = 0;
    std::uint64_t counter = 0;
    double gauge = 0.0;
    std::int64_t previous_wall_ns = 0;
    std::uint64_t previous_counter = 0;
    double previous_gauge = 0.0;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.series);
        v(2, s.wall_ns);
        v(3, s.counter);
        v(4, s.gauge);
        v(5, s.previous_wall_ns);
        v(6, s.previous_counter);
        v(7, s.previous_gauge);
    }
    bool operator==(const LatestRow&) const = default;
};

struct LatestReply {
    static constexpr const char* kName = "LatestReply";
    static constexpr std::uint16_t kType = 111;
    std::vector<LatestRow> rows;
    bool more = false;  // ask again with after_id of the last row
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.rows);
        v(2, s.more);
    }
    bool operator==(const LatestReply&) const = default;
};

// Points of up to 64 series in [from_ns, to_ns). step_ns 0: raw samples, else one point a step, the first
// step at from_ns.
struct RangeRequest {
    static constexpr const char* kName = "RangeRequest";
    static constexpr std::uint16_t kType = 112;
    std::vector<std::uint32_t> series;
    std::int64_t from_ns = 0;
    std::int64_t to_ns = 0;
    std::int64_t step_ns = 0;
    std::int64_t max_gap_ns = 0;  // a rate between two samples further apart than this is a gap; 0: three
                                  // times their usual distance, as always in roll-ups
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.series);
        v(2, s.from_ns);
        v(3, s.to_ns);
        v(4, s.step_ns);
        v(5, s.max_gap_ns);
    }
    bool operator==(const RangeRequest&) const = default;
};

// Raw: wall_ns with counters or gauges by kind. Stepped: count, min, max, mean by step (count 0 is a gap); a
// counter gives rates per second between successive samples, a reset of the counter is a gap, and marked.
struct RangeColumn {
    static constexpr const char* kName = "RangeColumn";
    SeriesDef series;
    std::vector<std::int64_t> wall_ns;
    std::vector<std::uint64_t> counters;
    std::vector<double> gauges;
    std::vector<std::uint32_t> count;
    std::vector<double> min;
    std::vector<double> max;
    std::vector<double> mean;
    std::vector<std::int64_t> resets = {};  // before these times it began anew; ascending
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.series);
        v(2, s.wall_ns);
        v(3, s.counters);
        v(4, s.gauges);
        v(5, s.count);
        v(6, s.min);
        v(7, s.max);
        v(8, s.mean);
        v(9, s.resets);
    }
    bool operator==(const RangeColumn&) const = default;
};

struct RangeReply {
    static constexpr const char* kName = "RangeReply";
    static constexpr std::uint16_t kType = 113;
    std::vector<RangeColumn> columns;
    std::int64_t complete_to_ns = 0;  // less than to_ns: the reply was full; ask again from here
    std::vector<DamagedSpan> damaged = {};
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.columns);
        v(2, s.complete_to_ns);
        v(3, s.damaged);
    }
    bool operator==(const RangeReply&) const = default;
};

struct EventsRequest {
    static constexpr const char* kName = "EventsRequest";
    static constexpr std::uint16_t kType = 114;
    std::string device;                 // empty: all
    std::uint64_t before_sequence = 0;  // 0: from the newest
    std::uint32_t limit = 0;            // at most 500
    bool attributes = false;            // with records that are no events
    bool alarms = false;                // with records of kind `alarm`
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.device);
        v(2, s.before_sequence);
        v(3, s.limit);
        v(4, s.attributes);
        v(5, s.alarms);
    }
    bool operator==(const EventsRequest&) const = default;
};

struct StoredState {
    static constexpr const char* kName = "StoredState";
    std::uint64_t sequence = 0;
    StateRecord record;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.sequence);
        v(2, s.record);
    }
    bool operator==(const StoredState&) const = default;
};

// Newest first. Where few are wanted an answer may have none and still not be the last.
struct EventsReply {
    static constexpr const char* kName = "EventsReply";
    static constexpr std::uint16_t kType = 115;
    std::vector<StoredState> events;
    bool more = false;
    std::vector<DamagedSpan> damaged = {};
    std::uint64_t next_before = 0;  // if more: the before_sequence of the question that goes on
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.events);
        v(2, s.more);
        v(3, s.damaged);
        v(4, s.next_before);
    }
    bool operator==(const EventsReply&) const = default;
};

// The gap ledger. Entries that touch [from_ns, to_ns).
struct LedgerRequest {
    static constexpr const char* kName = "LedgerRequest";
    static constexpr std::uint16_t kType = 125;
    std::string device;  // that the entry is about or that is among all it is about; empty: any
    std::int64_t from_ns = 0;
    std::int64_t to_ns = 0;             // 0: no end
    std::uint64_t before_sequence = 0;  // 0: from the newest
    std::uint32_t limit = 0;            // at most 500; what is not over yet comes on top of it
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.device);
        v(2, s.from_ns);
        v(3, s.to_ns);
        v(4, s.before_sequence);
        v(5, s.limit);
    }
    bool operator==(const LedgerRequest&) const = default;
};

struct StoredLedger {
    static constexpr const char* kName = "StoredLedger";
    std::uint64_t sequence = 0;  // 0: not over yet, and not entered
    LedgerRecord record;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.sequence);
        v(2, s.record);
    }
    bool operator==(const StoredLedger&) const = default;
};

// Newest first; in front of them, when the newest were asked for, what is not over yet. Entries that say the
// same of records that follow each other are one, under the number of the oldest.
struct LedgerReply {
    static constexpr const char* kName = "LedgerReply";
    static constexpr std::uint16_t kType = 126;
    std::vector<StoredLedger> entries;
    bool more = false;
    std::vector<DamagedSpan> damaged;
    std::uint64_t next_before = 0;  // as in EventsReply
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.entries);
        v(2, s.more);
        v(3, s.damaged);
        v(4, s.next_before);
    }
    bool operator==(const LedgerReply&) const = default;
};

struct DeviceStatesRequest {
    static constexpr const char* kName = "DeviceStatesRequest";
    static constexpr std::uint16_t kType = 123;
    std::string device;       // empty: all
    bool interfaces = false;  // with `interfaces` of each device
    std::string after{};      // only devices behind this one, in the order of their octets
    bool neighbours{};        // with `neighbours` of each device
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.device);
        v(2, s.interfaces);
        v(3, s.after);
        v(4, s.neighbours);
    }
    bool operator==(const DeviceStatesRequest&) const = default;
};

// What was told of an interface.
struct InterfaceStateRow {
    static constexpr const char* kName = "InterfaceStateRow";
    std::string index;  // its number
    std::string name;
    bool up = false;
    bool has_state{};  // it changed at some time: `up` is known
    bool named{};      // its name was told as such
    std::string descr{};
    std::string alias{};
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.index);
        v(2, s.name);
        v(3, s.up);
        v(4, s.has_state);
        v(5, s.named);
        v(6, s.descr);
        v(7, s.alias);
    }
    bool operator==(const InterfaceStateRow&) const = default;
};

// Current state of a device, folded from the stream `state`.
struct DeviceStateRow {
    static constexpr const char* kName = "DeviceStateRow";
    std::string device;
    DeviceState state = DeviceState::unknown;
    std::int64_t since_ns = 0;
    std::string reason;
    std::vector<WireLabel> attributes;
    std::vector<InterfaceStateRow> interfaces = {};
    std::vector<ComponentStateRow> components = {};
    std::vector<NeighbourRow> neighbours = {};
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.device);
        v(2, s.state);
        v(3, s.since_ns);
        v(4, s.reason);
        v(5, s.attributes);
        v(6, s.interfaces);
        v(7, s.components);
        v(8, s.neighbours);
    }
    bool operator==(const DeviceStateRow&) const = default;
};

struct DeviceStatesReply {
    static constexpr const char* kName = "DeviceStatesReply";
    static constexpr std::uint16_t kType = 124;
    std::vector<DeviceStateRow> devices;
    bool more = false;  // ask again, after the last of these
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.devices);
        v(2, s.more);
    }
    bool operator==(const DeviceStatesReply&) const = default;
};

}  // namespace outstation::wire
