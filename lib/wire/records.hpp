// SPDX-License-Identifier: GPL-3.0-or-later
// Records as they stand in journal frames and travel over IPC. Schema: records.proto.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/model/record.hpp"
#include "lib/model/result.hpp"

namespace outstation::wire {

struct WireLabel {
    static constexpr const char* kName = "Label";
    std::string name;
    std::string value;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.name);
        v(2, s.value);
    }
    bool operator==(const WireLabel&) const = default;
};

// Gives a number to a series. Over IPC the number is the producer's own; in a journal frame it is the
// station's.
struct SeriesDef {
    static constexpr const char* kName = "SeriesDef";
    std::uint32_t id = 0;
    std::string device;
    std::string metric;
    std::vector<WireLabel> labels;  // sorted by name
    SeriesKind kind = SeriesKind::gauge;
    std::string oid;
    double scale = 1.0;  // 0 on the wire means 1
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.id);
        v(2, s.device);
        v(3, s.metric);
        v(4, s.labels);
        v(5, s.kind);
        v(6, s.oid);
        v(7, s.scale);
    }
    [[nodiscard]] SeriesInfo info() const;
    [[nodiscard]] bool is_32_bit() const;  // lib/model/counter.hpp
    [[nodiscard]] static SeriesDef of(std::uint32_t id, const SeriesInfo& info);
    bool operator==(const SeriesDef&) const = default;
};

struct WireStamp {
    static constexpr const char* kName = "Stamp";
    std::int64_t wall_ns = 0;  // since 1970-01-01 UTC
    std::int64_t mono_ns = 0;  // CLOCK_MONOTONIC of the boot
    std::string boot_id;       // 16 bytes
    ClockQuality quality = ClockQuality::unknown;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.wall_ns);
        v(2, s.mono_ns);
        v(3, s.boot_id);
        v(4, s.quality);
    }
    bool operator==(const WireStamp&) const = default;
};

// What one device gave in one cycle: one record of the stream `samples`. Series and values are parallel
// columns.
struct SampleRecord {
    static constexpr const char* kName = "SampleRecord";
    std::string device;
    WireStamp stamp;
    std::vector<std::uint32_t> counter_series;
    std::vector<std::uint64_t> counters;
    std::vector<std::uint32_t> gauge_series;
    std::vector<double> gauges;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.device);
        v(2, s.stamp);
        v(3, s.counter_series);
        v(4, s.counters);
        v(5, s.gauge_series);
        v(6, s.gauges);
    }
    // The columns are of equal length.
    [[nodiscard]] bool valid() const {
        return counter_series.size() == counters.size() && gauge_series.size() == gauges.size();
    }
    [[nodiscard]] std::size_t size() const { return counters.size() + gauges.size(); }
    bool operator==(const SampleRecord&) const = default;
};

// How much an alarm matters; less is worse. The numbers are on disk and on the wire.
enum class Severity : std::uint8_t { none = 0, critical = 1, major = 2, minor = 3, warning = 4 };
[[nodiscard]] std::string_view word_of(Severity severity);

enum class AlarmStep : std::uint8_t {
    unknown = 0,
    raised = 1,
    escalated = 2,
    eased = 3,
    acknowledged = 4,
    assigned = 5,
    noted = 6,
    shelved = 7,
    unshelved = 8,
    cleared = 9,
    reopened = 10,
    restated =
        11,  // nothing happened: the whole is told again, so that the journal may let go of what is old
};
[[nodiscard]] std::string_view word_of(AlarmStep step);

// An alarm after a step of its life: all that is so then. The newest record of an alarm tells it whole.
struct AlarmState {
    static constexpr const char* kName = "AlarmState";
    std::string rule;  // with device and component of the record it is the alarm's identity
    AlarmStep step = AlarmStep::unknown;
    std::uint64_t revision = 0;  // grows by one a step, over all alarms of the station
    bool open = false;
    Severity severity = Severity::none;  // of a cleared alarm the last one
    std::uint64_t occurrence = 0;        // the revision of the step `raised` that it began with
    std::int64_t raised_ns = 0;
    std::int64_t since_ns = 0;   // since when what it tells of is so
    std::uint32_t reopened = 0;  // times, in this occurrence
    std::string by;              // who did this step; empty: the rule
    std::string text;            // of a note; of `cleared` the reason when the rule did not find it over
    std::string acknowledged_by;
    std::int64_t acknowledged_ns = 0;
    std::string assignee;
    std::int64_t shelved_until_ns = 0;
    std::optional<double> value;
    std::optional<double> limit;
    std::string name_zh;
    std::string name_en;
    std::string token;  // of the last step of a person: the same again is not taken twice
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.rule);
        v(2, s.step);
        v(3, s.revision);
        v(4, s.open);
        v(5, s.severity);
        v(6, s.occurrence);
        v(7, s.raised_ns);
        v(8, s.since_ns);
        v(9, s.reopened);
        v(10, s.by);
        v(11, s.text);
        v(12, s.acknowledged_by);
        v(13, s.acknowledged_ns);
        v(14, s.assignee);
        v(15, s.shelved_until_ns);
        v(16, s.value);
        v(17, s.limit);
        v(18, s.name_zh);
        v(19, s.name_en);
        v(20, s.token);
    }
    [[nodiscard]] std::size_t text_octets() const {
        return rule.size() + by.size() + text.size() + acknowledged_by.size() + assignee.size() +
               name_zh.size() + name_en.size() + token.size();
    }
    bool operator==(const AlarmState&) const = default;
};
inline constexpr const char* kAlarmKind = "alarm";  // of a StateRecord that has one

// A change of state or of an attribute of a device: one record of the stream `state`.
struct StateRecord {
    static constexpr const char* kName = "StateRecord";
    std::string device;
    WireStamp stamp;
    // device_up, device_down, device_restarted, interface_up, interface_down, changing_too_often,
    // too_many_series, under_strain, strain_over, engine_changed and others of SNMPv3, alarm; discovery_new,
    // discovery_changed, discovery_vanished (of what is not configured too: by its address); and what is no
    // event: attribute, interface_name, interface_descr, interface_alias, interface_gone. Of states that
    // device packs know: component_changed; no event: component_state (the first look), component_gone. Of
    // neighbours, no events: neighbour_seen, neighbour_gone. Of
    // what it is built of: component_replaced; no event: component_part (the first look), component_gone
    std::string kind;
    std::string component;  // the interface's name; the attribute's; of engine_shared the other device; of a
                            // neighbour the port that it is at
    std::string value;   // for `attribute` the new value; of an interface its number, of a component its OID,
                         // of a neighbour its key
    std::string reason;  // for device_down: timeout, refused, auth, clock, malformed, unreachable; of a
                         // component its severity; of a neighbour the protocol
    std::string text{};  // for interface_descr and interface_alias what it is now; of a component its state;
                         // of a neighbour who it is (lib/model/neighbour.hpp)
    std::optional<AlarmState> alarm = {};  // of kind `alarm`
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.device);
        v(2, s.stamp);
        v(3, s.kind);
        v(4, s.component);
        v(5, s.value);
        v(6, s.reason);
        v(7, s.text);
        v(8, s.alarm);
    }
    [[nodiscard]] std::size_t text_octets() const {
        return device.size() + kind.size() + component.size() + value.size() + reason.size() + text.size() +
               (alarm ? alarm->text_octets() : 0);
    }
    // Something happened. Else it says what something is, or that it is no more.
    [[nodiscard]] bool is_event() const;
    bool operator==(const StateRecord&) const = default;
};

// What became of data that nobody can look at. The numbers are on disk and on the wire.
enum class Account : std::uint8_t {
    unknown = 0,
    not_collected = 1,  // there is nothing: nobody measured
    dropped = 2,        // it was kept and then let go
    thinned = 3,        // only a roll-up of it is kept
    damaged = 4,        // it was kept and cannot be read any more
};
// As people and programs are told: "not_collected" ...; "unknown" for a number that this version does not
// know.
[[nodiscard]] std::string_view word_of(Account account);
// The account with this word, unless it is none.
[[nodiscard]] std::optional<Account> account_from(std::string_view word);

// An entry of the gap ledger (requirement SYN-7): one record of the stream `ledger`. It is durable before
// what it tells of happens.
struct LedgerRecord {
    static constexpr const char* kName = "LedgerRecord";
    WireStamp stamp;  // when it was entered
    Account account = Account::unknown;
    StreamId stream = StreamId::samples;  // that the data is or would be of
    std::string device;                   // empty: all
    std::int64_t from_ns = 0;             // the time the data is of
    std::int64_t to_ns = 0;               // 0: not over yet (in answers only)
    std::uint64_t first_sequence = 0;     // of the records concerned; 0: they have none
    std::uint64_t last_sequence = 0;
    std::string reason;        // age, size, damage, device_down, station_restarted, not_polled
    std::int64_t step_ns = 0;  // of the roll-up, when thinned
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.stamp);
        v(2, s.account);
        v(3, s.stream);
        v(4, s.device);
        v(5, s.from_ns);
        v(6, s.to_ns);
        v(7, s.first_sequence);
        v(8, s.last_sequence);
        v(9, s.reason);
        v(10, s.step_ns);
    }
    bool operator==(const LedgerRecord&) const = default;
};

// A producer's batch inside a frame: `count` records from `first_sequence` on came as one batch.
struct BatchMark {
    static constexpr const char* kName = "BatchMark";
    std::string daemon;
    std::uint64_t incarnation = 0;
    std::uint64_t counter = 0;
    std::uint64_t first_sequence = 0;
    std::uint32_t count = 0;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.daemon);
        v(2, s.incarnation);
        v(3, s.counter);
        v(4, s.first_sequence);
        v(5, s.count);
    }
    bool operator==(const BatchMark&) const = default;
};

// Numbers of a stream that no record has, for ever: what was there was lost before its end was known.
struct SequenceGap {
    static constexpr const char* kName = "SequenceGap";
    std::uint64_t first_sequence = 0;
    std::uint64_t count = 0;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.first_sequence);
        v(2, s.count);
    }
    bool operator==(const SequenceGap&) const = default;
};

// The payload of a journal frame with codec 1, before compression. Exactly one of samples, states and ledger
// is used, as the stream says. A stamp without boot_id has the frame's.
struct FrameBody {
    static constexpr const char* kName = "FrameBody";
    std::vector<SeriesDef> series;  // those that appear for the first time in this segment
    std::vector<BatchMark> batches;
    std::vector<SampleRecord> samples;
    std::vector<StateRecord> states;
    std::string boot_id;
    // Only in the first frame of a segment, so that older segments can go: the highest series number on disk
    // with this frame, and the last batch of each producer before it (its first_sequence and count are 0).
    std::uint32_t last_series = 0;
    std::vector<BatchMark> producers;
    std::vector<LedgerRecord> ledger;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.series);
        v(2, s.batches);
        v(3, s.samples);
        v(4, s.states);
        v(5, s.boot_id);
        v(6, s.last_series);
        v(7, s.producers);
        v(8, s.ledger);
    }
    bool operator==(const FrameBody&) const = default;
};

}  // namespace outstation::wire
