// SPDX-License-Identifier: GPL-3.0-or-later
// Prometheus snmp_exporter: the modules of snmp.yml. A module becomes a pack, a metric a series; the meaning
// is that of the exporter's collector (value, scale, offset; a text is a label of a series that is 1).
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "drivers/pack/import/formats.hpp"
#include "drivers/pack/import/pack_text.hpp"
#include "drivers/pack/pattern.hpp"
#include "lib/config/config.hpp"

namespace outstation::pack {
namespace {

using config::Mapping;
using Enum = std::vector<std::pair<std::string, std::string>>;  // number -> word

Enum enum_of(Mapping& from) {
    Enum out;
    auto values = from.mapping("enum_values");
    for (const std::string& key : values.keys()) out.emplace_back(key, values.text(key, ""));
    return out;
}

// The word of a number, the number itself where there is none.
std::string word_field(const std::string& source_key, const std::string& source, const Enum& words) {
    YamlMap named;
    named.text(source_key, source);
    if (words.empty()) return named.str();
    YamlMap map;
    for (const auto& [number, word] : words) map.text(number, word);
    YamlMap mapped = named;
    mapped.yaml("map", map.str());
    return yaml_list({mapped.str(), named.str()});
}

bool is_number_type(const std::string& type) {
    return type == "gauge" || type == "counter" || type == "Float" || type == "Double";
}

// How a value of this type is a text.
std::string text_field(const std::string& source_key, const std::string& source, const std::string& type) {
    YamlMap out;
    out.text(source_key, source);
    if (type == "PhysAddress48") out.text("format", "mac_address");
    if (type == "InetAddressIPv4" || type == "InetAddressIPv6" || type == "InetAddress")
        out.text("format", "ip_address");
    if (type == "OctetString") out.text("format", "hex");
    return out.str();
}

// One part of the index of a row: how it is read, and where its arcs stand when that is known.
struct Part {
    std::string label;
    std::string yaml;       // of the pack's `index`
    std::string field;      // the label's
    std::size_t width = 0;  // 0: not known before it is read
};

class Metric {
  public:
    Metric(Mapping& from, std::string module) : from_(from), module_(std::move(module)) {
        name_ = from_.text("name", "");
        oid_ = plain_oid(from_.text("oid", ""));
        type_ = from_.text("type", "");
    }

    void import_into(PackText& pack, Imported& out) {
        read_index();
        read_lookups();
        std::vector<std::string> rules;
        if (oid_.empty() || name_.empty()) why_ = "its oid is not a number";
        if (why_.empty()) rules = rules_of_type();
        if (why_.empty() && rules.empty()) why_ = "type " + type_ + " is not known";
        const std::string what = module_ + ": " + name_;
        if (!why_.empty()) {
            out.left_out.push_back({what, why_});
            return;
        }
        ++out.taken;
        for (const std::string& why : lost_) out.changed.push_back({what, why});
        for (std::string& rule : rules) pack.add("series", std::move(rule));
    }

  private:
    void read_index() {
        auto parts = from_.mappings("indexes");
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const bool is_last = i + 1 == parts.size();
            if (!add_part(parts[i], "i" + std::to_string(i + 1), is_last) && why_.empty())
                why_ = "an index of type " + parts[i].text("type", "") + " before others";
        }
        // Numbers alone are read by their place, so that a row whose index is too short is there, as it is
        // for the exporter.
        has_numbers_alone_ =
            std::all_of(parts_.begin(), parts_.end(), [](const Part& one) { return one.width == 1; });
        for (std::size_t i = 0; has_numbers_alone_ && i < parts.size(); ++i)
            parts_[i].field = word_field("text", "{index." + std::to_string(i + 1) + "}", enum_of(parts[i]));
    }

    bool add_part(Mapping& from, const std::string& name, bool is_last) {
        const std::string type = from.text("type", "");
        const bool is_text = type == "DisplayString" || type == "OctetString";
        const bool is_open = from.boolean("implied", false) || from.integer("fixed_size", 0) > 0;
        std::string as = "integer";
        Part part{from.text("labelname", ""), "", "", 1};
        if (type == "PhysAddress48") {
            as = "mac";
            part.width = 6;
        } else if (type == "InetAddressIPv4") {
            as = "address";
            part.width = 4;
        } else if (is_text) {
            as = is_open ? "implied" : "string";
            part.width = 0;
        } else if (type != "gauge" && type != "Integer32" && type != "EnumAsInfo" && type != "Integer") {
            as = "oid";
            part.width = 0;
        }
        part.yaml = YamlMap().text("name", name).text("as", as).str();
        part.field = word_field("text", "{" + name + "}", enum_of(from));
        parts_.push_back(std::move(part));
        return is_last || (as != "implied" && as != "oid");
    }

    // The arcs of these parts as the index of another table; nothing when it is that of the row.
    std::optional<std::string> index_of(const std::vector<std::string>& labels) {
        std::string out;
        for (const std::string& label : labels) {
            std::size_t at = 1;
            bool is_found = false;
            for (const Part& part : parts_) {
                is_found = part.label == label;
                if (is_found || part.width == 0) break;
                at += part.width;
            }
            const auto part = std::find_if(parts_.begin(), parts_.end(),
                                           [&](const Part& one) { return one.label == label; });
            if (!is_found || part->width == 0) return std::nullopt;
            for (std::size_t i = 0; i < part->width; ++i)
                out += (out.empty() ? "{index." : ".{index.") + std::to_string(at + i) + "}";
        }
        return out;
    }

    [[nodiscard]] bool are_all(const std::vector<std::string>& labels) const {
        return std::equal(labels.begin(), labels.end(), parts_.begin(), parts_.end(),
                          [](const std::string& label, const Part& part) { return label == part.label; });
    }

    void read_lookups() {
        for (auto& lookup : from_.mappings("lookups")) {
            const std::string label = lookup.text("labelname", "");
            const std::string oid = plain_oid(lookup.text("oid", ""));
            if (oid.empty()) {  // the exporter's way to leave a label out
                dropped_.push_back(label);
                continue;
            }
            const auto labels = lookup.texts("labels");
            const auto index = are_all(labels) ? std::string() : index_of(labels);
            if (!index) {
                lost_.push_back("without the label " + label + ": its row is found by another lookup");
                continue;
            }
            looked_up_.emplace_back(label, lookup_field(lookup, oid, *index));
        }
    }

    static std::string lookup_field(Mapping& lookup, const std::string& oid, const std::string& index) {
        YamlMap plain;
        plain.text("OID", oid);
        if (!index.empty()) plain.text("index", index);
        const Enum words = enum_of(lookup);
        const std::string type = lookup.text("type", "");
        if (type == "PhysAddress48") plain.text("format", "mac_address");
        if (words.empty()) return plain.str();
        YamlMap map;
        for (const auto& [number, word] : words) map.text(number, word);
        YamlMap mapped = plain;
        mapped.yaml("map", map.str());
        return yaml_list({mapped.str(), plain.str()});
    }

    // A rule with the labels of the row and these.
    std::string rule(const std::string& name, const std::string& number, const YamlMap& own,
                     const char* type = "") {
        YamlMap out;
        out.text("OID", oid_).text("metric", foreign_metric(name));
        if (*type != '\0') out.text("type", type);
        std::vector<std::string> index;
        YamlMap labels = own;
        for (const Part& part : parts_) {
            index.push_back(part.yaml);
            const bool is_dropped = std::find(dropped_.begin(), dropped_.end(), part.label) != dropped_.end();
            if (!is_dropped && !is_looked_up(part.label)) labels.yaml(part.label, part.field);
        }
        for (const auto& [label, field] : looked_up_) labels.yaml(label, field);
        if (!index.empty() && !has_numbers_alone_) out.yaml("index", yaml_list(index));
        if (!labels.empty()) out.yaml("labels", labels.str());
        if (!number.empty()) out.yaml("number", number);
        return out.str();
    }

    [[nodiscard]] bool is_looked_up(const std::string& label) const {
        return std::any_of(looked_up_.begin(), looked_up_.end(),
                           [&](const auto& one) { return one.first == label; });
    }

    std::vector<std::string> rules_of_type() {
        if (is_number_type(type_))
            return {rule(name_, number_field(), {}, type_ == "counter" ? "counter" : "gauge")};
        if (type_ == "EnumAsInfo") {
            const auto words = word_field("text", "{value}", enum_of(from_));
            return {rule(name_ + "_info", "1", YamlMap().yaml(name_, words))};
        }
        if (type_ == "EnumAsStateSet" || type_ == "Bits") return rules_of_states();
        if (type_ == "DateAndTime")
            return {rule(name_, YamlMap().text("text", "{value}").text("format", "unix_time").str(), {})};
        if (type_ == "ParseDateAndTime") {
            why_ = "dates in a text of the maker's own form";
            return {};
        }
        if (from_.has("regex_extracts")) return rules_of_patterns();
        return {rule(name_, "1", YamlMap().yaml(name_, text_field("text", "{value}", type_)))};
    }

    std::string number_field() {
        const double scale = from_.number("scale", 1);
        const double offset = from_.number("offset", 0);
        if (scale == 1 && offset == 0) return "";
        YamlMap value;
        value.text("text", "{value}");
        if (scale != 1 && scale != 0) value.text("scale_factor", fmt::format("{:.15g}", scale));
        if (offset == 0) return value.str();
        return YamlMap()
            .yaml("sum", yaml_list({value.str(), yaml_text(fmt::format("{:.15g}", offset))}))
            .str();
    }

    // One series for each word, 1 when the value (or the bit) is it.
    std::vector<std::string> rules_of_states() {
        std::vector<std::string> out;
        for (const auto& [number, word] : enum_of(from_)) {
            YamlMap is_it;
            is_it.text("text", "{value}");
            const bool is_number = !number.empty() && number.size() < 4 &&
                                   number.find_first_not_of("0123456789") == std::string::npos;
            if (type_ == "Bits" && !is_number) continue;
            if (type_ == "Bits") {
                is_it.text("bit", number);
            } else {
                is_it.yaml("map", YamlMap().text(number, "1").text("*", "0").str());
            }
            out.push_back(rule(name_, is_it.str(), YamlMap().yaml(name_, literal_field(word))));
        }
        return out;
    }

    std::vector<std::string> rules_of_patterns() {
        std::vector<std::string> out;
        auto extracts = from_.mapping("regex_extracts");
        for (const std::string& suffix : extracts.keys()) {
            std::vector<std::string> sources;
            for (auto& one : extracts.mappings(suffix)) {
                const std::string pattern = one.text("regex", "");
                const std::string rewrite = one.text("value", "");
                if (pattern.empty()) {
                    why_ = "an expression that is not there";
                    return {};
                }
                if (auto known = Pattern::compile(pattern); !known) {
                    why_ = "the expression " + pattern + ": " + known.error().text;
                    return {};
                }
                sources.push_back(YamlMap()
                                      .text("text", "{value}")
                                      .text("match_pattern", pattern)
                                      .text("match_value", rewrite.empty() ? "$1" : rewrite)
                                      .str());
            }
            out.push_back(rule(name_ + suffix, yaml_list(sources), {}));
        }
        return out;
    }

    Mapping& from_;
    std::string module_;
    std::string name_;
    std::string oid_;
    std::string type_;
    std::vector<Part> parts_;
    bool has_numbers_alone_ = true;
    std::vector<std::pair<std::string, std::string>> looked_up_;
    std::vector<std::string> dropped_;
    std::string why_;                // it cannot be taken
    std::vector<std::string> lost_;  // it was taken without
};

void import_module(const std::string& name, Mapping& module, Imported& out) {
    PackText pack("snmp-exporter-" + name, "snmp_exporter " + name);
    std::vector<std::string> probes;
    for (const char* key : {"walk", "get"})
        for (const std::string& oid : module.texts(key))
            if (const std::string plain = plain_oid(oid); !plain.empty()) probes.push_back(plain);
    if (probes.empty()) {
        out.left_out.push_back({name, "it reads no object"});
        return;
    }
    pack.match(YamlMap().yaml("probe", yaml_list(probes)).str());
    for (auto& metric : module.mappings("metrics")) Metric(metric, name).import_into(pack, out);
    if (!pack.empty()) keep_pack(out.packs, "snmp-exporter-" + name, pack);
}

}  // namespace

void import_snmp_exporter(const Texts& texts, Imported& out) {
    for (const auto& [file, text] : texts) {
        auto document = config::Document::parse(text, file);
        auto modules = document.root().mapping("modules");
        const auto names = modules.keys();
        if (names.empty()) {
            const auto problems = document.problems();
            out.left_out.push_back({file, problems.empty() ? "no modules" : problems.front()});
        }
        for (const std::string& name : names) {
            auto module = modules.mapping(name);
            import_module(name, module, out);
        }
    }
}

}  // namespace outstation::pack
