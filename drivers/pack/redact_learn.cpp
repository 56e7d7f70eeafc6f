// SPDX-License-Identifier: GPL-3.0-or-later
// From the places that are known, from what packs found, and from what texts say themselves.
#include "drivers/pack/redact_learn.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "drivers/pack/redact_places.hpp"
#include "drivers/pack/redact_words.hpp"
#include "drivers/pack/value_text.hpp"

namespace outstation::pack {
namespace {

constexpr std::size_t kLeastSerial = 5;  // that a pack found, to be looked for in texts
constexpr std::size_t kLeastWord = 8;    // one without a digit
constexpr std::size_t kMostIndexName = 64;
constexpr std::size_t kFirstIndexArc = 10;
constexpr std::uint32_t kMostSlots = 31;
const Oid kBridge = {1, 3, 6, 1, 2, 1, 17};  // BRIDGE-MIB: ports and bridges of a spanning tree have 8 octets
// Here an index is no address, whatever it looks like: interfaces, ENTITY-MIB, HOST-RESOURCES, UPS, printers.
const Oid kNoAddresses[] = {{1, 3, 6, 1, 2, 1, 2},  {1, 3, 6, 1, 2, 1, 25}, {1, 3, 6, 1, 2, 1, 31},
                            {1, 3, 6, 1, 2, 1, 33}, {1, 3, 6, 1, 2, 1, 43}, {1, 3, 6, 1, 2, 1, 47},
                            {1, 3, 6, 1, 2, 1, 99}};

// Of RFC 1918: 192.168/16 and 172.16/12 in any index; 10/8 at its end, and where no slot or port would be.
bool is_like_private(const Oid& oid, std::size_t at) {
    if (at + 4 > oid.size()) return false;
    const auto first = oid.begin() + static_cast<std::ptrdiff_t>(at);
    if (std::any_of(first, first + 4, [](std::uint32_t arc) { return arc > 255; })) return false;
    const bool is_large =
        std::any_of(first + 1, first + 4, [](std::uint32_t arc) { return arc > kMostSlots; });
    return (oid[at] == 192 && oid[at + 1] == 168) ||
           (oid[at] == 172 && oid[at + 1] >= 16 && oid[at + 1] < 32) ||
           (oid[at] == 10 && is_large && at + 5 >= oid.size());
}

std::string octets_of(const Oid& oid, std::size_t at, std::size_t size) {
    std::string out;
    for (std::size_t i = at; i < at + size; ++i) out += static_cast<char>(oid[i]);
    return out;
}

}  // namespace

bool Learned::is_engine_id(std::string_view octets) {
    return octets.size() >= 9 && octets.size() <= 32 && static_cast<unsigned char>(octets[0]) == 0x80 &&
           octets.substr(1, 3) != std::string_view("\0\0\0", 3) && octets[4] >= 1 && octets[4] <= 5;
}

std::string Learned::as_first_seen(std::string_view text) const {
    const std::string small = lower(text);
    for (const auto* known : {&names_, &wholes_})
        if (const auto it = known->find(small); it != known->end()) return it->second;
    return std::string(text);
}

void Learned::add_address(const std::string& octets) {
    const bool is_special = octets.size() == 4   ? StandIns::is_special_ipv4(octets)
                            : octets.size() == 6 ? StandIns::is_special_mac(octets)
                                                 : StandIns::is_special_ipv6(octets);
    if (!is_special) addresses_.insert(octets);
}

void Learned::add_name(std::string_view name) {
    const std::string clean = trimmed(name);
    if (clean.size() >= kLeastName && !is_common_name(lower(clean))) names_.emplace(lower(clean), clean);
}

void Learned::add_host(std::string_view name) {
    add_name(name);
    const std::size_t dot = name.find('.');
    if (dot == std::string_view::npos || name.find_first_not_of("0123456789.") == std::string_view::npos)
        return;
    add_weak_name(name.substr(0, dot));
    if (name.find('.', dot + 1) != std::string_view::npos) add_name(name.substr(dot + 1));
}

void Learned::add_weak_name(std::string_view name) {
    if (kept_.count(lower(trimmed(name))) == 0) add_name(name);
}

void Learned::add_whole(std::string_view text) {
    const std::string clean = trimmed(text);
    if (!clean.empty() && kept_.count(lower(clean)) == 0) wholes_.emplace(lower(clean), clean);
}

void Learned::take_keepers(const ValueTable& values, const Findings& findings) {
    const auto keep = [this](std::string_view text) {
        kept_.insert(lower(trimmed(text)));
        for (const Piece& piece : pieces_of(text))
            kept_.insert(lower(text.substr(piece.begin, piece.end - piece.begin)));
        for (const std::string& version : dotted_numbers(text)) kept_.insert(version);
    };
    for (const auto* entry = values.next({}); entry != nullptr; entry = values.next(entry->first))
        if (entry->second.type == Type::octets && is_maker_text(entry->first) && is_text(entry->second.text))
            keep(entry->second.text);
    for (const std::string* text :
         {&findings.device.vendor, &findings.device.model, &findings.device.version})
        keep(*text);
    for (const Component& one : findings.inventory) keep(one.model);
}

void Learned::take_findings(const Findings& findings) {
    const auto add_serial = [this](const std::string& serial) {
        const bool has_digit = serial.find_first_of("0123456789") != std::string::npos;
        if (has_digit && serial.size() >= kLeastSerial) add_name(serial);
        if (!has_digit && serial.size() >= kLeastWord) add_weak_name(serial);
    };
    add_serial(findings.device.serial);
    for (const Component& one : findings.inventory) add_serial(one.serial);
    if (lower(findings.device.name) != lower(findings.device.vendor)) add_host(findings.device.name);
    for (const Link& link : findings.links) add_host(link.remote_name);
    for (const Port& port : findings.ports)
        if (port.alias != port.name && port.alias != port.description) add_whole(port.alias);
}

void Learned::take(const Oid& oid, const Value& value) {
    take_index(oid);
    if (value.type == Type::octets)
        return is_text(value.text) ? take_text(oid, value.text) : take_octets(oid, value.text);
    if (value.type == Type::object_id)
        if (const auto pointed = parse_oid(value.text)) take_index(*pointed);
    char octets[4] = {};
    if (value.type == Type::address && inet_pton(AF_INET, value.text.c_str(), octets) == 1)
        add_address(std::string(octets, 4));
}

void Learned::take_octets(const Oid& oid, const std::string& octets) {
    if (octets.size() == 6) add_address(octets);
    if (octets.size() == 8 && is_under(oid, kBridge)) add_address(octets.substr(2));
    if (is_engine_id(octets) && octets[4] == 3 && octets.size() >= 11) add_address(octets.substr(5, 6));
    if (is_engine_id(octets) && octets[4] == 1) add_address(octets.substr(5, 4));
}

void Learned::take_text(const Oid& oid, const std::string& octets) {
    const std::string text = trimmed(octets);
    for (const std::string& named : named_secrets(text)) {
        if (named.find_first_of("0123456789") == std::string::npos) {
            add_weak_name(named);
        } else {
            add_name(named);
        }
    }
    const auto secret = secret_at(oid);
    if (const std::string mac = parse_mac(text); !mac.empty() && (text.size() > 12 || secret == Secret::mac))
        return add_address(mac);
    if (secret == Secret::name) return add_host(text);
    if (secret) return add_whole(text);
    if (!is_maker_text(oid) && (is_like_serial(text) || is_like_key(text))) add_weak_name(text);
}

void Learned::take_index(const Oid& oid) {
    for (const IndexAddress& one : addresses_in_index(oid))
        add_address(octets_of(oid, one.begin, one.length));
    if (std::any_of(std::begin(kNoAddresses), std::end(kNoAddresses),
                    [&oid](const Oid& root) { return is_under(oid, root); }))
        return;
    for (std::size_t at = kFirstIndexArc; at < oid.size(); ++at) {
        if (is_like_private(oid, at)) add_address(octets_of(oid, at, 4));
        const std::size_t length = oid[at];
        if (length <= kLeastName || length > kMostIndexName || at + length >= oid.size()) continue;
        const bool is_name = std::all_of(oid.begin() + static_cast<std::ptrdiff_t>(at + 1),
                                         oid.begin() + static_cast<std::ptrdiff_t>(at + 1 + length),
                                         [](std::uint32_t arc) { return arc >= ' ' && arc < 0x7f; });
        const std::string name = is_name ? octets_of(oid, at + 1, length) : std::string();
        // What has none of these is as often the maker's name of a fan.
        if (name.find_first_of("/@\\.") != std::string::npos) add_weak_name(name);
    }
}

Learned learn(const ValueTable& values, const Known& known) {
    Learned out;
    for (const std::string& secret : known.secrets)
        if (secret.size() >= kLeastName) out.secrets_.push_back(secret);
    std::stable_sort(out.secrets_.begin(), out.secrets_.end(), [](const auto& one, const auto& other) {
        return one.size() > other.size();  // one may be a part of another
    });
    for (const std::string& secret : out.secrets_) out.names_.emplace(lower(secret), secret);
    out.take_keepers(values, known.findings);
    out.take_findings(known.findings);
    for (const auto* entry = values.next({}); entry != nullptr; entry = values.next(entry->first))
        if (secret_at(entry->first) != Secret::dropped) out.take(entry->first, entry->second);
    return out;
}

}  // namespace outstation::pack
