// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a stream of messages: cut anywhere, it gives the same messages as in one piece, and holds no
// more than it may. The first byte says how it is cut.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "drivers/snmp/message_stream.hpp"

namespace {

using outstation::snmp::MessageStream;

void require(bool holds) {
    if (!holds) std::abort();
}

std::vector<std::string> take_all(std::string_view bytes, std::size_t piece, bool& is_broken) {
    MessageStream stream;
    std::vector<std::string> out;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        stream.append(bytes.substr(at, piece));
        for (std::string_view one = stream.take(); !one.empty(); one = stream.take()) {
            require(one.size() >= 2 && one.size() <= MessageStream::kMostBytes && one.front() == '\x30');
            out.emplace_back(one);
        }
        require(stream.held() < MessageStream::kMostBytes + piece);
    }
    is_broken = stream.is_broken();
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    bool broken_whole = false;
    bool broken_cut = false;
    const auto whole = take_all(bytes, bytes.size(), broken_whole);
    require(take_all(bytes, std::size_t{1} + data[0], broken_cut) == whole);
    require(broken_whole == broken_cut);
    std::size_t taken = 0;
    for (const std::string& one : whole) taken += one.size();
    require(taken <= bytes.size() && (broken_whole || bytes.size() - taken < MessageStream::kMostBytes));
    return 0;
}
