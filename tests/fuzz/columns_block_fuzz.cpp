// SPDX-License-Identifier: GPL-3.0-or-later
// Arbitrary bytes as a block of columns: it opens or is refused, and what it gives can be encoded again to
// the same. Some inputs get right checksums and an uncompressed head, so that the tables are reached; others
// are changes to the groups of a good block, whose checksum is made right again.
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

std::string good_block() {
    BlockBuilder builder("switch-1");
    std::uint64_t state = 88172645463325252;
    for (std::uint64_t row = 0; row < 48; ++row) {
        wire::SampleRecord record;
        record.device = "switch-1";
        for (std::uint32_t id = 1; id <= 6; ++id) {
            state = state * 6364136223846793005U + 1442695040888963407U;
            record.counter_series.push_back(id);
            record.counters.push_back(state >> (8 * id));
            record.gauge_series.push_back(10 + id);
            record.gauges.push_back(static_cast<double>(state >> 40) / 10.0);
        }
        record.stamp.wall_ns = static_cast<std::int64_t>(row * 10'000'000'000 + (state >> 50));
        record.stamp.boot_id = row < 20 ? "a" : "b";
        if (!builder.add(row + 1, record)) std::abort();
    }
    return builder.encode();
}

// Sets the last four octets so that the checksum of all is `wanted`. The checksum is linear: what each of the
// 32 bits changes is known, and they can be eliminated one by one.
void make_checksum(std::string& bytes, std::uint32_t wanted) {
    bytes.replace(bytes.size() - 4, 4, 4, '\0');
    const std::uint32_t now = crc32c(bytes);
    std::uint32_t effects[32] = {}, causes[32] = {};
    for (unsigned bit = 0; bit < 32; ++bit) {
        std::string changed = bytes;
        changed[changed.size() - 4 + bit / 8] = static_cast<char>(1U << (bit % 8));
        std::uint32_t effect = crc32c(changed) ^ now, cause = std::uint32_t{1} << bit;
        for (unsigned top = 32; top-- > 0;) {
            if ((effect >> top & 1) == 0) continue;
            if (effects[top] == 0) {
                effects[top] = effect;
                causes[top] = cause;
                break;
            }
            effect ^= effects[top];
            cause ^= causes[top];
        }
    }
    std::uint32_t left = now ^ wanted, patch = 0;
    for (unsigned top = 32; top-- > 0;) {
        if ((left >> top & 1) == 0) continue;
        left ^= effects[top];
        patch ^= causes[top];
    }
    for (unsigned i = 0; i < 4; ++i) bytes[bytes.size() - 4 + i] = static_cast<char>(patch >> (8 * i));
    if (crc32c(bytes) != wanted) std::abort();
}

// The input is changes to the group of a good block: {offset u16, octet}.
std::string with_changed_group(std::string_view input) {
    static const std::string good = good_block();
    std::uint32_t head_octets = 0;
    std::memcpy(&head_octets, good.data() + 8, sizeof head_octets);
    const std::size_t head = columns::kBlockPrefixOctets + head_octets;
    std::string group = good.substr(head);
    const std::uint32_t checksum = crc32c(group);
    for (; input.size() >= 3; input.remove_prefix(3)) {
        const auto octet = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(input[i])}; };
        group[(octet(0) | octet(1) << 8) % group.size()] = input[2];
    }
    make_checksum(group, checksum);
    return good.substr(0, head) + group;
}

std::string block_of(std::string_view input) {
    const auto kind = static_cast<unsigned char>(input[0]) % 4;
    if (kind == 3) return with_changed_group(input.substr(1));
    return kind == 1 ? with_prefix(input.substr(1)) : std::string(input.substr(1));
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
    for (const NumberedRecord& record : records) {
        if (!builder.add(record.sequence, record.record)) std::abort();
    }
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
    auto block = BlockReader::open(block_of(input));
    if (!block && static_cast<unsigned char>(input[0]) % 4 == 3) std::abort();  // its head is good
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
