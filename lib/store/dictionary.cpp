// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers of series.
#include "lib/store/dictionary.hpp"

#include <algorithm>

#include "lib/store/store.hpp"
#include "lib/wire/definitions.hpp"
#include "lib/wire/wire.hpp"

namespace outstation::store {
namespace {

constexpr std::uint8_t kUnknownKind = 0xFF;
constexpr std::size_t kChangesKnown = 1U << 16;
constexpr std::size_t kFieldOctets = 4;  // tag and length of a definition in a frame, at most
// Beside the definitions of as many series as a frame has values: its records (a batch is one message of at
// most 8 MiB) and the marks of the producers.
constexpr std::size_t kRecordsAndMarksOctets = (8U << 20) + (1U << 20);
static_assert(kMaxBatchValues * kCommonDefinitionOctets + kMaxExcessOctets + kRecordsAndMarksOctets <=
              kMaxBodyOctets);

// What makes a series, encoded: without number, oid and scale, which stand before and behind it.
std::string series_of(wire::SeriesDef def) {
    def.id = 0;
    def.oid.clear();
    def.scale = 0.0;
    return wire::encode(def);
}

std::string device_of(const std::string& device) {
    wire::SeriesDef def;
    def.device = device;
    return series_of(std::move(def));
}

std::string metric_of(const std::string& metric) {
    wire::SeriesDef def;
    def.metric = metric;
    return series_of(std::move(def));
}

std::string number_of(std::uint32_t id) {
    wire::SeriesDef def;
    def.id = id;
    def.scale = 0.0;
    return wire::encode(def);
}

std::size_t hash_of(std::string_view series) {
    return std::hash<std::string_view>()(series);
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

Dictionary::Entry Dictionary::entry_of(std::uint32_t id, wire::SeriesDef def) {
    Entry out;
    def.id = id;
    out.bytes = wire::encode(def);
    out.bytes.shrink_to_fit();
    out.id_octets = static_cast<std::uint16_t>(store::number_of(id).size());
    out.device_octets = static_cast<std::uint16_t>(device_of(def.device).size());
    out.series_octets = static_cast<std::uint16_t>(series_of(std::move(def)).size());
    return out;
}

std::size_t Dictionary::excess_of(const Entry& entry) {
    const std::size_t octets = kFieldOctets + entry.bytes.size();
    return octets - std::min(octets, kCommonDefinitionOctets);
}

Result<void> Dictionary::check_room(const Entry& entry, std::size_t freed_octets) const {
    const std::size_t excess = excess_of(entry);
    if (excess == 0 || excess <= freed_octets || excess_octets_ - freed_octets + excess <= kMaxExcessOctets)
        return {};
    return fail(ErrorCode::exhausted, "no room for more series with texts as long as these");
}

Result<std::uint32_t> Dictionary::define(const wire::SeriesDef& def) {
    if (const auto ok = check_series(def); !ok) return fail(ok.error());
    const std::string series = series_of(def);
    const std::lock_guard lock(mutex_);
    const std::uint32_t known = number_of(series);
    return known != 0 ? define_again(known, def) : define_new(def);
}

Result<std::uint32_t> Dictionary::define_again(std::uint32_t id, const wire::SeriesDef& def) {
    keep(id);
    Entry entry = entry_of(id, def);
    if (entry.bytes == entries_[id - 1].bytes) return id;
    if (const auto ok = check_room(entry, excess_of(entries_[id - 1])); !ok) return fail(ok.error());
    put(id, std::move(entry), def.kind);
    note_change(id);
    return id;
}

Result<std::uint32_t> Dictionary::define_new(const wire::SeriesDef& def) {
    const auto next = static_cast<std::uint32_t>(entries_.size() + 1);
    Result<void> ok = fail(ErrorCode::exhausted, "more than " + std::to_string(kMaxSeries) + " series");
    if (next <= kMaxSeries) {
        Entry entry = entry_of(next, def);
        ok = check_room(entry, 0);
        if (ok) {
            put(next, std::move(entry), def.kind);
            return next;
        }
    }
    while (!spares_.empty() && !is_spare(spares_.back())) spares_.pop_back();
    if (spares_.empty()) return fail(ok.error());
    const std::uint32_t spare = spares_.back();
    Entry entry = entry_of(spare, def);
    if (ok = check_room(entry, excess_of(entries_[spare - 1])); !ok) return fail(ok.error());
    keep(spare);
    put(spare, std::move(entry), def.kind);
    note_change(spare);
    return spare;
}

bool Dictionary::is_short() const {
    const std::lock_guard lock(mutex_);
    return entries_.size() > kMaxSeries / 4 * 3 || excess_octets_ > kMaxExcessOctets / 4 * 3;
}

void Dictionary::spare(std::vector<std::uint32_t> ids) {
    const std::lock_guard lock(mutex_);
    std::erase_if(ids, [this](std::uint32_t id) { return !knows(id); });
    std::stable_sort(ids.begin(), ids.end(), [this](std::uint32_t a, std::uint32_t b) {
        return excess_of(entries_[a - 1]) < excess_of(entries_[b - 1]);
    });
    is_spare_.assign(entries_.size(), false);
    for (const std::uint32_t id : ids) is_spare_[id - 1] = true;
    spares_left_ = ids.size();
    spares_ = std::move(ids);
    // A stop may have left a series with two of them: it goes on under the one that has values.
    for (std::uint32_t id = 1; id <= entries_.size(); ++id) {
        if (!knows(id) || is_spare(id)) continue;
        const std::uint32_t other = number_of(entries_[id - 1].series());
        if (!is_spare(other)) continue;
        forget_number(other);
        add_number(id);
    }
}

void Dictionary::keep(std::uint32_t id) {
    if (!is_spare(id)) return;
    is_spare_[id - 1] = false;
    --spares_left_;
}

std::size_t Dictionary::numbers_left() const {
    const std::lock_guard lock(mutex_);
    return kMaxSeries - entries_.size() + spares_left_;
}

void Dictionary::restore(const wire::SeriesDef& def) {
    if (def.id == 0 || def.id > kMaxSeries || !check_series(def)) return;
    Entry entry = entry_of(def.id, def);
    const std::lock_guard lock(mutex_);
    if (knows(def.id) && entries_[def.id - 1].meaning() != entry.meaning()) note_change(def.id);
    put(def.id, std::move(entry), def.kind);
    last_on_disk_ = std::max<std::uint32_t>(last_on_disk_, def.id);
}

void Dictionary::restore_last(std::uint32_t last_series) {
    if (last_series > kMaxSeries) return;
    const std::lock_guard lock(mutex_);
    if (last_series > entries_.size()) entries_.resize(last_series);
    last_on_disk_ = std::max<std::uint32_t>(last_on_disk_, last_series);
}

void Dictionary::wrote(std::uint32_t id) {
    const std::lock_guard lock(mutex_);
    last_on_disk_ = std::max<std::uint32_t>(last_on_disk_, id);
}

void Dictionary::put(std::uint32_t id, Entry entry, SeriesKind kind) {
    if (id > entries_.size()) entries_.resize(id);
    forget_number(id);
    if (const std::uint32_t other = number_of(entry.series()); other != 0) forget_number(other);
    excess_octets_ += excess_of(entry);
    excess_octets_ -= excess_of(entries_[id - 1]);
    entries_[id - 1] = std::move(entry);
    if (id > kinds_.size()) kinds_.resize(id, kUnknownKind);
    kinds_[id - 1] = static_cast<std::uint8_t>(kind);
    add_number(id);
}

void Dictionary::add_number(std::uint32_t id) {
    numbers_.add(id, [this](std::uint32_t number) { return hash_of(entries_[number - 1].series()); });
}

void Dictionary::note_change(std::uint32_t id) {
    ++changes_;
    changed_.push_back(id);
    if (changed_.size() > kChangesKnown) changed_.pop_front();
}

Dictionary::Changed Dictionary::changed_since(std::uint64_t changes) const {
    const std::lock_guard lock(mutex_);
    Changed out;
    out.changes = changes_;
    const std::uint64_t since = out.changes - changes;
    out.all = since > changed_.size();
    if (!out.all) out.ids.assign(changed_.end() - static_cast<std::ptrdiff_t>(since), changed_.end());
    return out;
}

std::uint32_t Dictionary::number_of(std::string_view series) const {
    return numbers_.find(hash_of(series),
                         [&](std::uint32_t id) { return entries_[id - 1].series() == series; });
}

void Dictionary::forget_number(std::uint32_t id) {
    numbers_.remove(id, hash_of(entries_[id - 1].series()));
}

std::optional<wire::SeriesDef> Dictionary::find(std::uint32_t id) const {
    const std::lock_guard lock(mutex_);
    if (!knows(id)) return std::nullopt;
    return wire::decode<wire::SeriesDef>(entries_[id - 1].bytes).value();
}

void Dictionary::append_definitions(const std::vector<std::uint32_t>& ids, std::string& body) const {
    const std::lock_guard lock(mutex_);
    for (const std::uint32_t id : ids) {
        if (knows(id)) wire::append_definition(body, entries_[id - 1].bytes);
    }
}

void Dictionary::append_chunk(const std::vector<std::uint32_t>& ids, std::string& body) const {
    std::uint32_t previous_id = 0;
    std::string_view previous_device;
    std::string def;
    const std::lock_guard lock(mutex_);
    for (const std::uint32_t id : ids) {
        if (!knows(id)) continue;
        const Entry& entry = entries_[id - 1];
        def = store::number_of(id - previous_id);
        if (entry.device() != previous_device) def += entry.device();
        def += entry.behind_device();
        wire::append_definition(body, def);
        previous_id = id;
        previous_device = entry.device();
    }
}

void Dictionary::visit(const Wanted& wanted, const Visit& visit) const {
    const std::string device = device_of(wanted.device);
    const std::string metric = metric_of(wanted.metric);
    const std::lock_guard lock(mutex_);
    for (std::size_t i = std::max(wanted.first, 1U) - 1; i < entries_.size(); ++i) {
        const Entry& entry = entries_[i];
        if (entry.bytes.empty() || !entry.has(device, metric)) continue;
        if (!visit({static_cast<std::uint32_t>(i + 1), SeriesKind{kinds_[i]}, entry.bytes})) return;
    }
}

bool Dictionary::are_all(const std::vector<std::uint32_t>& ids, SeriesKind kind) const {
    const std::lock_guard lock(mutex_);
    return std::all_of(ids.begin(), ids.end(), [kinds = kinds_.data(), known = kinds_.size(), kind](auto id) {
        const std::size_t at = std::size_t{id} - 1;
        return at < known && kinds[at] == static_cast<std::uint8_t>(kind);
    });
}

std::optional<std::uint32_t> Dictionary::number_of(const std::string& device,
                                                   const std::string& metric) const {
    wire::SeriesDef def;
    def.device = device;
    def.metric = metric;
    const std::string series = series_of(std::move(def));
    const std::lock_guard lock(mutex_);
    const std::uint32_t id = number_of(series);
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

std::size_t Dictionary::encoded_octets(std::uint32_t id) const {
    const std::lock_guard lock(mutex_);
    return knows(id) ? kFieldOctets + entries_[id - 1].bytes.size() : 0;
}

}  // namespace outstation::store
