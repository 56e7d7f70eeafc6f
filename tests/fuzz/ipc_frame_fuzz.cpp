// SPDX-License-Identifier: GPL-3.0-or-later
// A byte stream cut anywhere gives the same frames as the stream in one piece, or the same refusal.
#include <cstdlib>
#include <vector>

#include "lib/ipc/channel.hpp"

namespace {

using outstation::ipc::Frame;
using outstation::ipc::FrameReader;

struct Seen {
    std::vector<std::string> bodies;
    bool refused = false;
    bool operator==(const Seen&) const = default;
};

void drain(FrameReader& reader, Seen& seen) {
    Frame frame;
    while (!seen.refused) {
        const auto more = reader.next(frame);
        seen.refused = !more;
        if (!more || !*more) return;
        seen.bodies.emplace_back(frame.body);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    Seen whole;
    FrameReader one;
    one.add(bytes);
    drain(one, whole);
    Seen pieces;
    FrameReader many;
    const std::size_t step = 1 + data[0] % 16;
    for (std::size_t at = 0; at < bytes.size() && !pieces.refused; at += step) {
        many.add(bytes.substr(at, step));
        drain(many, pieces);
    }
    if (!(whole == pieces)) std::abort();
    return 0;
}
