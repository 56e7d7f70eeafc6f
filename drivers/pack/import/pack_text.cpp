// SPDX-License-Identifier: GPL-3.0-or-later
// Quoting and order.
#include "drivers/pack/import/pack_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "drivers/pack/metrics.hpp"
#include "drivers/pack/oid.hpp"

namespace outstation::pack {
namespace {

bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

std::string yaml_text(std::string_view text) {
    const bool is_plain =
        !text.empty() && is_name(text.front()) &&
        std::all_of(text.begin(), text.end(), [](char c) { return is_name(c) || c == '.'; });
    if (is_plain) return std::string(text);
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') out += '\\';
        if (byte < 0x20 || byte == 0x7f) {
            out += fmt::format("\\x{:02x}", byte);
        } else {
            out += c;
        }
    }
    return out + "\"";
}

std::string yaml_list(const std::vector<std::string>& items) {
    std::string out = "[";
    for (const std::string& item : items) {
        if (out.size() > 1) out += ", ";
        out += item;
    }
    return out + "]";
}

std::string quoted_expression(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (std::string_view("\\^$.|?*+()[]{}").find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

std::string literal_field(std::string_view text) {
    const bool is_plain = text.find_first_of("{}") == std::string_view::npos && !parse_oid(text);
    if (is_plain) return yaml_text(text);
    return YamlMap().text("text", "{oid}").yaml("map", YamlMap().text("*", text).str()).str();
}

std::string condition_text(std::string_view text) {
    const bool is_expression = text.size() >= 2 && text.front() == '/' && text.back() == '/';
    return yaml_text(is_expression ? "/^" + quoted_expression(text) + "$/" : std::string(text));
}

YamlMap& YamlMap::yaml(std::string_view key, std::string value) {
    const std::string name = yaml_text(key);
    const bool is_there =
        std::any_of(entries_.begin(), entries_.end(), [&](const auto& one) { return one.first == name; });
    if (!key.empty() && !is_there) entries_.emplace_back(name, std::move(value));
    return *this;
}

std::string YamlMap::str() const {
    std::string out = "{";
    for (const auto& [key, value] : entries_) {
        if (out.size() > 1) out += ", ";
        out += key;
        out += ": ";
        out += value;
    }
    return out + "}";
}

std::string foreign_metric(std::string_view name) {
    std::string out(kForeignMetric);
    for (const char c : name) {
        if (is_name(c)) {
            out += c;
        } else if (out.back() != '_') {
            out += '_';
        }
    }
    while (out.size() > kForeignMetric.size() && out.back() == '_') out.pop_back();
    return out.size() > kForeignMetric.size() ? out : out + "value";
}

std::string pack_key(std::string_view name) {
    std::string out;
    for (const char c : name) {
        if (c >= 'A' && c <= 'Z') {
            out += static_cast<char>(c - 'A' + 'a');
        } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            out += c;
        } else if (!out.empty() && out.back() != '-') {
            out += '-';
        }
    }
    while (!out.empty() && out.back() == '-') out.pop_back();
    return out.empty() ? "pack" : out;
}

std::string plain_oid(std::string_view text) {
    if (!text.empty() && text.back() == '.') text.remove_suffix(1);
    const auto oid = parse_oid(text);
    return oid ? format_oid(*oid) : std::string();
}

PackText::PackText(std::string_view key, std::string_view title) {
    head_ = "pack: " + yaml_text(pack_key(key)) + "\nname: " + yaml_text(title) + "\n";
}

void PackText::add(const char* section, std::string rule) {
    rules_.emplace_back(section, std::move(rule));
}

std::string PackText::str() const {
    std::map<std::string, std::string> sections;
    for (const auto& [section, rule] : rules_) {
        std::string& lines = sections[section];
        lines += "  - ";
        lines += rule;
        lines += "\n";
    }
    std::string out = head_;
    for (const auto& [section, lines] : sections) {
        out += section;
        out += ":\n";
        out += lines;
    }
    return out;
}

void keep_pack(std::map<std::string, std::string>& packs, std::string_view key, const PackText& pack) {
    const std::string name = pack_key(key);
    std::string file = name + ".yaml";
    for (int n = 2; packs.find(file) != packs.end(); ++n) file = name + "-" + std::to_string(n) + ".yaml";
    packs[file] = pack.str();
}

}  // namespace outstation::pack
