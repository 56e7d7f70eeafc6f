// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as what hosts answer to probes. What is read as an answer lies within the bytes, and what we send
// ourselves is no answer.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "drivers/probe/asf.hpp"
#include "drivers/probe/icmp.hpp"

namespace {

using namespace outstation::probe;

void require(bool holds) {
    if (!holds) std::abort();
}

void read_echo(std::string_view bytes) {
    const auto echo = parse_echo_reply(bytes);
    if (!echo) return;
    require(echo->data.size() + 8 == bytes.size() && echo->data.data() == bytes.data() + 8);
    require(!parse_echo_reply(encode_echo_request(echo->sequence, echo->data)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    read_echo(bytes);
    if (const auto message = parse_ip_packet(bytes)) {
        require(message->size() + 20 <= bytes.size());
        read_echo(*message);
    }
    if (const auto pong = parse_presence_pong(bytes)) require(bytes.size() >= 28);
    return 0;
}
