// SPDX-License-Identifier: GPL-3.0-or-later
// Datadog's part of a pack from YAML.
#include "drivers/pack/read_profile.hpp"

#include "drivers/pack/read_field.hpp"

namespace outstation::pack {
namespace {

using config::Mapping;

const std::vector<std::string> kTypes = {
    "",     "gauge",   "counter",     "rate",        "percent", "monotonic_count", "monotonic_count_and_rate",
    "flag", "gauge64", "zero_or_one", "flag_stream", "float"};

std::string read_type(Mapping& from, const std::string& fallback) {
    const std::string old = from.choice("forced_type", fallback, kTypes);
    return from.choice("metric_type", old, kTypes);
}

Symbol read_symbol(Mapping& from, const std::string& type) {
    Symbol out;
    out.one = from.boolean("constant_value_one", false);
    if (!out.one || from.has("OID")) out.oid = read_oid(from, "OID");
    out.name = from.required_text("name");
    out.type = read_type(from, type);
    out.format = read_format(from);
    const bool rewrites = from.has("match_pattern");
    out.extract = read_pattern(from, rewrites ? "match_pattern" : "extract_value");
    if (rewrites) out.rewrite = from.required_text("match_value");
    out.scale = from.number("scale_factor", 1);
    from.accept("MIB");
    from.accept("metric_suffix");
    return out;
}

void read_transform(Mapping& from, Tag& out) {
    for (auto& step : from.mappings("index_transform")) {
        const auto start = step.integer("start", 0, 0, kMaxArcs);
        const auto end = step.integer("end", start, 0, kMaxArcs);
        const auto drop = step.integer("drop_right", 0, 0, kMaxArcs);
        if (drop > 0) {
            out.transform.emplace_back(start, kMaxArcs + drop);
        } else if (end < start) {
            step.problem("end", "'end' is before 'start'");
        } else {
            out.transform.emplace_back(start, end);
        }
    }
}

// The symbol as a mapping, or (in the old form, and for the whole device) as a name beside OID.
void read_tag_symbol(Mapping& from, std::string_view key, Tag& out) {
    if (from.kind(key) == Mapping::Kind::mapping) {
        auto symbol = from.mapping(key);
        out.symbol = read_symbol(symbol, "");
    } else {
        out.symbol.name = from.required_text(key);
        out.symbol.oid = read_oid(from, "OID");
    }
}

Tag read_tag(Mapping& from) {
    Tag out;
    if (from.has("fixed")) {
        const std::string text = from.text("fixed", "");
        const std::size_t colon = text.find(':');
        if (colon == std::string::npos) from.problem("fixed", "expected 'tag:value'");
        out.name = text.substr(0, colon);
        out.fixed = colon == std::string::npos ? "" : text.substr(colon + 1);
        return out;
    }
    out.index = from.integer("index", 0, 0, kMaxArcs);
    if (from.has("symbol")) read_tag_symbol(from, "symbol", out);
    if (from.has("column")) read_tag_symbol(from, "column", out);
    read_transform(from, out);
    out.mapping = read_map(from, "mapping");
    out.match = read_pattern(from, "match");
    out.tags = read_map(from, "tags");
    out.name = out.tags.empty() ? from.required_text("tag") : from.text("tag", "");
    if (out.index == 0 && out.symbol.oid.empty()) from.problem("tag", "expected 'symbol' or 'index'");
    if (!out.tags.empty() && !out.match) from.problem("tags", "'tags' without 'match'");
    for (const char* key : {"MIB", "table", "name"}) from.accept(key);
    return out;
}

std::vector<Tag> read_tags(Mapping& from, std::string_view key, std::string_view scalar) {
    std::vector<Tag> out;
    for (auto item : from.items(key, scalar)) out.push_back(read_tag(item));
    return out;
}

void add_fixed(std::vector<Tag>& out, Mapping& from) {
    for (Tag& tag : read_tags(from, "static_tags", "fixed")) out.push_back(std::move(tag));
}

Metric read_metric(Mapping& from) {
    Metric out;
    const std::string type = read_type(from, "");
    out.is_table = from.kind("table") != Mapping::Kind::absent;
    if (out.is_table) {
        if (from.kind("table") == Mapping::Kind::mapping) {
            auto table = from.mapping("table");
            (void)read_oid(table, "OID");
            table.accept("name");
        }
        from.accept("table");
        for (auto& symbol : from.mappings("symbols")) out.symbols.push_back(read_symbol(symbol, type));
        if (out.symbols.empty()) from.problem("symbols", "'symbols' is missing");
    } else if (from.kind("symbol") == Mapping::Kind::mapping) {
        auto symbol = from.mapping("symbol");
        out.symbols.push_back(read_symbol(symbol, type));
    } else {
        out.symbols.push_back(read_symbol(from, type));  // the old form: OID and name
    }
    auto options = from.mapping("options");
    out.placement = options.integer("placement", 0, 1, 1000);
    if (const std::string suffix = options.text("metric_suffix", ""); !suffix.empty())
        out.symbols.front().name += "." + suffix;
    out.tags = read_tags(from, "metric_tags", "fixed");
    add_fixed(out.tags, from);
    from.accept("MIB");
    return out;
}

// Datadog's word -> ours.
std::string identity_word(const std::string& name) {
    if (name == "serial_number") return "serial";
    if (name == "type") return "class";
    return name;
}

Field read_metadata_field(Mapping& from) {
    Field out;
    if (from.has("value")) out.sources.push_back(Source{});
    if (from.has("value")) out.sources.back().text = from.text("value", "");
    if (from.has("symbol")) out = read_field(from, "symbol", {});
    Field more = read_field(from, "symbols", {});
    for (Source& source : more.sources) out.sources.push_back(std::move(source));
    if (out.sources.empty()) from.problem("", "expected 'value', 'symbol' or 'symbols'");
    return out;
}

void read_metadata(Mapping& root, Pack& out) {
    auto metadata = root.mapping("metadata");
    for (const std::string& resource : metadata.keys()) {
        auto one = metadata.mapping(resource);
        auto fields = one.mapping("fields");
        for (const std::string& name : fields.keys()) {
            auto field = fields.mapping(name);
            Field read = read_metadata_field(field);
            if (resource == "device") out.identity[identity_word(name)] = std::move(read);
        }
        (void)read_tags(one, "id_tags", "fixed");
    }
}

}  // namespace

void read_profile(Mapping& root, Pack& out) {
    auto device = root.mapping("device");
    if (const std::string vendor = device.text("vendor", ""); !vendor.empty()) {
        Source source;
        source.text = vendor;
        out.identity["vendor"] = Field{{source}};
    }
    read_metadata(root, out);
    out.tags = read_tags(root, "metric_tags", "fixed");
    add_fixed(out.tags, root);
    for (auto& metric : root.mappings("metrics")) out.metrics.push_back(read_metric(metric));
}

}  // namespace outstation::pack
