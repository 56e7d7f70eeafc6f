// SPDX-License-Identifier: GPL-3.0-or-later
// Comparing and merging.
#include "daemons/polld/candidates.hpp"

#include <algorithm>
#include <cctype>

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

}  // namespace

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

void Candidates::add(wire::Candidate candidate) {
    const auto same = std::find_if(all_.begin(), all_.end(), [&candidate](const wire::Candidate& known) {
        return is_same_device(known, candidate) || known.addresses == candidate.addresses;
    });
    if (same == all_.end()) {
        if (all_.size() < kMost) all_.push_back(std::move(candidate));
        return;
    }
    std::vector<std::string> addresses = same->addresses;
    for (std::string& address : candidate.addresses)
        if (std::find(addresses.begin(), addresses.end(), address) == addresses.end())
            addresses.push_back(std::move(address));
    same->addresses = std::move(addresses);
}

std::vector<wire::Candidate> Candidates::sorted() const {
    std::vector<wire::Candidate> out = all_;
    std::sort(out.begin(), out.end(), [](const wire::Candidate& a, const wire::Candidate& b) {
        if (a.problem.empty() != b.problem.empty()) return b.problem.empty();
        return first_address(a) < first_address(b);
    });
    return out;
}

}  // namespace outstation::polld
