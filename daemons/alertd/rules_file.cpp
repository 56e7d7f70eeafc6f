// SPDX-License-Identifier: GPL-3.0-or-later
// One function a kind of rule.
#include "daemons/alertd/rules_file.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace outstation::alertd {
namespace {

using namespace std::chrono_literals;
using config::Mapping;

constexpr Duration kLongestHold = 24h;
constexpr Duration kLongestWindow = 7 * 24h;
constexpr std::size_t kMostNameOctets = 200;
constexpr std::string_view kSeverityWords = "critical, major, minor or warning";

bool is_word(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    });
}

std::string quoted(std::string_view key) {
    return "'" + std::string(key) + "': ";
}

Severity read_severity(Mapping& mapping, std::string_view key) {
    const std::string word = mapping.required_text(key);
    const auto severity = severity_from(word);
    if (!severity && !word.empty())
        mapping.problem(key, quoted(key) + "expected " + std::string(kSeverityWords) + ", found '" +
                                 word.substr(0, 80) + "'");
    return severity.value_or(Severity::none);
}

// Severity -> what `read` makes of its key.
template <typename Read>
Levels read_levels(Mapping mapping, std::string_view key, Read read) {
    Levels levels;
    auto limits = mapping.mapping(key);
    for (const std::string& word : limits.keys()) {
        const auto severity = severity_from(word);
        if (severity) levels.set(*severity, read(limits, word));
    }
    if (levels.empty()) mapping.problem(key, quoted(key) + "expected a limit by severity (like {major: 28})");
    return levels;
}

double read_number(Mapping& limits, const std::string& word) {
    return limits.number(word, 0);
}

double read_seconds(Mapping& limits, const std::string& word) {
    const Duration within = limits.duration(word, 24h, 1min, 365 * 24h);
    return std::chrono::duration<double>(within).count();
}

Match read_match(Mapping& mapping) {
    Match match;
    match.devices = mapping.texts("devices");
    auto labels = mapping.mapping("labels");
    for (const std::string& name : labels.keys()) match.labels.push_back({name, labels.text(name, "")});
    return match;
}

// A worse severity needs a limit that is further away.
void check_order(Mapping& mapping, std::string_view key, const Levels& levels, bool above) {
    std::optional<double> worse;
    for (const Severity severity : kSeverities) {
        const auto& limit = levels.at(severity);
        if (!limit) continue;
        if (worse && (above ? *limit >= *worse : *limit <= *worse))
            mapping.problem(key, quoted(key) + "the limit of '" + std::string(wire::word_of(severity)) +
                                     "' must be reached before that of a worse severity");
        worse = limit;
    }
}

void read_limits(Mapping& mapping, Rule& rule) {
    rule.above = !mapping.has("below");
    const std::string_view key = rule.above ? "above" : "below";
    if (mapping.has("above") && mapping.has("below"))
        mapping.problem("below", "'below': a rule has 'above' or 'below', not both");
    rule.levels = read_levels(mapping, key, read_number);
    check_order(mapping, key, rule.levels, rule.above);
    rule.hysteresis = mapping.number("hysteresis", 0);
    if (rule.hysteresis < 0) mapping.problem("hysteresis", "'hysteresis': expected a number from 0 on");
}

void read_overrides(Mapping& mapping, Rule& rule) {
    const std::string_view key = rule.kind == RuleKind::forecast ? "within" : rule.above ? "above" : "below";
    for (Mapping& one : mapping.mappings("overrides")) {
        Override other;
        other.match = read_match(one);
        if (other.match.devices.empty() && other.match.labels.empty())
            one.problem("devices", "expected 'devices' or 'labels': where it holds");
        other.off = one.boolean("off", false);
        if (one.has(key)) {
            other.levels = rule.kind == RuleKind::forecast ? read_levels(one, key, read_seconds)
                                                           : read_levels(one, key, read_number);
            if (rule.kind != RuleKind::forecast) check_order(one, key, other.levels, rule.above);
        } else if (!other.off) {
            one.problem(key, quoted(key) + "is missing (or 'off: true')");
        }
        rule.overrides.push_back(std::move(other));
    }
}

// States have no labels but the name of the interface; alarms of a device together have none.
void check_labels(Mapping& mapping, const Rule& rule, const Match& match) {
    if (!rule.metric.empty()) return;
    for (const Label& label : match.labels) {
        if (rule.subject == kInterface && label.name == "if_name") continue;
        mapping.problem("labels", rule.subject == kInterface
                                      ? "'labels': a state of an interface has the label 'if_name' only"
                                      : "'labels': this rule is about whole devices");
    }
}

// Only where to be silent: these kinds have no limits.
void read_silences(Mapping& mapping, Rule& rule) {
    for (Mapping& one : mapping.mappings("overrides")) {
        rule.overrides.push_back({read_match(one), one.boolean("off", false), {}});
        check_labels(one, rule, rule.overrides.back().match);
        if (!rule.overrides.back().off) one.problem("off", "'off': expected 'off: true'");
    }
}

void read_metric(Mapping& mapping, Rule& rule) {
    rule.metric = mapping.required_text("metric");
    rule.of = mapping.text("of", "");
}

void read_states(Mapping& mapping, Rule& rule) {
    const bool of_values = mapping.has("metric");
    if (of_values) rule.metric = mapping.required_text("metric");
    if (!of_values) rule.subject = mapping.choice("of", "device", {"device", kInterface});
    auto map = mapping.mapping("severity");
    for (const std::string& word : map.keys()) {
        const Severity severity = read_severity(map, word);
        double value = 0;
        const auto [rest, error] = std::from_chars(word.data(), word.data() + word.size(), value);
        const bool is_number = error == std::errc{} && rest == word.data() + word.size();
        if (of_values && !is_number) map.problem(word, "expected a value (a number) as key");
        if (!of_values && word != "down" && !word.starts_with("down/"))
            map.problem(word, "expected 'down' or 'down/REASON' as key");
        if (of_values) rule.values[value] = severity;
        if (!of_values) rule.states[word] = severity;
    }
    if (map.keys().empty())
        mapping.problem("severity", "'severity': expected a severity by state (like {down: critical})");
}

void read_composite(Mapping& mapping, Rule& rule) {
    rule.all = mapping.texts("all");
    rule.none = mapping.texts("none");
    if (rule.all.empty()) mapping.problem("all", "'all': expected a list of the ids of rules");
    rule.severity = read_severity(mapping, "severity");
}

void read_forecast(Mapping& mapping, Rule& rule) {
    read_metric(mapping, rule);
    rule.above = mapping.choice("direction", "up", {"up", "down"}) == "up";
    if (!mapping.has("limit")) mapping.problem("limit", "'limit' is missing");
    rule.limit = mapping.number("limit", 1);
    rule.levels = read_levels(mapping, "within", read_seconds);
    check_order(mapping, "within", rule.levels, false);
    rule.window = mapping.duration("window", 6h, 10min, kLongestWindow);
}

void read_kind(Mapping& mapping, Rule& rule) {
    switch (rule.kind) {
        case RuleKind::threshold:
            read_metric(mapping, rule);
            return read_limits(mapping, rule);
        case RuleKind::rate:
            read_metric(mapping, rule);
            rule.over = mapping.duration("over", 5min, 1s, kLongestHold);
            return read_limits(mapping, rule);
        case RuleKind::state:
            return read_states(mapping, rule);
        case RuleKind::absence:
            rule.metric = mapping.required_text("metric");
            rule.severity = read_severity(mapping, "severity");
            return;
        case RuleKind::forecast:
            return read_forecast(mapping, rule);
        case RuleKind::composite:
            return read_composite(mapping, rule);
    }
}

void read_name(Mapping& mapping, Rule& rule) {
    auto name = mapping.mapping("name");
    rule.name_zh = name.required_text("zh");
    rule.name_en = name.required_text("en");
    for (const auto& [key, text] : {std::pair{"zh", rule.name_zh}, std::pair{"en", rule.name_en}}) {
        if (text.size() > kMostNameOctets) name.problem(key, quoted(key) + "expected at most 200 bytes");
    }
}

Rule read_rule(Mapping& mapping) {
    static const std::vector<std::string> kKinds = {"threshold", "state",    "absence",
                                                    "rate",      "forecast", "composite"};
    Rule rule;
    rule.id = mapping.required_text("id");
    if (!rule.id.empty() && !is_word(rule.id))
        mapping.problem("id", "'id': expected small letters, digits, '.', '_' or '-', at most 64");
    read_name(mapping, rule);
    if (!mapping.has("kind")) mapping.problem("kind", "'kind' is missing");
    const std::string kind = mapping.choice("kind", "threshold", kKinds);
    rule.kind = static_cast<RuleKind>(std::find(kKinds.begin(), kKinds.end(), kind) - kKinds.begin());
    rule.match = read_match(mapping);
    read_kind(mapping, rule);
    check_labels(mapping, rule, rule.match);
    const Duration usual_hold = rule.kind == RuleKind::absence ? Duration(10min) : Duration(0);
    rule.hold = mapping.duration("for", usual_hold, 0s, kLongestHold);
    rule.clear_after = mapping.duration("clear_after", 0s, 0s, kLongestHold);
    if (rule.levels.empty()) {
        read_silences(mapping, rule);
    } else {
        read_overrides(mapping, rule);
    }
    return rule;
}

// A composite is about other rules, and about none that is composite itself.
void check_composites(const RuleSet& set, std::vector<Mapping>& mappings) {
    std::set<std::string> simple;
    for (const Rule& rule : set.rules) {
        if (rule.kind != RuleKind::composite) simple.insert(rule.id);
    }
    for (std::size_t i = 0; i < set.rules.size(); ++i) {
        for (const auto& [key, ids] :
             {std::pair{"all", set.rules[i].all}, std::pair{"none", set.rules[i].none}}) {
            for (const std::string& id : ids) {
                if (!simple.contains(id))
                    mappings[i].problem(key, quoted(key) + "no rule that is not composite is named '" +
                                                 id.substr(0, 80) + "'");
            }
        }
    }
}

}  // namespace

RuleSet read_rules(Mapping root) {
    RuleSet set;
    auto mappings = root.mappings("rules");
    if (mappings.size() > kMaxRules) {
        root.problem("rules", "more than " + std::to_string(kMaxRules) + " rules");
        return set;
    }
    std::set<std::string> seen;
    for (Mapping& mapping : mappings) {
        set.rules.push_back(read_rule(mapping));
        const std::string& id = set.rules.back().id;
        if (!id.empty() && !seen.insert(id).second) mapping.problem("id", "'" + id + "' is there twice");
    }
    check_composites(set, mappings);
    return set;
}

Result<std::shared_ptr<const RuleSet>> parse_rules(const std::string& text, const std::string& file) {
    auto document = config::Document::parse(text, file);
    auto set = std::make_shared<const RuleSet>(read_rules(document.root()));
    if (const auto checked = document.check(); !checked) return fail(checked.error());
    return set;
}

}  // namespace outstation::alertd
