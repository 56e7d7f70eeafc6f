// SPDX-License-Identifier: GPL-3.0-or-later
// Reads, writes and locks of a database's files.
#include "lib/store/sqlite/vfs_file.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>

#include "lib/store/sqlite/database.hpp"
#include "lib/store/sqlite/page_checksum.hpp"

namespace outstation::store {
namespace {

// SQLite looks at the header before it knows the size of a page.
constexpr int kHeaderOctets = 100;
// Instead of the magic number of a log. What follows it stays: it tells one log of a database from the next
// (docs/formats/backup.md).
constexpr std::string_view kNoLog{"\0\0\0\0", 4};

std::string_view bytes_at(const void* bytes, int octets) {
    return {static_cast<const char*>(bytes), static_cast<std::size_t>(octets)};
}

}  // namespace

std::string directory_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash);
}

VfsFile::VfsFile(FileSystem& files, LockTable& locks, std::unique_ptr<File> file, Purpose purpose)
    : files_(files), locks_(locks), file_(std::move(file)), purpose_(std::move(purpose)) {}

VfsFile::~VfsFile() {
    unlock(SQLITE_LOCK_NONE);
    file_.reset();
    if (purpose_.remove_at_close) (void)files_.remove(purpose_.path);
}

Result<std::uint64_t> VfsFile::end() const {
    const auto octets = file_->size();
    if (!octets || !cut_) return octets;
    return std::min(*octets, cut_at_);
}

int VfsFile::read(void* out, int octets, std::int64_t offset) const {
    const auto from = static_cast<std::uint64_t>(offset);
    auto wanted = static_cast<std::size_t>(octets);
    if (cut_) wanted = from >= cut_at_ ? 0 : std::min<std::uint64_t>(wanted, cut_at_ - from);
    const auto bytes = file_->read(from, wanted);
    if (!bytes) return vfs_failed(SQLITE_IOERR_READ, bytes.error());
    std::memcpy(out, bytes->data(), bytes->size());
    if (bytes->size() < static_cast<std::size_t>(octets)) {
        std::memset(static_cast<char*>(out) + bytes->size(), 0,
                    static_cast<std::size_t>(octets) - bytes->size());
        return SQLITE_IOERR_SHORT_READ;
    }
    return check_page(*bytes, offset);
}

int VfsFile::check_page(std::string_view bytes, std::int64_t offset) const {
    if (!purpose_.page_checksums || bytes.size() <= kHeaderOctets) return SQLITE_OK;
    const auto at = static_cast<std::uint64_t>(offset);
    if (bytes.size() == kPageOctets && at % kPageOctets == 0 && page_is_whole(bytes, at / kPageOctets))
        return SQLITE_OK;
    return vfs_failed(
        SQLITE_IOERR_DATA,
        {ErrorCode::malformed, purpose_.path + ": page " + std::to_string(at / kPageOctets) + " is damaged"});
}

int VfsFile::write(const void* bytes, int octets, std::int64_t offset) {
    const auto at = static_cast<std::uint64_t>(offset);
    std::string_view out = bytes_at(bytes, octets);
    std::string page;
    if (purpose_.page_checksums) {
        if (out.size() != kPageOctets || at % kPageOctets != 0)
            return vfs_failed(SQLITE_IOERR_WRITE, {ErrorCode::bug, purpose_.path + ": not a whole page"});
        page = out;
        seal_page(page, at / kPageOctets);
        out = page;
    }
    if (const auto ok = file_->write(at, out); !ok)
        return vfs_failed(ok.error().code == ErrorCode::exhausted ? SQLITE_FULL : SQLITE_IOERR_WRITE,
                          ok.error());
    if (cut_) cut_at_ = std::max(cut_at_, at + out.size());
    return SQLITE_OK;
}

int VfsFile::truncate(std::int64_t octets) {
    const auto now = end();
    if (!now) return vfs_failed(SQLITE_IOERR_FSTAT, now.error());
    const auto wanted = static_cast<std::uint64_t>(octets);
    if (wanted >= *now) return SQLITE_OK;
    if (!purpose_.database && !(purpose_.log && wanted == 0))
        return vfs_failed(SQLITE_IOERR_TRUNCATE, {ErrorCode::bug, purpose_.path + ": cannot be cut"});
    if (purpose_.log) {
        if (const auto ok = file_->write(0, kNoLog); !ok)
            return vfs_failed(SQLITE_IOERR_TRUNCATE, ok.error());
    }
    cut_ = true;
    cut_at_ = wanted;
    return SQLITE_OK;
}

int VfsFile::sync() {
    if (const auto ok = file_->sync(); !ok) return vfs_failed(SQLITE_IOERR_FSYNC, ok.error());
    if (purpose_.sync_name && !name_synced_) {
        const auto ok = files_.sync_directory(directory_of(purpose_.path));
        if (!ok) return vfs_failed(SQLITE_IOERR_DIR_FSYNC, ok.error());
        name_synced_ = true;
    }
    return SQLITE_OK;
}

int VfsFile::size(std::int64_t& octets) const {
    const auto now = end();
    if (!now) return vfs_failed(SQLITE_IOERR_FSTAT, now.error());
    octets = static_cast<std::int64_t>(*now);
    return SQLITE_OK;
}

int VfsFile::lock(int level) {
    const auto wanted = static_cast<LockLevel>(level);
    if (held_ >= wanted) return SQLITE_OK;
    if (const auto ok = locks_.raise(purpose_.path, this, held_, wanted); !ok)
        return vfs_failed(ok.error().code == ErrorCode::refused ? SQLITE_BUSY : SQLITE_IOERR_LOCK,
                          ok.error());
    return SQLITE_OK;
}

void VfsFile::unlock(int level) {
    locks_.lower(purpose_.path, this, held_, static_cast<LockLevel>(level));
}

bool VfsFile::reserved() const {
    return locks_.reserved(purpose_.path);
}

}  // namespace outstation::store
