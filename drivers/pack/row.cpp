// SPDX-License-Identifier: GPL-3.0-or-later
// Templates, lookups and joins of one row.
#include "drivers/pack/row.hpp"

#include <algorithm>
#include <charconv>

#include "drivers/pack/value_text.hpp"

namespace outstation::pack {
namespace {

constexpr std::size_t kMaxTemplate = 4096;  // octets: a template that became longer is not gone on with

bool is_number(Type type) {
    return type != Type::octets && type != Type::object_id && type != Type::address;
}

std::string octets_text(const Oid& index, std::size_t from, std::size_t count) {
    std::string out;
    for (std::size_t i = from; i < from + count; ++i) out += static_cast<char>(index[i] & 0xff);
    return out;
}

std::string unscaled(const Source& source, std::string text, MatchBudget& budget) {
    if (source.extract && !text.empty()) {
        auto part = source.rewrite.empty() ? source.extract->extract(text, &budget)
                                           : source.extract->rewrite(text, source.rewrite, &budget);
        text = trimmed(part.value_or(""));
    }
    if (std::find(source.skip.begin(), source.skip.end(), text) != source.skip.end()) return {};
    if (!source.map.empty()) {
        auto it = source.map.find(text);
        if (it == source.map.end() && !text.empty()) it = source.map.find("*");
        return it == source.map.end() ? std::string() : it->second;
    }
    return text;
}

}  // namespace

Row::Row(Searches& searches, const Rule& rule, const Oid& oid, const Value* value)
    : searches_(searches), values_(searches.values()), rule_(rule), oid_(oid), value_(value) {
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
                    [&](const Pattern& pattern) { return pattern.matches(text, &searches_.matches()); });
    return is_one != condition.negated;
}

std::string Row::text(std::string_view field_name) const {
    const auto it = rule_.fields.find(std::string(field_name));
    return it == rule_.fields.end() ? std::string() : text(it->second);
}

std::string Row::name(std::string_view field_name) const {
    const auto it = rule_.fields.find(std::string(field_name));
    if (it == rule_.fields.end()) return {};
    unsigned steps = 0;
    for (const Source& source : it->second.sources) {
        read_ = nullptr;
        std::string found = source_text(source, Effort{steps});
        if (!found.empty() && (read_ == nullptr || !is_number(read_->type))) return found;
    }
    return {};
}

std::optional<double> Row::number(const Field& field) const {
    return number_of(text(field));
}

std::optional<double> Row::number(std::string_view field_name) const {
    return number_of(text(field_name));
}

std::optional<Count> Row::count(const Field& field) const {
    const Source& source = field.sources.front();
    unsigned steps = 0;
    const auto number = count_of(unscaled(source, raw_text(source, Effort{steps}), searches_.matches()));
    return number ? std::optional(Count{*number, source.scale}) : std::nullopt;
}

std::string Row::text(const Field& field, Effort effort) const {
    for (const Source& source : field.sources)
        if (auto found = source_text(source, effort.deeper()); !found.empty()) return found;
    return {};
}

std::string Row::label_zh() const {
    if (!rule_.zh.empty()) return expand(rule_.zh);
    const auto label = rule_.fields.find("label");
    if (label == rule_.fields.end()) return {};
    for (const Source& source : label->second.sources) {
        unsigned steps = 0;
        auto text = source_text(source, Effort{steps});
        if (!text.empty()) return source.zh.empty() ? text : expand(source.zh);
    }
    return {};
}

std::string Row::source_text(const Source& source, Effort effort) const {
    if (effort.is_too_much()) return {};
    if (source.rows != Source::Rows::one)
        return modified(source, total_text(source, effort), searches_.matches());
    if (source.kind == Source::Kind::search) return found_text(source, effort);
    return modified(source, raw_text(source, effort), searches_.matches());
}

std::string Row::raw_text(const Source& source, Effort effort) const {
    if (source.kind == Source::Kind::text) {
        const bool is_own_value = source.text == "{value}" && value_ != nullptr;
        if (source.bit && is_own_value) return has_bit(*value_, *source.bit) ? "1" : "0";
        return is_own_value ? format_value(*value_, source.format) : expand(source.text, effort);
    }
    if (source.kind != Source::Kind::lookup) return computed_text(source, effort);
    if (is_scalar(source.oid)) return value_at(source.oid, source.format);
    if (source.own_index) return value_at(join(source.oid, index_), source.format);
    const std::string wanted = expand(source.text, effort);
    if (wanted.empty()) return value_at(source.oid, source.format);
    const auto index = parse_oid(wanted);
    return index ? value_at(join(source.oid, *index), source.format) : std::string();
}

std::string Row::value_at(const Oid& oid, Format format) const {
    const Value* value = read_ = values_.find(oid);
    return value == nullptr ? std::string() : format_value(*value, format);
}

// The first row of the searched column that has the text (any, when none is named) and a value to read.
std::string Row::found_text(const Source& source, Effort effort) const {
    const auto& rows = source.text.empty() ? searches_.rows_of(source.key)
                                           : searches_.rows_with(source.key, expand(source.text, effort));
    for (const Oid* row : rows) {
        const Oid found = join(source.oid, index_of(*row, source.key));
        auto out = modified(source, value_at(found, source.format), searches_.matches());
        if (!out.empty()) return out;
    }
    return {};
}

Searches::Total Row::total_of(const Source& source, Effort effort) const {
    const std::string wanted = expand(source.text, effort);
    if (source.kind == Source::Kind::lookup) {
        const auto index = wanted.empty() ? Oid{} : parse_oid(wanted).value_or(Oid{});
        const bool is_right = wanted.empty() == source.text.empty() && index.empty() == wanted.empty();
        return is_right ? searches_.total_below(join(source.oid, index)) : Searches::Total{};
    }
    Searches::Total out;
    const auto& rows =
        source.text.empty() ? searches_.rows_of(source.key) : searches_.rows_with(source.key, wanted);
    for (const Oid* row : rows)
        if (const auto number =
                number_of(value_at(join(source.oid, index_of(*row, source.key)), source.format)))
            out.add(*number);
    return out;
}

std::string Row::total_text(const Source& source, Effort effort) const {
    const Searches::Total total = total_of(source, effort);
    switch (source.rows) {
        case Source::Rows::count:
            return total.count == 0 && !values_.is_whole() ? std::string() : std::to_string(total.count);
        case Source::Rows::sum:
            return total.count == 0 ? std::string() : number_text(total.sum);
        case Source::Rows::min:
            return total.count == 0 ? std::string() : number_text(total.min);
        case Source::Rows::max:
            return total.count == 0 ? std::string() : number_text(total.max);
        default:
            return total.count == 0 ? std::string()
                                    : number_text(total.sum / static_cast<double>(total.count));
    }
}

std::string Row::computed_text(const Source& source, Effort effort) const {
    std::optional<double> out;
    for (const Field& operand : source.operands) {
        const auto number = number_of(text(operand, effort));
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

std::string Row::expand(std::string_view form, Effort effort) const {
    std::string out;
    while (!form.empty() && out.size() <= kMaxTemplate && !effort.is_spent()) {
        const std::size_t open = form.find('{');
        out += form.substr(0, open);
        if (open == std::string_view::npos) break;
        const std::size_t close = form.find('}', open);
        out += name_text(form.substr(open + 1, close - open - 1), effort);
        form.remove_prefix(close == std::string_view::npos ? form.size() : close + 1);
    }
    return trimmed(out);
}

std::string Row::name_text(std::string_view name, Effort effort) const {
    if (effort.is_too_much()) return {};
    if (name == "index") return format_oid(index_);
    if (name == "oid") return format_oid(oid_);
    if (name == "value") return value_ == nullptr ? std::string() : format_value(*value_, Format::plain);
    if (const auto part = parts_.find(name); part != parts_.end()) return part->second;
    if (const auto with = rule_.with.find(std::string(name)); with != rule_.with.end())
        return text(with->second, effort);
    std::size_t n = 0;
    if (name.size() > 6) std::from_chars(name.data() + 6, name.data() + name.size(), n);
    return n >= 1 && n <= index_.size() ? std::to_string(index_[n - 1]) : std::string();
}

bool is_read(const Field& field) {
    if (field.sources.size() != 1) return false;
    const Source& source = field.sources.front();
    const bool is_one = source.kind == Source::Kind::text || source.kind == Source::Kind::lookup;
    return is_one && source.rows == Source::Rows::one && source.scale > 0;
}

std::string modified(const Source& source, std::string text, MatchBudget& budget) {
    text = unscaled(source, std::move(text), budget);
    if (source.scale == 1) return text;
    const auto number = number_of(text);
    return number ? number_text(*number * source.scale) : std::string();
}

}  // namespace outstation::pack
