// SPDX-License-Identifier: GPL-3.0-or-later
// Verification: every page, every block, every sequence.
#include <algorithm>
#include <limits>

#include "lib/store/history/coverage.hpp"
#include "lib/store/history/file_reader.hpp"
#include "lib/store/history/reader_retry.hpp"
#include "lib/store/sqlite/page_checksum.hpp"

namespace outstation::store {
namespace {

constexpr std::int64_t kFirstNs = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kLastNs = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kPagesRead = 64;

HistoryDamage whole(const HistoryFileInfo& info, std::string what) {
    return {info.name, "", info.head.t0_ns, info.head.t1_ns, info.head.sequences, std::move(what)};
}

}  // namespace

Result<void> HistoryReader::verify_pages(const HistoryFileInfo& info, Verified& out) {
    const auto bytes = store_.open_bytes(info.name);
    if (!bytes) return fail(bytes.error());
    const auto octets = (*bytes)->size();
    if (!octets) return fail(octets.error());
    if (*octets != info.octets) out.damage.push_back(whole(info, "the length has changed"));
    for (std::uint64_t at = 0; at < *octets; at += kPagesRead * kPageOctets) {
        const auto pages = (*bytes)->read(at, kPagesRead * kPageOctets);
        if (!pages) return fail(pages.error());
        for (std::size_t i = 0; i < pages->size(); i += kPageOctets) {
            const std::uint64_t number = at / kPageOctets + i / kPageOctets;
            if (!page_is_whole(std::string_view(*pages).substr(i, kPageOctets), number))
                out.damage.push_back(whole(info, "page " + std::to_string(number) + " is damaged"));
        }
    }
    return {};
}

Result<void> HistoryReader::verify_file(const HistoryFileInfo& info, Verified& out) {
    ++out.files;
    if (const auto ok = verify_pages(info, out); !ok) return ok;
    const auto from = store_.open_file(info.name);
    if (!from && from.error().code != ErrorCode::malformed) return fail(from.error());
    if (!from) return out.damage.push_back(whole(info, from.error().text)), Result<void>();
    const auto devices = (*from)->devices();
    if (!devices && devices.error().code == ErrorCode::io) return fail(devices.error());
    if (!devices) return out.damage.push_back(whole(info, devices.error().text)), Result<void>();
    std::uint64_t records = 0, blocks = 0;
    for (const HistoryFile::Device& device : *devices) {
        const auto ok =
            (*from)->blocks(device, kFirstNs, kLastNs, out.damage, [&](BlockRow& row) -> Result<void> {
                auto block = BlockReader::open(std::move(row.body));
                auto done = block ? block->verify() : Result<void>(fail(block.error()));
                if (done && (block->rows() != row.records || block->device() != device.name))
                    done = fail(ErrorCode::malformed, "a block is another one");
                if (!done)
                    out.damage.push_back(
                        {info.name, device.name, row.t0_ns, row.t1_ns, row.sequences, done.error().text});
                records += row.records;
                ++blocks;
                return {};
            });
        if (!ok) return ok;
    }
    if (blocks != info.head.blocks || records != info.head.records)
        out.damage.push_back(whole(info, "blocks are missing"));
    out.blocks += blocks;
    out.records += records;
    const auto definitions = (*from)->definitions(out.damage, [](const auto&) { return Result<void>(); });
    if (!definitions) return definitions;
    return (*from)->batches(out.damage, [](const auto&) { return Result<void>(); });
}

Result<HistoryReader::Verified> HistoryReader::verify() {
    return retry<Verified>([&]() -> Result<Verified> {
        Verified out;
        Coverage records;
        for (const HistoryFileInfo& info : store_.files()) {
            if (const auto ok = verify_file(info, out); !ok) return fail(ok.error());
            if (info.head.identity == store_.identity()) records.add(info.head.sequences);
        }
        const std::vector<SequenceRange>& ranges = records.ranges();
        for (std::size_t i = 1; i < ranges.size(); ++i)
            out.gaps.push_back({ranges[i - 1].last + 1, ranges[i].first - 1});
        return out;
    });
}

}  // namespace outstation::store
