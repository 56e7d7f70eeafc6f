// SPDX-License-Identifier: GPL-3.0-or-later
// Walking through rules for the OIDs in them.
#include "drivers/pack/needs.hpp"

namespace outstation::pack {
namespace {

constexpr std::uint32_t kMostColumns = 256;  // more than any table has

class Collector {
  public:
    void add(const Pack& pack, Scope scope) {
        if (scope != Scope::identity) add_rules(pack, scope);
        if (scope == Scope::measured || scope == Scope::links) return;
        for (const auto& [word, field] : pack.identity) add(field, true);
        for (const auto& [word, field] : pack.fallback) add(field, true);
    }
    Needs take() { return std::move(out_); }

  private:
    void add_rules(const Pack& pack, Scope scope) {
        for (const Rule& rule : pack.rules)
            if (is_wanted(rule.kind, scope)) add(rule);
        if (scope == Scope::links) return;
        for (const Metric& metric : pack.metrics) add(metric);
        if (pack.metrics.empty()) return;
        for (const Tag& tag : pack.tags) add_scalar(tag.symbol.oid);
    }

    static bool is_wanted(Rule::Kind kind, Scope scope) {
        const bool is_link = kind == Rule::Kind::link;
        if (scope == Scope::links) return is_link;
        if (scope == Scope::all_but_links) return !is_link;
        return scope == Scope::everything || is_measured(kind);
    }

    static bool is_measured(Rule::Kind kind) {
        return kind != Rule::Kind::port && kind != Rule::Kind::link && kind != Rule::Kind::inventory;
    }

    void add(const Rule& rule) {
        add_column(rule.oid);
        // No column by its shape (RFC 2578 section 7.1.12: an entry is arc 1): perhaps one instance.
        const bool is_column =
            rule.oid.size() > 1 && rule.oid[rule.oid.size() - 2] == 1 && rule.oid.back() < kMostColumns;
        if (!is_column) out_.values.insert(rule.oid);
        for (const auto& [name, field] : rule.with) add(field, false);
        for (const auto& [name, field] : rule.fields) add(field, false);
        add(rule.value, false);
    }

    void add(const Metric& metric) {
        for (const Symbol& symbol : metric.symbols)
            metric.is_table ? add_column(symbol.oid) : add_scalar(symbol.oid);
        for (const Tag& tag : metric.tags)
            metric.is_table ? add_column(tag.symbol.oid) : add_scalar(tag.symbol.oid);
    }

    // As it is written, and its .0: profiles leave that away.
    void add_scalar(const Oid& oid) {
        if (oid.empty()) return;
        out_.values.insert(oid);
        if (!is_scalar(oid)) out_.values.insert(join(oid, {0}));
    }

    // `is_alone`: not of a row, so that an OID of the field is an instance.
    void add(const Field& field, bool is_alone) {
        for (const Source& source : field.sources) {
            if (source.kind == Source::Kind::lookup && is_alone && source.own_index &&
                source.rows == Source::Rows::one) {
                out_.values.insert(source.oid);
            } else if (source.kind == Source::Kind::lookup || source.kind == Source::Kind::search) {
                add_column(source.oid);
                add_column(source.key);
            }
            for (const Field& operand : source.operands) add(operand, is_alone);
        }
    }

    void add_column(const Oid& oid) {
        if (oid.empty()) return;
        (is_scalar(oid) ? out_.values : out_.columns).insert(oid);
    }

    Needs out_;
};

}  // namespace

Needs needs_of(const std::vector<Choice>& choices, Scope scope) {
    Collector collector;
    for (const Choice& choice : choices) collector.add(*choice.pack, scope);
    return collector.take();
}

Needs both(Needs one, const Needs& other) {
    one.values.insert(other.values.begin(), other.values.end());
    one.columns.insert(other.columns.begin(), other.columns.end());
    return one;
}

std::set<Oid> probes_of(const Library& library) {
    std::set<Oid> out;
    for (const Pack& pack : library.packs)
        for (const Match& match : pack.matches) out.insert(match.probes.begin(), match.probes.end());
    return out;
}

}  // namespace outstation::pack
