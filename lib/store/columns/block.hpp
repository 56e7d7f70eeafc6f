// SPDX-License-Identifier: GPL-3.0-or-later
// A block: the rows of one device over a stretch of time as compressed columns, exact to the bit. It is what
// a history file holds; docs/formats/columns.md has its bytes. Not a file: no I/O here. Threads: pure
// functions and plain objects, each used by one thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/model/result.hpp"
#include "lib/store/columns/decimal.hpp"
#include "lib/store/columns/integers.hpp"
#include "lib/wire/records.hpp"

namespace outstation::store {

// What a block may hold at most; a block that claims more is malformed.
inline constexpr std::size_t kMaxBlockRows = 65'536;
inline constexpr std::size_t kMaxBlockColumns = 65'536;
inline constexpr std::size_t kMaxBlockValues = 4U << 20;
inline constexpr std::size_t kMaxBlockBoots = 4096;
inline constexpr std::size_t kMaxBlockNameOctets = 65'536;  // of the device's name; of all boot ids

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
    bool operator==(const RowStamps&) const = default;
    std::vector<std::uint64_t> sequence;  // in the stream `samples`; a roll-up row has 0
    std::vector<std::int64_t> wall_ns;    // since 1970 UTC
    std::vector<std::int64_t> mono_ns;
    std::vector<ClockQuality> quality;
    std::vector<std::uint32_t> boot;  // index into `boots`
    std::vector<std::string> boots;
    [[nodiscard]] wire::WireStamp stamp(std::size_t row) const {
        return {wall_ns[row], mono_ns[row], boots[boot[row]], quality[row]};
    }
    void clear() {
        sequence.clear();
        wall_ns.clear();
        mono_ns.clear();
        quality.clear();
        boot.clear();
        boots.clear();
    }
};

// Rows of one device that all have the same series.
struct RowGroup {
    RowStamps stamps;
    std::vector<std::uint32_t> counter_series, gauge_series;
    std::vector<std::uint64_t> values;  // counters, then the bits of gauges: a number a row for each series
    [[nodiscard]] std::size_t rows() const { return stamps.sequence.size(); }
    [[nodiscard]] std::size_t columns() const { return counter_series.size() + gauge_series.size(); }
    // Rows from `begin` to before `end`.
    [[nodiscard]] RowGroup part(std::size_t begin, std::size_t end) const;
    [[nodiscard]] wire::SampleRecord record(const std::string& device, std::size_t row) const;
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
    // `rows`: how many are expected.
    explicit BlockBuilder(std::string device, std::size_t rows = 0)
        : device_(std::move(device)), expected_rows_(rows) {}

    // All: exhausted when the block would be larger than the limits above; malformed when the
    // device is another, or a record's columns differ in length. Nothing is added then.
    [[nodiscard]] Result<void> add(std::uint64_t sequence, const wire::SampleRecord& record);
    [[nodiscard]] Result<void> add(const RowGroup& group);
    // A row of cells, such as a roll-up's. Counter cells come back before gauge cells, otherwise in order.
    [[nodiscard]] Result<void> add_row(std::uint64_t sequence, const wire::WireStamp& stamp,
                                       const std::vector<Cell>& cells);

    [[nodiscard]] const std::string& device() const { return device_; }
    [[nodiscard]] std::size_t rows() const { return stamps_.sequence.size(); }
    [[nodiscard]] std::size_t values() const { return values_; }
    // The block's bytes; the builder keeps its rows.
    [[nodiscard]] std::string encode() const;
    // Whether the block reads as the rows that were added, to the bit.
    [[nodiscard]] bool is_in(BlockReader& block) const;

  private:
    // The series of a row in order: counters, then gauges.
    using Shape = std::vector<ColumnKey>;
    struct Column {
        ColumnKey key;
        std::vector<std::uint64_t> bits;  // counters, or the bits of doubles
    };
    struct Layout {
        std::vector<std::uint32_t> columns;  // of the row's values, in order
        std::uint32_t rows = 0;
        // Where the last row was a record: its series, to know the next one of the same layout quickly.
        std::vector<std::uint32_t> counter_series, gauge_series;
    };

    [[nodiscard]] Result<void> room_for(std::size_t rows, std::size_t values) const;
    [[nodiscard]] Result<std::uint32_t> layout_of(const std::vector<std::uint32_t>& counter_series,
                                                  const std::vector<std::uint32_t>& gauge_series);
    [[nodiscard]] bool is_last_layout(const std::vector<Cell>& cells) const;
    [[nodiscard]] Result<std::uint32_t> checked_layout(const Shape& shape);
    [[nodiscard]] std::uint32_t layout_of(const Shape& shape);
    [[nodiscard]] std::vector<std::uint32_t> columns_of(const Shape& shape);
    void reserve(std::size_t columns);
    [[nodiscard]] std::uint32_t column_of(const ColumnKey& key, std::uint32_t occurrence);
    [[nodiscard]] Result<std::uint32_t> boot_of(std::string_view boot_id);
    void add_stamp(std::uint64_t sequence, const wire::WireStamp& stamp, std::uint32_t boot,
                   std::uint32_t layout);

    std::string device_;
    std::size_t expected_rows_ = 0;
    RowStamps stamps_;
    std::size_t boot_octets_ = 0;
    std::vector<std::uint32_t> row_layouts_;
    std::vector<Layout> layouts_;
    std::map<Shape, std::uint32_t> layout_numbers_;
    std::vector<Column> columns_;
    std::map<std::pair<ColumnKey, std::uint32_t>, std::uint32_t> column_numbers_;
    std::size_t values_ = 0;
};

// Reads a block. open() decodes the head only, and a column is decompressed together with those few that
// share its group; the group is kept for the next column. Everything is checked by checksums before it is
// believed.
class BlockReader {
  public:
    // malformed: damaged or not a block; refused: a version that this program does not know.
    [[nodiscard]] static Result<BlockReader> open(std::string bytes);

    [[nodiscard]] const std::string& device() const { return device_; }
    [[nodiscard]] std::size_t rows() const { return rows_; }
    [[nodiscard]] std::size_t values() const { return values_; }
    [[nodiscard]] const std::vector<ColumnKey>& columns() const { return keys_; }
    // The first column of this key, or not_found.
    [[nodiscard]] Result<std::size_t> find(const ColumnKey& key) const;

    // Each: malformed when the part of the block that holds it is damaged; the rest stays readable.
    // The stamps are decoded once, the wall clock's alone where no more is asked for; the pointers hold until
    // the reader is moved or destroyed.
    [[nodiscard]] Result<const RowStamps*> stamps();
    [[nodiscard]] Result<const std::vector<std::int64_t>*> wall_ns();
    // Replaces what is in `out`, whose memory is used again. index: of columns().
    [[nodiscard]] Result<void> column(std::size_t index, ColumnData& out);
    // The rows as they were added. refused: a column is not of Part::value.
    [[nodiscard]] Result<std::vector<NumberedRecord>> records();
    // Reads everything.
    [[nodiscard]] Result<void> verify();

  private:
    friend class BlockBuilder;
    friend class BlockHeadReader;
    // Where and how the numbers of one column, or of one kind of stamp, stand.
    struct Packed {
        columns::IntegerModel model;
        std::uint32_t values = 0;
        std::uint32_t escape_octets = 0;
        std::uint32_t group = 0;
        std::size_t heads = 0, escapes = 0;  // in the decompressed part of the group
        std::size_t bits = 0;                // in the group's packed bits
    };
    struct Column {
        columns::DecimalForm form = columns::kRawForm;
        Packed packed;
    };
    struct Layout {
        std::vector<std::uint32_t> columns;
        std::uint32_t rows = 0;
    };
    struct Group {
        std::size_t offset = 0;  // in the block
        std::size_t octets = 0;  // compressed
        std::size_t plain_octets = 0;
        std::size_t bits_octets = 0;
        std::uint32_t crc = 0;
        bool loaded = false;
        std::string plain;
    };
    static constexpr std::size_t kStampColumns = 6;

    [[nodiscard]] Result<void> load(Group& group) const;
    [[nodiscard]] Result<void> numbers(const Packed& packed, std::vector<std::uint64_t>& out);
    // The values of a column as counters or as the bits of doubles.
    [[nodiscard]] Result<void> bits_of(std::size_t column, std::vector<std::uint64_t>& out);
    // When each row was measured, and which columns it has.
    [[nodiscard]] Result<void> read_rows();
    [[nodiscard]] Result<void> read_stamps();
    void rows_of(std::size_t column, std::vector<std::uint32_t>& out) const;

    std::string bytes_;
    std::string device_;
    std::size_t rows_ = 0;
    std::size_t values_ = 0;
    Packed stamp_columns_[kStampColumns];
    std::vector<ColumnKey> keys_;
    std::vector<Column> columns_;
    std::vector<Layout> layouts_;
    std::vector<Group> groups_;
    RowStamps stamps_;
    std::vector<std::uint32_t> row_layouts_;
    bool rows_known_ = false;
    bool stamps_known_ = false;
    std::vector<std::uint64_t> numbers_;
};

}  // namespace outstation::store
