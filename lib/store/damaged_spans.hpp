// SPDX-License-Identifier: GPL-3.0-or-later
// What an answer leaves out because it cannot be read: unreadable frames and segments, and holes in the
// sequence where frames once were. Threads: one.
#pragma once

#include <vector>

#include "lib/store/journal/stream.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::store {

// Bounded by wire::kMaxDamagedSpans: what is more is joined to the last.
class DamagedSpans {
  public:
    void add(const wire::DamagedSpan& span);
    void add(const FrameEntry& frame);
    // Nothing when it is merely not there any more: retention dropped it.
    void add(const Segment& segment, const Error& error);
    [[nodiscard]] std::vector<wire::DamagedSpan> take() { return std::move(spans_); }

  private:
    std::vector<wire::DamagedSpan> spans_;
};

// Sees holes while the frames of a stream go by in the order of their sequences. What lies before the first
// segment was dropped by retention and is no hole.
class HoleWatch {
  public:
    // Each gives the span that is missing in front, if there is one.
    [[nodiscard]] std::optional<wire::DamagedSpan> begin(const Segment& segment);
    [[nodiscard]] std::optional<wire::DamagedSpan> see(const FrameEntry& frame);
    // Goes behind a segment whose frames are not looked at.
    void skip(const Segment& segment);

  private:
    [[nodiscard]] std::optional<wire::DamagedSpan> go_to(std::uint64_t first_sequence,
                                                         std::int64_t t0_ns) const;
    std::uint64_t end_sequence_ = 0;  // 0: nothing was seen yet
    std::int64_t t1_ns_ = 0;
};

}  // namespace outstation::store
