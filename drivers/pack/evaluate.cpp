// SPDX-License-Identifier: GPL-3.0-or-later
// Rules over values.
#include "drivers/pack/evaluate.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "drivers/pack/identify.hpp"
#include "drivers/pack/metrics.hpp"
#include "drivers/pack/profile_metrics.hpp"
#include "drivers/pack/row.hpp"
#include "drivers/pack/units.hpp"
#include "drivers/pack/value_text.hpp"

namespace outstation::pack {
namespace {

class Evaluator {
  public:
    Evaluator(const Values& values, MatchBudget& budget) : values_(values), searches_(values, budget) {}

    void run(const Pack& pack) {
        pack_ = &pack;
        for (const Rule& rule : pack.rules) {
            if (rule.last_resort && count(rule.kind) > 0) continue;
            run(rule);
        }
    }
    Findings take() { return std::move(out_); }

  private:
    using Key = std::pair<Rule::Kind, Oid>;

    [[nodiscard]] std::size_t count(Rule::Kind kind) const {
        switch (kind) {
            case Rule::Kind::port:
                return out_.ports.size();
            case Rule::Kind::sensor:
                return out_.sensors.size();
            case Rule::Kind::state:
                return out_.states.size();
            case Rule::Kind::processor:
                return out_.processors.size();
            case Rule::Kind::memory:
                return out_.memory.size();
            case Rule::Kind::storage:
                return out_.storage.size();
            case Rule::Kind::link:
                return out_.links.size();
            case Rule::Kind::inventory:
                return out_.inventory.size();
            case Rule::Kind::series:
                return out_.metrics.size();
        }
        return 0;
    }

    // A port, a link, a component is a row of its table, whichever column shows that it is there.
    static bool is_row(Rule::Kind kind) {
        return kind == Rule::Kind::port || kind == Rule::Kind::link || kind == Rule::Kind::inventory;
    }
    static Oid row_of(const Rule& rule, const Row& row) {
        return join({rule.oid.begin(), rule.oid.end() - 1}, row.index());
    }

    // The scalar, or every row of the column.
    void run(const Rule& rule) {
        if (const Value* value = values_.find(rule.oid)) return run(rule, rule.oid, value);
        const auto* entry = values_.next(rule.oid);
        for (std::size_t n = 0; entry != nullptr && is_under(entry->first, rule.oid) && n < kMaxRows; ++n) {
            run(rule, entry->first, &entry->second);
            entry = values_.next(entry->first);
        }
    }

    void run(const Rule& rule, const Oid& oid, const Value* value) {
        const Row row(searches_, rule, oid, value);
        const Key key(rule.kind, is_row(rule.kind) ? row_of(rule, row) : oid);
        const bool is_open = rule.kind == Rule::Kind::series || closed_.find(key) == closed_.end();
        if (!is_open || !row.is_wanted()) return;
        if (add(rule, row, oid)) closed_.insert(key);
    }

    bool add(const Rule& rule, const Row& row, const Oid& oid) {
        switch (rule.kind) {
            case Rule::Kind::port:
                return add_port(row);
            case Rule::Kind::sensor:
                return add_sensor(rule, row, oid);
            case Rule::Kind::state:
                return add_state(rule, row, oid);
            case Rule::Kind::processor:
                return add_processor(rule, row, oid);
            case Rule::Kind::memory:
                return add_space(row, oid, out_.memory);
            case Rule::Kind::storage:
                return add_space(row, oid, out_.storage);
            case Rule::Kind::link:
                return add_link(row);
            case Rule::Kind::inventory:
                return add_component(row, oid);
            case Rule::Kind::series:
                return add_series(rule, row, oid);
        }
        return false;
    }

    bool add_port(const Row& row) {
        Port port;
        if (row.index().size() != 1 || !ports_.insert(row.index().front()).second) return false;
        port.index = row.index().front();
        port.name = row.text("name");
        port.description = row.text("description");
        port.alias = row.text("alias");
        port.type = row.text("type");
        port.admin = row.text("admin");
        port.oper = row.text("oper");
        port.speed_bps = row.number("speed");
        port.in_octets = row.number("in_octets");
        port.out_octets = row.number("out_octets");
        out_.ports.push_back(std::move(port));
        return true;
    }

    static bool is_outside(const Rule& rule, double value) {
        return (rule.above && value <= *rule.above) || (rule.below && value >= *rule.below);
    }

    bool add_sensor(const Rule& rule, const Row& row, const Oid& oid) {
        const Unit* unit = find_unit(row.text("unit"));
        auto value = row.number(rule.value);
        if (unit == nullptr || !value) return false;
        if (const auto scale = row.number("scale")) *value *= *scale;
        if (const auto precision = row.number("precision")) *value /= std::pow(10, *precision);
        if (is_outside(rule, *value)) return false;
        const bool is_logarithm = unit->word == "milliwatts_dbm";
        if (is_logarithm && *value <= 0) return false;
        const double base = is_logarithm ? 10 * std::log10(*value) : (*value + unit->offset) * unit->factor;
        if (!std::isfinite(base)) return false;
        const std::string told = row.text("kind");
        const std::string kind = told.empty() ? std::string(unit->kind) : told;
        const KnownMetric* metric = metric_of(unit->unit, kind);
        out_.sensors.push_back(
            {oid, kind, std::string(unit->unit), row.text("label"), row.label_zh(), base,
             !rule.metric.empty() || metric == nullptr ? rule.metric : std::string(metric->name)});
        return true;
    }

    bool add_state(const Rule& rule, const Row& row, const Oid& oid) {
        if (!rule.bits.empty()) return add_bits(rule, row, oid);
        const std::string raw = row.text(rule.value);
        const auto known = rule.states.find(raw);
        const auto number = number_of(raw);
        if (!number && known == rule.states.end()) return false;
        State state{oid, row.text("label"), row.label_zh(), number.value_or(0), raw, "unknown"};
        if (known != rule.states.end()) {
            state.text = known->second.text;
            state.severity = known->second.severity;
        }
        out_.states.push_back(std::move(state));
        return true;
    }

    bool add_bits(const Rule& rule, const Row& row, const Oid& oid) {
        const Value* value = values_.find(oid);
        if (value == nullptr) return false;
        bool any = false;
        for (const auto& [bit, text] : rule.bits) {
            if (!has_bit(*value, bit)) continue;
            any = true;
            out_.states.push_back(
                {oid, row.text("label"), row.label_zh(), static_cast<double>(bit), text.text, text.severity});
        }
        if (!any) out_.states.push_back({oid, row.text("label"), row.label_zh(), 0, "none", "ok"});
        return true;
    }

    bool add_processor(const Rule& rule, const Row& row, const Oid& oid) {
        auto value = row.number(rule.value);
        if (!value || is_outside(rule, *value)) return false;
        if (const auto scale = row.number("scale")) *value *= *scale;
        out_.processors.push_back({oid, "load", "percent", row.text("label"), row.label_zh(), *value});
        return true;
    }

    // Of total, used, free and percent, what is missing follows from the others.
    bool add_space(const Row& row, const Oid& oid, std::vector<Space>& out) {
        const double unit = row.number("unit").value_or(1);
        Space space{oid, row.text("label"), row.number("total"), row.number("used"), row.number("percent")};
        auto free = row.number("free");
        for (auto* octets : {&space.total_octets, &space.used_octets, &free})
            if (*octets) **octets *= unit;
        if (!space.total_octets && space.used_octets && free) space.total_octets = *space.used_octets + *free;
        if (space.total_octets && *space.total_octets <= 0) space.total_octets.reset();
        if (!space.used_octets && space.total_octets && free) space.used_octets = *space.total_octets - *free;
        if (!space.used_octets && space.total_octets && space.percent)
            space.used_octets = *space.total_octets * *space.percent / 100;
        if (!space.percent && space.total_octets && space.used_octets)
            space.percent = *space.used_octets / *space.total_octets * 100;
        if (space.percent ? *space.percent < 0 : !space.total_octets) return false;
        space.label_zh = row.label_zh();
        out.push_back(std::move(space));
        return true;
    }

    bool add_link(const Row& row) {
        Link link{row.text("protocol"),    row.name("local_port"), row.name("remote_name"),
                  row.name("remote_port"), row.name("remote_id"),  row.name("remote_address")};
        if (link.remote_name.empty() && link.remote_id.empty() && link.remote_address.empty()) return false;
        out_.links.push_back(std::move(link));
        return true;
    }

    bool add_component(const Row& row, const Oid& oid) {
        Component part{row.text("kind"),
                       row.text("name"),
                       row.text("label"),
                       row.text("model"),
                       row.text("serial"),
                       row.text("version"),
                       oid};
        out_.inventory.push_back(std::move(part));
        return true;
    }

    [[nodiscard]] std::uint64_t source_of(const Rule& rule) const {
        return first_source(*pack_) + static_cast<std::uint64_t>(&rule - pack_->rules.data());
    }

    // Others named it, so nothing is put together: one OID may give several.
    bool add_series(const Rule& rule, const Row& row, const Oid& oid) {
        const auto value = row.number(rule.value);
        if (!value || is_outside(rule, *value)) return false;
        MetricValue series{oid, rule.metric, row.text("type"), *value, {}, {}, source_of(rule)};
        if (is_counter_type(series.type) && is_read(rule.value)) {
            series.count = row.count(rule.value);
            if (!series.count) return false;  // below zero: a counter shows no such thing
        }
        const std::string_view prefix = kLabelField;
        for (const auto& [name, field] : rule.fields)
            if (name.compare(0, prefix.size(), prefix) == 0)
                series.tags[name.substr(prefix.size())] = row.text(field);
        out_.metrics.push_back(std::move(series));
        return true;
    }

    const Values& values_;
    Searches searches_;
    const Pack* pack_ = nullptr;  // whose rules are run
    Findings out_;
    std::set<Key> closed_;  // what has been found
    std::set<std::uint32_t> ports_;
};

}  // namespace

Findings evaluate(const std::vector<Choice>& choices, const Values& values, Scope scope) {
    MatchBudget budget{kMaxMatchStates};
    Evaluator evaluator(values, budget);
    for (const Choice& choice : choices) evaluator.run(*choice.pack);
    Findings out = evaluator.take();
    if (scope != Scope::measured) out.device = identify(choices, values);
    for (const Choice& choice : choices)
        for (MetricValue& value : profile_metrics(*choice.pack, values, budget))
            out.metrics.push_back(std::move(value));
    return out;
}

}  // namespace outstation::pack
