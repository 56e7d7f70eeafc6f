// SPDX-License-Identifier: GPL-3.0-or-later
// Protobuf encoding of the plain structs in lib/wire: encode() and decode(), one pair for all of them.
// The .proto files beside are the schema; docs/formats/ipc.md and docs/formats/journal.md say where the bytes
// stand. Unknown fields are skipped (a newer peer); a wrong wire type, a cut message or more than
// kMaxElements repeated messages in one field is malformed. Threads: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "lib/model/result.hpp"

namespace outstation::wire {

// Repeated messages in one field; repeated numbers are bounded by the bytes that carry them.
inline constexpr std::size_t kMaxElements = 65536;

template <typename Message>
[[nodiscard]] std::string encode(const Message& message);

// Fails with malformed; the text names the message and the field number.
template <typename Message>
[[nodiscard]] Result<Message> decode(std::string_view bytes);

// What encode() gave, or would give.
template <typename Message>
struct Encoded {
    std::string bytes;
};

}  // namespace outstation::wire
