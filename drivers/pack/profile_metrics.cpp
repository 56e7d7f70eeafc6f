// SPDX-License-Identifier: GPL-3.0-or-later
// Symbols, tables and tags as Datadog's agent evaluates them.
#include "drivers/pack/profile_metrics.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "drivers/pack/evaluate.hpp"
#include "drivers/pack/value_text.hpp"

namespace outstation::pack {
namespace {

using Tags = std::map<std::string, std::string>;

std::optional<std::string> symbol_text(const Symbol& symbol, const Value& value, MatchBudget& budget) {
    std::string text = format_value(value, symbol.format);
    if (!symbol.extract) return text;
    return symbol.rewrite.empty() ? symbol.extract->extract(text, &budget)
                                  : symbol.extract->rewrite(text, symbol.rewrite, &budget);
}

// The chosen parts of the index, in the order of the transform; a range over the end gives nothing.
std::optional<Oid> transformed(const Tag& tag, const Oid& index) {
    if (tag.transform.empty()) return index;
    Oid out;
    for (auto [start, end] : tag.transform) {
        if (end > kMaxArcs) end = index.size() - std::min(index.size(), end - kMaxArcs) - 1;
        if (start > end || end >= index.size()) return std::nullopt;
        out.insert(out.end(), index.begin() + static_cast<std::ptrdiff_t>(start),
                   index.begin() + static_cast<std::ptrdiff_t>(end) + 1);
    }
    return out;
}

struct Scalar {
    Oid oid;
    const Value* value = nullptr;
};

// Datadog's agent asks again with a .0 for what is not there without.
Scalar find_scalar(const Values& values, Oid oid) {
    const Value* value = values.find(oid);
    if (value == nullptr && !is_scalar(oid)) {
        oid.push_back(0);
        value = values.find(oid);
    }
    return {std::move(oid), value};
}

std::optional<std::string> tag_text(const Tag& tag, const Oid& index, const Values& values,
                                    MatchBudget& budget) {
    if (tag.symbol.oid.empty()) {
        if (tag.index == 0 || tag.index > index.size()) return std::nullopt;
        return std::to_string(index[tag.index - 1]);
    }
    const auto at = transformed(tag, index);
    if (!at) return std::nullopt;
    const Oid oid = join(tag.symbol.oid, *at);
    const Value* value = index.empty() ? find_scalar(values, oid).value : values.find(oid);
    if (value == nullptr) return std::nullopt;
    return symbol_text(tag.symbol, *value, budget);
}

void add_tag(const Tag& tag, const Oid& index, const Values& values, MatchBudget& budget, Tags& out) {
    if (!tag.fixed.empty()) {
        out.emplace(tag.name, tag.fixed);
        return;
    }
    const auto text = tag_text(tag, index, values, budget);
    if (!text) return;
    if (tag.match) {
        for (const auto& [name, form] : tag.tags)
            if (auto part = tag.match->rewrite(*text, form, &budget)) out.emplace(name, std::move(*part));
        return;
    }
    const auto mapped = tag.mapping.find(*text);
    out.emplace(tag.name, mapped == tag.mapping.end() ? *text : mapped->second);
}

class MetricReader {
  public:
    MetricReader(const Pack& pack, const Values& values, MatchBudget& budget)
        : values_(values), budget_(budget), source_(first_source(pack) + pack.rules.size()) {
        for (const Tag& tag : pack.tags) add_tag(tag, {}, values, budget_, device_tags_);
    }

    void read(const Metric& metric) {
        for (const Symbol& symbol : metric.symbols) {
            ++source_;
            if (metric.is_table) {
                read_column(metric, symbol);
            } else if (const Scalar found = find_scalar(values_, symbol.oid); found.value != nullptr) {
                add(metric, symbol, found.oid, {}, found.value);
            }
        }
    }
    std::vector<MetricValue> take() { return std::move(out_); }

  private:
    // The rows of a symbol that is always one are those of the table's first tag with a column.
    void read_column(const Metric& metric, const Symbol& symbol) {
        const Oid* column = &symbol.oid;
        for (const Tag& tag : metric.tags)
            if (column->empty() && !tag.symbol.oid.empty() && tag.transform.empty()) column = &tag.symbol.oid;
        if (column->empty()) return;
        const auto* entry = values_.next(*column);
        for (std::size_t n = 0; entry != nullptr && is_under(entry->first, *column) && n < kMaxRows; ++n) {
            add(metric, symbol, entry->first, index_of(entry->first, *column), &entry->second);
            entry = values_.next(entry->first);
        }
    }

    [[nodiscard]] std::optional<double> number(const Metric& metric, const Symbol& symbol,
                                               const Value& value) const {
        if (symbol.one) return 1;
        const auto text = symbol_text(symbol, value, budget_);
        if (!text) return std::nullopt;
        if (metric.placement > 0) {  // flag_stream
            if (metric.placement > text->size()) return std::nullopt;
            return (*text)[metric.placement - 1] == '1' ? 1 : 0;
        }
        const auto number = number_of(*text);
        return number ? std::optional(*number * symbol.scale) : std::nullopt;
    }

    // What the profile does not force the type of is what the device says that it is.
    [[nodiscard]] static bool is_counter(const Metric& metric, const Symbol& symbol, const Value& value) {
        if (symbol.one || metric.placement > 0 || symbol.scale <= 0) return false;
        if (is_counter_type(symbol.type)) return true;
        const bool is_open = symbol.type.empty() || symbol.type == "rate";
        return is_open && (value.type == Type::counter32 || value.type == Type::counter64);
    }

    void add(const Metric& metric, const Symbol& symbol, const Oid& oid, const Oid& index,
             const Value* value) {
        const auto found = number(metric, symbol, *value);
        if (!found) return;
        MetricValue one{oid, symbol.name, symbol.type, *found, device_tags_, {}, source_};
        if (is_counter(metric, symbol, *value)) {
            const auto count = count_of(symbol_text(symbol, *value, budget_).value_or(""));
            if (!count) return;
            one.count = {*count, symbol.scale};
        }
        for (const Tag& tag : metric.tags) add_tag(tag, index, values_, budget_, one.tags);
        out_.push_back(std::move(one));
    }

    const Values& values_;
    MatchBudget& budget_;
    std::uint64_t source_;  // of the symbol that is read
    Tags device_tags_;
    std::vector<MetricValue> out_;
};

}  // namespace

std::uint64_t first_source(const Pack& pack) {
    return std::hash<std::string>{}(pack.name) | 1;  // none is 0
}

bool is_counter_type(std::string_view type) {
    return type == "counter" || type == "monotonic_count" || type == "monotonic_count_and_rate";
}

std::vector<MetricValue> profile_metrics(const Pack& pack, const Values& values, MatchBudget& budget) {
    MetricReader reader(pack, values, budget);
    for (const Metric& metric : pack.metrics) reader.read(metric);
    return reader.take();
}

}  // namespace outstation::pack
