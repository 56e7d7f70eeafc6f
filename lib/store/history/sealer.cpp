// SPDX-License-Identifier: GPL-3.0-or-later
// Sealing a window.
#include "lib/store/history/sealer.hpp"

#include <algorithm>

namespace outstation::store {
namespace {

constexpr std::int64_t kMinuteNs = 60'000'000'000;

std::uint64_t minutes_of(const std::vector<NumberedRecord>& records) {
    std::vector<std::int64_t> minutes;
    for (const NumberedRecord& record : records)
        minutes.push_back(bucket_start_ns(record.record.stamp.wall_ns, kMinuteNs));
    std::sort(minutes.begin(), minutes.end());
    return static_cast<std::uint64_t>(std::unique(minutes.begin(), minutes.end()) - minutes.begin());
}

std::uint64_t values_of(const std::vector<NumberedRecord>& records) {
    std::uint64_t out = 0;
    for (const NumberedRecord& record : records) out += record.record.size();
    return out;
}

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

Result<void> Sealer::take_sequences(const std::vector<NumberedRecord>& records) {
    for (const NumberedRecord& record : records) {
        const std::uint64_t first = head_.sequences.first;
        if (record.sequence < first || record.sequence > head_.sequences.last)
            return fail(ErrorCode::malformed, "a record is not of this window");
        if (seen_[record.sequence - first]) return fail(ErrorCode::malformed, "a sequence is there twice");
        seen_[record.sequence - first] = true;
    }
    return {};
}

Result<void> Sealer::add(const std::string& device, const std::vector<NumberedRecord>& records,
                         std::vector<wire::SeriesDef> definitions) {
    if (records.empty()) return {};
    if (!devices_.insert(device).second)
        return fail(ErrorCode::malformed, "device " + device + " is there twice");
    if (const auto ok = take_sequences(records); !ok) return ok;
    auto blocks = make_blocks(device, records, writer_->seed());
    if (!blocks) return fail(blocks.error());
    for (const BlockRow& row : *blocks) {
        if (const auto ok = writer_->add(row); !ok) return ok;
    }
    writer_->count(values_of(records), minutes_of(records));
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
