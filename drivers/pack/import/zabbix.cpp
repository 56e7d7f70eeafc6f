// SPDX-License-Identifier: GPL-3.0-or-later
// Zabbix templates (6 and 7, YAML): the SNMP items, those of discovery rules and those that depend on a walk.
// An item becomes a series named by its key; what its preprocessing does is done, a change per second is a
// counter.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "drivers/pack/import/formats.hpp"
#include "drivers/pack/import/pack_text.hpp"
#include "drivers/pack/import/zabbix_oid.hpp"
#include "drivers/pack/pattern.hpp"
#include "lib/config/config.hpp"

namespace outstation::pack {
namespace {

using config::Mapping;

std::vector<std::string> parameters_of(Mapping& step) {
    return step.texts("parameters");
}

// "\1.\2" as "$1.$2".
std::string our_rewrite(const std::string& output) {
    std::string out;
    for (std::size_t i = 0; i < output.size(); ++i) {
        const bool is_group =
            output[i] == '\\' && i + 1 < output.size() && output[i + 1] >= '0' && output[i + 1] <= '9';
        out += is_group ? '$' : output[i];
    }
    return out;
}

// What preprocessing makes of the value.
class Steps {
  public:
    void read(Mapping& item) {
        for (auto& step : item.mappings("preprocessing")) add(step.text("type", ""), parameters_of(step));
    }
    [[nodiscard]] const std::string& why() const { return why_; }
    [[nodiscard]] const std::string& walked() const { return walked_; }  // the OID in a walk
    [[nodiscard]] bool is_counter() const { return is_counter_; }
    // The source with what the steps do to it.
    [[nodiscard]] std::string applied(YamlMap source) const {
        if (!pattern_.empty()) source.text("match_pattern", pattern_).text("match_value", rewrite_);
        if (is_scaled_) source.text("scale_factor", fmt::format("{:.15g}", scale_));
        return source.str();
    }
    [[nodiscard]] bool is_nothing() const { return pattern_.empty() && !is_scaled_; }

  private:
    void add(const std::string& type, const std::vector<std::string>& parameters) {
        const std::string first = parameters.empty() ? "" : parameters.front();
        if (type == "MULTIPLIER") {
            multiply(first);
        } else if (type == "CHANGE_PER_SECOND" || type == "SIMPLE_CHANGE") {
            is_counter_ = true;
        } else if (type == "REGEX") {
            match(first, parameters.size() > 1 ? parameters[1] : "");
        } else if (type == "SNMP_WALK_VALUE") {
            walked_ = first;
        } else if (!is_harmless(type)) {
            why_ = "preprocessing of type " + type;
        }
    }

    // It says when a value is kept, not what it is.
    static bool is_harmless(const std::string& type) {
        return type.compare(0, 7, "DISCARD") == 0 || type.compare(0, 5, "CHECK") == 0 || type == "TRIM" ||
               type == "LTRIM" || type == "RTRIM" || type == "NOT_MATCHES_REGEX" || type == "IN_RANGE";
    }

    void multiply(const std::string& factor) {
        double number = 0;
        const auto [rest, error] = std::from_chars(factor.data(), factor.data() + factor.size(), number);
        if (error != std::errc{} || rest != factor.data() + factor.size())
            why_ = "a factor that is no number: " + factor;
        scale_ *= number;
        if (!std::isfinite(scale_)) why_ = "factors that are too large";
        is_scaled_ = true;
    }

    void match(const std::string& pattern, const std::string& output) {
        if (is_scaled_ || !pattern_.empty()) why_ = "an expression after other steps";
        if (auto known = Pattern::compile(pattern); !known)
            why_ = "the expression " + pattern + ": " + known.error().text;
        if (pattern.empty() || output.empty()) why_ = "an expression that gives nothing";
        pattern_ = pattern;
        rewrite_ = our_rewrite(output);
    }

    std::string why_;
    std::string walked_;
    std::string pattern_;
    std::string rewrite_;
    double scale_ = 1;
    bool is_scaled_ = false;
    bool is_counter_ = false;
};

bool is_text_type(Mapping& item) {
    const std::string type = item.text("value_type", "UNSIGNED");
    return type == "CHAR" || type == "TEXT" || type == "LOG";
}

class Template {
  public:
    Template(std::string name, Imported& out)
        : name_(std::move(name)), out_(out), pack_("zabbix-" + name_, name_) {}

    void run(Mapping& from) {
        for (auto& item : from.mappings("items")) add(item, {});
        for (auto& rule : from.mappings("discovery_rules")) {
            const ZabbixMacros macros = macros_of(rule);
            if (rule.has("filter"))
                out_.changed.push_back({name_ + ": " + rule.text("name", ""), "its filter is not taken"});
            for (auto& item : rule.mappings("item_prototypes")) add(item, macros);
        }
        if (pack_.empty()) return;
        pack_.match(YamlMap().yaml("probe", yaml_list(probes())).str());
        keep_pack(out_.packs, "zabbix-" + name_, pack_);
    }

  private:
    static ZabbixMacros macros_of(Mapping& rule) {
        if (rule.text("type", "") != "DEPENDENT") return zabbix_macros(rule.text("snmp_oid", ""));
        for (auto& step : rule.mappings("preprocessing"))
            if (step.text("type", "") == "SNMP_WALK_TO_JSON")
                return zabbix_macros_of_walk(parameters_of(step));
        return {};
    }

    void add(Mapping& item, const ZabbixMacros& macros) {
        const std::string type = item.text("type", "");
        Steps steps;
        steps.read(item);
        if (type != "SNMP_AGENT" && (type != "DEPENDENT" || steps.walked().empty())) return;
        const std::string key = item.text("key", "");
        const std::string text = type == "SNMP_AGENT" ? item.text("snmp_oid", "") : steps.walked();
        const ZabbixOid oid = read_zabbix_oid(text, macros);
        const std::string why = !oid.why.empty() ? oid.why : steps.why();
        if (!why.empty()) {
            out_.left_out.push_back({name_ + ": " + key, why});
            return;
        }
        ++out_.taken;
        roots_.push_back(oid.rows);
        pack_.add("series", rule_of(item, key, oid, steps, macros));
    }

    static std::string rule_of(Mapping& item, const std::string& key, const ZabbixOid& oid,
                               const Steps& steps, const ZabbixMacros& macros) {
        YamlMap rule;
        rule.text("OID", oid.rows).text("metric", foreign_metric(without_macros(key)));
        if (steps.is_counter()) rule.text("type", "counter");
        if (!oid.wanted.empty())
            rule.yaml("where", YamlMap().yaml("value", condition_text(oid.wanted)).str());
        YamlMap source;
        if (oid.column.empty()) {
            source.text("text", "{value}");
        } else {
            source.text("OID", oid.column);
            if (!oid.index.empty()) source.text("index", oid.index);
        }
        YamlMap labels;
        if (oid.is_table) labels.text("index", oid.index.empty() ? "{index}" : oid.index);
        const std::string name = item.text("name", "");
        labels.yaml("item", literal_field(without_macros(name)));
        for (const auto& [macro, column] : macros)
            if (name.find(macro) != std::string::npos && oid.index.empty())
                labels.text(pack_key(macro), column);
        const bool is_text = is_text_type(item);
        if (is_text) labels.yaml("text", steps.applied(source));
        rule.yaml("labels", labels.str());
        if (is_text) rule.text("number", "1");
        if (!is_text && (!oid.column.empty() || !steps.is_nothing()))
            rule.yaml("number", steps.applied(source));
        return rule.str();
    }

    static std::string without_macros(const std::string& text) {
        std::string out;
        bool is_macro = false;
        for (const char c : text) {
            if (c == '{') is_macro = true;
            if (!is_macro) out += c;
            if (c == '}') is_macro = false;
        }
        return out;
    }

    // The maker's own objects say more than those that every device has.
    std::vector<std::string> probes() {
        std::sort(roots_.begin(), roots_.end());
        roots_.erase(std::unique(roots_.begin(), roots_.end()), roots_.end());
        std::vector<std::string> own;
        for (const std::string& oid : roots_)
            if (oid.compare(0, 12, "1.3.6.1.4.1.") == 0) own.push_back(oid);
        return own.empty() ? roots_ : own;
    }

    std::string name_;
    Imported& out_;
    PackText pack_;
    std::vector<std::string> roots_;
};

}  // namespace

void import_zabbix(const Texts& texts, Imported& out) {
    for (const auto& [file, text] : texts) {
        auto document = config::Document::parse(text, file);
        auto templates = document.root().mapping("zabbix_export").mappings("templates");
        if (templates.empty()) {
            const auto problems = document.problems();
            out.left_out.push_back({file, problems.empty() ? "no templates" : problems.front()});
        }
        for (auto& one : templates) Template(one.text("name", one.text("template", file)), out).run(one);
    }
}

}  // namespace outstation::pack
