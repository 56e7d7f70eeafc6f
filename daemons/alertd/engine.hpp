// SPDX-License-Identifier: GPL-3.0-or-later
// Evaluates rules on records as they come, each once: the cost of a sample depends on the rules about its
// series and on nothing else. It knows no alarm's life: it says which severity a rule finds, and life.hpp
// makes records of it. What was not measured says nothing: no rule takes a gap for a value, and a duration
// begins anew behind one. No I/O. Threads: the loop's.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemons/alertd/alarm_book.hpp"
#include "daemons/alertd/engine_clock.hpp"
#include "daemons/alertd/rules.hpp"
#include "daemons/alertd/severity_track.hpp"
#include "daemons/alertd/trend.hpp"
#include "lib/wire/records.hpp"

namespace outstation::alertd {

// A rule finds another severity than it told; `none`: it is over.
struct Change {
    AlarmKey key;
    const Rule* rule;
    Severity severity;
    wire::WireStamp stamp;      // of the record that shows it
    std::int64_t since_ns = 0;  // wall clock: since when it is so
    std::optional<double> value;
    std::optional<double> limit;
};

// Of an interface: "GE0/1 #7".
[[nodiscard]] std::string component_of(const std::string& name, const std::string& index);

class Engine {
  public:
    // The alarms as they are known.
    struct Alarms {
        virtual ~Alarms() = default;
        [[nodiscard]] virtual Severity severity_of(const AlarmKey& key) const = 0;
        // When it last became open, worse, better or over; nullptr: it never did.
        [[nodiscard]] virtual const wire::WireStamp* changed_at(const AlarmKey& key) const = 0;
        [[nodiscard]] virtual bool is_open(const std::string& device, const std::string& rule) const = 0;
        // A person cleared it, and no alarm that the composite is made of has changed since.
        [[nodiscard]] virtual bool is_over_by_hand(const AlarmKey& key, const Rule& composite) const = 0;
        virtual void on_change(const Change& change) = 0;
    };

    // Muted: it tells nothing until settle().
    Engine(std::shared_ptr<const RuleSet> rules, Alarms& alarms);

    // `given_ns`: wall clock of its last value before what is read; 0: not known.
    void define(const wire::SeriesDef& def, std::int64_t given_ns = 0);
    // A record that is not newer than the last of its series says nothing.
    void on_sample(const wire::SampleRecord& record);
    void on_state(const wire::StateRecord& record);
    // Old samples first, then this, then old states: a boot that is known by none of these is older.
    void on_present(const wire::WireStamp& now) { (void)clock_.at(now); }
    // For durations that end without a record. Once a second will do.
    void tick(const wire::WireStamp& now);
    // From now on it tells changes; first what differs from the alarms as they are known: what is found and
    // not open is told, what is open and not found stays unless its newest value shows that it is over.
    void settle(const wire::WireStamp& now);
    // Somebody else ended the alarm: it is told again when it is found again.
    void forget(const AlarmKey& key);
    // This part of a device is there no more: what state rules know of it goes with it.
    void forget_part(const std::string& device, const std::string& component);

    // The device answers, and this alarm's series has had no value for that long; nothing while that is not
    // so.
    [[nodiscard]] bool is_gone(const AlarmKey& key, Duration unseen_for) const;
    // The rule is about this part of this device, and not off there; also when that cannot be known.
    [[nodiscard]] bool is_about(const Rule& rule, const AlarmKey& key) const;
    [[nodiscard]] const RuleSet& rules() const { return *rules_; }
    // Pairs of rule and series, and of rule and part of a device.
    [[nodiscard]] std::size_t cells() const { return cells_.size() + events_.size(); }

  private:
    struct Series {
        std::int64_t last_t = 0;    // 0: none yet
        std::int64_t given_ns = 0;  // wall clock of its last value before what was read; 0: none lately
        std::int64_t usual = 0;     // distance of samples; 0: not known
        double value = 0;
        std::uint64_t counter = 0;
        std::uint32_t first_cell = 0;
        std::uint32_t device = 0;
        std::uint16_t cells = 0;
        bool known = false;
        bool is_counter = false;
        bool is_32_bit = false;
        bool is_up = false;  // says whether the device answers
        bool is_uptime = false;
        bool after_gap = false;
        std::string component;
        const std::vector<const Rule*>* rules = nullptr;  // about its metric
    };
    struct Cell {
        const Rule* rule;
        const Levels* levels;
        std::uint32_t series;
        std::uint32_t of = kNoSeries;
        std::uint32_t extra = 0;  // into rates_ or trends_
        SeverityTrack track;
        std::optional<double> value;  // the last that was measured
    };
    // Where a rate is measured from.
    struct Anchor {
        std::int64_t t = 0;
        double value = 0;
        std::uint64_t counter = 0;
        double of_value = 0;
        std::uint64_t of_counter = 0;
    };
    struct Device {
        std::string name;
        std::int64_t answered_t = 0;  // its last record that has more than that it is down
        std::int64_t settled_t = 0;   // the first such record since settle()
        std::int64_t answers_since_t =
            0;                         // since when there are such records without a gap; 0: there are not
        std::int64_t restarted_t = 0;  // the last record in which its uptime had fallen
        std::vector<std::uint32_t> series;    // of whose metric there is a rule
        std::vector<std::uint32_t> absences;  // cells
    };
    // Of a rule that no sample moves.
    struct Event {
        const Rule* rule;
        Reached reached;
        SeverityTrack track;
        std::int64_t last_t = 0;
    };
    static constexpr std::uint32_t kNoSeries = UINT32_MAX;

    std::uint32_t device_number(const std::string& name);
    void add_cell(const Rule& rule, std::uint32_t id, const wire::SeriesDef& def, const SeriesKey& key);
    void resolve_of(std::uint32_t id, SeriesKey key);
    void take(std::uint32_t id, std::int64_t t, double value, std::uint64_t counter);
    // What the record that was taken says of its device.
    void see_device(Device& device, bool answers, std::int64_t t);
    void evaluate(Cell& cell, std::int64_t t, const wire::WireStamp& stamp);
    void look_for_absences(Device& device, std::int64_t t, const wire::WireStamp& stamp);
    [[nodiscard]] std::optional<double> measure(Cell& cell, const Series& series, std::int64_t t);
    [[nodiscard]] std::optional<double> measure_value(const Cell& cell, const Series& series, std::int64_t t);
    [[nodiscard]] std::optional<double> measure_rate(Cell& cell, const Series& series, std::int64_t t);
    [[nodiscard]] std::optional<double> measure_trend(Cell& cell, const Series& series, std::int64_t t);
    [[nodiscard]] static Reached reached_by(const Cell& cell, double value);
    void update(Cell& cell, const Reached& reached, std::int64_t t, const wire::WireStamp& stamp,
                std::optional<double> value);
    void update(const AlarmKey& key, Event& event, std::int64_t t, const wire::WireStamp& stamp);
    void tell(AlarmKey key, const Rule& rule, const SeverityTrack& track, std::int64_t t,
              const wire::WireStamp& stamp, std::optional<double> value, const Levels* levels);
    // Of the devices that something changed on.
    void look_at_composites(std::int64_t t, const wire::WireStamp& stamp);
    void look_at_composite(const Rule& rule, const std::string& device, std::int64_t t,
                           const wire::WireStamp& stamp);
    void settle(const AlarmKey& key, Event& event, std::int64_t t, const wire::WireStamp& now);
    Event& event_of(const AlarmKey& key, const Rule& rule);
    // Whether what was seen at `t` is news to the alarm: it may be less than what its newest step was told
    // by, when records were lost that come again.
    [[nodiscard]] bool is_news(const AlarmKey& key, std::int64_t t) const;
    void settle_given(const wire::WireStamp& now);
    void settle_cells(std::int64_t t, const wire::WireStamp& now);
    [[nodiscard]] AlarmKey key_of(const Cell& cell) const;
    [[nodiscard]] std::vector<std::uint32_t> cells_of(const AlarmKey& key) const;
    [[nodiscard]] bool knows_series(const Rule& rule, const AlarmKey& key) const;
    [[nodiscard]] bool is_of_samples(const std::string& rule) const;

    std::shared_ptr<const RuleSet> rules_;
    Alarms& alarms_;
    EngineClock clock_;
    bool muted_ = true;
    std::unordered_map<std::string, std::vector<const Rule*>> by_metric_;
    std::set<std::string> of_metrics_;
    std::vector<const Rule*> by_state_;
    std::vector<const Rule*> composites_;
    std::vector<Series> series_;  // by the station's number
    std::vector<Cell> cells_;
    std::vector<Anchor> anchors_;
    std::vector<Trend> trends_;
    std::vector<Device> devices_;
    std::unordered_map<std::string, std::uint32_t> device_numbers_;
    std::map<SeriesKey, std::uint32_t> of_series_;
    std::multimap<SeriesKey, std::uint32_t> waiting_for_of_;  // cells whose divisor is not known yet
    std::map<AlarmKey, Event> events_;
    std::set<AlarmKey> pending_;     // of events_
    std::set<std::string> changed_;  // devices whose composites are to be looked at
    std::vector<std::uint32_t> taken_;
};

}  // namespace outstation::alertd
