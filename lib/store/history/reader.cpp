// SPDX-License-Identifier: GPL-3.0-or-later
// Open files, records by sequence, definitions.
#include "lib/store/history/reader.hpp"

#include <algorithm>

#include "lib/store/history/blocks.hpp"
#include "lib/store/history/coverage.hpp"
#include "lib/store/history/file_reader.hpp"
#include "lib/store/history/reader_retry.hpp"

namespace outstation::store {
namespace {

constexpr std::size_t kMaxDefinitions = 1U << 20;

bool touches(const wire::BatchMark& batch, const SequenceRange& range) {
    return batch.count > 0 && batch.first_sequence <= range.last &&
           range.first - std::min<std::uint64_t>(range.first, batch.count - 1) <= batch.first_sequence;
}

}  // namespace

HistoryDamage damage_of(const HistoryFileInfo& info, std::string what) {
    return {info.name, "", info.head.t0_ns, info.head.t1_ns, info.head.sequences, std::move(what)};
}

HistoryDamage damage_of(const UnreadableFile& file) {
    HistoryDamage out = damage_of(file.info, file.what);
    if (out.sequences.last == kNoLastSequence) out.sequences = {};
    return out;
}

HistoryReader::HistoryReader(const HistoryStore& store) : store_(store) {
    store_.attach(*this);
}

HistoryReader::~HistoryReader() {
    store_.detach(*this);
}

bool HistoryReader::went_away(const Error& error) const {
    return error.code == ErrorCode::not_found && !last_attempt_;
}

Result<HistoryFile*> HistoryReader::file(const HistoryFileInfo& info) {
    const auto found =
        std::find_if(open_.begin(), open_.end(), [&](const auto& file) { return file->name() == info.name; });
    if (found != open_.end()) {
        open_.splice(open_.begin(), open_, found);
        return open_.front().get();
    }
    auto opened = store_.open_file(info.name);
    if (!opened) return fail(opened.error());
    if ((*opened)->head() != info.head)
        return fail(ErrorCode::not_found, info.name + ": is another file now");
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

void HistoryReader::let_go() {
    std::uint64_t seen = 0;
    do {
        const std::unique_lock lock(busy_, std::try_to_lock);
        if (!lock) return;  // whoever has it comes by here afterwards
        seen = store_.changes();
        close_replaced();
    } while (seen != store_.changes());
}

Result<void> HistoryReader::read_records(const HistoryFileInfo& info, const SequenceRange& wanted,
                                         HistoryRecords& out) {
    const auto from = file(info);
    const auto devices =
        from ? (*from)->devices() : Result<std::vector<HistoryFile::Device>>(fail(from.error()));
    if (!devices && went_away(devices.error())) return fail(devices.error());
    if (!devices) return out.damage.push_back(damage_of(info, devices.error().text)), Result<void>();
    for (const HistoryFile::Device& device : *devices) {
        const auto take = [&](BlockRow& row) -> Result<void> {
            auto records = records_of(std::move(row.body));
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
        if (const auto ok = (*from)->blocks(device, wanted, out.damage, take); !ok) return ok;
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
    const std::uint64_t last =
        sequences.last - sequences.first < limit ? sequences.last : sequences.first + limit - 1;
    const SequenceRange wanted{sequences.first, last};
    const auto is_asked = [&](const Head& head) {
        return head.level == Level::raw && store_.has(head) && head.sequences.overlaps(wanted);
    };
    return retry<HistoryRecords>([&]() -> Result<HistoryRecords> {
        HistoryRecords out;
        const auto answered = [&](const SequenceRange& range) {
            const SequenceRange here{std::max(range.first, wanted.first), std::min(range.last, wanted.last)};
            out.answered.first =
                out.answered.first == 0 ? here.first : std::min(out.answered.first, here.first);
            out.answered.last = std::max(out.answered.last, here.last);
        };
        for (const HistoryFileInfo& info : store_.files()) {
            if (!is_asked(info.head)) continue;
            if (out.epoch == 0) out.epoch = info.head.identity.epoch;
            if (out.epoch != info.head.identity.epoch) break;
            if (const auto ok = read_records(info, wanted, out); !ok) return fail(ok.error());
            answered(info.head.sequences);
        }
        for (const UnreadableFile& file : store_.unreadable()) {
            if (file.elsewhere || !is_asked(file.info.head)) continue;
            if (out.epoch != 0 && out.epoch != file.info.head.identity.epoch) continue;
            out.damage.push_back(damage_of(file));
            if (file.info.head.sequences.last != kNoLastSequence) answered(file.info.head.sequences);
        }
        std::sort(out.records.begin(), out.records.end(),
                  [](const auto& a, const auto& b) { return a.sequence < b.sequence; });
        return out;
    });
}

Result<void> HistoryReader::visit_definitions(const std::string& name, const TakeDefinitions& take) {
    const std::vector<HistoryFileInfo> files = store_.files();
    const auto info =
        std::find_if(files.begin(), files.end(), [&](const auto& file) { return file.name == name; });
    if (info == files.end()) return fail(ErrorCode::not_found, name + ": no such file of history");
    const auto from = file(*info);
    if (!from) return fail(from.error());
    std::vector<HistoryDamage> damage;
    if (const auto ok = (*from)->definitions(damage, take); !ok) return ok;
    if (!damage.empty()) return fail(ErrorCode::malformed, name + ": " + damage.front().what);
    return {};
}

Result<std::vector<wire::SeriesDef>> HistoryReader::definitions(const std::string& name) {
    return retry<std::vector<wire::SeriesDef>>([&]() -> Result<std::vector<wire::SeriesDef>> {
        std::vector<wire::SeriesDef> out;
        const auto ok = visit_definitions(name, [&](const auto& defs) -> Result<void> {
            if (out.size() + defs.size() > kMaxDefinitions)
                return fail(ErrorCode::exhausted, name + ": more definitions than can be answered");
            out.insert(out.end(), defs.begin(), defs.end());
            return {};
        });
        if (!ok) return fail(ok.error());
        return out;
    });
}

Result<std::vector<std::uint32_t>> HistoryReader::series(const std::string& name) {
    return retry<std::vector<std::uint32_t>>([&]() -> Result<std::vector<std::uint32_t>> {
        std::vector<std::uint32_t> out;
        const auto ok = visit_definitions(name, [&](const auto& defs) -> Result<void> {
            for (const wire::SeriesDef& def : defs) out.push_back(def.id);
            return {};
        });
        if (!ok) return fail(ok.error());
        return out;
    });
}

}  // namespace outstation::store
