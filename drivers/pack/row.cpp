// SPDX-License-Identifier: GPL-3.0-or-later
// Templates, lookups and joins of one row.
#include "drivers/pack/row.hpp"

#include <algorithm>
#include <charconv>

#include "drivers/pack/value_text.hpp"

namespace outstation::pack {
namespace {

constexpr int kMaxDepth = 8;               // names in names
constexpr std::size_t kMaxSearch = 20000;  // rows that a search looks at

std::string octets_text(const Oid& index, std::size_t from, std::size_t count) {
    std::string out;
    for (std::size_t i = from; i < from + count; ++i) out += static_cast<char>(index[i] & 0xff);
    return out;
}

}  // namespace

Row::Row(const Values& values, const Rule& rule, const Oid& oid, const Value* value)
    : values_(values), rule_(rule), oid_(oid), value_(value) {
    if (is_under(oid, rule.oid)) index_ = index_of(oid, rule.oid);
    std::size_t at = 0;
    for (const IndexPart& part : rule.index) index_is_right_ = index_is_right_ && take_index_part(part, at);
}

bool Row::take_index_part(const IndexPart& part, std::size_t& at) {
    using As = IndexPart::As;
    const std::size_t left = index_.size() - at;
    std::size_t count = 1;
    if (part.as == As::implied || part.as == As::oid) count = left;
    if (part.as == As::address) count = 4;
    if (part.as == As::mac) count = 6;
    if (part.as == As::string) {  // RFC 2578 section 7.7: the length, then the octets
        if (left == 0) return false;
        count = index_[at++];
    }
    if (count > index_.size() - at) return false;
    std::string& text = parts_[part.name];
    const std::string octets = octets_text(index_, at, count);
    if (part.as == As::integer || part.as == As::oid)
        text = format_oid({index_.begin() + static_cast<std::ptrdiff_t>(at),
                           index_.begin() + static_cast<std::ptrdiff_t>(at + count)});
    if (part.as == As::string || part.as == As::implied)
        text = format_value({Type::octets, octets}, Format::plain);
    if (part.as == As::address) text = format_value({Type::octets, octets}, Format::address);
    if (part.as == As::mac) text = format_value({Type::octets, octets}, Format::mac);
    at += count;
    return true;
}

bool Row::is_wanted() const {
    return index_is_right_ && std::all_of(rule_.conditions.begin(), rule_.conditions.end(),
                                          [this](const Condition& one) { return holds(one); });
}

bool Row::holds(const Condition& condition) const {
    const std::string text = expand(condition.text);
    const bool is_one =
        std::find(condition.texts.begin(), condition.texts.end(), text) != condition.texts.end() ||
        std::any_of(condition.patterns.begin(), condition.patterns.end(),
                    [&](const Pattern& pattern) { return pattern.matches(text); });
    return is_one != condition.negated;
}

std::string Row::text(std::string_view field_name) const {
    const auto it = rule_.fields.find(std::string(field_name));
    return it == rule_.fields.end() ? std::string() : text(it->second);
}

std::optional<double> Row::number(const Field& field) const {
    return number_of(text(field));
}

std::optional<double> Row::number(std::string_view field_name) const {
    return number_of(text(field_name));
}

std::string Row::text(const Field& field, int depth) const {
    if (depth > kMaxDepth) return {};
    for (const Source& source : field.sources)
        if (auto found = source_text(source, depth + 1); !found.empty()) return found;
    return {};
}

std::string Row::source_text(const Source& source, int depth) const {
    if (source.kind == Source::Kind::search) return found_text(source, depth);
    return modified(source, raw_text(source, depth));
}

std::string Row::raw_text(const Source& source, int depth) const {
    if (source.kind == Source::Kind::text) {
        const bool is_own_value = source.text == "{value}" && value_ != nullptr;
        return is_own_value ? format_value(*value_, source.format) : expand(source.text, depth);
    }
    if (source.kind != Source::Kind::lookup) return computed_text(source, depth);
    if (is_scalar(source.oid)) return value_at(source.oid, source.format);
    if (source.own_index) return value_at(join(source.oid, index_), source.format);
    const std::string wanted = expand(source.text, depth);
    if (wanted.empty()) return value_at(source.oid, source.format);
    const auto index = parse_oid(wanted);
    return index ? value_at(join(source.oid, *index), source.format) : std::string();
}

std::string Row::value_at(const Oid& oid, Format format) const {
    const Value* value = values_.find(oid);
    return value == nullptr ? std::string() : format_value(*value, format);
}

// The first row of the searched column that has the text (any, when none is named) and a value to read.
std::string Row::found_text(const Source& source, int depth) const {
    const std::string wanted = expand(source.text, depth);
    const auto* entry = values_.next(source.key);
    for (std::size_t n = 0; entry != nullptr && is_under(entry->first, source.key) && n < kMaxSearch; ++n) {
        const std::string key = format_value(entry->second, Format::plain);
        if (source.text.empty() ? !key.empty() : key == wanted) {
            const Oid found = join(source.oid, index_of(entry->first, source.key));
            if (auto out = modified(source, value_at(found, source.format)); !out.empty()) return out;
        }
        entry = values_.next(entry->first);
    }
    return {};
}

std::string Row::computed_text(const Source& source, int depth) const {
    std::optional<double> out;
    for (const Field& operand : source.operands) {
        const auto number = number_of(text(operand, depth));
        if (!number) return {};
        if (!out) {
            out = number;
            continue;
        }
        switch (source.kind) {
            case Source::Kind::sum:
                *out += *number;
                break;
            case Source::Kind::difference:
                *out -= *number;
                break;
            case Source::Kind::product:
                *out *= *number;
                break;
            default:
                if (*number == 0) return {};
                *out /= *number;
        }
    }
    return out ? number_text(*out) : std::string();
}

std::string Row::expand(std::string_view form, int depth) const {
    std::string out;
    while (!form.empty()) {
        const std::size_t open = form.find('{');
        out += form.substr(0, open);
        if (open == std::string_view::npos) break;
        const std::size_t close = form.find('}', open);
        out += name_text(form.substr(open + 1, close - open - 1), depth);
        form.remove_prefix(close == std::string_view::npos ? form.size() : close + 1);
    }
    return trimmed(out);
}

std::string Row::name_text(std::string_view name, int depth) const {
    if (depth > kMaxDepth) return {};
    if (name == "index") return format_oid(index_);
    if (name == "oid") return format_oid(oid_);
    if (name == "value") return value_ == nullptr ? std::string() : format_value(*value_, Format::plain);
    if (const auto part = parts_.find(name); part != parts_.end()) return part->second;
    if (const auto with = rule_.with.find(std::string(name)); with != rule_.with.end())
        return text(with->second, depth);
    std::size_t n = 0;
    if (name.size() > 6) std::from_chars(name.data() + 6, name.data() + name.size(), n);
    return n >= 1 && n <= index_.size() ? std::to_string(index_[n - 1]) : std::string();
}

std::string modified(const Source& source, std::string text) {
    if (source.extract && !text.empty()) {
        auto part = source.rewrite.empty() ? source.extract->extract(text)
                                           : source.extract->rewrite(text, source.rewrite);
        text = trimmed(part.value_or(""));
    }
    if (std::find(source.skip.begin(), source.skip.end(), text) != source.skip.end()) return {};
    if (!source.map.empty()) {
        auto it = source.map.find(text);
        if (it == source.map.end() && !text.empty()) it = source.map.find("*");
        return it == source.map.end() ? std::string() : it->second;
    }
    if (source.scale == 1) return text;
    const auto number = number_of(text);
    return number ? number_text(*number * source.scale) : std::string();
}

}  // namespace outstation::pack
