// SPDX-License-Identifier: GPL-3.0-or-later
// Arbitrary bytes as payloads of the columnar frame codec, one behind another: each is decoded or refused,
// and what was decoded comes back from our own encoder.
#include <cstdlib>
#include <cstring>

#include "lib/store/columns/bytes.hpp"
#include "lib/store/columns/frame_columns.hpp"

using namespace outstation;
using namespace outstation::store;

namespace {

bool same(const wire::SampleRecord& x, const wire::SampleRecord& y) {
    return x.device == y.device && x.stamp == y.stamp && x.counter_series == y.counter_series &&
           x.counters == y.counters && x.gauge_series == y.gauge_series &&
           x.gauges.size() == y.gauges.size() &&
           (x.gauges.empty() ||
            std::memcmp(x.gauges.data(), y.gauges.data(), x.gauges.size() * sizeof(double)) == 0);
}

// The input is {octets u16, head octets u16, payload} again and again; with head octets the payload gets a
// prefix that says that nothing is compressed, so that the columns are reached.
std::string next_payload(columns::Cursor& in) {
    const auto octets = in.fixed<std::uint16_t>();
    const auto head = in.fixed<std::uint16_t>();
    const std::string_view bytes = in.bytes(std::min<std::size_t>(octets, in.left()));
    if (head == 0 || bytes.size() < 3) return std::string(bytes);
    const std::string_view rest = bytes.substr(2);
    const std::size_t head_octets = std::min<std::size_t>(head, rest.size());
    const std::size_t body_octets = (rest.size() - head_octets) * static_cast<unsigned char>(bytes[1]) / 255;
    std::string out(1, static_cast<char>(bytes[0] & 1));
    for (const std::size_t part : {head_octets, head_octets, body_octets, body_octets})
        columns::put_varint(out, part);
    return out += rest;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    columns::Cursor in({reinterpret_cast<const char*>(data), size});
    FrameDecoder decoder;
    FrameEncoder encoder;
    FrameDecoder again;
    for (int frame = 0; frame < 16 && in.left() > 4; ++frame) {
        const auto body = decoder.decode(next_payload(in));
        if (!body) continue;
        const auto payload = encoder.encode(*body, false);
        if (!payload) continue;
        const auto back = again.decode(*payload);
        if (!back || back->samples.size() != body->samples.size()) std::abort();
        for (std::size_t i = 0; i < body->samples.size(); ++i)
            if (!same(body->samples[i], back->samples[i])) std::abort();
    }
    return 0;
}
