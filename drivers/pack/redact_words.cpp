// SPDX-License-Identifier: GPL-3.0-or-later
// Looking at texts.
#include "drivers/pack/redact_words.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>

namespace outstation::pack {
namespace {

constexpr const char* kLabels[] = {
    "serial number", "serialnumber", "serial no", "serial", "s/n",      "sn",
    "asset tag",     "community",    "username",  "user",   "login",    "password",
    "passwd",        "passphrase",   "secret",    "ssid",   "hostname", "wwn",
    "uuid",          "imei",         "iccid",     "imsi"};
constexpr const char* kCommonNames[] = {
    "linux",  "windows", "switch", "router",   "firewall",  "server", "printer",  "ups",
    "huawei", "h3c",     "hpe",    "cisco",    "juniper",   "ruijie", "zte",      "mikrotik",
    "aruba",  "dell",    "lenovo", "inspur",   "nas",       "pdu",    "system",   "unknown",
    "none",   "default", "vmware", "fortinet", "localhost", "apc",    "synology", "qnap"};
// Of these the nearest before a dotted quad says what it is.
constexpr const char* kVersionWords[] = {
    "version",   "versions",  "ver",    "release", "releases", "software",        "firmware",
    "rev",       "revision",  "build",  "kernel",  "rom",      "softwareversion", "firmwareversion",
    "swversion", "fwversion", "bootrom"};
constexpr const char* kAddressWords[] = {
    "ip",     "ipv4",    "addr",   "address", "host",  "server", "peer",        "gateway",  "gw",
    "via",    "to",      "from",   "src",     "dst",   "source", "destination", "neighbor", "neighbour",
    "route",  "nexthop", "remote", "client",  "dns",   "ntp",    "syslog",      "udp",      "tcp",
    "http",   "https",   "ftp",    "tftp",    "sftp",  "ssh",    "snmp",        "trap",     "inet",
    "subnet", "network", "url",    "vpn",     "tunnel"};
constexpr std::size_t kReachOfWords = 24;   // so far before the number the last of them ends
constexpr std::size_t kLeastShortMac = 12;  // of fewer characters are times and slots
constexpr std::size_t kMostIpv6 = 45;       // characters, with an IPv4 address at its end
constexpr std::size_t kLeastSerial = 8;
constexpr std::size_t kMostSerial = 32;
constexpr std::size_t kLeastKey = 24;
constexpr std::size_t kLeastDigits = 4;
constexpr std::size_t kLeastNumber = 11;  // one of digits alone

bool is_alnum(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80;
}

bool is_within_word(char c) {
    return is_alnum(c) || c == '-' || c == '_' || c == '.' || c == '+' || c == '/';
}

bool is_hex(char c) {
    return std::isxdigit(static_cast<unsigned char>(c)) != 0;
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_ascii_alnum(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0;
}
bool is_hex_at(std::string_view text, std::size_t at) {
    return at < text.size() && is_hex(text[at]);
}
bool is_all_hex(std::string_view text) {
    return std::all_of(text.begin(), text.end(), is_hex);
}
template <std::size_t kSize>
bool has_word(const char* const (&words)[kSize], const std::string& word) {
    return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

// Behind `count` groups of so many hexadecimal digits, or of one less where that is allowed; 0: they are not
// there.
std::size_t groups_end(std::string_view text, std::size_t at, char separator, std::size_t count,
                       std::size_t digits, bool may_be_short = false) {
    for (std::size_t i = 0; i < count; ++i) {
        if (i != 0 && (at >= text.size() || text[at++] != separator)) return 0;
        std::size_t here = 0;
        while (here < digits && is_hex_at(text, at + here)) ++here;
        if (here != digits && !(may_be_short && here + 1 == digits)) return 0;
        at += here;
    }
    return at;
}

// The group before this place, if the separator stands between; empty: none.
std::string_view group_before(std::string_view text, std::size_t at, char separator) {
    if (at == 0 || text[at - 1] != separator) return {};
    const std::string_view group = run_before(text, at - 1);
    return is_all_hex(group) ? group : std::string_view();
}
std::size_t group_size_behind(std::string_view text, std::size_t at, char separator) {
    if (at >= text.size() || text[at] != separator) return 0;
    std::size_t end = at + 1;
    while (is_hex_at(text, end)) ++end;
    return end - at - 1;
}
bool is_within_groups(std::string_view text, std::size_t begin, std::size_t end, char separator) {
    return !group_before(text, begin, separator).empty() || group_size_behind(text, end, separator) > 0;
}
bool touches_word(std::string_view text, std::size_t begin, std::size_t end) {
    return (begin > 0 && is_ascii_alnum(text[begin - 1])) || (end < text.size() && is_ascii_alnum(text[end]));
}

// Which follows a label: behind blanks and one of : = # and a quotation mark. Behind a short label it needs
// the sign, or digits.
std::string word_behind(std::string_view text, std::size_t at, bool needs_sign) {
    const std::size_t begin = text.find_first_not_of(" \t", at);
    if (begin == std::string_view::npos) return {};
    bool has_sign = false;
    std::size_t from = begin;
    while (from < text.size() && std::string_view(":=#\"' \t").find(text[from]) != std::string_view::npos) {
        has_sign = has_sign || text[from] == ':' || text[from] == '=' || text[from] == '#';
        ++from;
    }
    std::size_t end = from;
    while (end < text.size() && is_within_word(text[end])) ++end;
    const std::string_view word = text.substr(from, end - from);
    const auto digits = std::count_if(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (needs_sign && !has_sign && static_cast<std::size_t>(digits) < kLeastDigits) return {};
    return std::string(word);
}

void add_labelled(std::string_view text, const std::string& small, std::vector<std::string>& out) {
    for (const char* label : kLabels) {
        const std::string_view word = label;
        for (std::size_t at = small.find(word); at != std::string::npos; at = small.find(word, at + 1)) {
            const std::size_t end = at + word.size();
            const bool is_word =
                (at == 0 || !is_alnum(small[at - 1])) && (end == small.size() || !is_alnum(small[end]));
            if (!is_word) continue;
            std::string named =
                word_behind(text, end, word.size() <= 4 || word == "serial" || word == "secret");
            if (!named.empty()) out.push_back(std::move(named));
        }
    }
}

void add_mail(std::string_view text, std::vector<std::string>& out) {
    for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
        std::size_t begin = at;
        while (begin > 0 && is_within_word(text[begin - 1])) --begin;
        std::size_t end = at + 1;
        while (end < text.size() && is_within_word(text[end])) ++end;
        out.emplace_back(text.substr(begin, at - begin));
        out.emplace_back(text.substr(at + 1, end - at - 1));
    }
}

void add_homes(std::string_view text, std::vector<std::string>& out) {
    for (const std::string_view place : {"/home/", "/Users/", "\\Users\\"})
        for (std::size_t at = text.find(place); at != std::string_view::npos; at = text.find(place, at + 1)) {
            const std::size_t begin = at + place.size();
            const std::size_t end = text.find_first_of("/\\ ", begin);
            out.emplace_back(text.substr(begin, end == std::string_view::npos ? end : end - begin));
        }
}

// The length of the character that begins here; 0: it is no UTF-8.
std::size_t character_length(std::string_view text, std::size_t at) {
    const auto first = static_cast<unsigned char>(text[at]);
    const std::size_t length = first < 0x80              ? 1
                               : (first & 0xe0U) == 0xc0 ? 2
                               : (first & 0xf0U) == 0xe0 ? 3
                               : (first & 0xf8U) == 0xf0 ? 4
                                                         : 0;
    if (length == 0 || at + length > text.size()) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((static_cast<unsigned char>(text[at + i]) & 0xc0U) != 0x80) return 0;
    return length;
}

}  // namespace

std::vector<Piece> pieces_of(std::string_view text) {
    std::vector<Piece> out;
    for (std::size_t at = 0; at < text.size();) {
        if (!is_alnum(text[at])) {
            ++at;
            continue;
        }
        const std::size_t begin = at;
        while (at < text.size() && is_alnum(text[at])) ++at;
        out.push_back({begin, at});
    }
    return out;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(c < 0x80 ? std::tolower(c) : c); });
    return out;
}

bool is_text(std::string_view octets) {
    while (!octets.empty() && octets.back() == '\0') octets.remove_suffix(1);
    for (std::size_t at = 0; at < octets.size();) {
        const auto c = static_cast<unsigned char>(octets[at]);
        if (c == 0x7f || (c < 0x20 && c != '\t' && c != '\r' && c != '\n')) return false;
        const std::size_t length = character_length(octets, at);
        if (length == 0) return false;
        at += length;
    }
    return true;
}

std::vector<std::string> named_secrets(std::string_view text) {
    std::vector<std::string> out;
    add_labelled(text, lower(text), out);
    add_mail(text, out);
    add_homes(text, out);
    return out;
}

std::vector<std::string> dotted_numbers(std::string_view text) {
    constexpr std::string_view kParts = "0123456789.";
    std::vector<std::string> out;
    for (std::size_t at = text.find_first_of(kParts); at != std::string_view::npos;) {
        const std::size_t end = std::min(text.find_first_not_of(kParts, at), text.size());
        out.emplace_back(text.substr(at, end - at));
        at = text.find_first_of(kParts, end);
    }
    return out;
}

bool is_like_key(std::string_view text) {
    return text.size() >= kLeastKey &&
           text.find_first_not_of("0123456789abcdefABCDEF-") == std::string_view::npos &&
           text.find_first_of("123456789abcdefABCDEF") != std::string_view::npos;
}

// Huawei writes versions as V200R019C10SPC500: they are none.
bool is_like_serial(std::string_view text) {
    if (text.size() < kLeastSerial || text.size() > kMostSerial) return false;
    const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    const auto digits = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_digit));
    const auto letters = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_upper));
    if (digits + letters != text.size()) return false;
    if (letters == 0) return digits >= kLeastNumber;
    const bool is_version = text.front() == 'V' && text.size() > 4 && is_digit(text[1]) &&
                            text.find('R') != std::string_view::npos;
    return digits >= kLeastDigits && !is_version;
}

std::string_view run_before(std::string_view text, std::size_t at) {
    std::size_t begin = at;
    while (begin > 0 && is_alnum(text[begin - 1])) --begin;
    return text.substr(begin, at - begin);
}

// Directly before it "v", "r" and what begins as V200R019C10 does say so, too.
bool is_version_before(std::string_view before) {
    const std::string direct = lower(run_before(before, before.size()));
    if (direct == "v" || direct == "r" || (direct.size() > 1 && direct[0] == 'v' && is_digit(direct[1])))
        return true;
    for (std::size_t end = before.size(); end > 0 && before.size() - end <= kReachOfWords;) {
        const std::string word = lower(run_before(before, end));
        if (has_word(kAddressWords, word)) return false;
        if (has_word(kVersionWords, word)) return true;
        end -= std::max<std::size_t>(word.size(), 1);
    }
    return false;
}

std::vector<Piece> dotted_run(std::string_view text, std::size_t at) {
    std::vector<Piece> out;
    while (at < text.size() && is_digit(text[at])) {
        const std::size_t begin = at;
        while (at < text.size() && is_digit(text[at])) ++at;
        out.push_back({begin, at});
        if (at < text.size() && text[at] == '.') ++at;
    }
    return out;
}

std::string parse_quad(std::string_view text) {
    std::string out;
    const auto parts = dotted_run(text, 0);
    if (parts.size() != 4) return out;
    for (const Piece& part : parts) {
        if (part.end - part.begin > 3) return {};
        unsigned octet = 0;
        for (std::size_t i = part.begin; i < part.end; ++i)
            octet = octet * 10 + static_cast<unsigned>(text[i] - '0');
        if (octet > 255) return {};
        out += static_cast<char>(octet);
    }
    return out;
}

// The longest one. Of more octets that are written out, two digits each, none is one.
std::size_t ipv6_end(std::string_view text, std::size_t at) {
    const bool may_begin = is_hex_at(text, at)
                               ? at == 0 || !is_ascii_alnum(text[at - 1])
                               : text.substr(at, 2) == "::" && is_hex_at(text, at + 2) &&
                                     (at == 0 || (text[at - 1] != ':' && !is_ascii_alnum(text[at - 1])));
    if (!may_begin) return 0;
    std::size_t end = at;
    while (end < std::min(text.size(), at + kMostIpv6) &&
           (is_hex(text[end]) || text[end] == ':' || text[end] == '.'))
        ++end;
    for (; end > at + 2; --end) {
        if (end < text.size() && is_ascii_alnum(text[end])) continue;
        const std::string word(text.substr(at, end - at));
        if (word.find("::") == std::string::npos && std::count(word.begin(), word.end(), ':') < 6) return 0;
        char octets[16] = {};
        if (inet_pton(AF_INET6, word.c_str(), octets) != 1) continue;
        const bool is_of_more =
            groups_end(word, 0, ':', 8, 2) == word.size() && is_within_groups(text, at, end, ':');
        return is_of_more ? 0 : end;
    }
    return 0;
}

std::vector<MacShape> mac_shapes(std::string_view text, std::size_t at) {
    std::vector<MacShape> out;
    if (!is_hex_at(text, at)) return out;
    for (const char separator : {':', '-', ' '}) {
        const std::size_t end = groups_end(text, at, separator, 6, 2);
        if (end == 0) continue;
        const std::string_view before = run_before(text, at);
        const bool is_continued = (!before.empty() && is_all_hex(before)) || is_hex_at(text, end) ||
                                  group_before(text, at, separator).size() == 2 ||
                                  group_size_behind(text, end, separator) == 2;
        out.push_back({end, separator != ' ' && !is_continued});
    }
    for (const char separator : {'.', '-', ':'})
        if (const std::size_t end = groups_end(text, at, separator, 3, 4); end != 0)
            out.push_back({end, !touches_word(text, at, end) && !is_within_groups(text, at, end, separator)});
    for (const char separator : {':', '-'})
        if (const std::size_t end = groups_end(text, at, separator, 6, 2, true); end != 0)
            out.push_back({end, end - at > kLeastShortMac && !touches_word(text, at, end) &&
                                    !is_within_groups(text, at, end, separator)});
    if (const std::size_t end = groups_end(text, at, ' ', 1, 12); end != 0) out.push_back({end, false});
    return out;
}

bool is_common_name(const std::string& lower_name) {
    return std::find(std::begin(kCommonNames), std::end(kCommonNames), lower_name) != std::end(kCommonNames);
}

}  // namespace outstation::pack
