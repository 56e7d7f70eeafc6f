// SPDX-License-Identifier: GPL-3.0-or-later
// Sealing a window.
#include "lib/store/history/sealer.hpp"

#include <algorithm>

#include "lib/store/history/roll_up_writer.hpp"

namespace outstation::store {
namespace {

constexpr std::int64_t kMinuteNs = 60'000'000'000;
constexpr Level kSealedLevels[] = {Level::m15, Level::h1};

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
    auto raw = store_.make_writer(head);
    if (!raw) return fail(raw.error());
    raw_ = std::move(*raw);
    for (const SequenceRange& range : missing_) {
        if (const auto ok = raw_->add_missing(range); !ok) return ok;
    }
    for (const Level level : kSealedLevels) {
        Head rolled = head;
        rolled.level = level;
        auto writer = store_.make_writer(rolled);
        if (!writer) return fail(writer.error());
        roll_ups_.push_back(std::move(*writer));
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
                         const std::vector<wire::SeriesDef>& definitions) {
    if (records.empty()) return {};
    if (!devices_.insert(device).second)
        return fail(ErrorCode::malformed, "device " + device + " is there twice");
    if (const auto ok = take_sequences(records); !ok) return ok;
    auto blocks = make_blocks(device, records, raw_->seed());
    if (!blocks) return fail(blocks.error());
    for (const CheckedBlock& block : *blocks) {
        if (const auto ok = raw_->add(block.row); !ok) return ok;
    }
    raw_->count(values_of(records), minutes_of(records));
    if (const auto ok = raw_->add_definitions(definitions); !ok) return ok;
    for (const auto& writer : roll_ups_) {
        if (const auto ok = writer->add_definitions(definitions); !ok) return ok;
    }
    return roll_up(device, *blocks);
}

Result<void> Sealer::roll_up(const std::string& device, std::vector<CheckedBlock>& blocks) {
    std::vector<RollUpWriter> levels;
    std::vector<RollUp*> gathered;
    for (const auto& writer : roll_ups_) levels.emplace_back(*writer, device);
    for (RollUpWriter& level : levels) gathered.push_back(&level.gathered());
    DevicePoints points(counters_);
    for (auto& [row, block] : blocks) {
        if (const auto ok = roll_up_block(block, points, believable(head_), gathered); !ok) return ok;
        for (RollUpWriter& level : levels) {
            if (const auto ok = level.added(row.sequences); !ok) return ok;
        }
    }
    for (RollUpWriter& level : levels) {
        if (const auto ok = level.finish(); !ok) return ok;
    }
    return {};
}

Result<void> Sealer::add_batches(const std::vector<wire::BatchMark>& batches) {
    return raw_->add_batches(batches);
}

Result<HistoryFileInfo> Sealer::commit() {
    if (std::find(seen_.begin(), seen_.end(), false) != seen_.end())
        return fail(ErrorCode::malformed, "sequences of the window are missing");
    auto raw = raw_->finish();
    if (!raw) return raw;
    // The raw file is the window; should a roll-up fail now, it is made again when history is opened.
    std::vector<HistoryFileInfo> made = {*raw};
    for (const auto& writer : roll_ups_) {
        auto info = writer->finish();
        if (!info) return fail(info.error());
        made.push_back(std::move(*info));
    }
    (void)store_.replace({}, std::move(made));  // nothing that is to be unlinked is of this window
    store_.counters_ = std::move(counters_);
    store_.counters_at_ = head_.sequences.last + 1;
    return raw;
}

}  // namespace outstation::store
