// SPDX-License-Identifier: GPL-3.0-or-later
// Text to bytes, bytes to text, order.
#include "drivers/snmp/oid.hpp"

#include <charconv>
#include <vector>

namespace outstation::snmp {
namespace {

void append_arc(std::string& out, std::uint64_t arc) {
    char bytes[5];
    int n = 0;
    do {
        bytes[n++] = static_cast<char>(arc & 0x7f);
        arc >>= 7;
    } while (arc != 0);
    while (--n > 0) out += static_cast<char>(bytes[n] | '\x80');
    out += bytes[0];
}

// The next arc of bytes that are valid.
std::uint32_t take_arc(OidBytes& bytes) {
    std::uint32_t arc = 0;
    while (!bytes.empty()) {
        const auto byte = static_cast<unsigned char>(bytes.front());
        bytes.remove_prefix(1);
        arc = arc << 7 | (byte & 0x7fU);
        if ((byte & 0x80U) == 0) break;
    }
    return arc;
}

Result<std::vector<std::uint32_t>> parse_arcs(std::string_view dotted) {
    std::vector<std::uint32_t> arcs;
    if (!dotted.empty() && dotted.front() == '.') dotted.remove_prefix(1);
    for (;;) {
        std::uint32_t arc = 0;
        const auto [rest, error] = std::from_chars(dotted.data(), dotted.data() + dotted.size(), arc);
        if (error != std::errc{} || arcs.size() == kMaxArcs) return fail(ErrorCode::malformed, "not an OID");
        arcs.push_back(arc);
        dotted.remove_prefix(static_cast<std::size_t>(rest - dotted.data()));
        if (dotted.empty()) return arcs;
        if (dotted.front() != '.') return fail(ErrorCode::malformed, "not an OID");
        dotted.remove_prefix(1);
    }
}

}  // namespace

Result<std::string> encode_oid(std::string_view dotted) {
    const auto arcs = parse_arcs(dotted);
    if (!arcs) return fail(arcs.error());
    if (arcs->size() < 2 || (*arcs)[0] > 2 || ((*arcs)[0] < 2 && (*arcs)[1] > 39))
        return fail(ErrorCode::malformed, "not an OID");
    std::string out;
    append_arc(out, std::uint64_t{(*arcs)[0]} * 40 + (*arcs)[1]);
    for (std::size_t i = 2; i < arcs->size(); ++i) append_arc(out, (*arcs)[i]);
    return out;
}

bool is_valid_oid(OidBytes bytes) {
    std::size_t arcs = 0;
    while (!bytes.empty()) {
        if ((static_cast<unsigned char>(bytes.front()) & 0x80U) == 0) {  // nearly every arc: one byte
            bytes.remove_prefix(1);
            if (++arcs >= kMaxArcs) return false;
            continue;
        }
        std::uint64_t arc = 0;
        bool complete = false;
        for (std::size_t n = 0; !complete; ++n) {
            if (n == 5 || bytes.empty()) return false;
            const auto byte = static_cast<unsigned char>(bytes.front());
            bytes.remove_prefix(1);
            arc = arc << 7 | (byte & 0x7fU);
            complete = (byte & 0x80U) == 0;
        }
        if (arc > UINT32_MAX || ++arcs >= kMaxArcs) return false;
    }
    return arcs > 0;
}

std::string format_index(OidBytes suffix) {
    std::string out;
    while (!suffix.empty()) {
        if (!out.empty()) out += '.';
        out += std::to_string(take_arc(suffix));
    }
    return out;
}

Result<std::string> decode_oid(OidBytes bytes) {
    if (!is_valid_oid(bytes)) return fail(ErrorCode::malformed, "not an OID");
    const std::uint32_t first = take_arc(bytes);
    const std::uint32_t root = first < 80 ? first / 40 : 2;
    std::string out = std::to_string(root) + "." + std::to_string(first - root * 40);
    if (!bytes.empty()) out += "." + format_index(bytes);
    return out;
}

std::strong_ordering compare_oid(OidBytes a, OidBytes b) {
    while (!a.empty() && !b.empty()) {
        const auto order = take_arc(a) <=> take_arc(b);
        if (order != std::strong_ordering::equal) return order;
    }
    return !b.empty()   ? std::strong_ordering::less
           : !a.empty() ? std::strong_ordering::greater
                        : std::strong_ordering::equal;
}

}  // namespace outstation::snmp
