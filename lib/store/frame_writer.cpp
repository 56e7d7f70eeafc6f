// SPDX-License-Identifier: GPL-3.0-or-later
// Writing and reading of frame bodies.
#include "lib/store/frame_writer.hpp"

#include <algorithm>

#include "lib/wire/wire.hpp"

namespace outstation::store {
namespace {

constexpr std::size_t kMarkOctets = 128;  // of one producer's mark, at most, names apart

template <typename Records>
void hoist_boot_id(Records& records, std::string& boot_id) {
    if (records.empty() || !boot_id.empty()) return;  // none, or it was done already
    boot_id = records.front().stamp.boot_id;
    for (auto& record : records) {
        if (record.stamp.boot_id == boot_id) record.stamp.boot_id.clear();
    }
}

template <typename Records>
void restore_boot_id(Records& records, const std::string& boot_id) {
    for (auto& record : records) {
        if (record.stamp.boot_id.empty()) record.stamp.boot_id = boot_id;
    }
}

template <typename Records>
void span_times(const Records& records, FrameInfo& info) {
    for (const auto& record : records) {
        const bool first = info.records++ == 0;
        info.t0_ns = first ? record.stamp.wall_ns : std::min(info.t0_ns, record.stamp.wall_ns);
        info.t1_ns = first ? record.stamp.wall_ns : std::max(info.t1_ns, record.stamp.wall_ns);
    }
}

}  // namespace

Result<void> FrameWriter::write(wire::FrameBody& body, std::int64_t now_ns) {
    hoist_boot_id(body.samples, body.boot_id);
    hoist_boot_id(body.states, body.boot_id);
    hoist_boot_id(body.ledger, body.boot_id);
    const std::string records = wire::encode(body);
    if (changes_ != dictionary_.changes()) defined_.clear();
    changes_ = dictionary_.changes();
    std::vector<std::uint32_t> undefined;
    // A new segment has nothing defined, so that its first frame may need more room than was asked for.
    for (;;) {
        undefined = undefined_series(body);
        std::size_t octets = records.size();
        for (const std::uint32_t id : undefined) octets += dictionary_.encoded_octets(id);
        for (const auto& mark : producers_.marks()) octets += kMarkOctets + mark.daemon.size();
        const auto segment = stream_.prepare(octets, now_ns);
        if (!segment) return fail(segment.error());
        if (*segment == segment_) break;
        segment_ = *segment;
        defined_.clear();
        started_ = false;
    }
    FrameInfo info;
    info.first_sequence = stream_.next_sequence();
    span_times(body.samples, info);
    span_times(body.states, info);
    span_times(body.ledger, info);
    info.flags =
        static_cast<std::uint8_t>((undefined.empty() ? 0 : kFlagDefinitions) | (started_ ? 0 : kFlagKeyed));
    const std::string head = wire::encode(head_of(undefined, !started_));
    if (const auto ok = stream_.write(info, head + records); !ok) return ok;
    started_ = true;
    for (const std::uint32_t id : undefined) {
        if (id >= defined_.size()) defined_.resize(id + 1);
        defined_[id] = true;
    }
    for (const auto& batch : body.batches) producers_.add({batch.daemon, batch.incarnation, batch.counter});
    return {};
}

std::vector<std::uint32_t> FrameWriter::undefined_series(const wire::FrameBody& body) {
    std::vector<std::uint32_t> out;
    const auto look = [&](const std::vector<std::uint32_t>& column) {
        for (const std::uint32_t id : column) {
            if (id >= defined_.size() || !defined_[id]) out.push_back(id);
        }
    };
    for (const auto& record : body.samples) {
        look(record.counter_series);
        look(record.gauge_series);
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

// Protobuf messages written one after another read as one.
wire::FrameBody FrameWriter::head_of(const std::vector<std::uint32_t>& undefined, bool first) const {
    wire::FrameBody head;
    for (const std::uint32_t id : undefined) {
        if (auto def = dictionary_.find(id)) head.series.push_back(std::move(*def));
    }
    if (first) {
        head.last_series = dictionary_.last();
        head.producers = producers_.marks();
    }
    return head;
}

Result<wire::FrameBody> decode_frame(std::string_view bytes) {
    auto body = wire::decode<wire::FrameBody>(bytes);
    if (!body) return body;
    for (const auto& record : body->samples) {
        if (!record.valid()) return fail(ErrorCode::malformed, "columns of different length");
    }
    restore_boot_id(body->samples, body->boot_id);
    restore_boot_id(body->states, body->boot_id);
    restore_boot_id(body->ledger, body->boot_id);
    return body;
}

}  // namespace outstation::store
