// SPDX-License-Identifier: GPL-3.0-or-later
// Lock, open, check, set aside.
#include "lib/store/state/state_file.hpp"

#include <algorithm>

#include "lib/store/sqlite/database.hpp"
#include "lib/store/sqlite/page_checksum.hpp"
#include "lib/store/sqlite/vfs_file.hpp"

namespace outstation::store {
namespace {

constexpr std::uint64_t kPagesATime = 64;

Result<std::uint64_t> octets_of(FileSystem& files, const std::string& path) {
    const auto file = files.open(path, FileSystem::Mode::read);
    if (!file) return fail(file.error());
    return (*file)->size();
}

Result<void> read_all(FileSystem& files, const std::string& path) {
    const auto file = files.open(path, FileSystem::Mode::read);
    if (!file) return fail(file.error());
    constexpr std::uint64_t kOctetsATime = kPagesATime * kPageOctets;
    for (std::uint64_t from = 0;; from += kOctetsATime) {
        const auto bytes = (*file)->read(from, kOctetsATime);
        if (!bytes) return fail(bytes.error());
        if (bytes->size() < kOctetsATime) return {};
    }
}

}  // namespace

StateFile::StateFile(FileSystem& files, std::string directory)
    : files_(files), directory_(std::move(directory)), path_(directory_ + "/state.db") {}

Result<std::unique_ptr<StateDb>> StateFile::open(const Epochs& epochs,
                                                 const std::function<bool()>& journal_has_all) {
    if (!vfs_) {
        auto vfs = Vfs::make(files_);
        if (!vfs) return fail(vfs.error());
        vfs_ = std::move(*vfs);
    }
    if (!lock_) {
        if (const auto ok = take_directory(); !ok) return fail(ErrorCode::io, ok.error().text);
    }
    if (number_in(path_, "format") == 1 && journal_has_all()) {
        if (const auto ok = remove(path_); !ok) return fail(ok.error());
    }
    auto db = StateDb::open(*vfs_, path_, epochs);
    if (!db) return db;
    const auto pages = (*db)->checkpoint();
    if (!pages) return fail(pages.error());
    if (const auto ok = check_pages(*pages); !ok) return fail(ok.error());
    return db;
}

// Nothing in it is touched while another has it.
Result<void> StateFile::take_directory() {
    if (auto ok = files_.make_directory(directory_); !ok) return ok;
    if (auto ok = files_.sync_directory(directory_of(directory_)); !ok) return ok;
    auto lock = files_.lock(directory_ + "/lock");
    if (!lock) return fail(lock.error());
    lock_ = std::move(*lock);
    return {};
}

// A bit that turned is found at the start, not when a page is needed.
Result<void> StateFile::check_pages(std::uint64_t pages) const {
    const auto file = files_.open(path_, FileSystem::Mode::read);
    if (!file) return fail(file.error());
    for (std::uint64_t first = 0; first < pages; first += kPagesATime) {
        const std::uint64_t count = std::min(kPagesATime, pages - first);
        const auto bytes = (*file)->read(first * kPageOctets, count * kPageOctets);
        if (!bytes) return fail(bytes.error());
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto page =
                std::string_view(*bytes).substr(std::min(bytes->size(), i * kPageOctets), kPageOctets);
            if (!page_is_whole(page, first + i))
                return fail(ErrorCode::malformed,
                            path_ + ": page " + std::to_string(first + i) + " is damaged");
        }
    }
    return {};
}

Result<void> StateFile::remove(const std::string& path) {
    const auto removed = files_.remove(path);
    return removed || removed.error().code == ErrorCode::not_found ? Result<void>() : removed;
}

Result<void> StateFile::drop_aside() {
    if (auto ok = remove(path_ + ".aside"); !ok) return ok;
    return remove(path_ + ".aside-wal");
}

// From the table meta. Without the log, so at least; 0: that cannot be read.
std::uint64_t StateFile::number_in(const std::string& path, const char* name) const {
    DatabaseOptions options;
    options.page_checksums = true;
    const auto database = Database::open(*vfs_, path, options);
    if (!database) return 0;
    auto query = Statement::prepare(*database, "SELECT value FROM meta WHERE name = ?1");
    if (!query) return 0;
    const auto row = query->bind_text(1, name).step();
    return row && *row ? static_cast<std::uint64_t>(query->integer(0)) : 0;
}

// A new file that fails soon after must not take the place of one with years in it. Where damage hides how
// far a file is, its size tells.
bool StateFile::aside_has_more() const {
    const auto aside = octets_of(files_, path_ + ".aside");
    if (!aside) return false;
    const std::uint64_t applied = number_in(path_, "applied");
    const std::uint64_t applied_aside = number_in(path_ + ".aside", "applied");
    if (applied != 0 && applied_aside != 0) return applied_aside > applied;
    return *aside > octets_of(files_, path_).value_or(0);
}

// The log of what was aside before goes first, that it is never taken for another file's. Then the file:
// SQLite throws the log of a new file away, but a file without its log may lack pages.
Result<void> StateFile::set_aside() {
    const std::string aside = path_ + ".aside";
    const bool keep = aside_has_more();
    if (!keep) {
        if (auto ok = remove(aside + "-wal"); !ok) return ok;
    }
    if (auto ok = keep ? files_.remove(path_) : files_.rename(path_, aside); !ok) return ok;
    const auto moved = keep ? remove(path_ + "-wal") : files_.rename(path_ + "-wal", aside + "-wal");
    if (!moved && moved.error().code != ErrorCode::not_found) return moved;
    return files_.sync_directory(directory_);
}

bool StateFile::is_readable() const {
    for (const char* suffix : {"", "-wal"}) {
        const auto ok = read_all(files_, path_ + suffix);
        if (!ok && ok.error().code == ErrorCode::io) return false;
    }
    return true;
}

void StateFile::measure() {
    const auto names = files_.list(directory_);
    if (!names) return;
    std::uint64_t sum = 0;
    for (const std::string& name : *names) sum += octets_of(files_, directory_ + "/" + name).value_or(0);
    octets_ = sum;
    log_octets_ = octets_of(files_, path_ + "-wal").value_or(0);
}

}  // namespace outstation::store
