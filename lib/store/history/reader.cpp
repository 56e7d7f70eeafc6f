// SPDX-License-Identifier: GPL-3.0-or-later
// Open files, records by sequence, the latest record.
#include "lib/store/history/reader.hpp"

#include <algorithm>
#include <limits>

#include "lib/store/history/file_reader.hpp"
#include "lib/store/history/reader_retry.hpp"

namespace outstation::store {
namespace {

constexpr std::int64_t kFirstNs = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kLastNs = std::numeric_limits<std::int64_t>::max();

bool touches(const wire::BatchMark& batch, const SequenceRange& range) {
    return batch.count > 0 && batch.first_sequence <= range.last &&
           range.first - std::min<std::uint64_t>(range.first, batch.count - 1) <= batch.first_sequence;
}

}  // namespace

HistoryReader::HistoryReader(const HistoryStore& store) : store_(store) {}
HistoryReader::~HistoryReader() = default;

Result<HistoryFile*> HistoryReader::file(const std::string& name) {
    const auto found =
        std::find_if(open_.begin(), open_.end(), [&](const auto& file) { return file->name() == name; });
    if (found != open_.end()) {
        open_.splice(open_.begin(), open_, found);
        return open_.front().get();
    }
    auto opened = store_.open_file(name);
    if (!opened) return fail(opened.error());
    if (open_.size() >= kMaxOpenHistoryFiles) open_.pop_back();
    open_.push_front(std::move(*opened));
    return open_.front().get();
}

void HistoryReader::close_replaced() {
    if (open_.empty()) return;
    const std::vector<HistoryFileInfo> files = store_.files();
    open_.remove_if([&](const auto& file) {
        return std::none_of(files.begin(), files.end(), [&](const HistoryFileInfo& info) {
            return info.name == file->name() && info.head == file->head();
        });
    });
}

Result<void> HistoryReader::read_records(const HistoryFileInfo& info, const SequenceRange& wanted,
                                         HistoryRecords& out) {
    const auto from = file(info.name);
    if (!from) return fail(from.error());
    const auto devices = (*from)->devices();
    if (!devices && devices.error().code == ErrorCode::io) return fail(devices.error());
    if (!devices) return out.damage.push_back((*from)->damaged(devices.error().text)), Result<void>();
    for (const HistoryFile::Device& device : *devices) {
        const auto take = [&](BlockRow& row) -> Result<void> {
            if (!row.sequences.overlaps(wanted)) return {};
            auto block = BlockReader::open(std::move(row.body));
            auto records =
                block ? block->records() : Result<std::vector<NumberedRecord>>(fail(block.error()));
            if (!records) {
                out.damage.push_back(
                    {info.name, device.name, row.t0_ns, row.t1_ns, row.sequences, records.error().text});
                return {};
            }
            for (NumberedRecord& record : *records) {
                if (wanted.first <= record.sequence && record.sequence <= wanted.last)
                    out.records.push_back(std::move(record));
            }
            return {};
        };
        if (const auto ok = (*from)->blocks(device, kFirstNs, kLastNs, out.damage, take); !ok) return ok;
    }
    return (*from)->batches(out.damage, [&](const std::vector<wire::BatchMark>& batches) -> Result<void> {
        for (const wire::BatchMark& batch : batches) {
            if (touches(batch, wanted)) out.batches.push_back(batch);
        }
        return {};
    });
}

Result<HistoryRecords> HistoryReader::records(const SequenceRange& sequences, std::size_t limit) {
    if (sequences.first == 0 || sequences.last < sequences.first || limit == 0)
        return fail(ErrorCode::malformed, "an empty range of sequences");
    return retry<HistoryRecords>([&]() -> Result<HistoryRecords> {
        HistoryRecords out;
        const std::uint64_t last =
            sequences.last - sequences.first < limit ? sequences.last : sequences.first + limit - 1;
        const SequenceRange wanted{sequences.first, last};
        for (const HistoryFileInfo& info : store_.files()) {
            const Head& head = info.head;
            if (head.level != Level::raw || head.identity != store_.identity() ||
                !head.sequences.overlaps(wanted))
                continue;
            if (const auto ok = read_records(info, wanted, out); !ok) return fail(ok.error());
            if (out.answered.first == 0) out.answered.first = std::max(head.sequences.first, wanted.first);
            out.answered.last = std::min(head.sequences.last, wanted.last);
        }
        std::sort(out.records.begin(), out.records.end(),
                  [](const auto& a, const auto& b) { return a.sequence < b.sequence; });
        return out;
    });
}

Result<NumberedRecord> HistoryReader::latest(const std::string& device) {
    return retry<NumberedRecord>([&]() -> Result<NumberedRecord> {
        const std::vector<HistoryFileInfo> files = store_.files();
        for (auto info = files.rbegin(); info != files.rend(); ++info) {
            if (info->head.level != Level::raw || info->head.identity != store_.identity()) continue;
            const auto from = file(info->name);
            if (!from) return fail(from.error());
            const auto found = (*from)->device(device);
            if (!found || !*found) continue;
            const auto row = (*from)->last_block(**found);
            auto block = row ? BlockReader::open(row->body) : Result<BlockReader>(fail(row.error()));
            auto records =
                block ? block->records() : Result<std::vector<NumberedRecord>>(fail(block.error()));
            if (records && !records->empty()) return std::move(records->back());
        }
        return fail(ErrorCode::not_found, "no record of " + device);
    });
}

Result<std::vector<wire::SeriesDef>> HistoryReader::definitions(const std::string& name) {
    return retry<std::vector<wire::SeriesDef>>([&]() -> Result<std::vector<wire::SeriesDef>> {
        const auto from = file(name);
        if (!from) return fail(from.error());
        std::vector<wire::SeriesDef> out;
        std::vector<HistoryDamage> damage;
        const auto ok = (*from)->definitions(damage, [&](const auto& defs) -> Result<void> {
            out.insert(out.end(), defs.begin(), defs.end());
            return {};
        });
        if (!ok) return fail(ok.error());
        if (!damage.empty()) return fail(ErrorCode::malformed, name + ": " + damage.front().what);
        return out;
    });
}

}  // namespace outstation::store
