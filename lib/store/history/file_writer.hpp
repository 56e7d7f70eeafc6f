// SPDX-License-Identifier: GPL-3.0-or-later
// Makes one history file: everything goes to NAME.new, which becomes NAME when it is whole and on the device.
// Threads: one. Ownership: FileSystem and Vfs outlive it.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "lib/store/history/rows.hpp"
#include "lib/store/journal/file_system.hpp"
#include "lib/store/sqlite/database.hpp"

namespace outstation::store {

class HistoryWriter {
  public:
    // `head` says what the file is; counts and times are filled in as rows come.
    [[nodiscard]] static Result<std::unique_ptr<HistoryWriter>> make(FileSystem& files, const Vfs& vfs,
                                                                     std::string directory, Head head);
    // Removes what is half made.
    ~HistoryWriter();
    HistoryWriter(const HistoryWriter&) = delete;
    HistoryWriter& operator=(const HistoryWriter&) = delete;

    // From the moment when this says so add() fails with refused. It outlives the writer.
    void stop_at(const std::atomic<bool>& stop) { stop_ = &stop; }

    // A block with its checksum. `values` and `minutes` count into the head.
    [[nodiscard]] Result<void> add(const BlockRow& row);
    // The definitions of one device's series; they are gathered into chunks.
    [[nodiscard]] Result<void> add_definitions(std::vector<wire::SeriesDef> defs);
    // Chunks of them; their numbers are given here.
    [[nodiscard]] Result<void> add_definitions(const std::vector<ChunkRow>& packed);
    [[nodiscard]] Result<void> add_batches(const std::vector<wire::BatchMark>& batches);
    [[nodiscard]] Result<void> add_missing(const SequenceRange& range);
    void count(std::uint64_t values, std::uint64_t minutes);
    // The file is for these stamps also where it has no blocks.
    void cover(std::int64_t t0_ns, std::int64_t t1_ns);

    // The file stands under its name, durable, when this returns well.
    [[nodiscard]] Result<HistoryFileInfo> finish();

    [[nodiscard]] const Head& head() const { return head_; }
    [[nodiscard]] std::uint32_t seed() const { return seed_; }

  private:
    struct Device {
        std::int64_t id = 0;
        std::int64_t blocks = 0;
    };
    HistoryWriter(FileSystem& files, std::string directory, Head head);
    [[nodiscard]] Result<void> open(const Vfs& vfs);
    [[nodiscard]] Result<Device*> device(const std::string& name);
    // Where in which strip.
    struct Place {
        std::int64_t strip = 0;
        std::int64_t at = 0;
    };
    [[nodiscard]] Result<Place> add_body(const std::string& body);
    [[nodiscard]] Result<void> write_strip();
    [[nodiscard]] Result<void> write_definitions();
    [[nodiscard]] Result<void> write_devices();
    [[nodiscard]] Result<void> insert(const char* sql, const ChunkRow& row);

    FileSystem& files_;
    std::string directory_;
    Head head_;
    std::uint32_t seed_;
    std::string path_;  // of what goes when it is not finished
    const std::atomic<bool>* stop_ = nullptr;
    bool made_ = false;
    bool covers_ = false;  // the times in the head are of something
    std::unique_ptr<Database> database_;
    Statement insert_block_;
    Statement insert_strip_;
    std::string strip_;  // being filled
    std::int64_t strip_id_ = 0;
    std::map<std::string, Device> devices_;
    std::vector<wire::SeriesDef> definitions_;
    std::int64_t definition_id_ = 0;
    std::int64_t batch_id_ = 0;
};

}  // namespace outstation::store
