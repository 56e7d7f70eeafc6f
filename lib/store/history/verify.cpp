// SPDX-License-Identifier: GPL-3.0-or-later
// Verification: every page, every block, every sequence.
#include <algorithm>
#include <limits>

#include "lib/store/history/blocks.hpp"
#include "lib/store/history/coverage.hpp"
#include "lib/store/history/file_reader.hpp"
#include "lib/store/history/reader_retry.hpp"
#include "lib/store/sqlite/page_checksum.hpp"

namespace outstation::store {
namespace {

constexpr std::int64_t kFirstNs = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kLastNs = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kPagesRead = 64;
constexpr std::size_t kMaxPagesTold = 16;

}  // namespace

Result<void> HistoryReader::verify_pages(const HistoryFileInfo& info, Verified& out) {
    const auto bytes = store_.open_bytes(info.name);
    if (!bytes) return fail(bytes.error());
    const auto octets = (*bytes)->size();
    if (!octets) return fail(octets.error());
    if (*octets != info.octets) out.damage.push_back(damage_of(info, "the length has changed"));
    std::size_t damaged = 0;
    const auto tell = [&](std::uint64_t page, const std::string& what) {
        const std::string more = damaged == kMaxPagesTold ? ", and more" : "";
        if (damaged++ <= kMaxPagesTold)
            out.damage.push_back(damage_of(info, "page " + std::to_string(page) + what + more));
    };
    for (std::uint64_t at = 0; at < *octets; at += kPagesRead * kPageOctets) {
        const auto pages = (*bytes)->read(at, kPagesRead * kPageOctets);
        const std::uint64_t first = at / kPageOctets;
        if (!pages) tell(first, " or one behind it: " + pages.error().text);
        for (std::size_t i = 0; pages && i < pages->size(); i += kPageOctets) {
            const auto page = std::string_view(*pages).substr(i, kPageOctets);
            if (!page_is_whole(page, first + i / kPageOctets)) tell(first + i / kPageOctets, " is damaged");
        }
    }
    return {};
}

Result<void> HistoryReader::verify_file(const HistoryFileInfo& info, Verified& out) {
    ++out.files;
    const auto pages = verify_pages(info, out);
    if (!pages && went_away(pages.error())) return pages;
    if (!pages) return out.damage.push_back(damage_of(info, pages.error().text)), Result<void>();
    const auto from = store_.open_file(info.name);
    if (!from && went_away(from.error())) return fail(from.error());
    if (!from) return out.damage.push_back(damage_of(info, from.error().text)), Result<void>();
    if (const auto ok = verify_blocks(**from, info, out); !ok) return ok;
    (*from)->lost(out.damage);
    const auto definitions = (*from)->definitions(out.damage, [](const auto&) { return Result<void>(); });
    if (!definitions) return definitions;
    return (*from)->batches(out.damage, [](const auto&) { return Result<void>(); });
}

Result<void> HistoryReader::verify_blocks(HistoryFile& file, const HistoryFileInfo& info, Verified& out) {
    const auto devices = file.devices();
    if (!devices) return out.damage.push_back(damage_of(info, devices.error().text)), Result<void>();
    std::uint64_t records = 0, blocks = 0;
    for (const HistoryFile::Device& device : *devices) {
        const auto visit = [&](BlockRow& row) -> Result<void> {
            if (const auto done = verify_block(row); !done)
                out.damage.push_back(
                    {info.name, device.name, row.t0_ns, row.t1_ns, row.sequences, done.error().text});
            records += row.records;
            ++blocks;
            return {};
        };
        if (const auto ok = file.blocks(device, kFirstNs, kLastNs, out.damage, visit); !ok) return ok;
    }
    if (blocks != info.head.blocks || records != info.head.records)
        out.damage.push_back(damage_of(info, "blocks are missing"));
    out.blocks += blocks;
    out.records += records;
    return {};
}

Result<HistoryReader::Verified> HistoryReader::verify() {
    return retry<Verified>([&]() -> Result<Verified> {
        Verified out;
        Coverage records;
        for (const HistoryFileInfo& info : store_.files()) {
            if (const auto ok = verify_file(info, out); !ok) return fail(ok.error());
            if (store_.has(info.head)) records.add(info.head.sequences);
        }
        for (const UnreadableFile& file : store_.unreadable()) out.damage.push_back(damage_of(file));
        const std::vector<SequenceRange>& ranges = records.ranges();
        for (std::size_t i = 1; i < ranges.size(); ++i)
            out.gaps.push_back({ranges[i - 1].last + 1, ranges[i].first - 1});
        return out;
    });
}

}  // namespace outstation::store
