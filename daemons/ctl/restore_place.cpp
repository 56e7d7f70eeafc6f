// SPDX-License-Identifier: GPL-3.0-or-later
// Beside the directory, or inside of one that is mounted.
#include "daemons/ctl/restore_place.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "lib/crypto/private_file.hpp"
#include "lib/runtime/process.hpp"

namespace outstation::ctl {
namespace {

constexpr const char* kSuffix = ".restoring";
constexpr const char* kInside = "/.restoring";

bool is_mounted(const std::string& directory) {
    struct stat own {};
    struct stat parent {};
    return stat(directory.c_str(), &own) == 0 && stat((directory + "/..").c_str(), &parent) == 0 &&
           own.st_dev != parent.st_dev;
}

// What a new file system has, what a restore left that did not end, and what a service manager makes for a
// daemon that may not start.
bool may_stay(const std::filesystem::path& path) {
    if (path.filename() == "lost+found" || path.filename() == std::string(kInside).substr(1)) return true;
    std::error_code error;
    return std::filesystem::is_directory(std::filesystem::symlink_status(path, error)) &&
           std::filesystem::is_empty(path, error) && !error;
}

Result<void> must_be_free(const std::string& directory, bool mounted) {
    std::error_code error;
    const auto status = std::filesystem::symlink_status(directory, error);
    if (!std::filesystem::exists(status)) return {};
    bool free = std::filesystem::is_directory(status);
    if (free) {
        for (const auto& entry : std::filesystem::directory_iterator(directory, error))
            free = free && mounted && may_stay(entry.path());
    }
    if (free && !error) return {};
    return fail(ErrorCode::config,
                directory + " is not empty: move it away first, a restore replaces nothing");
}

// Who may rename a directory on the way can put another tree, with links in it, in the place of ours.
Result<void> must_be_ours(const std::string& folder) {
    if (geteuid() != 0) return {};
    std::error_code error;
    for (auto path = std::filesystem::canonical(folder, error); !error; path = path.parent_path()) {
        struct stat info {};
        if (stat(path.c_str(), &info) != 0) return fail_errno(path.string(), errno);
        const bool open_to_others = (info.st_mode & 022U) != 0 && (info.st_mode & S_ISVTX) == 0;
        if (info.st_uid != 0 || open_to_others)
            return fail(ErrorCode::config,
                        path.string() +
                            " is not root's alone, who has it could exchange what root restores: "
                            "restore as its owner, or elsewhere");
        if (path == path.root_path()) return {};
    }
    return fail(ErrorCode::io, folder + ": " + error.message());
}

// What is restored as a whole gets its names in the directory, from wherever it was cut short.
Result<void> put_into_place(const std::string& directory) {
    const std::string whole = directory + "/" + runtime::kHalfRestored;
    if (const auto ok = crypto::flush_folder_of(whole); !ok) return ok;
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(whole, error))
        names.push_back(entry.path().filename());
    if (error) return fail(ErrorCode::io, whole + ": " + error.message());
    for (const std::string& name : names) {
        const std::string from = whole + "/" + name;
        if (rename(from.c_str(), (directory + "/" + name).c_str()) != 0)
            return fail_errno("rename " + from, errno);
    }
    if (const auto ok = crypto::flush_folder_of(whole); !ok) return ok;
    if (rmdir(whole.c_str()) != 0) return fail_errno(whole, errno);
    return crypto::flush_folder_of(whole);
}

Result<void> finish_earlier(const std::string& directory) {
    if (runtime::must_be_restored(directory)) return {};
    if (const auto ok = must_be_ours(directory); !ok) return ok;
    if (const auto ok = put_into_place(directory); !ok) return ok;
    return fail(
        ErrorCode::config,
        directory + ": an earlier restore was cut short there and is finished now; this one was not begun");
}

}  // namespace

Result<RestorePlace> RestorePlace::make(const std::string& directory) {
    if (const auto ok = finish_earlier(directory); !ok) return fail(ok.error());
    const bool mounted = is_mounted(directory);
    if (const auto ok = must_be_free(directory, mounted); !ok) return fail(ok.error());
    const std::string parent = crypto::folder_of(directory);
    if (const auto ok = runtime::make_directories(parent, 0700); !ok) return fail(ok.error());
    if (const auto ok = must_be_ours(mounted ? directory : parent); !ok) return fail(ok.error());
    RestorePlace out(directory, directory + (mounted ? kInside : kSuffix), mounted);
    out.give_up();  // of a restore that did not end
    if (mkdir(out.beside_.c_str(), 0700) != 0) return fail_errno(out.beside_, errno);
    return out;
}

void RestorePlace::give_up() const {
    std::error_code ignored;
    std::filesystem::remove_all(beside_, ignored);
}

Result<void> RestorePlace::commit() const {
    if (mounted_) return commit_into_mounted();
    if (rename(beside_.c_str(), directory_.c_str()) != 0) return fail_errno("rename " + beside_, errno);
    return crypto::flush_folder_of(directory_);
}

// From the one rename on it is restored, and only finished, by whoever comes next.
Result<void> RestorePlace::commit_into_mounted() const {
    if (const auto ok = must_be_free(directory_, true); !ok) return ok;  // a daemon may have begun there
    struct stat info {};
    if (stat(beside_.c_str(), &info) != 0) return fail_errno(beside_, errno);
    if (chown(directory_.c_str(), info.st_uid, info.st_gid) != 0 ||
        chmod(directory_.c_str(), info.st_mode & 0777U) != 0)
        return fail_errno(directory_, errno);
    const std::string whole = directory_ + "/" + runtime::kHalfRestored;
    if (rename(beside_.c_str(), whole.c_str()) != 0) return fail_errno("rename " + beside_, errno);
    return put_into_place(directory_);
}

}  // namespace outstation::ctl
