// SPDX-License-Identifier: GPL-3.0-or-later
// How stored is: streams, history, budget (type 116 and its answer). Schema: store_messages.proto.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/wire/records.hpp"

namespace outstation::wire {

struct StoreStatusRequest {
    static constexpr const char* kName = "StoreStatusRequest";
    static constexpr std::uint16_t kType = 116;
    template <class V, class S>
    static void fields(V&, S&) {}
    bool operator==(const StoreStatusRequest&) const = default;
};

struct StreamStatus {
    static constexpr const char* kName = "StreamStatus";
    StreamId stream = StreamId::samples;
    std::uint64_t first_sequence = 0;
    std::uint64_t last_sequence = 0;  // accepted
    std::uint64_t durable_sequence = 0;
    std::uint64_t bytes = 0;
    std::uint32_t segments = 0;
    std::int64_t oldest_ns = 0;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.stream);
        v(2, s.first_sequence);
        v(3, s.last_sequence);
        v(4, s.durable_sequence);
        v(5, s.bytes);
        v(6, s.segments);
        v(7, s.oldest_ns);
    }
    bool operator==(const StreamStatus&) const = default;
};

// Sealed samples at one level of detail: 0 every sample, 1 minutes, 2 quarters of an hour, 3 hours.
struct HistoryLevelStatus {
    static constexpr const char* kName = "HistoryLevelStatus";
    std::uint32_t level = 0;
    std::int64_t from_ns = 0;
    std::int64_t to_ns = 0;
    std::uint64_t bytes = 0;
    std::uint32_t files = 0;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.level);
        v(2, s.from_ns);
        v(3, s.to_ns);
        v(4, s.bytes);
        v(5, s.files);
    }
    bool operator==(const HistoryLevelStatus&) const = default;
};

struct StoreStatus {
    static constexpr const char* kName = "StoreStatus";
    static constexpr std::uint16_t kType = 117;
    std::vector<StreamStatus> streams;
    std::uint64_t bytes = 0;  // of every file, also those that are in no stream and no level
    std::uint64_t limit_bytes = 0;
    std::uint64_t flush_interval_ms = 0;
    std::uint32_t series = 0;
    std::uint64_t samples_accepted = 0;  // values since the start of stored
    std::uint64_t duplicates = 0;        // batches recognised as resends since the start
    std::int64_t durable_lag_ns = 0;     // age of the oldest accepted record that is not durable; 0: none
    std::int64_t newest_sample_ns = 0;
    std::string station_id;
    std::uint64_t epoch = 0;
    std::vector<HistoryLevelStatus> history;  // of the levels that there are
    std::uint64_t state_bytes = 0;            // of the database of states
    std::uint64_t damaged_places = 0;         // found since the start of stored
    // Records whose clock showed a time that cannot be and could not be repaired, since the start of stored.
    // They are kept and left out of ranges.
    std::uint64_t impossible_stamps = 0;
    // What is tried again and again and has not worked since then: there is no room, or history or its ledger
    // cannot be written. Empty: everything works.
    std::int64_t failing_since_ns = 0;
    std::string failing;
    std::string held_back;  // why history is not merged, or has no hours, although it is time; empty: it is
    // Segments of the journal that the device could not read, renamed to NAME.bad; among those of `samples`.
    std::uint32_t set_aside_segments = 0;
    std::uint64_t set_aside_bytes = 0;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.streams);
        v(2, s.bytes);
        v(3, s.limit_bytes);
        v(4, s.flush_interval_ms);
        v(5, s.series);
        v(6, s.samples_accepted);
        v(7, s.duplicates);
        v(8, s.durable_lag_ns);
        v(9, s.newest_sample_ns);
        v(10, s.station_id);
        v(11, s.epoch);
        v(12, s.history);
        v(13, s.state_bytes);
        v(14, s.damaged_places);
        v(15, s.impossible_stamps);
        v(16, s.failing_since_ns);
        v(17, s.failing);
        v(18, s.held_back);
        v(19, s.set_aside_segments);
        v(20, s.set_aside_bytes);
    }
    bool operator==(const StoreStatus&) const = default;
};

}  // namespace outstation::wire
