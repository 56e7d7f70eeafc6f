// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers of series.
#include "lib/store/dictionary.hpp"

#include <algorithm>

#include "lib/store/store.hpp"

namespace outstation::store {
namespace {

constexpr std::uint8_t kUnknownKind = 0xFF;
// Tags and lengths, number, kind and scale; and tags and lengths of a label.
constexpr std::size_t kDefinitionOverhead = 36;
constexpr std::size_t kLabelOverhead = 10;
// Beside the definitions of as many series as a frame has values: its records (a batch is one message of at
// most 8 MiB) and the marks of the producers.
constexpr std::size_t kRecordsAndMarksOctets = (8U << 20) + (1U << 20);
static_assert(kMaxBatchValues * kCommonDefinitionOctets + kMaxExcessOctets + kRecordsAndMarksOctets <=
              kMaxBodyOctets);

void mix(std::size_t& hash, const std::string& text) {
    hash = hash * 0x9e3779b97f4a7c15ULL + std::hash<std::string>()(text);
}

std::size_t hash_of(const wire::SeriesDef& def) {
    auto hash = static_cast<std::size_t>(def.kind);
    mix(hash, def.device);
    mix(hash, def.metric);
    for (const auto& label : def.labels) {
        mix(hash, label.name);
        mix(hash, label.value);
    }
    return hash;
}

bool same_series(const wire::SeriesDef& a, const wire::SeriesDef& b) {
    return a.kind == b.kind && a.device == b.device && a.metric == b.metric && a.labels == b.labels;
}

bool same_meaning(const wire::SeriesDef& a, const wire::SeriesDef& b) {
    return a.oid == b.oid && a.scale == b.scale;
}

// In a frame, at most.
std::size_t octets_of(const wire::SeriesDef& def) {
    std::size_t octets = kDefinitionOverhead + def.device.size() + def.metric.size() + def.oid.size();
    for (const auto& label : def.labels) octets += kLabelOverhead + label.name.size() + label.value.size();
    return octets;
}

std::size_t excess_of(const wire::SeriesDef& def) {
    const std::size_t octets = octets_of(def);
    return octets - std::min(octets, kCommonDefinitionOctets);
}

// Adds its length to that of all texts.
Result<void> check_text(std::string_view what, const std::string& text, std::size_t& all) {
    all += text.size();
    if (text.size() <= kMaxSeriesTextOctets) return {};
    return fail(ErrorCode::malformed, "series definition: " + std::string(what) + " of " +
                                          std::to_string(text.size()) + " octets, at most " +
                                          std::to_string(kMaxSeriesTextOctets));
}

}  // namespace

Result<void> check_series(const wire::SeriesDef& def) {
    if (def.device.empty() || def.metric.empty())
        return fail(ErrorCode::malformed, "series definition without device or metric");
    if (def.kind != SeriesKind::counter && def.kind != SeriesKind::gauge)
        return fail(ErrorCode::malformed, "series definition of an unknown kind");
    if (def.labels.size() > kMaxLabels)
        return fail(ErrorCode::malformed, "series definition with " + std::to_string(def.labels.size()) +
                                              " labels, at most " + std::to_string(kMaxLabels));
    std::size_t all = 0;
    if (const auto ok = check_text("device", def.device, all); !ok) return ok;
    if (const auto ok = check_text("metric", def.metric, all); !ok) return ok;
    if (const auto ok = check_text("oid", def.oid, all); !ok) return ok;
    for (const auto& label : def.labels) {
        if (const auto ok = check_text("name of a label", label.name, all); !ok) return ok;
        if (const auto ok = check_text("value of a label", label.value, all); !ok) return ok;
    }
    if (all <= kMaxDefinitionTextOctets) return {};
    return fail(ErrorCode::malformed, "series definition with texts of " + std::to_string(all) +
                                          " octets, at most " + std::to_string(kMaxDefinitionTextOctets));
}

Result<void> Dictionary::check_room(const wire::SeriesDef& def, std::size_t freed_octets) const {
    const std::size_t excess = excess_of(def);
    if (excess == 0 || excess <= freed_octets || excess_octets_ - freed_octets + excess <= kMaxExcessOctets)
        return {};
    return fail(ErrorCode::exhausted, "no room for more series with texts as long as these");
}

Result<std::uint32_t> Dictionary::define(const wire::SeriesDef& def) {
    if (const auto ok = check_series(def); !ok) return fail(ok.error());
    const std::lock_guard lock(mutex_);
    const std::uint32_t id = number_of(def);
    if (id == 0) {
        if (entries_.size() >= kMaxSeries)
            return fail(ErrorCode::exhausted, "more than " + std::to_string(kMaxSeries) + " series");
        if (const auto ok = check_room(def, 0); !ok) return fail(ok.error());
        const auto next = static_cast<std::uint32_t>(entries_.size() + 1);
        put(next, def);
        return next;
    }
    if (!same_meaning(entries_[id - 1], def)) {
        if (const auto ok = check_room(def, excess_of(entries_[id - 1])); !ok) return fail(ok.error());
        put(id, def);
        ++changes_;
    }
    return id;
}

void Dictionary::restore(const wire::SeriesDef& def) {
    if (def.id == 0 || def.id > kMaxSeries || !check_series(def)) return;
    const std::lock_guard lock(mutex_);
    const bool known = def.id <= entries_.size() && !entries_[def.id - 1].metric.empty();
    if (known && !same_meaning(entries_[def.id - 1], def)) ++changes_;
    put(def.id, def);
}

void Dictionary::restore_last(std::uint32_t last_series) {
    const std::lock_guard lock(mutex_);
    if (last_series > entries_.size() && last_series <= kMaxSeries) entries_.resize(last_series);
}

void Dictionary::put(std::uint32_t id, const wire::SeriesDef& def) {
    if (id > entries_.size()) entries_.resize(id);
    forget_number(id);
    if (const std::uint32_t other = number_of(def); other != 0) forget_number(other);
    excess_octets_ += excess_of(def);
    excess_octets_ -= excess_of(entries_[id - 1]);
    entries_[id - 1] = def;
    entries_[id - 1].id = id;
    if (id > kinds_.size()) kinds_.resize(id, kUnknownKind);
    kinds_[id - 1] = static_cast<std::uint8_t>(def.kind);
    numbers_.emplace(hash_of(def), id);
}

std::uint32_t Dictionary::number_of(const wire::SeriesDef& def) const {
    const auto [first, last] = numbers_.equal_range(hash_of(def));
    const auto found = std::find_if(
        first, last, [&](const auto& entry) { return same_series(entries_[entry.second - 1], def); });
    return found == last ? 0 : found->second;
}

void Dictionary::forget_number(std::uint32_t id) {
    const auto [first, last] = numbers_.equal_range(hash_of(entries_[id - 1]));
    const auto found = std::find_if(first, last, [id](const auto& entry) { return entry.second == id; });
    if (found != last) numbers_.erase(found);
}

std::optional<wire::SeriesDef> Dictionary::find(std::uint32_t id) const {
    const std::lock_guard lock(mutex_);
    if (id == 0 || id > entries_.size() || entries_[id - 1].metric.empty()) return std::nullopt;
    return entries_[id - 1];
}

void Dictionary::visit(std::uint32_t first, const Visit& visit) const {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = std::max(first, 1U) - 1; i < entries_.size(); ++i) {
        if (!entries_[i].metric.empty() && !visit(entries_[i])) return;
    }
}

bool Dictionary::are_all(const std::vector<std::uint32_t>& ids, SeriesKind kind) const {
    const std::lock_guard lock(mutex_);
    return std::all_of(ids.begin(), ids.end(), [&](std::uint32_t id) {
        return id != 0 && id <= kinds_.size() && kinds_[id - 1] == static_cast<std::uint8_t>(kind);
    });
}

std::optional<std::uint32_t> Dictionary::number_of(const std::string& device,
                                                   const std::string& metric) const {
    wire::SeriesDef def;
    def.device = device;
    def.metric = metric;
    const std::lock_guard lock(mutex_);
    const std::uint32_t id = number_of(def);
    return id == 0 ? std::nullopt : std::optional(id);
}

std::uint32_t Dictionary::last() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::uint32_t>(entries_.size());
}

std::size_t Dictionary::size() const {
    const std::lock_guard lock(mutex_);
    return numbers_.size();
}

std::size_t Dictionary::encoded_octets(const wire::SeriesDef& def) {
    return octets_of(def);
}

std::size_t Dictionary::encoded_octets(std::uint32_t id) const {
    const std::lock_guard lock(mutex_);
    if (id == 0 || id > entries_.size()) return 0;
    return octets_of(entries_[id - 1]);
}

}  // namespace outstation::store
