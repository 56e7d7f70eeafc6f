// SPDX-License-Identifier: GPL-3.0-or-later
// Words by script.
#include "lib/store/state/words.hpp"

#include <algorithm>
#include <cstdint>

namespace outstation::store {
namespace {

enum class Script : std::uint8_t { none, letters, ideographs };

struct Character {
    char32_t code = 0;
    std::size_t octets = 1;
    Script script = Script::none;
};

constexpr char32_t kInvalid = 0xFFFFFFFF;

// One character of UTF-8 (RFC 3629 §3); overlong forms, surrogates and what is above U+10FFFF are invalid.
Character decode(std::string_view text) {
    const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = octet(0);
    if (lead < 0x80) return {lead, 1};
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {kInvalid, 1};
    char32_t code = lead & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((octet(i) & 0xC0U) != 0x80U) return {kInvalid, 1};
        code = (code << 6U) | (octet(i) & 0x3FU);
    }
    constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < kSmallest[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return {kInvalid, 1};
    return {code, length};
}

bool within(char32_t code, char32_t first, char32_t last) {
    return code >= first && code <= last;
}

// Lower case and narrow form, where both are a fixed distance away: ASCII, Latin-1, Greek, Cyrillic, full
// width.
char32_t fold(char32_t code) {
    if (within(code, 0xFF01, 0xFF5E)) code -= 0xFF01 - 0x21;
    if (within(code, U'A', U'Z')) return code + 32;
    if (within(code, 0xC0, 0xDE) && code != 0xD7) return code + 32;
    if (within(code, 0x391, 0x3A9) && code != 0x3A2) return code + 32;
    if (within(code, 0x410, 0x42F)) return code + 32;
    if (within(code, 0x400, 0x40F)) return code + 80;
    return code;
}

bool is_ideograph(char32_t code) {
    return within(code, 0x3400, 0x4DBF) || within(code, 0x4E00, 0x9FFF) || within(code, 0xF900, 0xFAFF) ||
           within(code, 0x20000, 0x3FFFF) || code == 0x3005 || code == 0x3007 ||  // 々 〇
           within(code, 0x3041, 0x30FF) || within(code, 0x31F0, 0x31FF) ||        // kana
           within(code, 0xAC00, 0xD7A3);                                          // Hangul
}

bool is_letter(char32_t code) {
    if (code < 0x80) return within(code, U'a', U'z') || within(code, U'0', U'9');
    if (code < 0xC0) return code == 0xAA || code == 0xB5 || code == 0xBA;  // ª µ º
    if (code == 0xD7 || code == 0xF7) return false;                        // × ÷
    return !within(code, 0x2000, 0x2BFF) && !within(code, 0x2E00, 0x2E7F) && !within(code, 0x3000, 0x303F) &&
           !within(code, 0xE000, 0xF8FF) && !within(code, 0xFE00, 0xFE6F) && !within(code, 0xFF00, 0xFFFF) &&
           code < 0x1F000;
}

Character next_character(std::string_view text) {
    Character c = decode(text);
    if (c.code == kInvalid) return c;
    c.code = fold(c.code);
    c.script = is_ideograph(c.code) ? Script::ideographs : is_letter(c.code) ? Script::letters : Script::none;
    return c;
}

void append_utf8(std::string& out, char32_t code) {
    const auto put = [&](char32_t octet) { out.push_back(static_cast<char>(octet)); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xC0U | (code >> 6U));
        put(0x80U | (code & 0x3FU));
    } else if (code < 0x10000) {
        put(0xE0U | (code >> 12U));
        put(0x80U | ((code >> 6U) & 0x3FU));
        put(0x80U | (code & 0x3FU));
    } else {
        put(0xF0U | (code >> 18U));
        put(0x80U | ((code >> 12U) & 0x3FU));
        put(0x80U | ((code >> 6U) & 0x3FU));
        put(0x80U | (code & 0x3FU));
    }
}

// Walks one text; `word_` is what the views given to `take` look at.
class Cutter {
  public:
    Cutter(std::string_view text, WordsFor purpose, const std::function<bool(const Word&)>& take)
        : text_(text), purpose_(purpose), take_(take) {}

    void run() {
        while (at_ < text_.size()) {
            const Character c = next_character(text_.substr(at_));
            bool more = true;
            if (c.script == Script::letters) {
                more = letters();
            } else if (c.script == Script::ideographs) {
                more = ideographs();
            } else {
                at_ += c.octets;
            }
            if (!more) return;
        }
    }

  private:
    bool letters() {
        const std::size_t begin = at_;
        word_.clear();
        while (at_ < text_.size()) {
            const Character c = next_character(text_.substr(at_));
            if (c.script != Script::letters) break;
            if (word_.size() + 4 <= kMaxWordOctets) append_utf8(word_, c.code);
            at_ += c.octets;
        }
        return take_({word_, begin, at_, false});
    }

    bool ideographs() {
        Character before = next_character(text_.substr(at_));
        std::size_t begin = at_;
        at_ += before.octets;
        bool alone = true;
        while (at_ < text_.size()) {
            const Character c = next_character(text_.substr(at_));
            if (c.script != Script::ideographs) break;
            word_.clear();
            append_utf8(word_, before.code);
            append_utf8(word_, c.code);
            if (!take_({word_, begin, at_ + c.octets, false})) return false;
            begin = at_;
            at_ += c.octets;
            before = c;
            alone = false;
        }
        if (!alone && purpose_ == WordsFor::query) return true;
        word_.clear();
        append_utf8(word_, before.code);
        return take_({word_, begin, at_, !alone});
    }

    std::string_view text_;
    WordsFor purpose_;
    const std::function<bool(const Word&)>& take_;
    std::size_t at_ = 0;
    std::string word_;
};

bool has_word(std::string_view text) {
    bool found = false;
    for_each_word(text, WordsFor::query, [&](const Word&) {
        found = true;
        return false;
    });
    return found;
}

}  // namespace

void for_each_word(std::string_view text, WordsFor purpose, const std::function<bool(const Word&)>& take) {
    Cutter(text, purpose, take).run();
}

std::string search_expression(std::string_view given) {
    constexpr std::string_view kBlanks = " \t\r\n\v\f";
    constexpr std::string_view kWideBlank = "\u3000";  // what a Chinese keyboard types
    std::string typed(given);
    for (std::size_t at = typed.find(kWideBlank); at != std::string::npos; at = typed.find(kWideBlank, at)) {
        typed.erase(at, kWideBlank.size() - 1);
        typed[at] = ' ';
    }
    std::string out;
    for (std::size_t at = typed.find_first_not_of(kBlanks); at != std::string::npos;
         at = typed.find_first_not_of(kBlanks, at)) {
        const std::size_t end = std::min(typed.find_first_of(kBlanks, at), typed.size());
        const std::string_view part = std::string_view(typed).substr(at, end - at);
        at = end;
        if (!has_word(part)) continue;
        out += out.empty() ? "\"" : " AND \"";
        for (const char c : part) {
            if (c == '"') out.push_back('"');
            if (c != '\0') out.push_back(c);
        }
        out += "\"*";
    }
    return out;
}

}  // namespace outstation::store
