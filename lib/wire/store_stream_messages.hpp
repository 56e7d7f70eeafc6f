// SPDX-License-Identifier: GPL-3.0-or-later
// Following the tail of streams and replaying ranges of them. Schema: store_messages.proto.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/wire/damaged_span.hpp"
#include "lib/wire/records.hpp"

namespace outstation::wire {

// Follow the tail of streams: from now on Tail and DurableMark are pushed (message id 0).
struct TailRequest {
    static constexpr const char* kName = "TailRequest";
    static constexpr std::uint16_t kType = 118;
    std::vector<std::uint32_t> streams;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.streams);
    }
    bool operator==(const TailRequest&) const = default;
};

struct Tail {
    static constexpr const char* kName = "Tail";
    static constexpr std::uint16_t kType = 119;
    StreamId stream = StreamId::samples;
    std::uint64_t first_sequence = 0;
    std::vector<SeriesDef> series;  // first seen on this subscription
    std::vector<SampleRecord> samples;
    std::vector<StateRecord> states;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.stream);
        v(2, s.first_sequence);
        v(3, s.series);
        v(4, s.samples);
        v(5, s.states);
    }
    bool operator==(const Tail&) const = default;
};

struct DurableMark {
    static constexpr const char* kName = "DurableMark";
    static constexpr std::uint16_t kType = 120;
    StreamId stream = StreamId::samples;
    std::uint64_t sequence = 0;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.stream);
        v(2, s.sequence);
    }
    bool operator==(const DurableMark&) const = default;
};

// Durable records by sequence, for replay and for proof.
struct ReplayRequest {
    static constexpr const char* kName = "ReplayRequest";
    static constexpr std::uint16_t kType = 121;
    StreamId stream = StreamId::samples;
    std::uint64_t first_sequence = 0;
    std::uint32_t limit = 0;  // records; at most 1000
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.stream);
        v(2, s.first_sequence);
        v(3, s.limit);
    }
    bool operator==(const ReplayRequest&) const = default;
};

// Records first_sequence ... without gaps; `batches` say which producer's batch each came in. `gaps` are
// those between the sequence asked for and the first record of the answer; go on behind the last of them when
// the answer has no records and `more`. The records and gaps of an answer are of one epoch.
struct ReplayReply {
    static constexpr const char* kName = "ReplayReply";
    static constexpr std::uint16_t kType = 122;
    std::uint64_t first_sequence = 0;
    std::vector<BatchMark> batches;
    std::vector<SampleRecord> samples;
    std::vector<StateRecord> states;
    bool more = false;
    std::vector<DamagedSpan> damaged = {};
    std::vector<SequenceGap> gaps = {};
    std::vector<LedgerRecord> ledger = {};
    std::uint64_t epoch = 0;  // of the records and gaps
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.first_sequence);
        v(2, s.batches);
        v(3, s.samples);
        v(4, s.states);
        v(5, s.more);
        v(6, s.damaged);
        v(7, s.gaps);
        v(8, s.ledger);
        v(9, s.epoch);
    }
    bool operator==(const ReplayReply&) const = default;
};

}  // namespace outstation::wire
