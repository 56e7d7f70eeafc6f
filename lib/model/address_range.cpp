// SPDX-License-Identifier: GPL-3.0-or-later
// Dotted quads and prefixes.
#include "lib/model/address_range.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace outstation {

Result<std::uint32_t> parse_ipv4(std::string_view text) {
    in_addr address{};
    if (inet_pton(AF_INET, std::string(text).c_str(), &address) != 1)
        return fail(ErrorCode::malformed, std::string(text) + ": expected an IPv4 address");
    return ntohl(address.s_addr);
}

std::string ipv4_text(std::uint32_t address) {
    char out[INET_ADDRSTRLEN];
    const in_addr in{htonl(address)};
    inet_ntop(AF_INET, &in, out, sizeof out);
    return out;
}

Result<AddressRange> parse_range(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto address = parse_ipv4(text.substr(0, slash));
    if (!address) return fail(address.error());
    if (slash == std::string_view::npos) return AddressRange{*address, *address};
    unsigned bits = 0;
    const std::string_view prefix = text.substr(slash + 1);
    const auto [rest, error] = std::from_chars(prefix.data(), prefix.data() + prefix.size(), bits);
    if (error != std::errc{} || rest != prefix.data() + prefix.size() || bits < 16 || bits > 32)
        return fail(ErrorCode::malformed, std::string(text) + ": expected a prefix from /16 to /32");
    const std::uint32_t hosts = bits == 32 ? 0 : UINT32_MAX >> bits;
    AddressRange out{*address & ~hosts, *address | hosts};
    if (bits < 31) ++out.first, --out.last;
    return out;
}

bool is_within(const AddressRange& range, const std::vector<AddressRange>& others) {
    for (std::uint64_t next = range.first; next <= range.last;) {
        std::uint64_t end = next;
        for (const AddressRange& one : others)
            if (one.contains(static_cast<std::uint32_t>(next)))
                end = std::max(end, std::uint64_t{one.last} + 1);
        if (end == next) return false;
        next = end;
    }
    return true;
}

}  // namespace outstation
