// SPDX-License-Identifier: GPL-3.0-or-later
// One pass over a column.
#include "drivers/pack/searches.hpp"

#include <algorithm>

#include "drivers/pack/value_text.hpp"

namespace outstation::pack {
namespace {

void add(Searches::Rows& rows, const Oid& oid) {
    if (rows.size() < Searches::kMaxSame) rows.push_back(&oid);
}

}  // namespace

const Searches::Rows& Searches::rows_with(const Oid& column, const std::string& text) {
    static const Rows kNone;
    const Column& all = in_order(column);
    const auto found = all.by_text.find(text);
    return found == all.by_text.end() ? kNone : found->second;
}

void Searches::Total::add(double value) {
    min = count == 0 ? value : std::min(min, value);
    max = count == 0 ? value : std::max(max, value);
    sum += value;
    ++count;
}

const Searches::Total& Searches::total_below(const Oid& oid) {
    const auto [it, is_new] = totals_.try_emplace(oid);
    if (!is_new) return it->second;
    const auto* entry = values_.next(oid);
    for (std::size_t n = 0; entry != nullptr && is_under(entry->first, oid) && n < kMaxRows; ++n) {
        if (const auto number = number_of(format_value(entry->second, Format::plain)))
            it->second.add(*number);
        entry = values_.next(entry->first);
    }
    return it->second;
}

Searches::Column& Searches::in_order(const Oid& column) {
    const auto [it, is_new] = columns_.try_emplace(column);
    if (!is_new) return it->second;
    const auto* entry = values_.next(column);
    for (std::size_t n = 0; entry != nullptr && is_under(entry->first, column) && n < kMaxRows; ++n) {
        std::string text = format_value(entry->second, Format::plain);
        if (!text.empty()) add(it->second.any, entry->first);
        add(it->second.by_text[std::move(text)], entry->first);
        entry = values_.next(entry->first);
    }
    return it->second;
}

}  // namespace outstation::pack
