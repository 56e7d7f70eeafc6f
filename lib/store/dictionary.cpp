// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers of series.
#include "lib/store/dictionary.hpp"

namespace outstation::store {
namespace {

constexpr std::size_t kMaxTextOctets = 1024;
constexpr std::size_t kMaxLabels = 32;
constexpr std::size_t kDefinitionOverhead = 64;  // tags, lengths, number, kind and scale

// Lengths stand in front of the texts: no text that a producer chooses makes two series one.
void put(std::string& key, const std::string& text) {
    key += std::to_string(text.size()) + ':' + text;
}

std::string key_of(const wire::SeriesDef& def) {
    std::string key = def.kind == SeriesKind::counter ? "c" : "g";
    put(key, def.device);
    put(key, def.metric);
    for (const auto& label : def.labels) {
        put(key, label.name);
        put(key, label.value);
    }
    return key;
}

bool same_meaning(const wire::SeriesDef& a, const wire::SeriesDef& b) {
    return a.oid == b.oid && a.scale == b.scale;
}

}  // namespace

Result<void> check_series(const wire::SeriesDef& def) {
    bool fits = !def.device.empty() && !def.metric.empty() && def.labels.size() <= kMaxLabels &&
                def.device.size() <= kMaxTextOctets && def.metric.size() <= kMaxTextOctets &&
                def.oid.size() <= kMaxTextOctets &&
                (def.kind == SeriesKind::counter || def.kind == SeriesKind::gauge);
    for (const auto& label : def.labels)
        fits = fits && label.name.size() <= kMaxTextOctets && label.value.size() <= kMaxTextOctets;
    if (!fits) return fail(ErrorCode::malformed, "series definition outside its limits");
    return {};
}

Result<std::uint32_t> Dictionary::define(const wire::SeriesDef& def) {
    if (const auto ok = check_series(def); !ok) return fail(ok.error());
    const std::lock_guard lock(mutex_);
    const auto known = numbers_.find(key_of(def));
    if (known == numbers_.end()) {
        if (entries_.size() >= kMaxSeries)
            return fail(ErrorCode::exhausted, "more than " + std::to_string(kMaxSeries) + " series");
        const auto next = static_cast<std::uint32_t>(entries_.size() + 1);
        put(next, def);
        return next;
    }
    const std::uint32_t id = known->second;  // put() may take the entry out
    if (!same_meaning(entries_[id - 1], def)) {
        put(id, def);
        ++changes_;
    }
    return id;
}

void Dictionary::restore(const wire::SeriesDef& def) {
    if (def.id == 0 || def.id > kMaxSeries || !check_series(def)) return;
    const std::lock_guard lock(mutex_);
    put(def.id, def);
}

void Dictionary::restore_last(std::uint32_t last_series) {
    const std::lock_guard lock(mutex_);
    if (last_series > entries_.size() && last_series <= kMaxSeries) entries_.resize(last_series);
}

void Dictionary::put(std::uint32_t id, const wire::SeriesDef& def) {
    if (id > entries_.size()) entries_.resize(id);
    const auto before = numbers_.find(key_of(entries_[id - 1]));
    if (before != numbers_.end() && before->second == id) numbers_.erase(before);
    entries_[id - 1] = def;
    entries_[id - 1].id = id;
    numbers_[key_of(def)] = id;
}

std::optional<wire::SeriesDef> Dictionary::find(std::uint32_t id) const {
    const std::lock_guard lock(mutex_);
    if (id == 0 || id > entries_.size() || entries_[id - 1].metric.empty()) return std::nullopt;
    return entries_[id - 1];
}

std::optional<SeriesKind> Dictionary::kind_of(std::uint32_t id) const {
    const std::lock_guard lock(mutex_);
    if (id == 0 || id > entries_.size() || entries_[id - 1].metric.empty()) return std::nullopt;
    return entries_[id - 1].kind;
}

std::optional<std::uint32_t> Dictionary::number_of(const std::string& device,
                                                   const std::string& metric) const {
    wire::SeriesDef def;
    def.device = device;
    def.metric = metric;
    const std::lock_guard lock(mutex_);
    const auto found = numbers_.find(key_of(def));
    return found == numbers_.end() ? std::nullopt : std::optional(found->second);
}

std::uint32_t Dictionary::last() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::uint32_t>(entries_.size());
}

std::size_t Dictionary::size() const {
    const std::lock_guard lock(mutex_);
    return numbers_.size();
}

std::size_t Dictionary::encoded_octets(std::uint32_t id) const {
    const std::lock_guard lock(mutex_);
    if (id == 0 || id > entries_.size()) return 0;
    const wire::SeriesDef& def = entries_[id - 1];
    std::size_t octets = kDefinitionOverhead + def.device.size() + def.metric.size() + def.oid.size();
    for (const auto& label : def.labels) octets += 16 + label.name.size() + label.value.size();
    return octets;
}

}  // namespace outstation::store
