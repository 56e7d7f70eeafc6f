// SPDX-License-Identifier: GPL-3.0-or-later
// Reading a history file that may be damaged or hostile.
#include "lib/store/history/file_reader.hpp"

#include <algorithm>
#include <limits>

#include "lib/store/history/blocks.hpp"
#include "lib/store/history/head.hpp"

namespace outstation::store {
namespace {

constexpr std::uint32_t kReadCacheKib = 192;
constexpr std::int64_t kMaxBlocksOfPage = 128;  // a row is larger than 32 octets
constexpr std::size_t kLeastRowOctets = 4;
constexpr std::size_t kMaxDamageTold = 256;
constexpr std::int64_t kLastBlocksNs = 7'200'000'000'000;

constexpr const char* kFindPlace =
    "SELECT first_sequence, last_sequence, t0_ns, t1_ns, records, crc, strip, at, octets FROM block WHERE "
    "id=?";
constexpr const char* kFindPlace1 =
    "SELECT first_sequence, last_sequence, t0_ns, t1_ns, records, crc, id, 0, length(body) FROM block WHERE "
    "id=?";
// A strip that is too large is not read, so that blocks do not cost much more than their octets.
constexpr const char* kFindStrip =
    "SELECT body FROM strip WHERE id=?1 AND length(body)<=max(?2, 65536) AND length(body)>=?2";
constexpr const char* kFindBody1 = "SELECT body FROM block WHERE id=?1 AND length(body)=?2";
static_assert(kMaxStripOctets == 65536);

SequenceRange range_of(const Statement& row, int column) {
    return {static_cast<std::uint64_t>(row.integer(column)),
            static_cast<std::uint64_t>(row.integer(column + 1))};
}

}  // namespace

Result<std::unique_ptr<HistoryFile>> HistoryFile::open(const Vfs& vfs, const std::string& directory,
                                                       const std::string& name, const StationId& station) {
    DatabaseOptions options;
    options.page_checksums = true;
    options.cache_kib = kReadCacheKib;
    auto database = Database::open(vfs, directory + "/" + name, options);
    if (!database) return fail(database.error());
    auto out = std::unique_ptr<HistoryFile>(new HistoryFile(name, std::move(*database)));
    for (const auto& ok : {out->check_schema(), out->read_head(station), out->prepare()}) {
        if (!ok && ok.error().code == ErrorCode::bug)
            return fail(ErrorCode::malformed, name + ": " + ok.error().text);
        if (!ok) return fail(ok.error().in(name));
    }
    return out;
}

Result<void> HistoryFile::check_schema() {
    auto statement =
        Statement::prepare(database_, "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL");
    if (!statement) return fail(statement.error());
    std::size_t known = 0;
    std::size_t former = 0;
    for (;; ++known) {
        const auto row = statement->step();
        if (!row) return fail(row.error());
        if (!*row) break;
        const HistoryTable table{statement->text(0), statement->text(1)};
        if (table == kBlockTable1) {
            ++former;
        } else if (std::find(kHistoryTables.begin(), kHistoryTables.end(), table) == kHistoryTables.end()) {
            return fail(ErrorCode::malformed, "the schema is not ours");
        }
        has_strips_ = has_strips_ || table.name == kStripTable;
    }
    if (known + former != kHistoryTables.size() || (former > 0) == has_strips_)
        return fail(ErrorCode::malformed, "the schema is not whole");
    return {};
}

Result<void> HistoryFile::read_head(const StationId& station) {
    auto statement = Statement::prepare(database_, "SELECT body FROM head WHERE id=1");
    if (!statement) return fail(statement.error());
    const auto row = statement->step();
    if (!row) return fail(row.error());
    if (!*row) return fail(ErrorCode::malformed, "no head");
    const auto head = parse_head(statement->blob(0));
    if (!head) return fail(head.error());
    if (head->identity.station != station) return fail(ErrorCode::refused, "history of another station");
    const std::string name = history_name(*head);
    if (head->sequences.first > head->sequences.last || head->start_ns < 0 ||
        head->start_ns != span_start_ns(head->span, head->start_ns) ||
        (name_ != name && name_ != name + std::string(kBadHistory)))
        return fail(ErrorCode::malformed, "the head does not fit the name");
    auto pages = Statement::prepare(database_, "PRAGMA page_count");
    if (!pages || !pages->step().value_or(false)) return fail(ErrorCode::malformed, "no pages");
    if (head->blocks > pages->integer(0) * kMaxBlocksOfPage)
        return fail(ErrorCode::malformed, "more blocks than the file can hold");
    if (head->devices > head->blocks) return fail(ErrorCode::malformed, "more devices than blocks");
    octets_ = static_cast<std::uint64_t>(pages->integer(0)) * kPageOctets;
    head_ = *head;
    seed_ = history_seed(head_.identity, head_.level);
    return {};
}

Result<void> HistoryFile::prepare() {
    const std::pair<Statement*, const char*> statements[] = {
        {&find_device_, "SELECT id, blocks FROM device WHERE name=?"},
        {&find_place_, has_strips_ ? kFindPlace : kFindPlace1},
        {&find_body_, has_strips_ ? kFindStrip : kFindBody1}};
    for (const auto& [statement, sql] : statements) {
        auto prepared = Statement::prepare(database_, sql);
        if (!prepared) return fail(prepared.error());
        *statement = std::move(*prepared);
    }
    return {};
}

HistoryDamage HistoryFile::damaged(std::string what, std::string device) const {
    return {name_, std::move(device), head_.t0_ns, head_.t1_ns, head_.sequences, std::move(what)};
}

void HistoryFile::start_reading() {
    left_ = octets_;
    told_ = 0;
}

bool HistoryFile::spend(std::size_t octets) {
    if (octets > left_) return false;
    left_ -= octets;
    return true;
}

void HistoryFile::tell(std::vector<HistoryDamage>& damage, HistoryDamage what) {
    if (++told_ < kMaxDamageTold) damage.push_back(std::move(what));
    if (told_ == kMaxDamageTold) damage.push_back(damaged("more of the file is damaged"));
}

Error HistoryFile::of_file(Error error) {
    if (error.code == ErrorCode::bug || error.code == ErrorCode::exhausted) error.code = ErrorCode::malformed;
    if (error.code == ErrorCode::io && !failed_) failed_ = error;
    return error;
}

void HistoryFile::lost(std::vector<HistoryDamage>& damage) {
    if (head_.level == Level::raw) return;
    const auto ranges = missing();
    if (!ranges) return tell(damage, damaged(ranges.error().text));
    for (const SequenceRange& range : *ranges) {
        HistoryDamage out = damaged("samples could not be read when this was made");
        out.sequences = range;
        tell(damage, std::move(out));
    }
}

Result<std::vector<HistoryFile::Device>> HistoryFile::devices() {
    start_reading();
    auto statement = Statement::prepare(database_, "SELECT name, id, blocks FROM device ORDER BY name");
    if (!statement) return fail(of_file(statement.error()));
    std::vector<Device> out;
    std::int64_t blocks_left = head_.blocks;
    for (;;) {
        const auto row = statement->step();
        if (!row) return fail(of_file(row.error()));
        if (!*row) break;
        Device device{std::string(statement->text(0)), statement->integer(1), statement->integer(2)};
        if (device.id < 0 || device.id >= kMaxDevices || device.blocks < 0 || device.blocks > blocks_left ||
            device.name.size() > kMaxBlockNameOctets || out.size() >= head_.devices ||
            !spend(device.name.size()))
            return fail(ErrorCode::malformed, name_ + ": the list of devices is damaged");
        blocks_left -= device.blocks;
        out.push_back(std::move(device));
    }
    start_reading();
    return out;
}

Result<std::optional<HistoryFile::Device>> HistoryFile::device(const std::string& name) {
    start_reading();
    find_device_.reset();
    const auto row = find_device_.bind_text(1, name).step();
    if (!row) return fail(of_file(row.error()));
    std::optional<Device> out;
    if (*row) out = Device{name, find_device_.integer(0), find_device_.integer(1)};
    find_device_.reset();
    if (out && (out->id < 0 || out->id >= kMaxDevices || out->blocks < 0 ||
                out->blocks > static_cast<std::int64_t>(head_.blocks)))
        return fail(ErrorCode::malformed, name_ + ": a device is damaged");
    return out;
}

Result<HistoryFile::Place> HistoryFile::read_place(std::int64_t id, BlockRow& row) {
    find_place_.reset();
    const auto found = find_place_.bind(1, id).step();
    if (!found) return fail(of_file(found.error()));
    if (!*found) return fail(ErrorCode::malformed, "a block is not there");
    row.sequences = range_of(find_place_, 0);
    row.t0_ns = find_place_.integer(2);
    row.t1_ns = find_place_.integer(3);
    row.records = static_cast<std::uint32_t>(find_place_.integer(4));
    row.crc = static_cast<std::uint32_t>(find_place_.integer(5));
    const Place place{find_place_.integer(6), find_place_.integer(7), find_place_.integer(8)};
    find_place_.reset();
    return place;
}

Result<void> HistoryFile::read_body(const Place& place, BlockRow& row) {
    if (place.at < 0 || place.octets < 0 || !spend(static_cast<std::uint64_t>(place.octets)))
        return fail(ErrorCode::malformed, "blocks are larger than the file");
    find_body_.reset();
    const auto found = find_body_.bind(1, place.strip).bind(2, place.octets).step();
    if (!found) return fail(of_file(found.error()));
    if (!*found) return fail(ErrorCode::malformed, "a block is not there");
    const std::string_view strip = find_body_.blob(0);
    const auto at = static_cast<std::size_t>(place.at);
    const auto octets = static_cast<std::size_t>(place.octets);
    const bool fits = at <= strip.size() && octets <= strip.size() - at;
    if (fits) row.body = strip.substr(at, octets);
    find_body_.reset();
    if (!fits || checksum_of(row, seed_) != row.crc) return fail(ErrorCode::malformed, "a block is damaged");
    return {};
}

Result<void> HistoryFile::blocks(const Device& device, std::int64_t t0_ns, std::int64_t t1_ns,
                                 std::vector<HistoryDamage>& damage, const Visit& visit) {
    return visit_blocks(
        device, [&](const BlockRow& row) { return row.t1_ns >= t0_ns && row.t0_ns <= t1_ns; }, damage, visit);
}

Result<void> HistoryFile::blocks(const Device& device, const SequenceRange& sequences,
                                 std::vector<HistoryDamage>& damage, const Visit& visit) {
    return visit_blocks(
        device, [&](const BlockRow& row) { return row.sequences.overlaps(sequences); }, damage, visit);
}

Result<void> HistoryFile::visit_blocks(const Device& device, const Wants& wants,
                                       std::vector<HistoryDamage>& damage, const Visit& visit) {
    for (std::int64_t n = 0; n < device.blocks; ++n) {
        BlockRow row;
        row.device = device.name;
        const auto place = read_place(block_id(device.id, n), row);
        if (!place) {
            tell(damage, damaged(place.error().text, device.name));
            continue;
        }
        if (!wants(row)) continue;
        if (const auto done = read_body(*place, row); !done) {
            tell(damage, {name_, device.name, row.t0_ns, row.t1_ns, row.sequences, done.error().text});
        } else if (auto ok = visit(row); !ok) {
            return ok;
        }
    }
    return {};
}

Result<BlockRow> HistoryFile::block(const Device& device, std::int64_t n) {
    BlockRow row;
    row.device = device.name;
    const auto place = read_place(block_id(device.id, n), row);
    if (!place) return fail(place.error());
    if (const auto ok = read_body(*place, row); !ok) return fail(ok.error());
    return row;
}

void HistoryFile::last_counters(const std::string& name, std::optional<std::uint32_t> uptime,
                                CounterPoints& last) {
    const auto found = device(name);
    if (!found || !*found || (*found)->blocks == 0) return;
    BlockRow newest;
    if (!read_place(block_id((*found)->id, (*found)->blocks - 1), newest)) return;
    constexpr auto least_ns = std::numeric_limits<std::int64_t>::min();
    const std::int64_t from_ns = std::max(newest.t1_ns, least_ns + kLastBlocksNs) - kLastBlocksNs;
    std::vector<HistoryDamage> damage;
    const auto learn = [&](BlockRow& row) -> Result<void> {
        auto block = BlockReader::open(std::move(row.body));
        if (block) (void)learn_counters(*block, uptime, last);
        return {};
    };
    (void)blocks(**found, from_ns, std::numeric_limits<std::int64_t>::max(), damage, learn);
}

// The chunk behind `after`, or not_found.
Result<ChunkRow> HistoryFile::read_chunk(Statement& statement, std::int64_t after) {
    statement.reset();
    const auto row = statement.bind(1, after).step();
    if (!row) return fail(of_file(row.error()));
    if (!*row) return fail(ErrorCode::not_found, "no more chunks");
    ChunkRow chunk;
    chunk.id = statement.integer(0);
    chunk.codec = static_cast<std::uint8_t>(statement.integer(1));
    chunk.octets = static_cast<std::uint32_t>(statement.integer(2));
    chunk.crc = static_cast<std::uint32_t>(statement.integer(3));
    if (!spend(kLeastRowOctets + statement.blob(4).size()))
        return fail(ErrorCode::malformed, "chunks are larger than the file");
    chunk.body = statement.blob(4);
    return chunk;
}

template <typename Item>
Result<void> HistoryFile::chunks(const char* sql,
                                 const std::function<Result<std::vector<Item>>(const ChunkRow&)>& unpack,
                                 std::vector<HistoryDamage>& damage,
                                 const std::function<Result<void>(const std::vector<Item>&)>& visit) {
    start_reading();
    auto statement = Statement::prepare(database_, sql);
    if (!statement) return tell(damage, damaged(of_file(statement.error()).text)), Result<void>();
    for (std::int64_t after = -1;;) {
        const auto chunk = read_chunk(*statement, after);
        if (!chunk && chunk.error().code == ErrorCode::not_found) return {};
        if (!chunk) return tell(damage, damaged(chunk.error().text)), Result<void>();
        after = chunk->id;
        const auto items = unpack(*chunk);
        if (!items) {
            tell(damage, damaged(items.error().text));
        } else if (auto ok = visit(*items); !ok) {
            return ok;
        }
    }
}

Result<void> HistoryFile::definitions(std::vector<HistoryDamage>& damage, const VisitDefinitions& visit,
                                      const UnpackDefinitions& unpack) {
    return chunks("SELECT id, codec, octets, crc, body FROM definition WHERE id>? ORDER BY id LIMIT 1",
                  unpack, damage, visit);
}

Result<void> HistoryFile::batches(std::vector<HistoryDamage>& damage, const VisitBatches& visit) {
    return chunks<wire::BatchMark>(
        "SELECT id, codec, octets, crc, body FROM batch WHERE id>? ORDER BY id LIMIT 1", &unpack_batches,
        damage, visit);
}

Result<std::vector<SequenceRange>> HistoryFile::missing() {
    start_reading();
    auto statement = Statement::prepare(database_, "SELECT id, last_sequence FROM missing ORDER BY id");
    if (!statement) return fail(of_file(statement.error()));
    std::vector<SequenceRange> out;
    for (;;) {
        const auto row = statement->step();
        if (!row) return fail(of_file(row.error()));
        if (!*row) return out;
        out.push_back(range_of(*statement, 0));
        if (!spend(kLeastRowOctets)) return fail(ErrorCode::malformed, "more is missing than fits the file");
    }
}

}  // namespace outstation::store
