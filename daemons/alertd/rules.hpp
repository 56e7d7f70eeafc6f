// SPDX-License-Identifier: GPL-3.0-or-later
// What a rule of alarms says, as plain data, and which series and devices it is about. Read by rules_file.hpp
// from the format of docs/formats/alarm-rules.md. Immutable once read.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/event/loop.hpp"
#include "lib/model/record.hpp"
#include "lib/wire/records.hpp"

namespace outstation::alertd {

using wire::Severity;

inline constexpr Severity kSeverities[] = {Severity::critical, Severity::major, Severity::minor,
                                           Severity::warning};
[[nodiscard]] std::optional<Severity> severity_from(std::string_view word);
// `none` is milder than everything.
[[nodiscard]] constexpr int badness(Severity severity) {
    return severity == Severity::none ? 0 : 5 - static_cast<int>(severity);
}

enum class RuleKind : std::uint8_t { threshold, state, absence, rate, forecast, composite };

// A limit for each severity that has one.
class Levels {
  public:
    void set(Severity severity, double limit) { limits_[index(severity)] = limit; }
    [[nodiscard]] const std::optional<double>& at(Severity severity) const {
        return limits_[index(severity)];
    }
    [[nodiscard]] bool empty() const;

  private:
    static std::size_t index(Severity severity) { return static_cast<std::size_t>(severity) - 1; }
    std::array<std::optional<double>, 4> limits_;
};

// Devices by their id, series by their labels; what is not named does not matter.
struct Match {
    std::vector<std::string> devices;
    std::vector<Label> labels;
    [[nodiscard]] bool device_fits(const std::string& device) const;
    [[nodiscard]] bool fits(const SeriesKey& key) const;
};

// Where other limits hold: the first that fits counts.
struct Override {
    Match match;
    bool off = false;  // no alarm there
    Levels levels;
};

inline constexpr const char* kInterface = "interface";  // a subject of rules

struct Rule {
    std::string id;
    RuleKind kind = RuleKind::threshold;
    std::string name_zh;
    std::string name_en;
    Match match;
    std::string metric;
    std::string of;     // the metric it is divided by; empty: none
    bool above = true;  // else below
    Levels levels;      // forecast: seconds until `limit` is reached
    double hysteresis = 0;
    std::optional<double> limit;             // forecast: what is reached
    std::string subject;                     // state: "device" or "interface"; empty: values of `metric`
    std::map<std::string, Severity> states;  // state: by word, or "word/reason"
    std::map<double, Severity> values;       // state: by value of `metric`
    Severity severity = Severity::none;      // absence, composite
    std::vector<std::string> all;            // composite: rules with an open alarm of the device
    std::vector<std::string> none;           // composite: rules without one
    Duration hold{0};                        // how long it must be so before it is told
    Duration clear_after{0};                 // how long it must be over before it is cleared
    Duration over{0};                        // rate: measured over at least this long
    Duration window{0};                      // forecast: the past that counts
    std::vector<Override> overrides;
};

struct RuleSet {
    std::vector<Rule> rules;
    // The longest past that any of them looks at.
    [[nodiscard]] Duration longest_look_back() const;
};

// What labels are compared with where a rule is about an interface's state: its name.
[[nodiscard]] SeriesKey interface_key(const std::string& device, const std::string& name);
// Which limits hold for this series; nothing where the rule is off.
[[nodiscard]] const Levels* levels_for(const Rule& rule, const SeriesKey& key);
// The part of a device that a series is of, for people, and the same after each start: "GE0/1 #7", "/ #1".
[[nodiscard]] std::string component_of(const std::vector<Label>& labels);

}  // namespace outstation::alertd
