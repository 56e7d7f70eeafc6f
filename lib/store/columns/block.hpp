// SPDX-License-Identifier: GPL-3.0-or-later
// A block: the rows of one device over a stretch of time as compressed columns, exact to the bit. It is what
// a history file holds; docs/formats/columns.md has its bytes. Not a file: no I/O here. Threads: pure
// functions and plain objects, each used by one thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "lib/model/result.hpp"
#include "lib/wire/records.hpp"

namespace outstation::store {

// What a block may hold at most; a block that claims more is malformed.
inline constexpr std::size_t kMaxBlockRows = 65'536;
inline constexpr std::size_t kMaxBlockColumns = 65'536;
inline constexpr std::size_t kMaxBlockValues = 4U << 20;
inline constexpr std::size_t kMaxBlockBoots = 4096;

// Which number of a series a column holds: the value as measured, or one of a roll-up.
enum class Part : std::uint8_t { value = 0, minimum = 1, maximum = 2, mean = 3, count = 4, last = 5 };

// Two columns of a block are equal in all of this only when a record named a series twice.
struct ColumnKey {
    std::uint32_t series = 0;
    SeriesKind kind = SeriesKind::gauge;  // of the numbers in the column
    Part part = Part::value;
    auto operator<=>(const ColumnKey&) const = default;
};

// One number of a row: `counter` or `gauge`, as the kind says.
struct Cell {
    ColumnKey key;
    std::uint64_t counter = 0;
    double gauge = 0.0;
};

// The rows that have a value in a column (ascending indices) and, in parallel, the values: in `counters` or
// in `gauges`, as the kind says; the other is empty.
struct ColumnData {
    ColumnKey key;
    std::vector<std::uint32_t> rows;
    std::vector<std::uint64_t> counters;
    std::vector<double> gauges;
};

// The stamps of all rows; the vectors are parallel.
struct RowStamps {
    std::vector<std::uint64_t> sequence;  // in the stream `samples`; a roll-up row has 0
    std::vector<std::int64_t> wall_ns;    // since 1970 UTC
    std::vector<std::int64_t> mono_ns;
    std::vector<ClockQuality> quality;
    std::vector<std::uint32_t> boot;  // index into `boots`
    std::vector<std::string> boots;
};

struct NumberedRecord {
    std::uint64_t sequence = 0;
    wire::SampleRecord record;
    bool operator==(const NumberedRecord&) const = default;
};

class BlockReader;

// Gathers rows and encodes them. Rows stay in the order in which they are added.
class BlockBuilder {
  public:
    explicit BlockBuilder(std::string device) : device_(std::move(device)) {}

    // Each of the three: exhausted when the block would be larger than the limits above (nothing is added
    // then). The record's device must be the block's and its columns of equal length (else malformed).
    [[nodiscard]] Result<void> add(std::uint64_t sequence, const wire::SampleRecord& record);
    // A row of cells, such as a roll-up's. Counter cells come back before gauge cells, otherwise in order.
    [[nodiscard]] Result<void> add_row(std::uint64_t sequence, const wire::WireStamp& stamp,
                                       const std::vector<Cell>& cells);
    // All rows of another block of the same device, behind those already here.
    [[nodiscard]] Result<void> add_block(BlockReader& block);

    [[nodiscard]] const std::string& device() const { return device_; }
    [[nodiscard]] std::size_t rows() const { return stamps_.sequence.size(); }
    [[nodiscard]] std::size_t values() const { return values_; }
    // The block's bytes; the builder keeps its rows. Never fails but for memory.
    [[nodiscard]] std::string encode() const;

  private:
    using Layout = std::vector<std::uint32_t>;  // columns of a row, counters first
    struct Column {
        ColumnKey key;
        std::vector<std::uint64_t> bits;  // counters, or the bits of doubles
    };

    [[nodiscard]] Result<void> room_for(std::size_t rows, std::size_t values) const;
    std::uint32_t column_of(const ColumnKey& key, std::uint32_t occurrence);
    std::uint32_t boot_of(std::string_view boot_id);
    std::uint32_t layout_of(const Layout& layout);
    void add_stamp(std::uint64_t sequence, const wire::WireStamp& stamp);

    std::string device_;
    RowStamps stamps_;
    std::vector<std::uint32_t> row_layouts_;
    std::vector<Layout> layouts_;
    std::map<Layout, std::uint32_t> layout_numbers_;
    std::vector<Column> columns_;
    std::map<std::tuple<ColumnKey, std::uint32_t>, std::uint32_t> column_numbers_;
    std::size_t values_ = 0;
};

// Reads a block. open() checks and decodes the head only; a column is decompressed together with the few that
// share its group, and the group is kept for the next column.
class BlockReader {
  public:
    // malformed: damaged or not a block; refused: a version that this program does not know.
    [[nodiscard]] static Result<BlockReader> open(std::string bytes);

    [[nodiscard]] const std::string& device() const { return device_; }
    [[nodiscard]] std::size_t rows() const { return rows_; }
    [[nodiscard]] std::size_t values() const { return values_; }
    [[nodiscard]] const std::vector<ColumnKey>& columns() const { return columns_; }
    // The first column of this key, or not_found.
    [[nodiscard]] Result<std::size_t> find(const ColumnKey& key) const;

    // Each: malformed when the part of the block that holds it is damaged; the rest stays readable.
    // The stamps are decoded once; the reference holds as long as the reader.
    [[nodiscard]] Result<const RowStamps*> stamps();
    // Replaces what is in `out`, whose memory is used again.
    [[nodiscard]] Result<void> column(std::size_t index, ColumnData& out);
    // The rows as they were added: SampleRecords under their sequences. Only columns of Part::value count.
    [[nodiscard]] Result<std::vector<NumberedRecord>> records();
    // Reads everything.
    [[nodiscard]] Result<void> verify();

  private:
    struct Group {
        std::size_t first_column = 0;
        std::size_t offset = 0;  // of its compressed bytes
        std::uint32_t octets = 0;
        std::uint32_t plain_octets = 0;
        std::uint32_t crc = 0;
        std::string plain;  // when loaded
        std::vector<std::size_t> starts;
    };
    friend class BlockBuilder;

    std::string bytes_;
    std::string device_;
    std::size_t rows_ = 0;
    std::size_t values_ = 0;
    std::vector<ColumnKey> columns_;
    std::vector<std::vector<std::uint32_t>> layouts_;
    std::vector<std::uint32_t> row_layouts_;
    std::vector<Group> groups_;
    RowStamps stamps_;
    bool stamps_known_ = false;
};

}  // namespace outstation::store
