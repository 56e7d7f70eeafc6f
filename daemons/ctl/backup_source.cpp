// SPDX-License-Identifier: GPL-3.0-or-later
// Listing and opening a station's files until the names rest.
#include "daemons/ctl/backup_source.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>

#include "lib/store/journal/format.hpp"

namespace outstation::ctl {
namespace {

using namespace std::chrono_literals;

constexpr const char* kFolders[] = {"stored", "confd", "authd", "polld", "webd"};
constexpr int kTries = 50;
constexpr auto kPause = 20ms;
constexpr std::string_view kWiped = "confd/";  // where files are overwritten before they go
constexpr off_t kMostWipedBytes = 64 * 1024;   // and no such file is larger

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> ends) {
    return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return name.ends_with(end); });
}

// Of this moment only, or made again by whoever needs it. A database's log comes with its database.
bool passing(std::string_view name) {
    return name == "lock" || name == "new-epoch" ||
           ends_with_any(name,
                         {"-lock", ".sock", ".new", ".spare", ".~wipe", "-wal", "-shm", ".bad", ".aside"});
}

Result<std::vector<std::string>> names_in(const std::string& directory) {
    const std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(directory.c_str()), &closedir);
    if (!dir) return fail_errno("list " + directory, errno);
    std::vector<std::string> out;
    while (const dirent* entry = readdir(dir.get())) {
        const std::string name = entry->d_name;
        if (name != "." && name != ".." && !passing(name)) out.push_back(name);
    }
    std::sort(out.begin(), out.end());
    return out;
}

void may_open_many() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

class Listing {
  public:
    Listing(std::string top, bool open_files) : top_(std::move(top)), open_files_(open_files) {}

    // not_found: something went away meanwhile.
    [[nodiscard]] Result<StationSnapshot> list() {
        auto top = add(".");
        if (!top) return fail(top.error());
        for (const char* folder : kFolders) {
            auto ok = walk(folder);
            // Not every station has every folder.
            if (!ok && !(ok.error().code == ErrorCode::not_found && access(at(folder).c_str(), F_OK) != 0))
                return fail(ok.error());
        }
        return std::move(out_);
    }

  private:
    [[nodiscard]] std::string at(const std::string& path) const {
        return path == "." ? top_ : top_ + "/" + path;
    }

    // Whether it is a directory; nothing: neither that nor a file.
    [[nodiscard]] Result<std::optional<bool>> add(const std::string& path) {
        struct stat info {};
        const int follow = path == "." ? 0 : AT_SYMLINK_NOFOLLOW;
        if (fstatat(AT_FDCWD, at(path).c_str(), &info, follow) != 0) return fail_errno(at(path), errno);
        if (!S_ISDIR(info.st_mode) && !S_ISREG(info.st_mode)) {
            if (!S_ISSOCK(info.st_mode)) out_.left_out.push_back(path);
            return std::optional<bool>();
        }
        StationEntry entry{path,        S_ISDIR(info.st_mode), info.st_ino, info.st_mode & 0777U,
                           info.st_uid, info.st_gid,           UniqueFd()};
        if (open_files_ && !entry.directory) {
            if (const auto ok = open_file(entry); !ok) return fail(ok.error());
        }
        out_.entries.push_back(std::move(entry));
        return std::optional<bool>(out_.entries.back().directory);
    }

    [[nodiscard]] Result<void> open_file(StationEntry& entry) {
        const std::string path = at(entry.path);
        entry.fd = UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
        struct stat info {};
        if (!entry.fd || fstat(entry.fd.get(), &info) != 0) {
            Error error = open_error(path, errno);
            return error.code == ErrorCode::io ? Result<void>() : fail(std::move(error));
        }
        entry.inode = info.st_ino;
        if (!entry.path.starts_with(kWiped) || info.st_size > kMostWipedBytes) return {};
        entry.content.emplace();
        const auto ok = copy_file(entry.fd.get(), [&](std::string_view bytes) -> Result<void> {
            entry.content->append(bytes);
            return {};
        });
        return ok ? ok : fail(ok.error().in(path));
    }

    [[nodiscard]] Result<void> walk(const std::string& path) {
        if (!is_safe_path(path) || out_.entries.size() >= kMostBackupFiles)
            return fail(ErrorCode::exhausted, at(path) + ": too deep, too many, or a name that is none");
        const auto directory = add(path);
        if (!directory) return fail(directory.error());
        if (!*directory || !**directory) return {};
        const auto names = names_in(at(path));
        if (!names) return fail(names.error());
        for (const std::string& name : *names) {
            const std::string below = path + "/" + name;
            if (const auto ok = walk(below); !ok) return ok;
        }
        return {};
    }

    std::string top_;
    bool open_files_;
    StationSnapshot out_;
};

bool same_names(const StationSnapshot& a, const StationSnapshot& b) {
    return std::equal(a.entries.begin(), a.entries.end(), b.entries.begin(), b.entries.end(),
                      [](const StationEntry& x, const StationEntry& y) {
                          return x.path == y.path && x.inode == y.inode && x.directory == y.directory;
                      });
}

}  // namespace

Error open_error(const std::string& path, int number) {
    Error error = fail_errno("open " + path, number).value();
    if (error.code == ErrorCode::io && number != EIO) error.code = ErrorCode::exhausted;
    return error;
}

// Whatever is overwritten gets another name first: while the names are the same, what was read is whole.
Result<StationSnapshot> open_station(const std::string& state_dir) {
    may_open_many();
    if (access(state_dir.c_str(), F_OK) != 0) return fail_errno(state_dir, errno);
    for (int i = 0; i < kTries; ++i) {
        if (i > 0) std::this_thread::sleep_for(kPause);
        auto first = Listing(state_dir, true).list();
        if (!first && first.error().code != ErrorCode::not_found) return first;
        const auto second = Listing(state_dir, false).list();
        if (!second && second.error().code != ErrorCode::not_found) return fail(second.error());
        if (!first || !second || !same_names(*first, *second)) continue;
        if (first->entries.size() == 1)
            return fail(ErrorCode::not_found, state_dir + ": no station is there");
        return first;
    }
    return fail(ErrorCode::exhausted, state_dir + ": files come and go all the time: try again");
}

bool is_database(const StationEntry& entry) {
    return !entry.directory && entry.path.ends_with(".db") && !entry.path.starts_with("stored/history/");
}

std::vector<std::string> growing_segments(const StationSnapshot& snapshot) {
    std::vector<std::string> out;
    std::optional<StreamId> last;
    // Sorted: the last one of each stream stands behind the others of it.
    for (const StationEntry& entry : snapshot.entries) {
        const auto slash = entry.path.rfind('/');
        const auto name = store::parse_segment_name(
            std::string_view(entry.path).substr(slash == std::string::npos ? 0 : slash + 1));
        if (entry.directory || !name) continue;
        if (last == name->stream) out.pop_back();
        last = name->stream;
        out.push_back(entry.path);
    }
    return out;
}

}  // namespace outstation::ctl
