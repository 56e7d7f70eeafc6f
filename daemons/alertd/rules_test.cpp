// SPDX-License-Identifier: GPL-3.0-or-later
// Rules as people write them: what is read, and what is said of mistakes.
#include "daemons/alertd/rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "daemons/alertd/rules_file.hpp"

namespace outstation::alertd {
namespace {

using namespace std::chrono_literals;

const Rule& only(const Result<std::shared_ptr<const RuleSet>>& set) {
    static const Rule kNone;
    return set && (*set)->rules.size() == 1 ? (*set)->rules[0] : kNone;
}

TEST(Rules, EachFieldIsRead) {
    const auto set = parse_rules(
        "rules:\n"
        "  - id: hot\n"
        "    name: {zh: 热, en: Hot}\n"
        "    kind: threshold\n"
        "    metric: celsius\n"
        "    of: scale\n"
        "    devices: [env-01]\n"
        "    labels: {sensor: inlet}\n"
        "    above: {minor: 28, critical: 40.5}\n"
        "    hysteresis: 1.5\n"
        "    for: 2 min\n"
        "    clear_after: 30 s\n"
        "    overrides:\n"
        "      - {labels: {sensor: outlet}, above: {major: 45}}\n",
        "alarm-rules.yaml");
    ASSERT_TRUE(set) << set.error().text;
    const Rule& rule = only(set);
    EXPECT_EQ(rule.name_zh, "热");
    EXPECT_EQ(rule.of, "scale");
    EXPECT_EQ(rule.levels.at(Severity::minor), 28);
    EXPECT_EQ(rule.levels.at(Severity::critical), 40.5);
    EXPECT_FALSE(rule.levels.at(Severity::major));
    EXPECT_EQ(rule.hysteresis, 1.5);
    EXPECT_EQ(rule.hold, 2min);
    EXPECT_EQ(rule.clear_after, 30s);
    const SeriesKey inlet{"env-01", "celsius", {{"sensor", "inlet"}}};
    const SeriesKey outlet{"env-01", "celsius", {{"sensor", "outlet"}}};
    EXPECT_TRUE(rule.match.fits(inlet));
    EXPECT_FALSE(rule.match.fits(outlet));
    EXPECT_FALSE(rule.match.fits({"env-02", "celsius", inlet.labels}));
    EXPECT_EQ(levels_for(rule, inlet)->at(Severity::minor), 28);
    EXPECT_EQ(levels_for(rule, outlet)->at(Severity::major), 45);
}

TEST(Rules, EveryMistakeIsToldWithItsPlace) {
    const auto set = parse_rules(
        "rules:\n"
        "  - id: Hot One\n"
        "    name: {zh: 热}\n"
        "    kind: treshold\n"
        "    metric: celsius\n"
        "    above: {huge: 3}\n"
        "  - id: a\n"
        "    name: {zh: a, en: a}\n"
        "    kind: threshold\n"
        "    metric: celsius\n"
        "    above: {minor: 40, major: warm}\n"
        "    for: 2\n"
        "  - id: b\n"
        "    name: {zh: b, en: b}\n"
        "    kind: threshold\n"
        "    metric: celsius\n"
        "    above: {minor: 40, major: 30}\n"
        "    colour: red\n"
        "  - id: b\n"
        "    name: {zh: c, en: c}\n"
        "    kind: composite\n"
        "    all: [a, nobody]\n"
        "    severity: worst\n",
        "r.yaml");
    ASSERT_FALSE(set);
    EXPECT_EQ(set.error().code, ErrorCode::config);
    EXPECT_EQ(set.error().text,
              "r.yaml:2:5: 'id': expected small letters, digits, '.', '_' or '-', at most 64\n"
              "r.yaml:3:5: 'en' is missing\n"
              "r.yaml:4:5: 'kind': expected one of threshold state absence rate forecast composite, found "
              "'treshold'\n"
              "r.yaml:6:5: 'above': expected a limit by severity (like {major: 28})\n"
              "r.yaml:6:13: unknown key 'huge'\n"
              "r.yaml:11:5: 'above': the limit of 'minor' must be reached before that of a worse severity\n"
              "r.yaml:11:24: 'major': expected a number, found 'warm'\n"
              "r.yaml:12:5: 'for': expected a time from 0 ms to 1 d (like '10 s'), found '2'\n"
              "r.yaml:17:5: 'above': the limit of 'minor' must be reached before that of a worse severity\n"
              "r.yaml:18:5: unknown key 'colour'\n"
              "r.yaml:19:5: 'b' is there twice\n"
              "r.yaml:22:5: 'all': no rule that is not composite is named 'nobody'\n"
              "r.yaml:23:5: 'severity': expected critical, major, minor or warning, found 'worst'");
}

// What would say nothing is refused.
TEST(Rules, LabelsStandWhereThereAreSome) {
    const auto fault = [](const std::string& rest) {
        const auto set = parse_rules(
            "rules:\n  - {id: a, name: {zh: a, en: a}, kind: threshold, metric: m, above: {minor: 1}}\n"
            "  - {id: b, name: {zh: b, en: b}, " +
                rest + "}\n",
            "r.yaml");
        return set ? std::string() : set.error().text;
    };
    const std::string device = "kind: state, of: device, severity: {down: major}, ";
    const std::string port = "kind: state, of: interface, severity: {down: major}, ";
    const std::string both = "kind: composite, all: [a], severity: major, ";
    const std::string whole = "'labels': this rule is about whole devices";
    const std::string name_only = "'labels': a state of an interface has the label 'if_name' only";
    EXPECT_NE(fault(device + "labels: {if_name: GE0/1}").find(whole), std::string::npos);
    EXPECT_NE(fault(both + "labels: {sensor: a}").find(whole), std::string::npos);
    EXPECT_NE(fault(both + "overrides: [{labels: {sensor: a}, off: true}]").find(whole), std::string::npos);
    EXPECT_NE(fault(port + "labels: {if_alias: uplink}").find(name_only), std::string::npos);
    EXPECT_NE(fault(port + "overrides: [{labels: {speed: fast}, off: true}]").find(name_only),
              std::string::npos);
    EXPECT_EQ(fault(port + "labels: {if_name: GE0/1}, overrides: [{labels: {if_name: GE0/2}, off: true}]"),
              "");
    EXPECT_EQ(fault("kind: state, metric: fan, labels: {fan: a}, severity: {2: major}"), "");
    EXPECT_EQ(fault("kind: absence, metric: fan, labels: {fan: a}, severity: major"), "");
}

TEST(Rules, TheOnesThatAreShippedHaveNoMistake) {
    const auto set = parse_rules(default_rules(), "default_rules.yaml");
    ASSERT_TRUE(set) << set.error().text;
    std::set<std::string> ids;
    for (const Rule& rule : (*set)->rules) ids.insert(rule.id);
    EXPECT_EQ(ids, (std::set<std::string>{"cpu-busy", "device-down", "interface-down", "part-faulty",
                                          "processor-busy", "storage-full-soon", "temperature-high",
                                          "volume-full-soon"}));
    EXPECT_EQ((*set)->longest_look_back(), 6h);
}

// As docs/formats/pack.md names it.
TEST(Rules, TheOnesThatAreShippedSeeWhatPacksMeasure) {
    const auto set = parse_rules(default_rules(), "default_rules.yaml").value();
    for (const char* metric :
         {"temperature_celsius", "processor_load_ratio", "storage_used_ratio", "state_severity"})
        EXPECT_TRUE(std::any_of(set->rules.begin(), set->rules.end(), [metric](const Rule& rule) {
            return rule.metric == metric && rule.of.empty() && rule.match.labels.empty();
        })) << metric;
}

// The example of the document is one that is read.
TEST(Rules, TheExampleOfTheFormatIsRead) {
    std::ifstream in("docs/formats/alarm-rules.md");
    std::stringstream page;
    page << in.rdbuf();
    const std::string text = page.str();
    const std::string begin = "```yaml\n";
    const std::size_t from = text.find(begin);
    ASSERT_NE(from, std::string::npos);
    const std::size_t to = text.find("```", from + begin.size());
    const auto set =
        parse_rules(text.substr(from + begin.size(), to - from - begin.size()), "alarm-rules.md");
    ASSERT_TRUE(set) << set.error().text;
    std::set<RuleKind> kinds;
    for (const Rule& rule : (*set)->rules) kinds.insert(rule.kind);
    EXPECT_EQ(kinds.size(), 6U);
}

TEST(Rules, ComponentsAreNamedForPeople) {
    EXPECT_EQ(component_of({}), "");
    EXPECT_EQ(component_of({{"cpu", "1"}}), "1");
    EXPECT_EQ(component_of({{"if_index", "7"}, {"if_name", "GE0/1"}, {"width", "32"}}), "GE0/1 #7");
    EXPECT_EQ(component_of({{"kind", "disk"}, {"storage", "/"}, {"storage_index", "2"}}), "/ #2");
    EXPECT_EQ(component_of({{"if_index", "7"}}), "#7");
}

}  // namespace
}  // namespace outstation::alertd
