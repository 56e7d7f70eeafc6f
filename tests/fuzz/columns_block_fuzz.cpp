// SPDX-License-Identifier: GPL-3.0-or-later
// Arbitrary bytes as a block of columns: it opens or is refused, and what it gives can be encoded again to
// the same. Every second input gets right checksums and an uncompressed head, so that the tables are reached.
#include <cstdlib>
#include <cstring>

#include "lib/store/columns/block.hpp"
#include "lib/store/columns/block_format.hpp"
#include "lib/store/columns/bytes.hpp"
#include "lib/store/journal/crc32c.hpp"

using namespace outstation;
using namespace outstation::store;

namespace {

// {octets of the head u16}, the head, the groups; the four octets behind each group's size in the head cannot
// be guessed by a fuzzer, so that only blocks whose groups are not read, or come from the corpus, get
// further.
std::string with_prefix(std::string_view input) {
    if (input.size() < 2) return {};
    const std::size_t wanted =
        static_cast<unsigned char>(input[0]) | std::size_t{static_cast<unsigned char>(input[1])} << 8;
    const std::string_view head = input.substr(2, wanted);
    std::string out(columns::kBlockMagic);
    columns::put_fixed(out, columns::kBlockVersion);
    columns::put_fixed(out, std::uint16_t{0});
    columns::put_fixed(out, static_cast<std::uint32_t>(head.size()));
    columns::put_fixed(out, static_cast<std::uint32_t>(head.size()));
    columns::put_fixed(out, crc32c(head, crc32c(out)));
    out += head;
    out += input.substr(2 + head.size());
    return out;
}

bool same(const NumberedRecord& a, const NumberedRecord& b) {
    const auto& x = a.record;
    const auto& y = b.record;
    return a.sequence == b.sequence && x.device == y.device && x.stamp == y.stamp &&
           x.counter_series == y.counter_series && x.counters == y.counters &&
           x.gauge_series == y.gauge_series && x.gauges.size() == y.gauges.size() &&
           (x.gauges.empty() ||
            std::memcmp(x.gauges.data(), y.gauges.data(), x.gauges.size() * sizeof(double)) == 0);
}

void expect_again(BlockReader& block, const std::vector<NumberedRecord>& records) {
    BlockBuilder builder(block.device());
    if (!builder.add_block(block)) std::abort();
    auto again = BlockReader::open(builder.encode());
    if (!again) std::abort();
    const auto back = again->records();
    if (!back || back->size() != records.size()) std::abort();
    for (std::size_t i = 0; i < records.size(); ++i)
        if (!same(records[i], (*back)[i])) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    auto block =
        BlockReader::open(input[0] % 2 == 0 ? std::string(input.substr(1)) : with_prefix(input.substr(1)));
    if (!block) return 0;
    const auto verified = block->verify();
    ColumnData column;
    for (std::size_t i = 0; i < block->columns().size(); ++i) {
        if (verified && !block->column(i, column)) std::abort();
    }
    const auto records = block->records();
    if (verified && records && block->values() < 100'000) expect_again(*block, *records);
    return 0;
}
