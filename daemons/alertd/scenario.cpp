// SPDX-License-Identifier: GPL-3.0-or-later
// Reading and playing scenarios.
#include "daemons/alertd/scenario.hpp"

#include <algorithm>
#include <deque>
#include <fstream>
#include <functional>
#include <iomanip>
#include <sstream>
#include <utility>

#include "daemons/alertd/history_reader.hpp"
#include "daemons/alertd/keeper.hpp"
#include "daemons/alertd/rules_file.hpp"
#include "lib/config/config.hpp"
#include "lib/event/sim_loop.hpp"

namespace outstation::alertd {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kRules = "RULES";

std::string word(std::istream& in) {
    std::string text;
    in >> std::quoted(text);
    return text;
}

std::string rest_of(std::istream& in) {
    std::string text;
    std::getline(in, text);
    return text;
}

// A step as a line of a scenario says it.
std::string line_of(const wire::StateRecord& record) {
    std::ostringstream out;
    const wire::AlarmState& state = *record.alarm;
    out << wire::word_of(state.step) << " " << state.rule << " " << record.device;
    const bool blank = record.component.find(' ') != std::string::npos;
    if (!record.component.empty()) out << (blank ? " \"" : " ") << record.component << (blank ? "\"" : "");
    if (state.open) out << " " << wire::word_of(state.severity);
    if (!state.open && !state.text.empty()) out << " (" << state.text << ")";
    return out.str();
}

class Scenario {
  public:
    explicit Scenario(std::string path) : path_(std::move(path)) {}

    std::vector<std::string> run() {
        read();
        begin();
        std::stable_sort(events_.begin(), events_.end(),
                         [](const Event& a, const Event& b) { return a.at < b.at; });
        for (const Event& event : events_) {
            while (loop_.now() - start_ < event.at) {
                loop_.advance(std::min<Duration>(1s, event.at - (loop_.now() - start_)));
                if (!away_) keeper_->tick(now());
            }
            line_ = event.line;
            event.what();
        }
        for (const auto& record : told_) fault("nobody expected: " + line_of(record));
        check_fold();
        return faults_;
    }

  private:
    struct Event {
        Duration at;
        std::size_t line;
        std::function<void()> what;
    };

    void fault(const std::string& text) {
        faults_.push_back(path_ + ":" + std::to_string(line_) + ": " + text);
    }

    void read() {
        std::ifstream in(path_);
        if (!in) fault("cannot be read");
        std::string text;
        while (std::getline(in, text)) {
            ++line_;
            if (text.starts_with(kRules)) {
                read_rules(in, text.substr(kRules.size()));
            } else if (!text.empty() && text.front() != '#') {
                read_line(text);
            }
        }
    }

    // RULES [NAME] ... END
    void read_rules(std::istream& in, const std::string& name) {
        std::string yaml;
        for (std::string text; std::getline(in, text) && text != "END"; yaml += text + "\n") ++line_;
        ++line_;
        auto rules = parse_rules(yaml, path_);
        if (!rules) fault(rules.error().text);
        rules_[name.empty() ? name : name.substr(1)] = rules.value_or(std::make_shared<const RuleSet>());
    }

    void read_line(const std::string& text) {
        std::istringstream in(text);
        const std::string first = word(in);
        if (first == "SERIES") return read_series(in);
        const Duration at = duration(in);
        if (first != "AT") fault("expected SERIES or AT");
        std::string verb = word(in);
        if (verb != "EVERY") return add(at, verb, rest_of(in), 0);
        const Duration every = duration(in);
        if (word(in) != "UNTIL") fault("expected UNTIL");
        const Duration until = duration(in);
        verb = word(in);
        const std::string rest = rest_of(in);
        if (every <= Duration{0}) return fault("expected a time above 0");
        int turn = 0;
        for (Duration when = at; when <= until; when += every) add(when, verb, rest, turn++);
    }

    Duration duration(std::istream& in) {
        const std::string text = word(in);
        const auto parsed = config::parse_duration(text);
        if (!parsed) fault("no duration: " + text);
        return parsed.value_or(Duration{0});
    }

    void read_series(std::istream& in) {
        wire::SeriesDef def;
        in >> def.id;
        def.device = word(in);
        def.metric = word(in);
        for (std::string label = word(in); !label.empty(); label = word(in)) {
            const std::size_t equals = label.find('=');
            if (label == "counter") def.kind = SeriesKind::counter;
            if (equals != std::string::npos)
                def.labels.push_back({label.substr(0, equals), label.substr(equals + 1)});
        }
        series_.push_back(def);
    }

    void add(Duration at, const std::string& verb, const std::string& rest, int turn) {
        static const std::map<std::string, void (Scenario::*)(std::istream&, int)> kVerbs = {
            {"SAMPLE", &Scenario::sample},   {"STATE", &Scenario::state},
            {"EXPECT", &Scenario::expect},   {"ACT", &Scenario::act},
            {"RESTART", &Scenario::restart}, {"REBOOT", &Scenario::reboot},
            {"STEP", &Scenario::step},       {"DEVICES", &Scenario::devices},
            {"LOST", &Scenario::lost},       {"AGAIN", &Scenario::again},
            {"AWAY", &Scenario::away},       {"RECONNECT", &Scenario::reconnect},
            {"USE", &Scenario::use}};
        const auto found = kVerbs.find(verb);
        if (found == kVerbs.end()) return fault("unknown: " + verb);
        events_.push_back({at, line_, [this, rest, turn, what = found->second] {
                               std::istringstream in(rest);
                               (this->*what)(in, turn);
                           }});
    }

    // SAMPLE DEVICE SERIES=VALUE or SERIES=VALUE+GROWTH (a turn)...
    wire::SampleRecord read_sample(std::istream& in, int turn) {
        wire::SampleRecord record;
        record.device = word(in);
        record.stamp = now();
        for (std::string text = word(in); !text.empty(); text = word(in)) {
            const std::size_t equals = text.find('=');
            const std::size_t plus = text.find('+', equals);
            const auto id = static_cast<std::uint32_t>(std::stoul(text.substr(0, equals)));
            double value = std::stod(text.substr(equals + 1));
            if (plus != std::string::npos) value += turn * std::stod(text.substr(plus + 1));
            const auto def = std::find_if(series_.begin(), series_.end(),
                                          [id](const wire::SeriesDef& one) { return one.id == id; });
            if (def != series_.end() && def->kind == SeriesKind::counter) {
                record.counter_series.push_back(id);
                record.counters.push_back(static_cast<std::uint64_t>(value));
            } else {
                record.gauge_series.push_back(id);
                record.gauges.push_back(value);
            }
        }
        return record;
    }
    void sample(std::istream& in, int turn) {
        samples_.push_back(read_sample(in, turn));
        if (!away_) keeper_->on_sample(samples_.back());
    }
    // It comes, and stored is killed before it is on disk: AGAIN polld sends it.
    void lost(std::istream& in, int turn) {
        lost_.push_back(read_sample(in, turn));
        keeper_->on_sample(lost_.back());
    }
    void again(std::istream&, int) {
        for (const auto& record : std::exchange(lost_, {})) {
            samples_.push_back(record);
            keeper_->on_sample(record);
        }
    }

    // STATE DEVICE KIND [COMPONENT VALUE] [REASON]
    void state(std::istream& in, int) {
        wire::StateRecord record;
        record.device = word(in);
        record.stamp = now();
        record.kind = word(in);
        const bool of_device = record.kind.starts_with("device");
        if (!of_device) {
            record.component = word(in);
            record.value = word(in);
        }
        record.reason = word(in);
        journal_.push_back(record);
        if (!away_) keeper_->on_state(record);
    }

    // EXPECT nothing, or one step.
    void expect(std::istream& in, int) {
        std::string wanted;
        std::getline(in >> std::ws, wanted);
        std::string came = told_.empty() ? "nothing" : line_of(told_.front());
        if (!told_.empty()) told_.pop_front();
        if (came != wanted) fault("expected " + wanted + ", came " + came);
    }

    // ACT STEP RULE DEVICE COMPONENT TEXT [for DURATION]; expects it to be possible.
    void act(std::istream& in, int) {
        const std::string step = word(in);
        wire::AlarmAct act;
        for (int i = 1; i <= 10; ++i) {
            if (wire::word_of(static_cast<wire::AlarmStep>(i)) == step)
                act.step = static_cast<wire::AlarmStep>(i);
        }
        AlarmKey key;
        key.rule = word(in);
        key.device = word(in);
        key.component = word(in);
        act.id = id_of(key);
        act.by = "li";
        act.text = word(in);
        if (word(in) == "for") act.until_ns = now().wall_ns + duration(in).count();
        if (const auto done = keeper_->act(act, now()); !done) fault(done.error().text);
    }

    // alertd is killed and starts again: what is in the journal stays.
    void restart(std::istream&, int) { begin(); }
    // alertd is killed and not there until RESTART: what happens is in the journal.
    void away(std::istream&, int) { away_ = true; }
    // The connection to stored was lost and is back.
    void reconnect(std::istream&, int) { look_again(); }
    // Somebody changed the rules.
    void use(std::istream& in, int) {
        in_force_ = word(in);
        keeper_->set_rules(rules_[in_force_]);
        look_again();
    }
    // The box restarts: another boot, the monotonic clock begins anew.
    void reboot(std::istream&, int) {
        boot_ += 'x';
        boot_began_ = loop_.now();
        begin();
    }
    void step(std::istream& in, int) {
        const std::string by = word(in);
        const bool back = by.front() == '-';
        const auto span = config::parse_duration(back ? by.substr(1) : by);
        if (!span) return fault("no duration: " + by);
        loop_.step_wall(back ? -*span : *span);
    }
    void devices(std::istream& in, int) {
        std::set<std::string> names;
        for (std::string name = word(in); !name.empty(); name = word(in)) names.insert(name);
        keeper_->keep_only(names);
        keeper_->tick(now());
    }

    void begin() {
        keeper_ = std::make_unique<Keeper>([this](const wire::StateRecord& record) {
            journal_.push_back(record);
            told_.push_back(record);
        });
        keeper_->set_rules(rules_[in_force_]);
        away_ = false;
        const auto before = journal_;
        for (const auto& record : before) keeper_->on_old_state(record);
        look_again();
    }
    // A new engine; states that were read once are not read again.
    void look_again() {
        keeper_->begin();
        for (const auto& def : series_) keeper_->define(def, last_given(def.id));
        for (const auto& record : samples_) {
            if (!lies_before(record.stamp, samples_.back().stamp, keeper_->look_back()))
                keeper_->on_old_sample(record);
        }
        keeper_->settle(now());
    }

    // As stored tells it.
    std::int64_t last_given(std::uint32_t id) const {
        std::int64_t wall_ns = 0;
        for (const auto& record : samples_) {
            const auto& gauges = record.gauge_series;
            const auto& counters = record.counter_series;
            if (std::find(gauges.begin(), gauges.end(), id) != gauges.end() ||
                std::find(counters.begin(), counters.end(), id) != counters.end())
                wall_ns = record.stamp.wall_ns;
        }
        return wall_ns;
    }

    // Alarms are the fold of the journal.
    void check_fold() {
        AlarmBook fold;
        for (const auto& record : journal_) fold.apply(record);
        for (const auto& [key, alarm] : fold.alarms()) {
            const Alarm* known = keeper_->book().find(key);
            if (known == nullptr ? alarm.state().open : !(known->newest == alarm.newest))
                fault("the journal says: " + line_of(alarm.newest));
        }
        if (fold.open() != keeper_->book().open()) fault("the journal has another number of open alarms");
    }

    wire::WireStamp now() const {
        return {loop_.wall().time_since_epoch().count(), (loop_.now() - boot_began_).count() + 1, boot_,
                ClockQuality::synchronised};
    }

    std::string path_;
    bool away_ = false;
    std::size_t line_ = 0;
    std::vector<std::string> faults_;
    SimLoop loop_;
    MonoTime start_ = loop_.now();
    MonoTime boot_began_ = loop_.now();
    std::string boot_ = "b";
    std::map<std::string, std::shared_ptr<const RuleSet>> rules_ = {{"", std::make_shared<const RuleSet>()}};
    std::string in_force_;  // the rules without a name at first
    std::vector<Event> events_;
    std::vector<wire::SeriesDef> series_;
    std::vector<wire::SampleRecord> samples_;
    std::vector<wire::SampleRecord> lost_;
    std::vector<wire::StateRecord> journal_;
    std::deque<wire::StateRecord> told_;
    std::unique_ptr<Keeper> keeper_;
};

}  // namespace

std::vector<std::string> run_scenario(const std::string& path) {
    return Scenario(path).run();
}

}  // namespace outstation::alertd
