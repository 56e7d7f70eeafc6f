// SPDX-License-Identifier: GPL-3.0-or-later
// Lengths in a stream.
#include "drivers/snmp/message_stream.hpp"

#include <utility>

#include "drivers/snmp/ber.hpp"

namespace outstation::snmp {
namespace {

constexpr std::size_t kTooLong = MessageStream::kMostBytes + 1;

// Of the message that begins here, head included; 0: more bytes are needed to tell; kTooLong: none begins.
std::size_t message_size(std::string_view bytes) {
    const auto at = [bytes](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    if (bytes.empty()) return 0;
    if (at(0) != static_cast<unsigned char>(Tag::sequence)) return kTooLong;
    if (bytes.size() < 2) return 0;
    if (at(1) < 0x80) return std::size_t{2} + at(1);
    const std::size_t octets = at(1) & 0x7fU;
    if (octets == 0 || octets > 4) return kTooLong;
    if (bytes.size() < 2 + octets) return 0;
    std::size_t length = 0;
    for (std::size_t i = 0; i < octets; ++i) length = length << 8 | at(2 + i);
    return length > MessageStream::kMostBytes - 2 - octets ? kTooLong : 2 + octets + length;
}

}  // namespace

void MessageStream::append(std::string_view bytes) {
    if (is_broken_) return;
    bytes_.erase(0, std::exchange(taken_, 0));
    bytes_ += bytes;
}

std::string_view MessageStream::take() {
    if (is_broken_) return {};
    const std::string_view rest = std::string_view(bytes_).substr(taken_);
    const std::size_t size = message_size(rest);
    is_broken_ = size == kTooLong;
    if (is_broken_ || size == 0 || size > rest.size()) return {};
    taken_ += size;
    return rest.substr(0, size);
}

}  // namespace outstation::snmp
