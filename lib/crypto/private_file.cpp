// SPDX-License-Identifier: GPL-3.0-or-later
// Write, flush, rename, flush the folder.
#include "lib/crypto/private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "lib/crypto/open_file.hpp"

namespace outstation::crypto {
namespace {

Result<void> write_flushed(const std::string& path, std::string_view bytes, mode_t mode) {
    const OpenFile file(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode);
    if (!file) return fail_errno("open " + path, errno);
    if (fchmod(file.get(), mode) != 0) return fail_errno("chmod " + path, errno);
    if (auto written = write_all(file.get(), bytes); !written) return fail(written.error().in(path));
    if (fsync(file.get()) != 0) return fail_errno("fsync " + path, errno);
    return {};
}

}  // namespace

std::string folder_of(const std::string& path) {
    const auto slash = path.find_last_of('/');
    return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

Result<void> flush_folder_of(const std::string& path) {
    const std::string folder = folder_of(path);
    const OpenFile file(folder, O_RDONLY | O_DIRECTORY);
    if (!file) return fail_errno("open " + folder, errno);
    if (fsync(file.get()) != 0) return fail_errno("fsync " + folder, errno);
    return {};
}

Result<void> write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail_errno("write", errno);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<void> write_private_file(const std::string& path, std::string_view bytes, mode_t mode) {
    const std::string beside = path + ".new";
    if (auto written = write_flushed(beside, bytes, mode); !written) {
        unlink(beside.c_str());
        return written;
    }
    if (rename(beside.c_str(), path.c_str()) != 0) {
        const int number = errno;
        unlink(beside.c_str());
        return fail_errno("rename " + path, number);
    }
    return flush_folder_of(path);
}

Result<std::string> read_small_file(const std::string& path, std::size_t limit_bytes) {
    const OpenFile file(path, O_RDONLY);
    if (!file) return fail_errno("open " + path, errno);
    std::string bytes;
    char part[16384];
    for (;;) {
        const ssize_t got = ::read(file.get(), part, sizeof part);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_errno("read " + path, errno);
        if (got == 0) return bytes;
        bytes.append(part, static_cast<std::size_t>(got));
        if (bytes.size() > limit_bytes)
            return fail(ErrorCode::exhausted,
                        path + ": larger than " + std::to_string(limit_bytes) + " bytes");
    }
}

Result<void> remove_private_file(const std::string& path) {
    if (unlink(path.c_str()) != 0 && errno != ENOENT) return fail_errno("remove " + path, errno);
    return flush_folder_of(path);
}

}  // namespace outstation::crypto
