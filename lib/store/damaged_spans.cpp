// SPDX-License-Identifier: GPL-3.0-or-later
// Spans of records that are missing.
#include "lib/store/damaged_spans.hpp"

#include <algorithm>

namespace outstation::store {

void DamagedSpans::add(const wire::DamagedSpan& span) {
    if (spans_.size() < wire::kMaxDamagedSpans) return spans_.push_back(span);
    wire::DamagedSpan& last = spans_.back();
    last.from_ns = std::min(last.from_ns, span.from_ns);
    last.to_ns = std::max(last.to_ns, span.to_ns);
    last.first_sequence = std::min(last.first_sequence, span.first_sequence);
    last.last_sequence = std::max(last.last_sequence, span.last_sequence);
}

void DamagedSpans::add(const FrameEntry& frame) {
    add(wire::DamagedSpan{frame.info.t0_ns, frame.info.t1_ns, frame.info.first_sequence,
                          frame.end_sequence() - 1});
}

void DamagedSpans::add(const Segment& segment, const Error& error) {
    if (error.code == ErrorCode::not_found) return;
    add(wire::DamagedSpan{segment.t0_ns, segment.t1_ns, segment.header.first_sequence,
                          segment.end_sequence - 1});
}

std::optional<wire::DamagedSpan> HoleWatch::go_to(std::uint64_t first_sequence, std::int64_t t0_ns) const {
    if (end_sequence_ == 0 || first_sequence <= end_sequence_) return std::nullopt;
    return wire::DamagedSpan{std::min(t1_ns_, t0_ns), std::max(t1_ns_, t0_ns), end_sequence_,
                             first_sequence - 1};
}

std::optional<wire::DamagedSpan> HoleWatch::begin(const Segment& segment) {
    const bool first = end_sequence_ == 0;
    const std::int64_t t0_ns = segment.empty() ? segment.header.created_ns : segment.t0_ns;
    const auto hole = go_to(segment.header.first_sequence, t0_ns);
    end_sequence_ = segment.header.first_sequence;
    if (first) t1_ns_ = t0_ns;
    return hole;
}

std::optional<wire::DamagedSpan> HoleWatch::see(const FrameEntry& frame) {
    const auto hole = go_to(frame.info.first_sequence, frame.info.t0_ns);
    end_sequence_ = frame.end_sequence();
    t1_ns_ = frame.info.t1_ns;
    return hole;
}

void HoleWatch::skip(const Segment& segment) {
    end_sequence_ = segment.end_sequence;
    if (!segment.empty()) t1_ns_ = segment.t1_ns;
}

}  // namespace outstation::store
