// SPDX-License-Identifier: GPL-3.0-or-later
// Matching rules with series.
#include "daemons/alertd/rules.hpp"

#include <algorithm>

#include "lib/model/counter.hpp"

namespace outstation::alertd {
namespace {

constexpr std::string_view kIndexEnd = "_index";
constexpr const char* kKindLabel = "kind";
constexpr const char* kNameLabel = "if_name";

}  // namespace

std::optional<Severity> severity_from(std::string_view word) {
    for (const Severity severity : kSeverities) {
        if (wire::word_of(severity) == word) return severity;
    }
    return std::nullopt;
}

bool Levels::empty() const {
    return std::none_of(limits_.begin(), limits_.end(), [](const auto& limit) { return limit.has_value(); });
}

bool Match::device_fits(const std::string& device) const {
    return devices.empty() || std::find(devices.begin(), devices.end(), device) != devices.end();
}

bool Match::fits(const SeriesKey& key) const {
    return device_fits(key.device) && std::all_of(labels.begin(), labels.end(), [&key](const Label& label) {
               return std::find(key.labels.begin(), key.labels.end(), label) != key.labels.end();
           });
}

Duration RuleSet::longest_look_back() const {
    Duration longest{0};
    for (const Rule& rule : rules)
        longest = std::max({longest, rule.hold + rule.over, rule.clear_after, rule.window});
    return longest;
}

SeriesKey interface_key(const std::string& device, const std::string& name) {
    return {device, {}, {{kNameLabel, name}}};
}

const Levels* levels_for(const Rule& rule, const SeriesKey& key) {
    for (const Override& other : rule.overrides) {
        if (!other.match.fits(key)) continue;
        if (other.off) return nullptr;
        return other.levels.empty() ? &rule.levels : &other.levels;
    }
    return &rule.levels;
}

std::string component_of(const std::vector<Label>& labels) {
    std::string name;
    std::string index;
    for (const Label& label : labels) {
        if (label.name == kWidthLabel || label.name == kKindLabel) continue;
        const bool is_index = label.name.ends_with(kIndexEnd);
        std::string& text = is_index ? index : name;
        if (is_index || !text.empty()) text += is_index ? " #" : " ";
        text += label.value;
    }
    name += index;
    return !name.empty() && name.front() == ' ' ? name.substr(1) : name;
}

}  // namespace outstation::alertd
