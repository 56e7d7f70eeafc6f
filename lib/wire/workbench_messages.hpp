// SPDX-License-Identifier: GPL-3.0-or-later
// Recording a device and trying packs on what was recorded (types 420 to 439); polld answers. Schema:
// workbench_messages.proto.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace outstation::wire {

// Begins, ends or asks how far it is. Answered by RecordStatus.
struct RecordRequest {
    static constexpr const char* kName = "RecordRequest";
    static constexpr std::uint16_t kType = 420;
    std::string action;   // "start", "cancel"; empty: only the status
    std::string subject;  // of start: the id of a configured device, or an address that discovery found
    bool plain = false;   // of start: nothing is replaced; only for the console
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.action);
        v(2, s.subject);
        v(3, s.plain);
    }
    bool operator==(const RecordRequest&) const = default;
};

struct RecordStatus {
    static constexpr const char* kName = "RecordStatus";
    static constexpr std::uint16_t kType = 421;
    std::string state;  // "never", "running", "working", "done", "failed", "cancelled"
    std::string subject;
    std::uint32_t values = 0;
    std::uint64_t bytes = 0;
    std::uint32_t requests = 0;
    std::string at;  // the last OID
    std::int64_t started_ns = 0;
    std::int64_t ended_ns = 0;
    std::string problem;             // why it failed
    std::vector<std::string> notes;  // what is not in it
    std::uint32_t stand_ins = 0;     // so many values were replaced
    std::uint32_t dropped = 0;       // left out: users, communities
    bool plain = false;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.state);
        v(2, s.subject);
        v(3, s.values);
        v(4, s.bytes);
        v(5, s.requests);
        v(6, s.at);
        v(7, s.started_ns);
        v(8, s.ended_ns);
        v(9, s.problem);
        v(10, s.notes);
        v(11, s.stand_ins);
        v(12, s.dropped);
        v(13, s.plain);
    }
    bool operator==(const RecordStatus&) const = default;
};

struct RecordTextRequest {
    static constexpr const char* kName = "RecordTextRequest";
    static constexpr std::uint16_t kType = 422;
    std::uint64_t offset = 0;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.offset);
    }
    bool operator==(const RecordTextRequest&) const = default;
};

struct RecordText {
    static constexpr const char* kName = "RecordText";
    static constexpr std::uint16_t kType = 423;
    std::string text;  // snmprec
    std::uint64_t total = 0;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.text);
        v(2, s.total);
    }
    bool operator==(const RecordText&) const = default;
};

// What packs make of the recording. Answered by ExplainReply; not_found: there is none.
struct ExplainRequest {
    static constexpr const char* kName = "ExplainRequest";
    static constexpr std::uint16_t kType = 424;
    template <class V, class S>
    static void fields(V&, S&) {}
    bool operator==(const ExplainRequest&) const = default;
};

struct FoundCount {
    static constexpr const char* kName = "FoundCount";
    std::string kind;  // "sensors", "states", ...
    std::uint32_t count = 0;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.kind);
        v(2, s.count);
    }
    bool operator==(const FoundCount&) const = default;
};

struct PackUse {
    static constexpr const char* kName = "PackUse";
    std::string name;
    std::string title;
    std::string title_zh;
    std::string why;
    std::vector<FoundCount> finds;  // alone
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.name);
        v(2, s.title);
        v(3, s.title_zh);
        v(4, s.why);
        v(5, s.finds);
    }
    bool operator==(const PackUse&) const = default;
};

struct ExplainReply {
    static constexpr const char* kName = "ExplainReply";
    static constexpr std::uint16_t kType = 425;
    std::string vendor;
    std::string device_class;
    std::string model;
    std::string version;
    std::string object_id;
    std::vector<PackUse> packs;
    std::vector<FoundCount> finds;  // together
    std::string draft;              // a pack to begin with
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.vendor);
        v(2, s.device_class);
        v(3, s.model);
        v(4, s.version);
        v(5, s.object_id);
        v(6, s.packs);
        v(7, s.finds);
        v(8, s.draft);
    }
    bool operator==(const ExplainReply&) const = default;
};

// A pack that nobody uses yet, on the recording or on the device. Answered by DraftReply.
struct DraftRequest {
    static constexpr const char* kName = "DraftRequest";
    static constexpr std::uint16_t kType = 426;
    std::string yaml;
    bool live = false;  // the device is asked for what it needs; nothing is stored
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.yaml);
        v(2, s.live);
    }
    bool operator==(const DraftRequest&) const = default;
};

struct DraftMistake {
    static constexpr const char* kName = "DraftMistake";
    std::uint32_t line = 0;  // 0: of the whole
    std::uint32_t column = 0;
    std::string text;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.line);
        v(2, s.column);
        v(3, s.text);
    }
    bool operator==(const DraftMistake&) const = default;
};

struct DraftFinding {
    static constexpr const char* kName = "DraftFinding";
    std::string kind;  // "sensor", "state", "processor", "memory", "storage", "series"
    std::string label;
    std::string label_zh;
    std::string value;
    std::string unit;  // of a state its severity
    std::string oid;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.kind);
        v(2, s.label);
        v(3, s.label_zh);
        v(4, s.value);
        v(5, s.unit);
        v(6, s.oid);
    }
    bool operator==(const DraftFinding&) const = default;
};

struct DraftReply {
    static constexpr const char* kName = "DraftReply";
    static constexpr std::uint16_t kType = 427;
    std::vector<DraftMistake> mistakes;
    bool matches = false;  // the device would get it
    std::vector<DraftFinding> findings;
    bool more = false;  // than are told
    std::string vendor;
    std::string device_class;
    std::string model;
    std::string version;
    std::string problem;       // why the device could not be asked
    std::int64_t read_ns = 0;  // when the device was asked; 0: the recording was
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.mistakes);
        v(2, s.matches);
        v(3, s.findings);
        v(4, s.more);
        v(5, s.vendor);
        v(6, s.device_class);
        v(7, s.model);
        v(8, s.version);
        v(9, s.problem);
        v(10, s.read_ns);
    }
    bool operator==(const DraftReply&) const = default;
};

}  // namespace outstation::wire
