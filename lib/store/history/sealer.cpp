// SPDX-License-Identifier: GPL-3.0-or-later
// Sealing a window.
#include "lib/store/history/sealer.hpp"

#include <algorithm>

namespace outstation::store {
namespace {

constexpr std::int64_t kMinuteNs = 60'000'000'000;

}  // namespace

Sealer::Sealer(HistoryStore& store, std::vector<SequenceRange> missing)
    : store_(store), missing_(std::move(missing)) {
    store_.sealing_ = true;
}

Sealer::~Sealer() {
    store_.sealing_ = false;
}

Result<void> Sealer::open(const Head& head) {
    head_ = head;
    seen_.resize(head.sequences.last - head.sequences.first + 1);
    for (const SequenceRange& range : missing_) {
        if (range.first > range.last || !head.sequences.contains(range))
            return fail(ErrorCode::malformed, "missing sequences are not of this window");
        for (std::uint64_t at = range.first; at <= range.last; ++at) seen_[at - head.sequences.first] = true;
    }
    auto writer = store_.make_writer(head);
    if (!writer) return fail(writer.error());
    writer_ = std::move(*writer);
    for (const SequenceRange& range : missing_) {
        if (const auto ok = writer_->add_missing(range); !ok) return ok;
    }
    return {};
}

Result<void> Sealer::take_sequence(std::uint64_t sequence) {
    if (sequence < head_.sequences.first || sequence > head_.sequences.last)
        return fail(ErrorCode::malformed, "a record is not of this window");
    const std::size_t place = sequence - head_.sequences.first;
    if (seen_[place]) return fail(ErrorCode::malformed, "a sequence is there twice");
    seen_[place] = true;
    return {};
}

// In which the device has records.
std::uint64_t Sealer::count_minutes() {
    std::sort(minutes_.begin(), minutes_.end());
    return static_cast<std::uint64_t>(std::unique(minutes_.begin(), minutes_.end()) - minutes_.begin());
}

Result<void> Sealer::start(const std::string& device) {
    if (!devices_.insert(device).second)
        return fail(ErrorCode::malformed, "device " + device + " is there twice");
    blocks_.emplace(device, rows_before_, writer_->seed());
    values_ = 0;
    minutes_.clear();
    return {};
}

Result<void> Sealer::count(std::uint64_t sequence, std::int64_t wall_ns, std::size_t values) {
    values_ += values;
    minutes_.push_back(bucket_start_ns(wall_ns, kMinuteNs));
    return take_sequence(sequence);
}

Result<void> Sealer::add(std::uint64_t sequence, const wire::SampleRecord& record) {
    if (const auto ok = count(sequence, record.stamp.wall_ns, record.size()); !ok) return ok;
    return blocks_->add(sequence, record);
}

Result<void> Sealer::add(const RowGroup& group) {
    for (std::size_t i = 0; i < group.rows(); ++i) {
        const auto ok = count(group.stamps.sequence[i], group.stamps.wall_ns[i], group.columns());
        if (!ok) return ok;
    }
    return blocks_->add(group);
}

Result<void> Sealer::end() {
    const auto blocks = blocks_->finish();
    if (!blocks) return fail(blocks.error());
    for (const BlockRow& row : *blocks) {
        if (const auto ok = writer_->add(row); !ok) return ok;
    }
    rows_before_ = blocks_->rows();
    writer_->count(values_, count_minutes());
    return {};
}

Result<void> Sealer::add_definitions(const std::vector<ChunkRow>& packed) {
    return writer_->add_definitions(packed);
}

Result<void> Sealer::add(const std::string& device, const std::vector<NumberedRecord>& records,
                         std::vector<wire::SeriesDef> definitions) {
    if (records.empty()) return {};
    if (const auto ok = start(device); !ok) return ok;
    for (const NumberedRecord& record : records) {
        if (const auto ok = add(record.sequence, record.record); !ok) return ok;
    }
    if (const auto ok = end(); !ok) return ok;
    return writer_->add_definitions(std::move(definitions));
}

Result<void> Sealer::add_batches(const std::vector<wire::BatchMark>& batches) {
    return writer_->add_batches(batches);
}

Result<HistoryFileInfo> Sealer::commit() {
    if (std::find(seen_.begin(), seen_.end(), false) != seen_.end())
        return fail(ErrorCode::malformed, "sequences of the window are missing");
    if (const auto ok = store_.set_aside_window(head_.sequences); !ok) return fail(ok.error());
    auto made = writer_->finish();
    if (made) (void)store_.replace({}, {*made});  // nothing that is to be unlinked is of this window
    return made;
}

}  // namespace outstation::store
