// SPDX-License-Identifier: GPL-3.0-or-later
// What the octets behind the last valid frame of a segment may have been: a seal cut short, a write cut
// short, or damaged frames. Pure functions.
#pragma once

#include <string_view>

#include "lib/store/journal/segment.hpp"

namespace outstation::store {

// The last octets of a segment, where its trailer goes once it is sealed.
[[nodiscard]] std::string_view trailer_place(std::string_view bytes);
[[nodiscard]] bool has_octets(std::string_view bytes);  // any that is not zero

// Looks at the octets between segment.end_offset and the trailer, if that is one. Frame headers that are
// whole tell how many records are lost; for octets that tell nothing, see unreadable_records().
[[nodiscard]] Tail find_tail(std::string_view bytes, const Segment& segment);

// How many numbers records in these octets may have had, at most: kMaxFrameRecords for the frame at their
// beginning and for each other place where a frame may begin, and never fewer than octets that are not zero.
[[nodiscard]] std::uint64_t unreadable_records(std::string_view bytes);

}  // namespace outstation::store
