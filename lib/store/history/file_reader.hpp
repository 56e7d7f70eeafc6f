// SPDX-License-Identifier: GPL-3.0-or-later
// Reads one history file. What cannot be read (damaged, or the device below fails) is told and left out, the
// rest is served. Everything in the file may be hostile: no list in it is believed to be larger than the
// file. Threads: one at a time. Ownership: the Vfs outlives it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/store/columns/block.hpp"
#include "lib/store/history/points.hpp"
#include "lib/store/history/rows.hpp"
#include "lib/store/sqlite/database.hpp"

namespace outstation::store {

class HistoryFile {
  public:
    // Checks the schema, the head and that the head fits the name. malformed: damaged or not ours; refused:
    // another station's, or a version this program does not know; io.
    [[nodiscard]] static Result<std::unique_ptr<HistoryFile>> open(const Vfs& vfs,
                                                                   const std::string& directory,
                                                                   const std::string& name,
                                                                   const StationId& station);

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const Head& head() const { return head_; }

    struct Device {
        std::string name;
        std::int64_t id = 0;
        std::int64_t blocks = 0;
    };
    // Sorted by name. Fails when the list cannot be read.
    [[nodiscard]] Result<std::vector<Device>> devices();
    [[nodiscard]] Result<std::optional<Device>> device(const std::string& name);

    // Calls `visit` with each block of the device that touches [t0_ns, t1_ns] and is whole, in the order in
    // which they were sealed; damage is added to `damage`. Fails only with the first error of `visit`.
    using Visit = std::function<Result<void>(BlockRow&)>;
    [[nodiscard]] Result<void> blocks(const Device& device, std::int64_t t0_ns, std::int64_t t1_ns,
                                      std::vector<HistoryDamage>& damage, const Visit& visit);
    // The same for blocks with some of these sequences; the others are not read.
    [[nodiscard]] Result<void> blocks(const Device& device, const SequenceRange& sequences,
                                      std::vector<HistoryDamage>& damage, const Visit& visit);
    // The n-th block of a device, from 0.
    [[nodiscard]] Result<BlockRow> block(const Device& device, std::int64_t n);

    // Adds the last counters of a device, with its uptime: those in the last two hours of it. What cannot be
    // read is passed over.
    void last_counters(const std::string& name, std::optional<std::uint32_t> uptime, CounterPoints& last);

    // Chunk by chunk; damaged chunks are added to `damage`. Fail only with the first error of `visit`.
    using VisitDefinitions = std::function<Result<void>(const std::vector<wire::SeriesDef>&)>;
    using UnpackDefinitions = std::function<Result<std::vector<wire::SeriesDef>>(const ChunkRow&)>;
    [[nodiscard]] Result<void> definitions(std::vector<HistoryDamage>& damage, const VisitDefinitions& visit,
                                           const UnpackDefinitions& unpack = &unpack_definitions);
    using VisitBatches = std::function<Result<void>(const std::vector<wire::BatchMark>&)>;
    [[nodiscard]] Result<void> batches(std::vector<HistoryDamage>& damage, const VisitBatches& visit);
    // Sequences that were missing when the file was made (of a roll-up: ranges in which some could not be
    // read), ascending.
    [[nodiscard]] Result<std::vector<SequenceRange>> missing();

    // What the device below did not give so far, of anything that was asked: it may later.
    [[nodiscard]] const std::optional<Error>& failed() const { return failed_; }

    // Damage that concerns the whole file, or one device of it.
    [[nodiscard]] HistoryDamage damaged(std::string what, std::string device = {}) const;
    // Adds what could not be read of the records that a roll-up was made from.
    void lost(std::vector<HistoryDamage>& damage);

  private:
    HistoryFile(std::string name, Database database)
        : name_(std::move(name)), database_(std::move(database)) {}
    [[nodiscard]] Result<void> check_schema();
    [[nodiscard]] Result<void> read_head(const StationId& station);
    // Where a body lies; `strip` is the block's number where there are no strips.
    struct Place {
        std::int64_t strip = 0;
        std::int64_t at = 0;
        std::int64_t octets = 0;
    };
    // Everything of a block but its body.
    [[nodiscard]] Result<Place> read_place(std::int64_t id, BlockRow& row);
    [[nodiscard]] Result<void> read_body(const Place& place, BlockRow& row);
    using Wants = std::function<bool(const BlockRow& place)>;
    [[nodiscard]] Result<void> visit_blocks(const Device& device, const Wants& wants,
                                            std::vector<HistoryDamage>& damage, const Visit& visit);
    [[nodiscard]] Result<void> prepare();
    [[nodiscard]] Result<ChunkRow> read_chunk(Statement& statement, std::int64_t after);
    template <typename Item>
    [[nodiscard]] Result<void> chunks(const char* sql,
                                      const std::function<Result<std::vector<Item>>(const ChunkRow&)>& unpack,
                                      std::vector<HistoryDamage>& damage,
                                      const std::function<Result<void>(const std::vector<Item>&)>& visit);
    void start_reading();
    // False: what was read since start_reading() is more than the file can hold.
    [[nodiscard]] bool spend(std::size_t octets);
    void tell(std::vector<HistoryDamage>& damage, HistoryDamage what);
    // A statement that SQLite does not accept, or a value too large, means that the file is not ours.
    [[nodiscard]] Error of_file(Error error);

    std::string name_;
    Database database_;
    Head head_;
    std::uint32_t seed_ = 0;
    bool has_strips_ = false;
    std::uint64_t octets_ = 0;  // of the file
    std::uint64_t left_ = 0;    // of them, to read
    std::size_t told_ = 0;      // damage, since start_reading()
    std::optional<Error> failed_;
    Statement find_device_;
    Statement find_place_;
    Statement find_body_;
};

}  // namespace outstation::store
