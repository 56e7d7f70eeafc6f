// SPDX-License-Identifier: GPL-3.0-or-later
// Binary search in a sorted list.
#include "tests/sim/mib.hpp"

#include <algorithm>

namespace outstation::sim {
namespace {

using snmp::compare_oid;
using snmp::OidBytes;

bool is_less(OidBytes a, OidBytes b) {
    return compare_oid(a, b) == std::strong_ordering::less;
}

}  // namespace

void Mib::seal() {
    std::stable_sort(instances_.begin(), instances_.end(),
                     [](const Instance& a, const Instance& b) { return is_less(a.oid, b.oid); });
    const auto same = [](const Instance& a, const Instance& b) { return a.oid == b.oid; };
    instances_.erase(std::unique(instances_.begin(), instances_.end(), same), instances_.end());
}

std::size_t Mib::after(OidBytes oid) const {
    const auto it = std::upper_bound(instances_.begin(), instances_.end(), oid,
                                     [](OidBytes a, const Instance& b) { return is_less(a, b.oid); });
    return static_cast<std::size_t>(it - instances_.begin());
}

std::size_t Mib::find(OidBytes oid) const {
    const std::size_t next = after(oid);
    return next > 0 && instances_[next - 1].oid == oid ? next - 1 : size();
}

bool Mib::has_under(OidBytes prefix) const {
    const std::size_t next = after(prefix);
    return next < size() && OidBytes(instances_[next].oid).substr(0, prefix.size()) == prefix;
}

std::string number_content(snmp::Tag tag, std::uint64_t value) {
    std::string out;
    const bool is_signed = tag == snmp::Tag::integer;
    const std::uint64_t fill = is_signed && static_cast<std::int64_t>(value) < 0 ? ~std::uint64_t{0} : 0;
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
    if (fill == 0) out.insert(out.begin(), '\0');
    // RFC 3417 section 8: the fewest bytes whose first bit still tells the sign.
    const auto redundant = [&] {
        const bool next_bit = (static_cast<unsigned char>(out[1]) & 0x80U) != 0;
        return (out[0] == '\0' && !next_bit) || (out[0] == '\xff' && next_bit && fill != 0);
    };
    while (out.size() > 1 && redundant()) out.erase(0, 1);
    return out;
}

std::string content_at(const Instance& instance, const SimTime& time) {
    if (!instance.motion) return instance.content;
    return number_content(instance.tag, value_at(*instance.motion, instance.tag, time));
}

}  // namespace outstation::sim
