// SPDX-License-Identifier: GPL-3.0-or-later
// Value by value: what was learned of all of them is replaced.
#include "drivers/pack/redact.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cctype>

#include "drivers/pack/redact_learn.hpp"
#include "drivers/pack/redact_places.hpp"
#include "drivers/pack/redact_words.hpp"
#include "drivers/pack/value_text.hpp"

namespace outstation::pack {
namespace {

constexpr std::size_t kFirstIndexArc = 10;  // no table of a MIB has its index before it
constexpr std::size_t kMostPieces = 12;     // of a name within a text
constexpr unsigned kFirstOctet = 10;        // below it are versions; nobody has such addresses of his own
constexpr std::size_t kPaddedQuad = 15;     // characters of "010.001.001.005"
constexpr std::size_t kEngineHead = 5;      // the maker's number and the format, RFC 3411 section 5

class Redaction {
  public:
    explicit Redaction(const Learned& learned) : learned_(learned) {}

    [[nodiscard]] Oid rewrite_oid(const Oid& oid);
    [[nodiscard]] Value rewrite(const Oid& oid, const Value& value);
    [[nodiscard]] std::size_t count() const { return stand_ins_.count(); }

  private:
    [[nodiscard]] std::size_t rewrite_at(Oid& oid, std::size_t at);
    [[nodiscard]] std::size_t rewrite_name_at(Oid& oid, std::size_t at);
    [[nodiscard]] std::string octets(const std::string& bytes);
    [[nodiscard]] std::string secret_octets(const std::string& bytes);
    [[nodiscard]] std::string stand_in(const std::string& octets, std::size_t size);
    [[nodiscard]] std::string name(std::string_view text);
    [[nodiscard]] std::string text(std::string_view text);
    [[nodiscard]] std::string without_addresses(std::string_view text);
    [[nodiscard]] std::size_t add_ipv6(std::string_view text, std::size_t at, std::string& out);
    [[nodiscard]] std::size_t add_mac(std::string_view text, std::size_t at, std::string& out);
    [[nodiscard]] std::size_t add_dotted(std::string_view text, std::size_t at, std::string& out);
    [[nodiscard]] bool is_address(const std::string& octets, std::string_view text, std::size_t begin,
                                  std::size_t end) const;
    [[nodiscard]] std::string without_secrets(std::string_view bytes);
    [[nodiscard]] std::string without_names(std::string_view text);

    const Learned& learned_;
    StandIns stand_ins_;
};

std::string octets_at(const Oid& oid, std::size_t at, std::size_t size) {
    std::string out;
    for (std::size_t i = at; i < at + size && i < oid.size() && oid[i] <= 255; ++i)
        out += static_cast<char>(oid[i]);
    return out.size() == size ? out : std::string();
}

void put_octets(Oid& oid, std::size_t at, const std::string& octets) {
    for (std::size_t i = 0; i < octets.size(); ++i) oid[at + i] = static_cast<unsigned char>(octets[i]);
}

// 192.168/16 and 172.16/12: no version looks like them, as those do that begin with 10.
bool is_private(const std::string& octets) {
    const auto first = static_cast<unsigned char>(octets[0]);
    const auto second = static_cast<unsigned char>(octets[1]);
    return (first == 192 && second == 168) || (first == 172 && second >= 16 && second < 32);
}

std::string Redaction::stand_in(const std::string& octets, std::size_t size) {
    return size == 4 ? stand_ins_.ipv4(octets) : size == 6 ? stand_ins_.mac(octets) : stand_ins_.ipv6(octets);
}

// How many arcs from `at` were looked at as one: an address that is known, or a name.
std::size_t Redaction::rewrite_at(Oid& oid, std::size_t at) {
    for (const std::size_t size : {std::size_t{16}, std::size_t{6}, std::size_t{4}}) {
        const std::string found = octets_at(oid, at, size);
        if (found.empty() || !learned_.has_address(found)) continue;
        put_octets(oid, at, stand_in(found, size));
        return size;
    }
    return rewrite_name_at(oid, at);
}

// With its length before it, or as the last part of the index.
std::size_t Redaction::rewrite_name_at(Oid& oid, std::size_t at) {
    const std::size_t rest = oid.size() - at;
    const std::size_t said = at > 0 ? oid[at - 1] : 0;
    for (const std::size_t size : {said, rest}) {
        if (size < kLeastName || size > rest) continue;
        const std::string found = octets_at(oid, at, size);
        if (found.empty() || !learned_.has_name(lower(found))) continue;
        put_octets(oid, at, name(found));
        return size;
    }
    return 1;
}

Oid Redaction::rewrite_oid(const Oid& oid) {
    Oid out = oid;
    std::size_t at = kFirstIndexArc;
    for (const IndexAddress& one : addresses_in_index(oid)) {
        while (at < one.begin) at += rewrite_at(out, at);
        put_octets(out, one.begin, stand_in(octets_at(oid, one.begin, one.length), one.length));
        at = one.begin + one.length;
    }
    while (at < out.size()) at += rewrite_at(out, at);
    return out;
}

Value Redaction::rewrite(const Oid& oid, const Value& value) {
    if (value.type == Type::object_id) {
        const auto pointed = parse_oid(value.text);
        return {value.type, pointed ? format_oid(rewrite_oid(*pointed)) : text(value.text)};
    }
    if (value.type == Type::address) {
        char octets[4] = {};
        const bool is_ipv4 = inet_pton(AF_INET, value.text.c_str(), octets) == 1;
        return {value.type, is_ipv4 ? dotted_octets(stand_ins_.ipv4({octets, 4})) : text(value.text)};
    }
    if (value.type != Type::octets) return value;
    const auto secret = secret_at(oid);
    if (secret == Secret::engine)
        return {value.type,
                value.text.substr(0, kEngineHead) +
                    std::string(value.text.size() - std::min(value.text.size(), kEngineHead), '\0')};
    return {value.type, secret ? secret_octets(value.text) : octets(value.text)};
}

std::string Redaction::secret_octets(const std::string& bytes) {
    if (!is_text(bytes)) return octets(bytes);
    if (!parse_mac(trimmed(bytes)).empty()) return text(bytes);
    return name(bytes);
}

// No text: a hardware address, or something that holds one that is known elsewhere.
std::string Redaction::octets(const std::string& bytes) {
    if (is_text(bytes)) return text(bytes);
    if (bytes.size() == 6) return stand_ins_.mac(bytes);
    std::string out = without_secrets(bytes);
    if (Learned::is_engine_id(bytes))
        return out.replace(kEngineHead, std::string::npos, bytes.size() - kEngineHead, '\0');
    for (std::size_t at = 0; at < out.size(); ++at) {
        for (const std::size_t size : {std::size_t{16}, std::size_t{6}, std::size_t{4}}) {
            const std::string found = bytes.substr(at, size);
            const bool is_there = found.size() == size && learned_.has_address(found) &&
                                  (size != 4 || bytes.size() <= 5);  // four octets are soon there by chance
            if (!is_there) continue;
            out.replace(at, size, stand_in(found, size));
            at += size - 1;
            break;
        }
    }
    return out;
}

std::string Redaction::name(std::string_view text) {
    const std::string clean = trimmed(text);
    std::string out(text);
    if (clean.empty()) return out;
    return out.replace(out.find(clean), clean.size(), stand_ins_.text(learned_.as_first_seen(clean)));
}

std::string Redaction::text(std::string_view text) {
    const std::string whole = lower(trimmed(text));
    if (learned_.has_whole(whole)) return name(text);
    return without_names(without_addresses(without_secrets(text)));
}

std::string Redaction::without_secrets(std::string_view bytes) {
    std::string out(bytes);
    for (const std::string& secret : learned_.secrets())
        for (std::size_t at = out.find(secret); at != std::string::npos;
             at = out.find(secret, at + secret.size()))
            out.replace(at, secret.size(), stand_ins_.text(secret));
    return out;
}

// Each address is found on its own, whatever stands around it: "IP:10.1.1.5:162-".
std::string Redaction::without_addresses(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = add_ipv6(text, at, out);
        if (end == 0) end = add_mac(text, at, out);
        if (end == 0) end = add_dotted(text, at, out);
        if (end == 0) {
            out += text[at];
            end = at + 1;
        }
        at = end;
    }
    return out;
}

// Where the address that begins here, and was replaced, ends; 0: none does. Likewise those that follow.
std::size_t Redaction::add_ipv6(std::string_view text, std::size_t at, std::string& out) {
    const std::size_t end = ipv6_end(text, at);
    if (end == 0) return 0;
    const std::string exact(text.substr(at, end - at));
    char octets[16] = {};
    if (inet_pton(AF_INET6, exact.c_str(), octets) != 1) return 0;
    const std::string found(octets, sizeof octets);
    const std::string other = stand_ins_.ipv6(found);
    char written[INET6_ADDRSTRLEN] = {};
    out += other == found ? exact : inet_ntop(AF_INET6, other.data(), written, sizeof written);
    return end;
}

std::size_t Redaction::add_mac(std::string_view text, std::size_t at, std::string& out) {
    for (const MacShape& shape : mac_shapes(text, at)) {
        const std::string_view exact = text.substr(at, shape.end - at);
        const std::string mac = parse_mac(exact);
        if (mac.empty() || (!shape.is_alone && !learned_.has_address(mac))) continue;
        out += format_mac_like(stand_ins_.mac(mac), exact);
        return shape.end;
    }
    return 0;
}

// Of more than four numbers only those are one that are known, or private: "10.1.1.5.162".
std::size_t Redaction::add_dotted(std::string_view text, std::size_t at, std::string& out) {
    if (at > 0 && std::isdigit(static_cast<unsigned char>(text[at - 1])) != 0) return 0;
    const auto parts = dotted_run(text, at);
    if (parts.size() < 4) return 0;
    std::size_t done = at;
    for (std::size_t i = 0; i + 4 <= parts.size(); ++i) {
        const std::size_t begin = parts[i].begin;
        const std::size_t end = parts[i + 3].end;
        const std::string octets = parse_quad(text.substr(begin, end - begin));
        if (octets.empty() || !(parts.size() == 4 ? is_address(octets, text, begin, end)
                                                  : learned_.has_address(octets) || is_private(octets)))
            continue;
        const std::string other = stand_ins_.ipv4(octets);
        out += text.substr(done, begin - done);
        out += other == octets ? std::string(text.substr(begin, end - begin)) : dotted_octets(other);
        done = end;
        i += 3;
    }
    out += text.substr(done, parts.back().end - done);
    return parts.back().end;
}

// A dotted quad behind a word for versions is one, and so is one that the packs say is, that a letter
// follows, or that begins with a small number, unless it is known as an address or can be nothing else.
bool Redaction::is_address(const std::string& octets, std::string_view text, std::size_t begin,
                           std::size_t end) const {
    const std::string_view before = text.substr(0, begin);
    const bool is_in_url = before.size() >= 3 && before.substr(before.size() - 3) == "://";
    if (is_in_url || is_private(octets) || learned_.has_address(octets)) return true;
    const std::string exact(text.substr(begin, end - begin));
    const bool is_padded = exact != dotted_octets(octets) && exact.size() != kPaddedQuad;
    const bool is_followed = end < text.size() && std::isalpha(static_cast<unsigned char>(text[end])) != 0;
    const auto first = static_cast<unsigned char>(octets[0]);
    return !is_padded && !is_followed && !is_version_before(before) && !learned_.is_kept(exact) &&
           (first == 0 || first >= kFirstOctet);
}

// The longest first, from each piece on.
std::string Redaction::without_names(std::string_view text) {
    const auto pieces = pieces_of(text);
    std::string out;
    std::size_t done = 0;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        for (std::size_t last = std::min(i + kMostPieces, pieces.size()); last-- > i;) {
            const std::string_view part = text.substr(pieces[i].begin, pieces[last].end - pieces[i].begin);
            if (part.size() < kLeastName || !learned_.has_name(lower(part))) continue;
            out.append(text, done, pieces[i].begin - done).append(name(part));
            done = pieces[last].end;
            i = last;
            break;
        }
    }
    return out.append(text, done);
}

}  // namespace

Redacted redact(const ValueTable& values, const Known& known) {
    const Learned learned = learn(values, known);
    Redaction redaction(learned);
    Redacted out;
    for (const auto* entry = values.next({}); entry != nullptr; entry = values.next(entry->first)) {
        if (secret_at(entry->first) == Secret::dropped) {
            ++out.dropped;
            continue;
        }
        out.values.set(redaction.rewrite_oid(entry->first), redaction.rewrite(entry->first, entry->second));
    }
    out.stand_ins = redaction.count();
    return out;
}

}  // namespace outstation::pack
