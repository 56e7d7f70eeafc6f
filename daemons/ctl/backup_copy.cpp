// SPDX-License-Identifier: GPL-3.0-or-later
// Reading files that are being written, and putting a station's files into an archive.
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <set>
#include <thread>
#include <tuple>

#include "daemons/ctl/backup_source.hpp"

namespace outstation::ctl {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kPartBytes = 65536;
constexpr std::size_t kPageBytes = 4096;
constexpr std::uint64_t kMostGrowingBytes = 256ULL << 20U;
constexpr std::size_t kLogHeaderBytes = 32;  // https://www.sqlite.org/fileformat.html section 4.1
constexpr int kTries = 20;
constexpr auto kPause = 10ms;

Result<std::size_t> read_at(int fd, char* to, std::size_t count, std::uint64_t offset) {
    std::size_t done = 0;
    while (done < count) {
        const ssize_t got = pread(fd, to + done, count - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_errno("read", errno);
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

// Later octets are read before earlier ones, so that a record that is there has everything before it.
Result<std::string> read_backwards(int fd) {
    struct stat info {};
    if (fstat(fd, &info) != 0) return fail_errno("size", errno);
    const auto size = static_cast<std::uint64_t>(info.st_size);
    if (size > kMostGrowingBytes) return fail(ErrorCode::exhausted, "a segment larger than segments are");
    std::string out(size, '\0');
    for (std::uint64_t end = size; end > 0;) {
        const std::uint64_t begin = (end - 1) / kPageBytes * kPageBytes;
        if (const auto got = read_at(fd, out.data() + begin, end - begin, begin); !got)
            return fail(got.error());
        end = begin;
    }
    return out;
}

// What tells whether two looks at a database and its log see one generation of the log.
struct Generation {
    bool log = false;
    std::string header;  // of the log
    ino_t log_inode = 0;
    ino_t inode = 0;                                        // of the database
    std::tuple<off_t, std::int64_t, std::int64_t> changed;  // of the database, when there is no log
    bool operator==(const Generation&) const = default;
};

Result<Generation> generation_of(const std::string& path) {
    Generation out;
    struct stat info {};
    if (stat(path.c_str(), &info) != 0) return fail_errno(path, errno);
    out.inode = info.st_ino;
    const UniqueFd log(open((path + "-wal").c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!log && errno != ENOENT) return fail(open_error(path + "-wal", errno));
    if (!log) {
        out.changed = {info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec};
        return out;
    }
    out.log = true;
    if (fstat(log.get(), &info) != 0) return fail_errno(path + "-wal", errno);
    out.log_inode = info.st_ino;
    out.header.resize(kLogHeaderBytes);
    const auto got = read_at(log.get(), out.header.data(), kLogHeaderBytes, 0);
    if (!got) return fail(got.error().in(path + "-wal"));
    out.header.resize(*got);
    return out;
}

Result<void> copy_path(const std::string& path, const Sink& sink) {
    const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd) return fail(open_error(path, errno));
    return copy_file(fd.get(), sink);
}

std::string user_name(uid_t uid) {
    const passwd* entry = getpwuid(uid);
    return entry == nullptr ? "" : entry->pw_name;
}

std::string group_name(gid_t gid) {
    const group* entry = getgrgid(gid);
    return entry == nullptr ? "" : entry->gr_name;
}

ArchiveName name_of(const StationEntry& entry) {
    return {entry.path, entry.mode, user_name(entry.uid), group_name(entry.gid)};
}

Sink into(ArchiveWriter& out) {
    return [&out](std::string_view bytes) { return out.content(bytes); };
}

Result<void> archive_database(const std::string& state_dir, const StationEntry& entry, ArchiveWriter& out) {
    ArchiveName log = name_of(entry);
    log.path += "-wal";
    if (const auto ok = out.begin_file(name_of(entry)); !ok) return ok;
    PairSink sink;
    sink.database = sink.log = into(out);
    sink.begin_log = [&]() -> Result<void> {
        if (const auto ok = out.end_file(); !ok) return ok;
        return out.begin_file(log);
    };
    sink.done = [&](bool) { return out.end_file(); };
    sink.again = [&](bool had_log) -> Result<void> {
        if (const auto ok = out.end_file(); !ok) return ok;
        if (had_log) {
            if (const auto ok = out.take_back(log.path); !ok) return ok;
        }
        if (const auto ok = out.take_back(entry.path); !ok) return ok;
        return out.begin_file(name_of(entry));
    };
    return copy_database(state_dir + "/" + entry.path, sink);
}

Result<void> archive_file(const StationEntry& entry, bool growing, ArchiveWriter& out) {
    if (!entry.fd) return fail(ErrorCode::io, "it cannot be opened");
    if (const auto ok = out.begin_file(name_of(entry)); !ok) return ok;
    if (entry.content) {
        if (const auto ok = out.content(*entry.content); !ok) return ok;
    } else if (growing) {
        const auto bytes = read_growing(entry.fd.get());
        if (!bytes) return fail(bytes.error());
        if (const auto ok = out.content(*bytes); !ok) return ok;
    } else if (const auto ok = copy_file(entry.fd.get(), into(out)); !ok) {
        return ok;
    }
    return out.end_file();
}

// The rest is a backup without this one: the reader of the journal and of history knows what is missing.
Result<void> settle(const StationEntry& entry, const Result<void>& archived, ArchiveWriter& out,
                    LeftOut& left_out) {
    if (archived) return archived;
    auto error = archived.error().in(entry.path);
    if (out.failed() || error.code != ErrorCode::io || !entry.path.starts_with("stored/"))
        return fail(std::move(error));
    left_out.unreadable.push_back(std::move(error));
    if (const auto ok = out.drop(entry.path + "-wal"); !ok) return ok;
    return out.drop(entry.path);
}

}  // namespace

Result<void> copy_file(int fd, const Sink& sink) {
    std::string part(kPartBytes, '\0');
    for (std::uint64_t offset = 0;; offset += kPartBytes) {
        const auto got = read_at(fd, part.data(), kPartBytes, offset);
        if (!got) return fail(got.error());
        if (const auto ok = sink(std::string_view(part).substr(0, *got)); !ok) return ok;
        if (*got < kPartBytes) return {};
    }
}

Result<std::string> read_growing(int fd) {
    auto before = read_backwards(fd);
    for (int i = 0; before && i < kTries; ++i) {
        auto after = read_backwards(fd);
        if (!after || *after == *before) return after;
        before = std::move(after);
        std::this_thread::sleep_for(kPause);
    }
    return before;
}

Result<void> copy_database(const std::string& path, const PairSink& sink) {
    for (int i = 0; i < kTries; ++i) {
        const auto before = generation_of(path);
        if (!before) return fail(before.error());
        if (const auto ok = copy_path(path, sink.database); !ok) return ok;
        bool had_log = false;
        if (before->log) {
            if (const auto ok = sink.begin_log(); !ok) return ok;
            had_log = true;
            // Gone: then it is another generation.
            const auto ok = copy_path(path + "-wal", sink.log);
            if (!ok && ok.error().code != ErrorCode::not_found) return ok;
        }
        const auto after = generation_of(path);
        if (!after) return fail(after.error());
        if (*before == *after) return sink.done(had_log);
        if (const auto ok = sink.again(had_log); !ok) return ok;
        std::this_thread::sleep_for(kPause);
    }
    return fail(ErrorCode::exhausted, path + ": it changes all the time: try again");
}

Result<void> archive_station(const std::string& state_dir, ArchiveWriter& out, LeftOut& left_out) {
    std::set<std::string> known;
    const auto directories = [&](const StationSnapshot& snapshot) -> Result<void> {
        for (const StationEntry& entry : snapshot.entries) {
            if (!entry.directory || !known.insert(entry.path).second) continue;
            if (const auto ok = out.directory(name_of(entry)); !ok) return ok;
        }
        return {};
    };
    // Databases first, and only then the moment of the journal: it has all that they have.
    auto snapshot = open_station(state_dir);
    if (!snapshot) return fail(snapshot.error());
    if (const auto ok = directories(*snapshot); !ok) return ok;
    for (const StationEntry& entry : snapshot->entries) {
        if (!is_database(entry)) continue;
        if (auto ok = settle(entry, archive_database(state_dir, entry, out), out, left_out); !ok) return ok;
    }
    snapshot->entries.clear();
    snapshot = open_station(state_dir);
    if (!snapshot) return fail(snapshot.error());
    if (const auto ok = directories(*snapshot); !ok) return ok;
    left_out.no_files = snapshot->left_out;
    const std::vector<std::string> segments = growing_segments(*snapshot);
    for (const StationEntry& entry : snapshot->entries) {
        if (entry.directory || is_database(entry)) continue;
        const bool grows = std::find(segments.begin(), segments.end(), entry.path) != segments.end();
        if (auto ok = settle(entry, archive_file(entry, grows, out), out, left_out); !ok) return ok;
    }
    return out.end();
}

}  // namespace outstation::ctl
