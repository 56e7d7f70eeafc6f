// SPDX-License-Identifier: GPL-3.0-or-later
// Labels with holes for what differs.
#include "drivers/pack/words.hpp"

#include <algorithm>

namespace outstation::pack {
namespace {

struct Holes {
    std::string form;                // "PDU {} outlet {}"
    std::vector<std::string> parts;  // "{index}", "7"
};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// A number stands alone: L2ARC is a word.
std::size_t number_at(std::string_view text, std::size_t at) {
    if (at > 0 && (is_letter(text[at - 1]) || is_digit(text[at - 1]))) return 0;
    std::size_t end = at;
    while (end < text.size() && is_digit(text[end])) ++end;
    return end < text.size() && is_letter(text[end]) ? 0 : end - at;
}

std::size_t hole_at(std::string_view text, std::size_t at) {
    if (text[at] != '{') return number_at(text, at);
    const std::size_t close = text.find('}', at);
    return close == std::string_view::npos ? 0 : close + 1 - at;
}

Holes holes_of(std::string_view text) {
    Holes out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t hole = hole_at(text, at);
        if (hole > 0) out.parts.emplace_back(text.substr(at, hole));
        out.form += hole > 0 ? std::string_view("{}") : text.substr(at, 1);
        at += std::max<std::size_t>(hole, 1);
    }
    return out;
}

bool has_words(std::string_view label) {
    const std::string form = holes_of(label).form;
    return std::any_of(form.begin(), form.end(), is_letter);
}

}  // namespace

std::string translated(const Words& words, std::string_view label) {
    const Holes holes = holes_of(label);
    const auto known = words.find(holes.form);
    if (known == words.end()) return {};
    std::string out;
    std::string_view rest = known->second;
    for (const std::string& part : holes.parts) {
        const std::size_t hole = rest.find("{}");
        if (hole == std::string_view::npos) break;
        out += rest.substr(0, hole);
        out += part;
        rest.remove_prefix(hole + 2);
    }
    return out += rest;
}

void translate(const Words& words, Pack& pack) {
    for (Rule& rule : pack.rules) {
        const auto label = rule.fields.find("label");
        if (label == rule.fields.end()) continue;
        for (Source& source : label->second.sources)
            if (source.kind == Source::Kind::text && source.zh.empty())
                source.zh = translated(words, source.text);
    }
}

std::vector<std::string> untranslated(const Pack& pack) {
    std::vector<std::string> out;
    for (const Rule& rule : pack.rules) {
        const auto label = rule.fields.find("label");
        if (label == rule.fields.end() || !rule.zh.empty() || rule.kind == Rule::Kind::inventory) continue;
        for (const Source& source : label->second.sources)
            if (source.kind == Source::Kind::text && source.zh.empty() && has_words(source.text))
                out.push_back(rule.place + ": '" + source.text + "'");
    }
    return out;
}

}  // namespace outstation::pack
