// SPDX-License-Identifier: GPL-3.0-or-later
// The catalogue: an identity page and frames of definitions.
#include "lib/store/series_catalog.hpp"

#include <algorithm>
#include <numeric>

#include "lib/store/frame_cursor.hpp"
#include "lib/wire/wire.hpp"

namespace outstation::store {
namespace {

constexpr std::uint32_t kSeriesOfFrame = 4096;
constexpr const char* kName = "/series.catalog";
constexpr std::uint64_t kOctetsOfSeries = 128;  // packed, and more than that

}  // namespace

SeriesCatalog::SeriesCatalog(FileSystem& files, const std::string& directory, const Identity& identity)
    : files_(files), directory_(directory), identity_(identity) {}

Result<bool> SeriesCatalog::load(Dictionary& dictionary) {
    const std::string path = directory_ + kName;
    const auto file = files_.open(path, FileSystem::Mode::read);
    if (!file && file.error().code == ErrorCode::not_found) return false;
    if (!file) return fail(file.error());
    const auto size = (*file)->size();
    const auto bytes = size ? (*file)->read(0, *size) : Result<std::string>(fail(size.error()));
    if (!bytes) return fail(bytes.error());
    const auto identity = parse_identity(std::string_view(*bytes).substr(0, kIdentityOctets));
    if (!identity) return fail(identity.error().in(path));
    if (identity->station != identity_.station)
        return fail(ErrorCode::refused, path + ": it is of another station");
    const std::uint32_t seed = frame_seed(*identity, StreamId::samples, 0);
    std::string_view rest = std::string_view(*bytes).substr(kIdentityOctets);
    while (!rest.empty()) {
        const auto header = parse_frame_header(rest.substr(0, kFrameHeaderOctets), seed);
        if (!header) return fail(header.error().in(path));
        const auto body = read_body(*header, rest.substr(kFrameHeaderOctets, header->payload_octets));
        const auto frame = body ? decode_frame(*body) : Result<wire::FrameBody>(fail(body.error()));
        if (!frame) return fail(frame.error().in(path));
        for (const auto& def : frame->series) dictionary.restore(def);
        dictionary.restore_last(frame->last_series);
        rest.remove_prefix(std::min<std::size_t>(rest.size(), header->total_octets()));
    }
    octets_ = bytes->size();
    saved_series_ = dictionary.size();
    saved_last_ = dictionary.last();
    saved_changes_ = dictionary.changes();
    return true;
}

Result<std::string> SeriesCatalog::encode(const Dictionary& dictionary) const {
    std::string out = encode_identity(identity_, 0);
    const std::uint32_t seed = frame_seed(identity_, StreamId::samples, 0);
    const std::uint32_t last = dictionary.last();
    for (std::uint32_t id = 1; id <= last || id == 1; id += kSeriesOfFrame) {
        std::vector<std::uint32_t> ids(std::min(last + 1 - id, kSeriesOfFrame));
        std::iota(ids.begin(), ids.end(), id);
        std::string bytes;
        dictionary.append_definitions(ids, bytes);
        wire::FrameBody rest;
        rest.last_series = last;
        bytes += wire::encode(rest);
        FrameHeader header;
        header.info.first_sequence = id;
        header.info.records = 1;
        header.info.flags = kFlagDefinitions;
        header.body_octets = static_cast<std::uint32_t>(bytes.size());
        const auto payload = compress_body(bytes, header.codec);
        if (!payload) return fail(payload.error());
        out += encode_frame(header, *payload, seed);
    }
    return out;
}

std::uint64_t SeriesCatalog::coming_octets(const Dictionary& dictionary) const {
    const std::size_t series = dictionary.size();
    if (series == saved_series_ && dictionary.last() == saved_last_ && dictionary.changes() == saved_changes_)
        return 0;
    const std::uint64_t more = series > saved_series_ ? series - saved_series_ : 0;
    return kIdentityOctets + octets_ + more * kOctetsOfSeries;
}

Result<void> SeriesCatalog::save(const Dictionary& dictionary) {
    const std::size_t series = dictionary.size();
    const std::uint32_t last = dictionary.last();
    const std::uint64_t changes = dictionary.changes();
    if (series == saved_series_ && last == saved_last_ && changes == saved_changes_) return {};
    const auto bytes = encode(dictionary);
    if (!bytes) return fail(bytes.error());
    const std::string path = directory_ + kName;
    const std::string temporary = path + ".new";
    const auto removed = files_.remove(temporary);  // a crash may have left one
    if (!removed && removed.error().code != ErrorCode::not_found) return removed;
    auto file = files_.open(temporary, FileSystem::Mode::create);
    if (!file) return fail(file.error());
    if (const auto ok = (*file)->write(0, *bytes); !ok) return ok;
    if (const auto ok = (*file)->sync(); !ok) return ok;
    if (const auto ok = files_.rename(temporary, path); !ok) return ok;
    if (const auto ok = files_.sync_directory(directory_); !ok) return ok;
    octets_ = bytes->size();
    saved_series_ = series;
    saved_last_ = last;
    saved_changes_ = changes;
    return {};
}

}  // namespace outstation::store
