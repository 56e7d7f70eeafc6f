// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes of the journal: the worked example of docs/formats/journal.md, round trips and hostile input.
#include "lib/store/journal/format.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "lib/store/frame_cursor.hpp"
#include "lib/store/journal/crc32c.hpp"
#include "lib/store/journal/epochs.hpp"
#include "lib/wire/wire.hpp"

namespace outstation::store {
namespace {

constexpr std::int64_t kMade = 1'763'700'000'000'000'000;

// The octets of a block that begins with "```hex NAME".
std::string example(const std::string& name) {
    std::ifstream file("docs/formats/journal.md");
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

Identity example_identity() {
    Identity out;
    for (std::size_t i = 0; i < out.station.size(); ++i) out.station[i] = static_cast<char>(0xa0 + i);
    out.epoch = 0x123456789a;
    return out;
}

TEST(JournalFormat, IdentityIsAsDocumented) {
    const std::string bytes = example("identity");
    ASSERT_EQ(bytes.size(), kIdentityOctets);
    const auto identity = parse_identity(bytes);
    ASSERT_TRUE(identity) << identity.error().text;
    EXPECT_EQ(*identity, example_identity());
    EXPECT_EQ(encode_identity(example_identity(), kMade), bytes);
    EXPECT_EQ(parse_epochs(bytes).value(), Epochs(example_identity()));
    EXPECT_EQ(encode_epochs(example_identity(), kMade), bytes);
}

TEST(JournalFormat, FormerEpochsAreAsDocumented) {
    const std::string bytes = example("epochs");
    const auto epochs = parse_epochs(bytes);
    ASSERT_TRUE(epochs) << epochs.error().text;
    EXPECT_EQ(epochs->identity, (Identity{example_identity().station, 0x3b9ac9ff01}));
    ASSERT_EQ(epochs->former.size(), 2U);
    EXPECT_EQ(epochs->at(StreamId::state, 120), example_identity());
    EXPECT_EQ(epochs->at(StreamId::samples, 4712).epoch, 0x0badcafe02U);
    EXPECT_EQ(epochs->last_at(StreamId::samples, 4712), 5000U);
    EXPECT_EQ(epochs->at(StreamId::ledger, 8), epochs->identity);
    EXPECT_EQ(epochs->first_sequence(StreamId::logs), 1U);
    EXPECT_EQ(encode_epochs(*epochs, kMade), bytes);
}

TEST(JournalFormat, SegmentHeaderIsAsDocumented) {
    std::string bytes = example("segment");
    ASSERT_EQ(bytes.size(), 80U);
    bytes.resize(kSegmentHeaderOctets, '\0');
    const auto header = parse_segment_header(bytes);
    ASSERT_TRUE(header) << header.error().text;
    EXPECT_EQ(*header, (SegmentHeader{example_identity(), StreamId::state, 1, kMade + 1'000'000'000, 0}));
    EXPECT_EQ(encode_segment_header(*header), bytes);
}

TEST(JournalFormat, FrameIsAsDocumented) {
    const std::string bytes = example("frame");
    const std::uint32_t seed = frame_seed(example_identity(), StreamId::state, 1);
    auto header = parse_frame_header(bytes, seed);
    ASSERT_TRUE(header) << header.error().text;
    EXPECT_EQ(header->total_octets(), bytes.size());
    EXPECT_EQ(header->info, (FrameInfo{1, 1, kMade + 1'000'000'000, kMade + 1'000'000'000, kFlagKeyed, 0}));
    const auto body =
        read_body(*header, std::string_view(bytes).substr(kFrameHeaderOctets, header->payload_octets));
    ASSERT_TRUE(body) << body.error().text;
    const auto records = decode_frame(*body);
    ASSERT_TRUE(records) << records.error().text;
    ASSERT_EQ(records->states.size(), 1U);
    EXPECT_EQ(records->states[0].device, "ups-01");
    EXPECT_EQ(records->states[0].kind, "device_down");
    EXPECT_EQ(records->states[0].stamp.boot_id, "0123456789abcdef");
    EXPECT_EQ(records->batches[0], (wire::BatchMark{"polld", 7, 1, 1, 1}));
    EXPECT_EQ(encode_frame(*header, *body, seed), bytes);
}

TEST(JournalFormat, GapIsAsDocumented) {
    const std::string bytes = example("gap");
    const std::uint32_t seed = frame_seed(example_identity(), StreamId::state, 1);
    auto header = parse_frame_header(bytes, seed);
    ASSERT_TRUE(header) << header.error().text;
    const std::int64_t stamp_ns = kMade + 1'000'000'000;
    EXPECT_EQ(header->info, (FrameInfo{2, kMaxFrameRecords, stamp_ns, stamp_ns, kFlagGap, 0}));
    EXPECT_TRUE(header->info.gap());
    EXPECT_EQ(header->total_octets(), bytes.size());
    EXPECT_EQ(read_body(*header, "").value(), "");
    EXPECT_EQ(encode_frame(*header, "", seed), bytes);
}

TEST(JournalFormat, ImpossibleHeadersAreMalformed) {
    FrameHeader gap;
    gap.info = {1, 5, 0, 0, kFlagGap, 0};
    EXPECT_TRUE(parse_frame_header(encode_frame(gap, "", 7), 7));
    EXPECT_FALSE(parse_frame_header(encode_frame(gap, "payload", 7), 7));
    gap.info.flags = kFlagGap | kFlagIndex;
    EXPECT_FALSE(parse_frame_header(encode_frame(gap, "", 7), 7));
    FrameHeader wrapping;
    wrapping.info = {UINT64_MAX - 1, 5, 0, 0, 0, 0};
    EXPECT_FALSE(parse_frame_header(encode_frame(wrapping, "", 7), 7));
}

TEST(JournalFormat, AnyFlippedBitOfAHeaderIsFound) {
    const std::string frame = example("frame").substr(0, kFrameHeaderOctets);
    const std::string identity = example("identity");
    const std::uint32_t seed = frame_seed(example_identity(), StreamId::state, 1);
    for (std::size_t bit = 0; bit < 8 * kFrameHeaderOctets; ++bit) {
        std::string bad = frame;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_FALSE(parse_frame_header(bad, seed)) << bit;
        bad = identity;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_FALSE(parse_identity(bad)) << bit;
    }
    EXPECT_FALSE(parse_frame_header(frame, seed + 1));
}

TEST(JournalFormat, NewerFormatsAreRefusedNotDamaged) {
    std::string newer = encode_identity(example_identity(), 0);
    newer[8] = 2;
    EXPECT_EQ(parse_identity(newer).error().code, ErrorCode::malformed);  // its checksum is wrong: damage
    const std::uint32_t crc = crc32c(std::string_view(newer).substr(0, 52));
    for (std::size_t i = 0; i < 4; ++i) newer[52 + i] = static_cast<char>((crc >> (8 * i)) & 0xff);
    EXPECT_EQ(parse_identity(newer).error().code, ErrorCode::refused);
}

TEST(JournalFormat, IndexAndTrailerRoundTrip) {
    const std::vector<FrameEntry> entries = {{{1, 5, -7, 9, kFlagKeyed, 3}, 4096},
                                             {{6, 1, 10, 10, 0, 0}, 8192}};
    const auto back = parse_index(encode_index(entries));
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, entries);
    EXPECT_FALSE(parse_index(std::string(39, '\0')));
    const std::string trailer = encode_trailer(123456, 99);
    EXPECT_EQ(trailer.size(), kTrailerOctets);
    EXPECT_EQ(parse_trailer(trailer, 99).value(), 123456U);
    EXPECT_FALSE(parse_trailer(trailer, 98));
}

TEST(JournalFormat, BodiesCompressOnlyWhenThatIsSmaller) {
    Codec codec = Codec::raw;
    const std::string repeated(10'000, 'x');
    const auto small = compress_body(repeated, codec);
    ASSERT_TRUE(small);
    EXPECT_EQ(codec, Codec::zstd);
    EXPECT_LT(small->size(), 100U);
    FrameHeader header;
    header.codec = codec;
    header.body_octets = 10'000;
    (void)encode_frame(header, *small, 0);
    EXPECT_EQ(read_body(header, *small).value(), repeated);
    header.body_octets = 9'999;  // a lie about the size
    EXPECT_EQ(read_body(header, *small).error().code, ErrorCode::malformed);
    header.codec = Codec{3};
    EXPECT_EQ(read_body(header, *small).error().code, ErrorCode::refused);
    ASSERT_TRUE(compress_body("abc", codec));
    EXPECT_EQ(codec, Codec::raw);
    EXPECT_FALSE(compress_body(std::string(kMaxBodyOctets + 1, 'x'), codec));
}

TEST(JournalFormat, NamesOfSegments) {
    EXPECT_EQ(segment_name(StreamId::samples, 17), "samples-00000000000000000017.journal");
    EXPECT_EQ(parse_segment_name("audit-18446744073709551615.journal")->first_sequence, UINT64_MAX);
    for (const char* bad : {"samples-17.journal", "samples-0000000000000000001x.journal", "lock",
                            "samples-99999999999999999999.journal", "other-00000000000000000001.journal"})
        EXPECT_FALSE(parse_segment_name(bad)) << bad;
}

}  // namespace
}  // namespace outstation::store
