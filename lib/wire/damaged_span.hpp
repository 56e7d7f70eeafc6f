// SPDX-License-Identifier: GPL-3.0-or-later
// A part of a stream or of the history that cannot be read: answers name it. Schema: store_messages.proto.
#pragma once

#include <cstddef>
#include <cstdint>

namespace outstation::wire {

// Records that were on disk and cannot be read: they are missing from the answer. At most kMaxDamagedSpans in
// one answer; what is more is joined to the last. first_sequence 0: not known.
struct DamagedSpan {
    static constexpr const char* kName = "DamagedSpan";
    std::int64_t from_ns = 0;  // between the stamps around them
    std::int64_t to_ns = 0;
    std::uint64_t first_sequence = 0;
    std::uint64_t last_sequence = 0;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.from_ns);
        v(2, s.to_ns);
        v(3, s.first_sequence);
        v(4, s.last_sequence);
    }
    bool operator==(const DamagedSpan&) const = default;
};
inline constexpr std::size_t kMaxDamagedSpans = 64;

}  // namespace outstation::wire
