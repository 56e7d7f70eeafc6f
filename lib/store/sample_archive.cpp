// SPDX-License-Identifier: GPL-3.0-or-later
// Sealing, and what must be known for it.
#include "lib/store/sample_archive.hpp"

#include <algorithm>
#include <set>

#include "lib/store/history/sealer.hpp"

namespace outstation::store {
namespace {

// Numbers in a row that no record has; more are not in one file.
constexpr std::uint64_t kMaxHole = kMaxSealedRecords / 16;
constexpr std::size_t kMaxKnownDamage = 1024;  // spans; what is more is joined to the last

std::uint64_t last_of(const wire::BatchMark& batch) {
    return batch.first_sequence + batch.count - 1;
}

// Where there is no catalogue: every file has the definitions of its series.
Result<void> load_definitions(HistoryStore& history, Dictionary& dictionary) {
    HistoryReader reader(history);
    for (const HistoryFileInfo& info : history.files()) {
        const auto definitions = reader.definitions(info.name);
        if (!definitions && definitions.error().code == ErrorCode::io) return fail(definitions.error());
        if (!definitions) continue;
        for (const auto& def : *definitions) dictionary.restore(def);
    }
    return {};
}

}  // namespace

SampleArchive::SampleArchive(FileSystem& files, const std::string& directory,
                             std::unique_ptr<HistoryStore> history)
    : history_(std::move(history)),
      reader_(*history_),
      catalog_(files, directory, history_->epochs().identity) {}

Result<std::shared_ptr<SampleArchive>> SampleArchive::open(FileSystem& files, const std::string& directory,
                                                           const Epochs& epochs, Dictionary& dictionary,
                                                           Opened& opened) {
    auto history = HistoryStore::open(files, {directory, epochs}, opened.history);
    if (!history) return fail(history.error());
    std::shared_ptr<SampleArchive> archive(new SampleArchive(files, directory, std::move(*history)));
    const auto catalog = archive->catalog_.load(dictionary);
    if (!catalog) opened.catalog = catalog.error();
    if (!catalog || !*catalog) {
        if (const auto loaded = load_definitions(*archive->history_, dictionary); !loaded)
            return fail(loaded.error());
    }
    archive->recent_.forget_to(archive->sealed_to());
    return archive;
}

void SampleArchive::add(std::uint64_t first_sequence, const wire::FrameBody& body) {
    if (body.samples.empty()) return;
    const std::uint64_t last = first_sequence + body.samples.size() - 1;
    const std::uint64_t sealed = sealed_to();
    const std::lock_guard lock(mutex_);
    if (!present_.empty() && present_.back().last + 1 == first_sequence) {
        present_.back().last = last;
    } else {
        present_.push_back({first_sequence, last});
    }
    for (const auto& batch : body.batches) {
        if (batch.count > 0 && last_of(batch) > sealed) batches_.push_back(batch);
    }
    // Last, so that the keeper, which seals up to what is here, knows of it.
    recent_.add(first_sequence, body.samples);
}

void SampleArchive::add_damage(const wire::DamagedSpan& span) {
    const std::lock_guard lock(mutex_);
    const bool known = std::any_of(damage_.begin(), damage_.end(), [&span](const wire::DamagedSpan& other) {
        return other.first_sequence <= span.first_sequence && span.last_sequence <= other.last_sequence;
    });
    if (known) return;
    const bool joined = !damage_.empty() && damage_.back().last_sequence + 1 == span.first_sequence;
    if (!joined && damage_.size() < kMaxKnownDamage) return damage_.push_back(span);
    wire::DamagedSpan& last = damage_.back();
    last.from_ns = std::min(last.from_ns, span.from_ns);
    last.to_ns = std::max(last.to_ns, span.to_ns);
    last.first_sequence = std::min(last.first_sequence, span.first_sequence);
    last.last_sequence = std::max(last.last_sequence, span.last_sequence);
}

std::vector<wire::DamagedSpan> SampleArchive::damage() const {
    const std::lock_guard lock(mutex_);
    return damage_;
}

std::vector<SequenceRange> SampleArchive::missing(const SequenceRange& window) const {
    const std::lock_guard lock(mutex_);
    std::vector<SequenceRange> out;
    std::uint64_t next = window.first;
    for (const SequenceRange& range : present_) {
        if (range.first > next) out.push_back({next, std::min(range.first - 1, window.last)});
        next = std::max(next, range.last + 1);
        if (next > window.last) return out;
    }
    out.push_back({next, window.last});
    return out;
}

// A stamp from before the clock was right is repaired, as long as the journal has the clock to do it by.
Result<void> SampleArchive::seal_device(Sealer& sealer, const std::string& device, std::uint64_t last,
                                        std::vector<std::uint32_t>& series) const {
    std::set<std::uint32_t> all;
    std::vector<std::uint32_t> counters, gauges;  // of the rows before: nearly always the same
    const auto note = [&all](const std::vector<std::uint32_t>& ids, std::vector<std::uint32_t>& before) {
        if (ids == before) return;
        all.insert(ids.begin(), ids.end());
        before = ids;
    };
    Result<void> ok = sealer.start(device);
    if (!ok) return ok;
    recent_.read(device, last, [&](RowGroup& rows) {
        for (std::size_t i = 0; i < rows.rows(); ++i) {
            if (!Clocks::is_sure(rows.stamps.wall_ns[i], rows.stamps.quality[i]))
                rows.stamps.wall_ns[i] = clocks_.repair(rows.stamps.stamp(i)).wall_ns;
        }
        note(rows.counter_series, counters);
        note(rows.gauge_series, gauges);
        ok = sealer.add(rows);
        return ok.has_value();
    });
    if (!ok) return ok;
    series.insert(series.end(), all.begin(), all.end());
    return sealer.end();
}

Result<void> SampleArchive::seal_definitions(Sealer& sealer, const Dictionary& dictionary,
                                             std::vector<std::uint32_t> series) {
    const auto packed = definitions_.pack(dictionary, std::move(series));
    return packed ? sealer.add_definitions(**packed) : fail(packed.error());
}

// When the devices' first records were measured, the middle one, as the stretch of the window.
std::int64_t SampleArchive::middle_ns(std::uint64_t last, std::int64_t now_ns) const {
    std::vector<std::int64_t> times;
    for (const std::string& device : recent_.devices(last)) {
        recent_.read(device, last, [&](const RowGroup& rows) {
            for (std::size_t i = 0; i < rows.rows(); ++i) {
                const RepairedStamp stamp = clocks_.repair(rows.stamps.stamp(i));
                if (stamp.verdict == StampVerdict::impossible) continue;
                times.push_back(stamp.wall_ns);
                return false;
            }
            return true;
        });
    }
    if (times.empty()) return now_ns;
    const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::nth_element(times.begin(), middle, times.end());
    return *middle;
}

Result<bool> SampleArchive::seal(const Dictionary& dictionary, std::uint64_t kept, std::int64_t now_ns) {
    if (history_->read_again()) forget_to(sealed_to());
    if (kept > sealed_to() + 1) {
        begin_ = kept;
        recent_.forget_to(kept - 1);
    }
    const SequenceRange window = next_window();
    const std::uint64_t last = window.last;
    if (last < window.first) return false;
    if (const auto saved = catalog_.save(dictionary); !saved) return fail(saved.error());
    auto sealer = history_->seal(window, middle_ns(last, now_ns), missing(window));
    if (!sealer) return fail(sealer.error());
    std::vector<std::uint32_t> series;
    for (const std::string& device : recent_.devices(last)) {
        if (const auto ok = seal_device(**sealer, device, last, series); !ok) return fail(ok.error());
    }
    if (const auto ok = seal_definitions(**sealer, dictionary, std::move(series)); !ok)
        return fail(ok.error());
    std::vector<wire::BatchMark> batches;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& batch : batches_) {
            if (batch.first_sequence <= last) batches.push_back(batch);
        }
    }
    if (const auto ok = (*sealer)->add_batches(batches); !ok) return fail(ok.error());
    if (const auto sealed = (*sealer)->commit(); !sealed) return fail(sealed.error());
    forget_to(last);
    return true;
}

// Up to a hole that is too large for a file; numbers in front of the first record are nobody's then. Never
// over the end of an epoch.
SequenceRange SampleArchive::next_window() {
    SequenceRange window{std::max(begin_, sealed_to() + 1), recent_.last_sequence()};
    const std::uint64_t end = history_->epochs().last_at(StreamId::samples, window.first);
    const std::lock_guard lock(mutex_);
    std::uint64_t next = window.first;
    for (const SequenceRange& range : present_) {
        if (range.last < next) continue;
        const std::uint64_t first = std::min(range.first - 1, end) + 1;
        if (first > next && first - next > kMaxHole) {
            if (next > window.first) return {window.first, next - 1};
            window.first = begin_ = first;
        }
        if (range.last > end) return {window.first, end};
        next = range.last + 1;
    }
    return window;
}

void SampleArchive::forget_to(std::uint64_t last) {
    recent_.forget_to(last);
    const std::lock_guard lock(mutex_);
    std::erase_if(present_, [last](const SequenceRange& range) { return range.last <= last; });
    std::erase_if(batches_, [last](const wire::BatchMark& batch) { return last_of(batch) <= last; });
}

}  // namespace outstation::store
