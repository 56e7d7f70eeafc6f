// SPDX-License-Identifier: GPL-3.0-or-later
// Binary search in a sorted list.
#include "tests/sim/mib.hpp"

#include <algorithm>

namespace outstation::sim {
namespace {

using snmp::compare_oid;
using snmp::OidBytes;

constexpr std::string_view kIfEntry = "\x2b\x06\x01\x02\x01\x02\x02\x01";            // 1.3.6.1.2.1.2.2.1
constexpr std::string_view kIfXEntry = "\x2b\x06\x01\x02\x01\x1f\x01\x01\x01";       // 1.3.6.1.2.1.31.1.1.1
constexpr std::string_view kIfIndexColumn = "\x2b\x06\x01\x02\x01\x02\x02\x01\x01";  // 1.3.6.1.2.1.2.2.1.1

bool is_less(OidBytes a, OidBytes b) {
    return compare_oid(a, b) == std::strong_ordering::less;
}

bool is_under(OidBytes oid, OidBytes prefix) {
    return oid.size() > prefix.size() && oid.substr(0, prefix.size()) == prefix;
}

// How much of an OID of ifTable or ifXTable stands before the ifIndex; 0: it is of neither. Their columns
// have numbers of one byte.
std::size_t interface_column_size(OidBytes oid) {
    for (const std::string_view entry : {kIfEntry, kIfXEntry}) {
        if (is_under(oid, entry) && oid.size() > entry.size() + 1) return entry.size() + 1;
    }
    return 0;
}

}  // namespace

bool Mib::add(OidBytes oid, snmp::Tag tag, std::string_view content, const std::optional<Motion>& motion) {
    if (bytes_.size() + oid.size() + content.size() > UINT32_MAX || oid.size() > UINT16_MAX) return false;
    Entry entry{static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint32_t>(content.size()), kStill,
                static_cast<std::uint16_t>(oid.size()), tag};
    bytes_ += oid;
    bytes_ += content;
    if (motion) {
        entry.motion = static_cast<std::uint32_t>(motions_.size());
        motions_.push_back(*motion);
    }
    entries_.push_back(entry);
    return true;
}

void Mib::seal() {
    const auto less = [this](const Entry& a, const Entry& b) { return is_less(oid_of(a), oid_of(b)); };
    const auto same = [this](const Entry& a, const Entry& b) { return oid_of(a) == oid_of(b); };
    std::stable_sort(entries_.begin(), entries_.end(), less);
    entries_.erase(std::unique(entries_.begin(), entries_.end(), same), entries_.end());
    entries_.shrink_to_fit();
    motions_.shrink_to_fit();
    bytes_.shrink_to_fit();
}

std::size_t Mib::bytes() const {
    return bytes_.capacity() + entries_.capacity() * sizeof(Entry) + motions_.capacity() * sizeof(Motion);
}

Instance Mib::at(std::size_t i) const {
    const Entry& entry = entries_[i];
    return {oid_of(entry), entry.tag,
            std::string_view(bytes_).substr(entry.at + entry.oid_size, entry.content_size),
            entry.motion == kStill ? nullptr : &motions_[entry.motion]};
}

std::size_t Mib::after(OidBytes oid, std::size_t guess) const {
    if (guess < entries_.size() && oid_of(entries_[guess]) == oid) return guess + 1;
    const auto it = std::upper_bound(entries_.begin(), entries_.end(), oid,
                                     [this](OidBytes a, const Entry& b) { return is_less(a, oid_of(b)); });
    return static_cast<std::size_t>(it - entries_.begin());
}

std::size_t Mib::find(OidBytes oid) const {
    const std::size_t next = after(oid);
    return next > 0 && oid_of(entries_[next - 1]) == oid ? next - 1 : size();
}

bool Mib::has_under(OidBytes prefix) const {
    const std::size_t next = after(prefix);
    return next < size() && is_under(oid_of(entries_[next]), prefix);
}

Mib Mib::with_interfaces_renumbered() const {
    std::vector<OidBytes> indexes;
    for (std::size_t i = after(kIfIndexColumn); i < size() && is_under(oid_of(entries_[i]), kIfIndexColumn);
         ++i)
        indexes.push_back(oid_of(entries_[i]).substr(kIfIndexColumn.size()));
    Mib out;
    for (std::size_t i = 0; i < size(); ++i) {
        const Instance old = at(i);
        const std::optional<Motion> motion = old.motion ? std::optional(*old.motion) : std::nullopt;
        const std::size_t column = interface_column_size(old.oid);
        const auto place = column == 0 || is_under(old.oid, kIfIndexColumn)
                               ? indexes.end()
                               : std::find(indexes.begin(), indexes.end(), old.oid.substr(column));
        if (place == indexes.end()) {
            out.add(old.oid, old.tag, old.content, motion);
            continue;
        }
        std::string oid(old.oid.substr(0, column));
        oid += place == indexes.begin() ? indexes.back() : *std::prev(place);
        out.add(oid, old.tag, old.content, motion);
    }
    out.seal();
    return out;
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

}  // namespace outstation::sim
