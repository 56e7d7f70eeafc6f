// SPDX-License-Identifier: GPL-3.0-or-later
// The worked examples of docs/formats/columns.md, both ways.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "lib/store/columns/block.hpp"
#include "lib/store/columns/frame_columns.hpp"
#include "lib/store/journal/crc32c.hpp"

namespace outstation::store {
namespace {

constexpr std::int64_t kStart = 1'763'700'000'000'000'000;
constexpr std::int64_t kSecond = 1'000'000'000;

// The octets of a block that begins with "```hex NAME".
std::string example(const std::string& name) {
    std::ifstream file("docs/formats/columns.md");
    std::string line;
    while (std::getline(file, line) && line != "```hex " + name) continue;
    std::string out;
    while (std::getline(file, line) && line != "```") {
        std::istringstream octets(line);
        for (std::string octet; octets >> octet;)
            out.push_back(static_cast<char>(std::stoul(octet, nullptr, 16)));
    }
    return out;
}

wire::SampleRecord record_of(std::size_t minute) {
    constexpr std::uint64_t kCounters[] = {1000, 1600, 2210};
    constexpr double kGauges[] = {21.5, 21.5, 21.6};
    const std::int64_t passed = static_cast<std::int64_t>(minute) * 60 * kSecond;
    return {"ups-01", {kStart + passed, 5 * kSecond + passed, "", ClockQuality::synchronised},
            {7},      {kCounters[minute]},
            {9},      {kGauges[minute]}};
}

TEST(ColumnsFormat, BlockIsAsDocumented) {
    BlockBuilder builder("ups-01");
    for (std::size_t i = 0; i < 3; ++i) ASSERT_TRUE(builder.add(41 + i, record_of(i)));
    const std::string bytes = example("block");
    EXPECT_EQ(builder.encode(), bytes);
    auto block = BlockReader::open(bytes);
    ASSERT_TRUE(block) << block.error().text;
    const auto records = block->records();
    ASSERT_TRUE(records) << records.error().text;
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ((*records)[i], (NumberedRecord{41 + i, record_of(i)}));
}

TEST(ColumnsFormat, NewerBlocksAreRefusedNotDamaged) {
    // The example with version 2 and the checksum that belongs to it.
    std::string bytes = example("block");
    bytes[4] = 2;
    EXPECT_EQ(BlockReader::open(bytes).error().code, ErrorCode::malformed);
    const std::uint32_t crc =
        crc32c(std::string_view(bytes).substr(20, 79), crc32c(std::string_view(bytes).substr(0, 16)));
    for (std::size_t i = 0; i < 4; ++i) bytes[16 + i] = static_cast<char>((crc >> (8 * i)) & 0xff);
    EXPECT_EQ(BlockReader::open(bytes).error().code, ErrorCode::refused);
}

TEST(ColumnsFormat, FramesAreAsDocumented) {
    FrameEncoder encoder;
    FrameDecoder decoder;
    std::size_t minute = 0;
    for (const char* name : {"keyed", "second", "third"}) {
        wire::FrameBody body;
        body.boot_id = "0123456789abcdef";
        body.samples.push_back(record_of(minute++));
        const std::string payload = example(name);
        EXPECT_EQ(encoder.encode(body, false).value(), payload) << name;
        const auto back = decoder.decode(payload);
        ASSERT_TRUE(back) << back.error().text;
        EXPECT_EQ(*back, body) << name;
    }
}

}  // namespace
}  // namespace outstation::store
