// SPDX-License-Identifier: GPL-3.0-or-later
// Text to arcs and back, prefixes.
#include "drivers/pack/oid.hpp"

#include <algorithm>
#include <charconv>

namespace outstation::pack {

std::optional<Oid> parse_oid(std::string_view dotted) {
    if (!dotted.empty() && dotted.front() == '.') dotted.remove_prefix(1);
    Oid oid;
    for (;;) {
        std::uint32_t arc = 0;
        const auto [rest, error] = std::from_chars(dotted.data(), dotted.data() + dotted.size(), arc);
        if (error != std::errc{} || oid.size() == kMaxArcs) return std::nullopt;
        oid.push_back(arc);
        dotted.remove_prefix(static_cast<std::size_t>(rest - dotted.data()));
        if (dotted.empty()) return oid;
        if (dotted.front() != '.') return std::nullopt;
        dotted.remove_prefix(1);
    }
}

std::string format_oid(const Oid& oid) {
    std::string out;
    for (const std::uint32_t arc : oid) {
        if (!out.empty()) out += '.';
        out += std::to_string(arc);
    }
    return out;
}

bool is_under(const Oid& oid, const Oid& root) {
    return oid.size() > root.size() && std::equal(root.begin(), root.end(), oid.begin());
}

Oid join(Oid root, const Oid& index) {
    root.insert(root.end(), index.begin(), index.end());
    return root;
}

Oid index_of(const Oid& oid, const Oid& root) {
    return {oid.begin() + static_cast<std::ptrdiff_t>(root.size()), oid.end()};
}

bool is_scalar(const Oid& oid) {
    return !oid.empty() && oid.back() == 0;
}

}  // namespace outstation::pack
