// SPDX-License-Identifier: GPL-3.0-or-later
// Reading of frame bodies.
#include "lib/store/frame_cursor.hpp"

#include "lib/wire/wire.hpp"

namespace outstation::store {
namespace {

template <typename Records>
void restore_boot_id(Records& records, const std::string& boot_id) {
    for (auto& record : records) {
        if (record.stamp.boot_id.empty()) record.stamp.boot_id = boot_id;
    }
}

// Of the last frame at or before `index` that stands alone.
std::size_t keyed_before(const std::vector<FrameEntry>& entries, std::size_t index) {
    while (index > 0 && (entries[index].info.flags & kFlagKeyed) == 0) --index;
    return index;
}

}  // namespace

Result<wire::FrameBody> FrameCursor::read(std::size_t part, const std::vector<FrameEntry>& entries,
                                          std::size_t index) {
    const auto frame = view_.read_frame(part, entries[index]);
    if (!frame) return fail(frame.error());
    if (frame->codec != Codec::columns) return decode_frame(frame->bytes);
    return read_columns(part, entries, index, frame->bytes);
}

Result<wire::FrameBody> FrameCursor::read_rest(std::size_t part, const FrameEntry& entry) {
    const auto frame = view_.read_frame(part, entry);
    if (!frame) return fail(frame.error());
    if (frame->codec == Codec::columns) return FrameDecoder::rest(frame->bytes);
    auto body = decode_frame(frame->bytes);
    if (body) body->samples.clear();
    return body;
}

Result<wire::FrameBody> FrameCursor::read_columns(std::size_t part, const std::vector<FrameEntry>& entries,
                                                  std::size_t index, std::string_view bytes) {
    const FrameInfo& info = entries[index].info;
    const bool ready = FrameDecoder::keyed(bytes) || next_sequence_ == info.first_sequence;
    next_sequence_ = 0;
    const std::size_t first = ready ? index : keyed_before(entries, index);
    for (std::size_t i = first; i < index; ++i) {
        // Where one is missing, those behind it would be decoded against the wrong values.
        if (entries[i].end_sequence() != entries[i + 1].info.first_sequence || entries[i].info.gap())
            return fail(ErrorCode::malformed, "a frame before it is missing");
        const auto earlier = view_.read_frame(part, entries[i]);
        if (!earlier) return fail(earlier.error());
        if (earlier->codec != Codec::columns)
            return fail(ErrorCode::malformed, "a frame before it is not of columns");
        if (const auto body = decoder_.decode(earlier->bytes); !body)
            return fail(ErrorCode::malformed, "a frame before it: " + body.error().text);
    }
    auto body = decoder_.decode(bytes);
    // A frame that it needs is not there: that is damage, not a segment that was dropped.
    if (!body) return fail(ErrorCode::malformed, body.error().text);
    if (body->samples.size() != info.records)
        return fail(ErrorCode::malformed, "frame of another number of records than it says");
    next_sequence_ = info.end_sequence();
    return body;
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
