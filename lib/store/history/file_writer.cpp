// SPDX-License-Identifier: GPL-3.0-or-later
// Writing a history file in one go.
#include "lib/store/history/file_writer.hpp"

#include <algorithm>
#include <iterator>

#include "lib/store/history/head.hpp"

namespace outstation::store {
namespace {

constexpr std::uint32_t kWriteCacheKib = 1024;
// What a damaged page takes with it is about as much; half of it would leave 2 % more of the pages empty.
constexpr std::size_t kUsualStripOctets = 16384;
constexpr const char* kInsertDefinition = "INSERT INTO definition VALUES(?,?,?,?,?)";

}  // namespace

HistoryWriter::HistoryWriter(FileSystem& files, std::string directory, Head head)
    : files_(files),
      directory_(std::move(directory)),
      head_(std::move(head)),
      seed_(history_seed(head_.identity, head_.level)),
      path_(directory_ + "/" + history_name(head_) + ".new") {
    head_.records = head_.values = head_.minutes = 0;
    head_.blocks = head_.devices = 0;
    head_.t0_ns = head_.t1_ns = head_.start_ns;
}

HistoryWriter::~HistoryWriter() {
    insert_block_ = Statement();
    insert_strip_ = Statement();
    database_.reset();
    if (made_) (void)files_.remove(path_);
}

Result<std::unique_ptr<HistoryWriter>> HistoryWriter::make(FileSystem& files, const Vfs& vfs,
                                                           std::string directory, Head head) {
    auto out =
        std::unique_ptr<HistoryWriter>(new HistoryWriter(files, std::move(directory), std::move(head)));
    if (const auto ok = out->open(vfs); !ok) return fail(ok.error());
    return out;
}

Result<void> HistoryWriter::open(const Vfs& vfs) {
    if (const auto old = files_.remove(path_); !old && old.error().code != ErrorCode::not_found)
        return fail(old.error());
    made_ = true;
    DatabaseOptions options;
    options.access = Access::create;
    options.durability = Durability::at_once;
    options.page_checksums = true;
    options.cache_kib = kWriteCacheKib;
    auto database = Database::open(vfs, path_, options);
    if (!database) return fail(database.error());
    database_ = std::make_unique<Database>(std::move(*database));
    if (const auto ok = database_->execute("BEGIN"); !ok) return ok;
    for (const HistoryTable& table : kHistoryTables) {
        if (const auto ok = database_->execute(std::string(table.sql).c_str()); !ok) return ok;
    }
    const std::pair<Statement*, const char*> statements[] = {
        {&insert_block_, "INSERT INTO block VALUES(?,?,?,?,?,?,?,?,?,?)"},
        {&insert_strip_, "INSERT INTO strip VALUES(?,?)"}};
    for (const auto& [statement, sql] : statements) {
        auto prepared = Statement::prepare(*database_, sql);
        if (!prepared) return fail(prepared.error());
        *statement = std::move(*prepared);
    }
    return {};
}

Result<HistoryWriter::Device*> HistoryWriter::device(const std::string& name) {
    const auto found = devices_.find(name);
    if (found != devices_.end()) return &found->second;
    const auto id = static_cast<std::int64_t>(devices_.size());
    if (id >= kMaxDevices) return fail(ErrorCode::exhausted, "too many devices in a history file");
    return &devices_.emplace(name, Device{id, 0}).first->second;
}

Result<void> HistoryWriter::add(const BlockRow& row) {
    if (stop_ != nullptr && *stop_) return fail(ErrorCode::refused, "history is being closed");
    const auto owner = device(row.device);
    if (!owner) return fail(owner.error());
    const std::int64_t n = (*owner)->blocks++;
    if (n >= kMaxBlocksOfDevice) return fail(ErrorCode::exhausted, "too many blocks of a device");
    const auto place = add_body(row.body);
    if (!place) return fail(place.error());
    insert_block_.bind(1, block_id((*owner)->id, n))
        .bind(2, static_cast<std::int64_t>(row.sequences.first))
        .bind(3, static_cast<std::int64_t>(row.sequences.last))
        .bind(4, row.t0_ns)
        .bind(5, row.t1_ns)
        .bind(6, row.records)
        .bind(7, row.crc)
        .bind(8, place->strip)
        .bind(9, place->at)
        .bind(10, static_cast<std::int64_t>(row.body.size()));
    if (const auto ok = insert_block_.run(); !ok) return ok;
    ++head_.blocks;
    cover(row.t0_ns, row.t1_ns);
    head_.records += row.records;
    return {};
}

Result<HistoryWriter::Place> HistoryWriter::add_body(const std::string& body) {
    if (!strip_.empty() && strip_.size() + body.size() > kMaxStripOctets) {
        if (const auto ok = write_strip(); !ok) return fail(ok.error());
    }
    const Place place{strip_id_, static_cast<std::int64_t>(strip_.size())};
    strip_ += body;
    if (strip_.size() >= kUsualStripOctets) {
        if (const auto ok = write_strip(); !ok) return fail(ok.error());
    }
    return place;
}

Result<void> HistoryWriter::write_strip() {
    if (strip_.empty()) return {};
    const auto ok = insert_strip_.bind(1, strip_id_++).bind_blob(2, strip_).run();
    strip_.clear();
    return ok;
}

void HistoryWriter::cover(std::int64_t t0_ns, std::int64_t t1_ns) {
    head_.t0_ns = covers_ ? std::min(head_.t0_ns, t0_ns) : t0_ns;
    head_.t1_ns = covers_ ? std::max(head_.t1_ns, t1_ns) : t1_ns;
    covers_ = true;
}

Result<void> HistoryWriter::add_definitions(std::vector<wire::SeriesDef> defs) {
    definitions_.insert(definitions_.end(), std::make_move_iterator(defs.begin()),
                        std::make_move_iterator(defs.end()));
    return definitions_.size() < kMaxChunkItems ? Result<void>() : write_definitions();
}

Result<void> HistoryWriter::add_definitions(const std::vector<ChunkRow>& packed) {
    for (ChunkRow chunk : packed) {
        chunk.id = definition_id_++;
        if (const auto ok = insert(kInsertDefinition, chunk); !ok) return ok;
    }
    return {};
}

Result<void> HistoryWriter::write_definitions() {
    for (std::size_t at = 0; at < definitions_.size(); at += kMaxChunkItems) {
        const auto begin = definitions_.begin() + static_cast<std::ptrdiff_t>(at);
        const auto end =
            begin + static_cast<std::ptrdiff_t>(std::min(kMaxChunkItems, definitions_.size() - at));
        auto chunk = pack_definitions({std::make_move_iterator(begin), std::make_move_iterator(end)});
        if (!chunk) return fail(chunk.error());
        chunk->id = definition_id_++;
        if (const auto ok = insert(kInsertDefinition, *chunk); !ok) return ok;
    }
    definitions_.clear();
    return {};
}

Result<void> HistoryWriter::add_batches(const std::vector<wire::BatchMark>& batches) {
    for (std::size_t at = 0; at < batches.size(); at += kMaxChunkItems) {
        const auto begin = batches.begin() + static_cast<std::ptrdiff_t>(at);
        const auto end = begin + static_cast<std::ptrdiff_t>(std::min(kMaxChunkItems, batches.size() - at));
        auto chunk = pack_batches({begin, end});
        if (!chunk) return fail(chunk.error());
        chunk->id = batch_id_++;
        if (const auto ok = insert("INSERT INTO batch VALUES(?,?,?,?,?)", *chunk); !ok) return ok;
    }
    return {};
}

Result<void> HistoryWriter::insert(const char* sql, const ChunkRow& row) {
    auto statement = Statement::prepare(*database_, sql);
    if (!statement) return fail(statement.error());
    statement->bind(1, row.id).bind(2, row.codec).bind(3, row.octets).bind(4, row.crc).bind_blob(5, row.body);
    return statement->run();
}

Result<void> HistoryWriter::add_missing(const SequenceRange& range) {
    auto statement = Statement::prepare(*database_, "INSERT INTO missing VALUES(?,?)");
    if (!statement) return fail(statement.error());
    return statement->bind(1, static_cast<std::int64_t>(range.first))
        .bind(2, static_cast<std::int64_t>(range.last))
        .run();
}

void HistoryWriter::count(std::uint64_t values, std::uint64_t minutes) {
    head_.values += values;
    head_.minutes += minutes;
}

Result<void> HistoryWriter::write_devices() {
    auto statement = Statement::prepare(*database_, "INSERT INTO device VALUES(?,?,?)");
    if (!statement) return fail(statement.error());
    for (const auto& [name, device] : devices_) {
        const auto ok = statement->bind(1, device.id).bind_text(2, name).bind(3, device.blocks).run();
        if (!ok) return ok;
    }
    head_.devices = static_cast<std::uint32_t>(devices_.size());
    auto head = Statement::prepare(*database_, "INSERT INTO head VALUES(1,?)");
    if (!head) return fail(head.error());
    const std::string bytes = encode_head(head_);
    return head->bind_blob(1, bytes).run();
}

Result<HistoryFileInfo> HistoryWriter::finish() {
    if (const auto ok = write_strip(); !ok) return fail(ok.error());
    if (const auto ok = write_definitions(); !ok) return fail(ok.error());
    if (const auto ok = write_devices(); !ok) return fail(ok.error());
    if (const auto ok = database_->execute("COMMIT"); !ok) return fail(ok.error());
    insert_block_ = Statement();
    insert_strip_ = Statement();
    if (const auto ok = database_->close(); !ok) return fail(ok.error());
    const auto file = files_.open(path_, FileSystem::Mode::read);
    if (!file) return fail(file.error());
    const auto octets = (*file)->size();
    if (!octets) return fail(octets.error());
    HistoryFileInfo out{history_name(head_), head_, *octets};
    const std::string path = directory_ + "/" + out.name;
    if (const auto ok = files_.rename(path_, path); !ok) return fail(ok.error());
    path_ = path;
    if (const auto ok = files_.sync_directory(directory_); !ok) return fail(ok.error());
    made_ = false;
    return out;
}

}  // namespace outstation::store
