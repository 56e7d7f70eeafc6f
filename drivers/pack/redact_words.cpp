// SPDX-License-Identifier: GPL-3.0-or-later
// Looking at texts.
#include "drivers/pack/redact_words.hpp"

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
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    const auto digits = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_digit));
    const auto letters = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_upper));
    if (digits + letters != text.size()) return false;
    if (letters == 0) return digits >= kLeastNumber;
    const bool is_version = text.front() == 'V' && text.size() > 4 && is_digit(text[1]) &&
                            text.find('R') != std::string_view::npos;
    return digits >= kLeastDigits && !is_version;
}

bool is_common_name(const std::string& lower_name) {
    return std::find(std::begin(kCommonNames), std::end(kCommonNames), lower_name) != std::end(kCommonNames);
}

}  // namespace outstation::pack
