// SPDX-License-Identifier: GPL-3.0-or-later
// Rules from YAML: each section has the fields of its kind.
#include "drivers/pack/read_rules.hpp"

#include <algorithm>
#include <charconv>

#include "drivers/pack/metrics.hpp"
#include "drivers/pack/read_field.hpp"
#include "drivers/pack/units.hpp"

namespace outstation::pack {
namespace {

using config::Mapping;

struct Section {
    Rule::Kind kind;
    const char* word;
    std::vector<const char*> required;
    std::vector<const char*> allowed;
};

const std::vector<Section>& sections() {
    static const std::vector<Section> kSections = {
        {Rule::Kind::port,
         "ports",
         {"name"},
         {"description", "alias", "type", "speed", "admin", "oper", "in_octets", "out_octets"}},
        {Rule::Kind::sensor, "sensors", {"label", "unit"}, {"kind", "scale", "precision"}},
        {Rule::Kind::state, "states", {"label"}, {}},
        {Rule::Kind::processor, "processors", {"label"}, {"scale"}},
        {Rule::Kind::memory, "memory", {"label"}, {"total", "used", "free", "percent", "unit"}},
        {Rule::Kind::storage, "storage", {"label"}, {"total", "used", "free", "percent", "unit"}},
        {Rule::Kind::link,
         "links",
         {"protocol"},
         {"local_port", "remote_name", "remote_port", "remote_id", "remote_address"}},
        {Rule::Kind::inventory, "inventory", {"kind"}, {"name", "label", "model", "serial", "version"}},
        {Rule::Kind::series, "series", {}, {"type"}},
    };
    return kSections;
}

void read_index(Mapping& from, Rule& out) {
    for (auto item : from.items("index", "name")) {
        IndexPart part;
        part.name = item.required_text("name");
        const std::string as =
            item.choice("as", "integer", {"integer", "string", "implied", "address", "mac", "oid"});
        if (as == "string") part.as = IndexPart::As::string;
        if (as == "implied") part.as = IndexPart::As::implied;
        if (as == "address") part.as = IndexPart::As::address;
        if (as == "mac") part.as = IndexPart::As::mac;
        if (as == "oid") part.as = IndexPart::As::oid;
        out.index.push_back(std::move(part));
    }
}

// The names that the field's templates use.
void add_used(const Field& field, Names& out) {
    for (const Source& source : field.sources) {
        for (const std::string& name : names_in(source.text)) out.insert(name);
        for (const Field& operand : source.operands) add_used(operand, out);
    }
}

// Names may lead to each other, but have to come to an end soon.
void check_ends(Mapping& with, const Rule& rule) {
    std::map<std::string, Names> used;
    Names open;  // not known to end
    for (const auto& [name, field] : rule.with) {
        add_used(field, used[name]);
        open.insert(name);
    }
    for (int round = 0; round < kMaxNameDepth && !open.empty(); ++round) {
        Names still;
        for (const std::string& name : open) {
            const Names& needs = used[name];
            if (std::any_of(needs.begin(), needs.end(), [&](const auto& one) { return open.contains(one); }))
                still.insert(name);
        }
        open = std::move(still);
    }
    for (const std::string& name : open)
        with.problem(name, "'" + name + "' leads to itself, or through more than " +
                               std::to_string(kMaxNameDepth) + " names");
}

Names read_with(Mapping& from, Rule& out) {
    Names names;
    for (const IndexPart& part : out.index) names.insert(part.name);
    for (const auto& [name, field] : out.with) names.insert(name);
    auto with = from.mapping("with");
    const auto keys = with.keys();
    names.insert(keys.begin(), keys.end());
    for (const std::string& key : keys) out.with[key] = read_field(with, key, names);
    if (!keys.empty()) check_ends(with, out);
    return names;
}

void read_conditions(Mapping& from, const char* word, bool negated, const Names& names, Rule& out) {
    auto conditions = from.mapping(word);
    for (const std::string& key : conditions.keys()) {
        Condition one;
        one.negated = negated;
        one.text = "{" + key + "}";
        if (names.find(key) == names.end() && key != "value" && key != "index")
            conditions.problem(key, "'" + key + "' is not a name of this rule");
        for (auto item : conditions.items(key, "text")) {
            const std::string text = item.text("text", "");
            if (text.size() < 2 || text.front() != '/' || text.back() != '/') {
                one.texts.push_back(text);
                continue;
            }
            auto pattern = Pattern::compile(std::string_view(text).substr(1, text.size() - 2));
            if (pattern) one.patterns.push_back(std::move(*pattern));
            if (!pattern) item.problem("text", pattern.error().text);
        }
        out.conditions.push_back(std::move(one));
    }
}

// "warning on battery": severity, then the text.
StateText read_state_text(Mapping& from, const std::string& key) {
    const std::string text = from.text(key, "");
    const std::size_t space = text.find(' ');
    StateText out{text.substr(0, space), space == std::string::npos ? "" : text.substr(space + 1)};
    if (out.severity != "ok" && out.severity != "warning" && out.severity != "critical" &&
        out.severity != "unknown")
        from.problem(key, "expected 'ok', 'warning', 'critical' or 'unknown', then a text");
    if (out.text.empty()) out.text = out.severity;
    return out;
}

void read_states(Mapping& from, Rule& out) {
    auto states = from.mapping("states");
    for (const std::string& key : states.keys()) out.states[key] = read_state_text(states, key);
    auto bits = from.mapping("bits");
    for (const std::string& key : bits.keys()) {
        unsigned bit = 0;
        const auto [rest, error] = std::from_chars(key.data(), key.data() + key.size(), bit);
        if (error != std::errc{} || rest != key.data() + key.size() || bit > kMaxBit)
            bits.problem(key, "expected the number of a bit");
        out.bits[bit] = read_state_text(bits, key);
    }
    if (out.states.empty() && out.bits.empty()) from.problem("states", "'states' or 'bits' is missing");
}

void check_units(Mapping& from, const Rule& rule) {
    const auto it = rule.fields.find("unit");
    if (it == rule.fields.end()) return;
    for (const Source& source : it->second.sources) {
        if (source.kind == Source::Kind::text && source.map.empty() && find_unit(source.text) == nullptr &&
            source.text.find('{') == std::string::npos)
            from.problem("unit", "'" + source.text + "' is not a unit");
        for (const auto& [raw, word] : source.map)
            if (find_unit(word) == nullptr) from.problem("unit", "'" + word + "' is not a unit");
    }
}

void read_metric_name(Mapping& from, Rule& out) {
    if (out.kind == Rule::Kind::series || from.has("metric")) out.metric = from.required_text("metric");
    const bool is_right =
        out.kind == Rule::Kind::series ? is_metric_name(out.metric) : find_metric(out.metric) != nullptr;
    if (!out.metric.empty() && !is_right)
        from.problem("metric",
                     "'" + out.metric + "' is not a metric of the dictionary (docs/formats/metrics.md)");
}

void read_labels(Mapping& from, const Names& names, Rule& out) {
    auto labels = from.mapping("labels");
    for (const std::string& name : labels.keys())
        out.fields[kLabelField + name] = read_field(labels, name, names);
}

// What rules of a group share: the parts of the index, names, conditions.
Names read_shared(Mapping& from, Rule& out) {
    read_index(from, out);
    Names names = read_with(from, out);
    read_conditions(from, "where", false, names, out);
    read_conditions(from, "unless", true, names, out);
    return names;
}

Rule read_rule(Mapping& from, const Section& section, Rule out) {
    out.kind = section.kind;
    out.place = from.where();
    out.oid = read_oid(from, "OID");
    const Names names = read_shared(from, out);
    for (const char* word : section.required) {
        if (!from.has(word)) from.problem(word, "'" + std::string(word) + "' is missing");
        out.fields[word] = read_field(from, word, names);
    }
    for (const char* word : section.allowed)
        if (from.has(word)) out.fields[word] = read_field(from, word, names);
    out.value = read_field(from, "number", names);
    if (out.value.sources.empty()) {
        Source own;
        own.text = "{value}";
        read_modifiers(from, own);
        out.value.sources.push_back(std::move(own));
    }
    if (from.has("above")) out.above = from.number("above", 0);
    if (from.has("below")) out.below = from.number("below", 0);
    out.last_resort = from.boolean("last_resort", false);
    out.zh = read_template(from, "zh", names);
    if (section.kind == Rule::Kind::state) read_states(from, out);
    if (section.kind == Rule::Kind::sensor) check_units(from, out);
    if (section.kind == Rule::Kind::sensor || section.kind == Rule::Kind::series) read_metric_name(from, out);
    if (section.kind == Rule::Kind::series) read_labels(from, names, out);
    return out;
}

}  // namespace

void read_rules(Mapping& root, Pack& out) {
    const auto read_sections = [&out](Mapping& from, const Rule& shared) {
        for (const Section& section : sections())
            for (auto& item : from.mappings(section.word))
                out.rules.push_back(read_rule(item, section, shared));
    };
    read_sections(root, {});
    for (auto& group : root.mappings("groups")) {
        Rule shared;
        (void)read_shared(group, shared);
        read_sections(group, shared);
    }
}

}  // namespace outstation::pack
