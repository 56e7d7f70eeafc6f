// SPDX-License-Identifier: GPL-3.0-or-later
// RMCP header, ASF header, data.
#include "drivers/probe/asf.hpp"

#include <cstddef>

namespace outstation::probe {
namespace {

using namespace std::string_view_literals;

// RMCP version 1.0, reserved, no acknowledgement wanted, class ASF (ASF 2.0 §3.2.2).
constexpr std::string_view kRmcp = "\x06\x00\xFF\x06"sv;
constexpr std::string_view kEnterprise = "\x00\x00\x11\xBE"sv;  // 4542, of ASF itself
constexpr char kPing = '\x80';
constexpr char kPong = '\x40';
// Then: tag, reserved, length of the data.
constexpr std::size_t kType = 4 + 4;
constexpr std::size_t kTag = kType + 1;
constexpr std::size_t kLength = kTag + 1 + 1;
constexpr std::size_t kData = kLength + 1;
// Of a pong (ASF 2.0 §3.2.4.2): enterprise number, four octets of its own, supported entities, ...
constexpr std::size_t kPongData = 16;
constexpr std::size_t kEntities = kData + 4 + 4;
constexpr unsigned kIpmi = 0x80;

}  // namespace

std::string encode_presence_ping(std::uint8_t tag) {
    std::string out(kRmcp);
    out += kEnterprise;
    out += kPing;
    out += static_cast<char>(tag);
    out += "\x00\x00"sv;
    return out;
}

Result<Pong> parse_presence_pong(std::string_view datagram) {
    const bool is_pong = datagram.size() >= kData + kPongData && datagram[0] == kRmcp[0] &&
                         datagram[3] == kRmcp[3] && datagram.substr(4, 4) == kEnterprise &&
                         datagram[kType] == kPong &&
                         static_cast<unsigned char>(datagram[kLength]) >= kPongData;
    if (!is_pong) return fail(ErrorCode::malformed, "no presence pong");
    const unsigned entities = static_cast<unsigned char>(datagram[kEntities]);
    return Pong{static_cast<std::uint8_t>(datagram[kTag]), (entities & kIpmi) != 0};
}

}  // namespace outstation::probe
