// SPDX-License-Identifier: GPL-3.0-or-later
// Devices larger than a block, and files that claim more than they can hold.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>

#include "lib/store/history/blocks.hpp"
#include "lib/store/history/fake_room.hpp"
#include "lib/store/history/file_reader.hpp"
#include "lib/store/history/roll_up_writer.hpp"
#include "lib/store/history/watched_files.hpp"

namespace outstation::store {
namespace {

constexpr std::int64_t kMinuteNs = 60'000'000'000;
constexpr std::int64_t kHourNs = 60 * kMinuteNs;
constexpr std::int64_t kDayNs = 24 * kHourNs;
constexpr char kWide[] = "chassis-1";

NumberedRecord wide_record(std::uint64_t sequence, std::uint32_t series, std::int64_t wall_ns) {
    NumberedRecord out;
    out.sequence = sequence;
    out.record.device = kWide;
    out.record.stamp.wall_ns = wall_ns;
    for (std::uint32_t id = 1; id <= series; ++id) {
        out.record.gauge_series.push_back(id);
        out.record.gauges.push_back(static_cast<double>((id + sequence * 7) % 100));
    }
    return out;
}

std::unique_ptr<HistoryStore> open(FileSystem& files) {
    HistoryStore::Opened opened;
    return HistoryStore::open(files, FakeRoom::options(), opened).value();
}

// One roll-up row of it takes three blocks.
TEST(LargeDevice, IsSealedMergedThinnedAndAnswered) {
    constexpr std::uint32_t kSeries = 2'100;
    FakeFileSystem files;
    const auto store = open(files);
    std::uint64_t sequence = 0;
    for (std::int64_t window = 0; window < 2; ++window) {
        const std::int64_t start_ns = FakeRoom::kStartNs + window * FakeRoom::kWindowNs;
        std::vector<NumberedRecord> records;
        for (std::int64_t n = 0; n < 8; ++n)
            records.push_back(
                wide_record(++sequence, kSeries, start_ns + (n / 4) * kHourNs + n * 5'000'000'000));
        auto sealer = store->seal({sequence - 7, sequence}, start_ns).value();
        const auto added = sealer->add(kWide, records, {});
        ASSERT_TRUE(added) << added.error().text;
        ASSERT_TRUE(sealer->commit());
    }
    HistoryLimits limits;
    limits.raw_ns = kHourNs;
    ASSERT_TRUE(FakeRoom::cut_all(*store, limits, FakeRoom::kStartNs + 4 * kHourNs));
    ASSERT_EQ(store->merge(FakeRoom::kStartNs + 2 * kDayNs, 100).value_or(0), 2U);
    HistoryReader reader(*store);
    const auto verified = reader.verify().value();
    ASSERT_TRUE(verified.damage.empty());
    EXPECT_EQ(verified.blocks, 1U + 3U * 3) << "a raw window, minutes of the other, hours of both";
    for (const std::int64_t step_ns : {kMinuteNs, kHourNs}) {
        HistoryRange question;
        question.from_ns = FakeRoom::kStartNs;
        question.to_ns = FakeRoom::kStartNs + 4 * kHourNs;
        question.step_ns = step_ns;
        for (const std::uint32_t id : {1U, 1024U, 1025U, kSeries})
            question.series.push_back({id, kWide, SeriesKind::gauge});
        const auto answer = reader.range(question).value();
        for (const HistoryColumn& column : answer.columns) {
            std::uint64_t counted = 0;
            for (const std::uint64_t n : column.count) counted += n;
            EXPECT_EQ(counted, 16U) << column.series << " by " << step_ns;
        }
    }
}

TEST(LargeDevice, RollUpsTakeAsManyBlocksAsTheyNeed) {
    constexpr std::uint32_t kSeries = 1'000;
    constexpr std::int64_t kBuckets = 950;  // 4.4 million numbers
    RollUp roll_up(kWide, Level::m15);
    for (std::int64_t bucket = 0; bucket < kBuckets; ++bucket) {
        for (std::uint32_t id = 0; id < kSeries; ++id) {
            // What is not the last value in one bucket makes all have their five numbers.
            for (const double value : {1.0, static_cast<double>(id % 9 + 2)}) {
                if (value == 1.0 && bucket > 0) continue;
                DevicePoints::Point point;
                point.series = id;
                point.wall_ns = FakeRoom::kStartNs + bucket * 15 * kMinuteNs;
                point.gauge = value;
                point.value = value;
                roll_up.add(point);
            }
        }
    }
    const auto rows = roll_up.take(RollUp::Take::all, {1, 2}, 0);
    ASSERT_TRUE(rows) << rows.error().text;
    EXPECT_EQ(rows->size(), 2U);
    std::size_t buckets = 0;
    for (const BlockRow& row : *rows) {
        auto block = BlockReader::open(row.body).value();
        ASSERT_TRUE(
            read_buckets(block, [&](const BucketColumn& column) { buckets += column.buckets.size(); }));
    }
    EXPECT_EQ(buckets, kSeries * static_cast<std::size_t>(kBuckets));
}

TEST(LargeDevice, RollUpsAreWrittenAsTheyFill) {
    FakeFileSystem files;
    const auto vfs = Vfs::make(files).value();
    Head head;
    head.identity = FakeRoom::identity();
    head.level = Level::m1;
    head.start_ns = FakeRoom::kStartNs;
    head.sequences = {1, 100'000};
    const auto writer = HistoryWriter::make(files, *vfs, "history", head).value();
    RollUpWriter out(*writer, kWide);
    std::size_t most = 0;
    for (std::uint64_t minute = 0; minute < 10'000; ++minute) {
        for (std::uint32_t id = 0; id < 60; ++id) {
            DevicePoints::Point point;
            point.series = id;
            point.wall_ns = FakeRoom::kStartNs + static_cast<std::int64_t>(minute) * kMinuteNs;
            point.gauge = 1.0;
            point.value = 1.0;
            out.gathered().add(point);
        }
        ASSERT_TRUE(out.added({minute + 1, minute + 1}));
        most = std::max(most, out.gathered().buckets());
    }
    ASSERT_TRUE(out.finish());
    EXPECT_LE(most, (1U << 18) + 60U);
    EXPECT_EQ(writer->head().records, 10'000U) << "no bucket was cut in two";
    EXPECT_EQ(writer->head().blocks, 3U);
    EXPECT_EQ(writer->head().values, 2U * 60 * 10'000);
}

// A file of history whose blocks, devices and chunks somebody made up.
class Crafted : public testing::Test {
  protected:
    void SetUp() override {
        head_.identity = FakeRoom::identity();
        head_.start_ns = FakeRoom::kStartNs;
        head_.sequences = {1, 4000};
    }
    std::unique_ptr<HistoryFile> finish(HistoryWriter& writer) {
        const auto info = writer.finish().value();
        return HistoryFile::open(*vfs_, "history", info.name, head_.identity.station).value();
    }

    FakeFileSystem files_;
    std::unique_ptr<Vfs> vfs_ = Vfs::make(files_).value();
    Head head_;
};

TEST_F(Crafted, AChunkHasNoMoreItemsThanTheFormatSays) {
    std::vector<wire::SeriesDef> defs(kMaxChunkItems + 1);
    EXPECT_EQ(unpack_definitions(pack_definitions(defs).value()).error().code, ErrorCode::malformed);
    defs.pop_back();
    EXPECT_TRUE(unpack_definitions(pack_definitions(defs).value()));
    defs[0].device = std::string(1U << 20, 'n');  // and all others have the same
    EXPECT_EQ(unpack_definitions(pack_definitions(defs).value()).error().code, ErrorCode::malformed);
    wire::BatchMark batch;
    batch.count = 1;
    const std::vector<wire::BatchMark> batches(kMaxChunkItems + 1, batch);
    EXPECT_EQ(unpack_batches(pack_batches(batches).value()).error().code, ErrorCode::malformed);
}

TEST_F(Crafted, ALongNameInEveryRowIsRefused) {
    BlockBuilder builder(std::string(60'000, 'n'));
    wire::WireStamp stamp;
    for (std::size_t row = 0; row < 2000; ++row) ASSERT_TRUE(builder.add_row(row + 1, stamp, {}));
    const auto records = records_of(builder.encode());
    ASSERT_FALSE(records);
    EXPECT_EQ(records.error().code, ErrorCode::malformed);
    BlockBuilder boots("d");
    stamp.boot_id = std::string(60'000, 'b');
    for (std::size_t row = 0; row < 2000; ++row) ASSERT_TRUE(boots.add_row(row + 1, stamp, {}));
    EXPECT_FALSE(records_of(boots.encode()));
}

TEST_F(Crafted, OurOwnBlocksOfLongNamesAreSmallEnough) {
    wire::SampleRecord record;
    record.device = std::string(30'000, 'n');
    RecordBlocks maker(record.device, 0, 0);
    for (std::uint64_t sequence = 1; sequence <= 3000; ++sequence) ASSERT_TRUE(maker.add(sequence, record));
    const auto blocks = maker.finish();
    ASSERT_TRUE(blocks);
    EXPECT_EQ(blocks->size(), 2U);
    for (const BlockRow& row : *blocks) EXPECT_TRUE(records_of(row.body));
}

// Rows from this sequence on, of two boots.
RowGroup group_of(std::uint64_t first, std::size_t rows) {
    RowGroup group;
    group.counter_series = {7};
    group.gauge_series = {9};
    group.stamps.boots = {"boot-1", "boot-2"};
    for (std::uint64_t sequence = first; sequence < first + rows; ++sequence) {
        group.stamps.sequence.push_back(sequence);
        group.stamps.wall_ns.push_back(static_cast<std::int64_t>(sequence) * 60);
        group.stamps.mono_ns.push_back(static_cast<std::int64_t>(sequence));
        group.stamps.quality.push_back(ClockQuality::synchronised);
        group.stamps.boot.push_back(sequence % 1000 > 500 ? 1 : 0);
        group.values.push_back(sequence * 10);
    }
    group.values.resize(2 * rows, std::bit_cast<std::uint64_t>(2.5));
    return group;
}

// How many rows the blocks have. All of them come back as they were.
std::vector<std::size_t> rows_of_blocks(const std::string& device, std::size_t rows) {
    constexpr std::size_t kRows = 7;
    RecordBlocks maker(device, 0, 0);
    for (std::uint64_t first = 1; first <= rows; first += kRows)
        EXPECT_TRUE(maker.add(group_of(first, std::min<std::size_t>(kRows, rows + 1 - first))));
    EXPECT_EQ(maker.rows(), rows);
    std::uint64_t sequence = 0;
    std::vector<std::size_t> out;
    const std::vector<BlockRow> blocks = maker.finish().value();
    for (const BlockRow& row : blocks) {
        out.push_back(row.records);
        const std::vector<NumberedRecord> records = records_of(row.body).value();
        for (const NumberedRecord& record : records) {
            EXPECT_EQ(record.sequence, ++sequence);
            EXPECT_TRUE(record.record == group_of(sequence, 1).record(device, 0)) << sequence;
        }
    }
    EXPECT_EQ(sequence, rows);
    return out;
}

TEST_F(Crafted, RowsThatComeTogetherAreDividedWhereABlockEnds) {
    EXPECT_EQ(rows_of_blocks("d", 100), std::vector<std::size_t>{100});
    EXPECT_EQ(rows_of_blocks("d", kMaxBlockRows + 3), (std::vector<std::size_t>{kMaxBlockRows, 3}));
    constexpr std::size_t kFit = kMaxRecordNameOctets / (60'000 + 6);
    EXPECT_EQ(rows_of_blocks(std::string(60'000, 'n'), kFit + 10), (std::vector<std::size_t>{kFit, 10}));
}

// Two rows whose blob is the same pages of the file.
TEST_F(Crafted, BlocksAreNoLargerThanTheFile) {
    const auto writer = HistoryWriter::make(files_, *vfs_, "history", head_).value();
    BlockRow row;
    row.device = "d";
    row.sequences = {1, 2};
    row.records = 1;
    row.body = std::string(3U << 20, 'x');
    row.crc = checksum_of(row, writer->seed());
    ASSERT_TRUE(writer->add(row));
    const auto file = finish(*writer);
    const auto device = file->device("d").value();
    ASSERT_TRUE(device);
    std::vector<HistoryDamage> damage;
    const auto visit = [](BlockRow&) { return Result<void>(); };
    ASSERT_TRUE(file->blocks(*device, 0, 1, damage, visit));
    EXPECT_TRUE(damage.empty());
    // Asked for again in the same question: as if another row had it, too.
    ASSERT_TRUE(file->blocks(*device, 0, 1, damage, visit));
    ASSERT_EQ(damage.size(), 1U);
    EXPECT_EQ(damage[0].what, "blocks are larger than the file");
}

// Small blocks lie together, a large one alone; one that claims a strip which is not its own is not believed.
TEST_F(Crafted, ABlockIsReadFromItsOwnStrip) {
    constexpr std::size_t kSizes[] = {10'000, 5'000, 9'000, 70'000, 3};
    const auto writer = HistoryWriter::make(files_, *vfs_, "history", head_).value();
    for (const std::size_t octets : kSizes) {
        BlockRow row;
        row.device = "d";
        row.body = std::string(octets, static_cast<char>('a' + octets % 7));
        row.crc = checksum_of(row, writer->seed());
        ASSERT_TRUE(writer->add(row));
    }
    const std::string path = "history/" + writer->finish().value().name;
    const auto sizes = [&] {
        std::vector<std::size_t> out;
        const auto file =
            HistoryFile::open(*vfs_, "history", path.substr(path.find('/') + 1), head_.identity.station)
                .value();
        const auto device = file->device("d").value().value();
        for (std::int64_t n = 0; n < device.blocks; ++n) {
            const auto row = file->block(device, n);
            out.push_back(row ? row->body.size() : 0);
        }
        return out;
    };
    EXPECT_EQ(sizes(), std::vector<std::size_t>(std::begin(kSizes), std::end(kSizes)));
    DatabaseOptions options;
    options.access = Access::write;
    options.page_checksums = true;
    auto database = Database::open(*vfs_, path, options).value();
    const auto strips = [&database](const char* sql) {
        auto statement = Statement::prepare(database, sql).value();
        return statement.step().value() ? statement.integer(0) : -1;
    };
    EXPECT_EQ(strips("SELECT count(*) FROM strip"), 3);
    EXPECT_EQ(strips("SELECT length(body) FROM strip WHERE id=0"), 24'000);
    ASSERT_TRUE(database.execute("UPDATE block SET strip=1 WHERE octets=3"));
    ASSERT_TRUE(database.execute("UPDATE block SET at=19001 WHERE octets=5000"));
    ASSERT_TRUE(database.execute("UPDATE block SET octets=-1 WHERE octets=9000"));
    ASSERT_TRUE(database.execute("UPDATE block SET at=at+1 WHERE octets=10000"));
    EXPECT_EQ(sizes(), (std::vector<std::size_t>{0, 0, 0, 70'000, 0}));
}

TEST_F(Crafted, DevicesHaveNoMoreBlocksThanTheFile) {
    {
        const auto writer = HistoryWriter::make(files_, *vfs_, "history", head_).value();
        for (const char* device : {"a", "b"}) {
            BlockRow row;
            row.device = device;
            ASSERT_TRUE(writer->add(row));
        }
        (void)finish(*writer);
    }
    const std::string path = files_.paths().at(0);
    {
        DatabaseOptions options;
        options.access = Access::write;
        options.page_checksums = true;
        auto database = Database::open(*vfs_, path, options).value();
        ASSERT_TRUE(database.execute("UPDATE device SET blocks=2"));
    }
    const auto file =
        HistoryFile::open(*vfs_, "history", path.substr(path.find('/') + 1), head_.identity.station).value();
    EXPECT_EQ(file->devices().error().code, ErrorCode::malformed);
}

}  // namespace
}  // namespace outstation::store
