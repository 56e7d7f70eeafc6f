// SPDX-License-Identifier: GPL-3.0-or-later
// Comparing and merging.
#include "daemons/polld/candidates.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "lib/model/address_range.hpp"

namespace outstation::polld {
namespace {

bool is_same(const std::string& a, const std::string& b) {
    return !a.empty() && a == b;
}

std::uint32_t first_address(const wire::Candidate& candidate) {
    return candidate.addresses.empty() ? 0 : parse_ipv4(candidate.addresses.front()).value_or(0);
}

// The ids of configuration: letters, digits, '.', '_', '-'.
std::string suggested_id(const wire::Candidate& candidate) {
    std::string out;
    for (const char c : candidate.sys_name.substr(0, 64)) {
        const bool is_plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' ||
                              (c == '.' && !out.empty());
        if (is_plain) out += c;
    }
    return out.empty() ? candidate.addresses.at(0) : out;
}

bool is_letter(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

// In lower case, and as a word of its own: "router", not "RouterOS".
bool has_word(const std::string& text, std::string_view word) {
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        if ((at == 0 || !is_letter(text[at - 1])) && (end == text.size() || !is_letter(text[end])))
            return true;
    }
    return false;
}

// What a device calls itself, where its class says less. The name of a host is part of what Linux says: a
// server that is called "router" is none.
std::string class_in_words(const wire::Candidate& candidate) {
    std::string text = candidate.description;
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (text.rfind("linux", 0) == 0) return "";
    if (has_word(text, "firewall")) return "firewall";
    if (has_word(text, "router") && !has_word(text, "switch")) return "router";
    if (has_word(text, "pdu") || has_word(text, "power distribution")) return "pdu";
    if (has_word(text, "environment") || has_word(text, "environmental")) return "sensor";
    return "";
}

// What configuration calls the classes of packs.
std::string configured_class(const wire::Candidate& candidate) {
    const auto has = [&candidate](std::string_view word) {
        return std::any_of(candidate.packs.begin(), candidate.packs.end(),
                           [word](const std::string& pack) { return pack.find(word) != std::string::npos; });
    };
    const std::string& kind = candidate.device_class;
    const std::string words = class_in_words(candidate);
    if (kind == "network") return words == "router" || words == "firewall" ? words : "switch";
    if (kind == "power") return words == "pdu" || has("pdu") ? "pdu" : "ups";
    if (kind == "environment") return "sensor";
    if (!words.empty() && (kind.empty() || kind == "server" || kind == "appliance")) return words;
    if (kind == "bmc") return "server";
    for (const char* same :
         {"switch", "router", "firewall", "server", "storage", "printer", "ups", "pdu", "sensor"})
        if (kind == same) return kind;
    return "other";
}

constexpr std::size_t kText = 16;  // what one costs beside its octets, in a file or message too

std::size_t octets_of(const std::string& text) {
    return text.size() + kText;
}

}  // namespace

std::size_t octets_of(const wire::Candidate& one) {
    std::size_t out = kText;
    for (const auto* texts : {&one.addresses, &one.packs, &one.why, &one.seen})
        for (const std::string& text : *texts) out += octets_of(text);
    for (const std::string* text :
         {&one.sys_name, &one.vendor, &one.device_class, &one.model, &one.version, &one.serial,
          &one.credential, &one.problem, &one.known_as, &one.engine_id, &one.mac, &one.object_id,
          &one.description, &one.id, &one.configured_class, &one.trouble})
        out += octets_of(*text);
    return out;
}

void suggest(wire::Candidate& candidate) {
    candidate.id = suggested_id(candidate);
    candidate.configured_class = configured_class(candidate);
}

bool is_same_device(const wire::Candidate& a, const wire::Candidate& b) {
    if (!is_same(a.sys_name, b.sys_name) || a.object_id != b.object_id) return false;
    return is_same(a.engine_id, b.engine_id) || is_same(a.serial, b.serial) || is_same(a.mac, b.mac);
}

bool is_found_again(const wire::Candidate& before, const wire::Candidate& now) {
    return is_same_device(before, now) ||
           (first_address(before) == first_address(now) && before.sys_name == now.sys_name &&
            before.object_id == now.object_id);
}

bool Candidates::has_room_for(const wire::Candidate& candidate) const {
    return all_.size() < kMost && bytes_ + octets_of(candidate) <= kMostBytes;
}

void Candidates::push(wire::Candidate candidate) {
    bytes_ += octets_of(candidate);
    devices_ += candidate.credential.empty() ? 0 : 1;
    all_.push_back(std::move(candidate));
}

void Candidates::erase(std::size_t at) {
    bytes_ -= octets_of(all_[at]);
    devices_ -= all_[at].credential.empty() ? 0 : 1;
    all_.erase(all_.begin() + static_cast<std::ptrdiff_t>(at));
}

bool Candidates::add(wire::Candidate candidate) {
    const auto place_of = [this](const auto& is_wanted) {
        return static_cast<std::size_t>(std::find_if(all_.begin(), all_.end(), is_wanted) - all_.begin());
    };
    const auto before =
        place_of([&candidate](const auto& known) { return known.addresses == candidate.addresses; });
    if (before != all_.size()) erase(before);
    const auto same = place_of([&candidate](const auto& known) { return is_same_device(known, candidate); });
    if (same != all_.size()) {
        merge(all_[same], std::move(candidate));
        return bytes_ <= kMostBytes;
    }
    bool has_room = true;
    while (!has_room_for(candidate)) {
        has_room = false;
        const auto other = place_of([](const auto& known) { return known.credential.empty(); });
        if (candidate.credential.empty() || other == all_.size()) return false;
        erase(other);
    }
    push(std::move(candidate));
    return has_room;
}

void Candidates::merge(wire::Candidate& known, wire::Candidate candidate) {
    if (bytes_ > kMostBytes) return;
    std::vector<std::string>& addresses = known.addresses;
    for (std::string& address : candidate.addresses) {
        if (std::find(addresses.begin(), addresses.end(), address) != addresses.end()) continue;
        bytes_ += octets_of(address);
        addresses.push_back(std::move(address));
    }
}

std::vector<wire::Candidate> Candidates::sorted() const {
    std::vector<std::pair<std::uint64_t, const wire::Candidate*>> order;
    for (const wire::Candidate& one : all_)
        order.emplace_back((one.problem.empty() ? 1ULL << 32 : 0) + first_address(one), &one);
    std::stable_sort(order.begin(), order.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<wire::Candidate> out;
    for (const auto& [key, one] : order) out.push_back(*one);
    return out;
}

}  // namespace outstation::polld
