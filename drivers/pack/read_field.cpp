// SPDX-License-Identifier: GPL-3.0-or-later
// Fields from YAML.
#include "drivers/pack/read_field.hpp"

namespace outstation::pack {
namespace {

using config::Mapping;

constexpr int kMaxDepth = 4;

// "1.3.6.1..." or long enough not to be a version.
bool is_oid_text(std::string_view text) {
    const auto oid = parse_oid(text);
    return oid && (is_under(*oid, {1, 3, 6, 1}) || (oid->size() >= 7 && oid->front() <= 2));
}

bool is_known(std::string_view name, const Names& names) {
    if (name == "index" || name == "value" || name == "oid" || names.find(name) != names.end()) return true;
    if (name.substr(0, 6) != "index.") return false;
    name.remove_prefix(6);
    return !name.empty() && name.size() < 4 && name.find_first_not_of("0123456789") == std::string_view::npos;
}

void check_template(Mapping& from, std::string_view key, std::string_view text, const Names& names) {
    for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{', open + 1)) {
        const std::size_t close = text.find('}', open);
        if (close == std::string_view::npos) return from.problem(key, "a { without its }");
        const auto name = text.substr(open + 1, close - open - 1);
        if (!is_known(name, names))
            return from.problem(key, "'{" + std::string(name) + "}' is not a name of this rule");
    }
}

// All rows together: those below the index, or those that are found.
void read_rows(Mapping& from, Source& out) {
    using Rows = Source::Rows;
    const std::pair<const char*, Rows> words[] = {{"sum", Rows::sum},
                                                  {"count", Rows::count},
                                                  {"min", Rows::min},
                                                  {"max", Rows::max},
                                                  {"mean", Rows::mean}};
    if (!from.has("rows")) return;
    const std::string word = from.choice("rows", "sum", {"sum", "count", "min", "max", "mean"});
    for (const auto& [name, rows] : words)
        if (word == name) out.rows = rows;
    if (out.kind == Source::Kind::lookup) out.own_index = false;
}

void read_lookup(Mapping& from, const Names& names, Source& out) {
    out.kind = Source::Kind::lookup;
    out.oid = read_oid(from, "OID");
    if (from.has("find")) {
        out.kind = Source::Kind::search;
        out.key = read_oid(from, "find");
        out.text = read_template(from, "equals", names);
    } else if (from.has("index")) {
        out.own_index = false;
        out.text = read_template(from, "index", names);
    }
    read_rows(from, out);
    from.accept("MIB");
    from.accept("name");
}

void read_short(Mapping& from, const Names& names, Source& out) {
    out.text = read_template(from, "text", names);
    if (!is_oid_text(out.text)) return;
    out.kind = Source::Kind::lookup;
    out.oid = *parse_oid(out.text);
    out.text.clear();
}

void read_operands(Mapping& from, std::string_view word, const Names& names, int depth, Source& out) {
    if (depth > kMaxDepth) return from.problem(word, "too many sums in sums");
    for (auto item : from.items(word, "text")) {
        const bool has_several = item.has("first");
        out.operands.push_back(has_several ? read_field(item, "first", names, depth)
                                           : Field{{read_source(item, names, depth)}});
    }
    if (out.operands.size() < 2) from.problem(word, "'" + std::string(word) + "': expected at least two");
}

}  // namespace

std::vector<std::string> names_in(std::string_view text) {
    std::vector<std::string> out;
    for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{', open + 1)) {
        const std::size_t close = text.find('}', open);
        if (close != std::string_view::npos) out.emplace_back(text.substr(open + 1, close - open - 1));
    }
    return out;
}

Oid read_oid(Mapping& from, std::string_view key) {
    const std::string text = from.required_text(key);
    auto oid = parse_oid(text);
    if (!oid && !text.empty())
        from.problem(key, "'" + std::string(key) + "': expected an OID, found '" + text.substr(0, 80) + "'");
    return oid.value_or(Oid{});
}

std::optional<Pattern> read_pattern(Mapping& from, std::string_view key) {
    if (!from.has(key)) return std::nullopt;
    auto pattern = Pattern::compile(from.required_text(key));
    if (pattern) return *pattern;
    from.problem(key, "'" + std::string(key) + "': " + pattern.error().text);
    return std::nullopt;
}

std::vector<std::string> read_texts(Mapping& from, std::string_view key) {
    std::vector<std::string> out;
    for (auto item : from.items(key, "text")) out.push_back(item.text("text", ""));
    return out;
}

std::vector<Pattern> read_patterns(Mapping& from, std::string_view key) {
    std::vector<Pattern> out;
    for (auto item : from.items(key, "text"))
        if (auto pattern = read_pattern(item, "text")) out.push_back(std::move(*pattern));
    return out;
}

std::map<std::string, std::string> read_map(Mapping& from, std::string_view key) {
    std::map<std::string, std::string> out;
    auto map = from.mapping(key);
    for (const std::string& name : map.keys()) out[name] = map.text(name, "");
    return out;
}

std::string read_template(Mapping& from, std::string_view key, const Names& names) {
    std::string text = from.text(key, "");
    check_template(from, key, text, names);
    return text;
}

Format read_format(Mapping& from) {
    const std::string word = from.choice(
        "format", "plain", {"plain", "mac_address", "ip_address", "date", "unix_time", "hex", "unsigned"});
    if (word == "mac_address") return Format::mac;
    if (word == "ip_address") return Format::address;
    if (word == "date") return Format::date;
    if (word == "unix_time") return Format::unix_time;
    if (word == "unsigned") return Format::unsigned_32;
    return word == "hex" ? Format::hex : Format::plain;
}

void read_modifiers(Mapping& from, Source& out) {
    out.format = read_format(from);
    if (from.has("bit")) out.bit = static_cast<unsigned>(from.integer("bit", 0, 0, kMaxBit));
    const bool rewrites = from.has("match_pattern");
    out.extract = read_pattern(from, rewrites ? "match_pattern" : "extract_value");
    if (rewrites) out.rewrite = from.required_text("match_value");
    out.map = read_map(from, "map");
    out.skip = read_texts(from, "skip");
    out.scale = from.number("scale_factor", 1);
}

Source read_source(Mapping& from, const Names& names, int depth) {
    Source out;
    using Kind = Source::Kind;
    const std::pair<const char*, Kind> sums[] = {{"sum", Kind::sum},
                                                 {"difference", Kind::difference},
                                                 {"product", Kind::product},
                                                 {"ratio", Kind::ratio}};
    if (from.has("OID")) {
        read_lookup(from, names, out);
    } else if (from.has("text")) {
        read_short(from, names, out);
    } else {
        bool known = false;
        for (const auto& [word, kind] : sums) {
            if (known || !from.has(word)) continue;
            known = true;
            out.kind = kind;
            read_operands(from, word, names, depth + 1, out);
        }
        if (!known) from.problem("", "expected a text, or one of OID text sum difference product ratio");
    }
    read_modifiers(from, out);
    return out;
}

Field read_field(Mapping& from, std::string_view key, const Names& names, int depth) {
    Field out;
    for (auto item : from.items(key, "text")) out.sources.push_back(read_source(item, names, depth));
    return out;
}

}  // namespace outstation::pack
