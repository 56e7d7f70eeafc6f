// SPDX-License-Identifier: GPL-3.0-or-later
// Rename, flush, overwrite, flush, remove, flush.
#include "lib/crypto/wiped_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "lib/crypto/open_file.hpp"
#include "lib/crypto/private_file.hpp"

namespace outstation::crypto {
namespace {

bool overwrite(int fd, off_t size) {
    const std::string zeros(4096, '\0');
    for (off_t at = 0; at < size;) {
        const auto part = std::min<off_t>(size - at, static_cast<off_t>(zeros.size()));
        const ssize_t written = pwrite(fd, zeros.data(), static_cast<std::size_t>(part), at);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        at += written;
    }
    return fsync(fd) == 0;
}

}  // namespace

Result<void> wipe_file(const std::string& path) {
    const std::string wiped = path + std::string(kWipeSuffix);
    if (rename(path.c_str(), wiped.c_str()) != 0) return fail_errno("rename " + path, errno);
    // Zeros must never be found under the old name.
    if (const auto flushed = flush_folder_of(path); !flushed) return flushed;
    return finish_wipe(wiped);
}

Result<void> finish_wipe(const std::string& wiped_path) {
    {
        const OpenFile file(wiped_path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK);
        struct stat status {};
        if (!file || fstat(file.get(), &status) != 0) return fail_errno("open " + wiped_path, errno);
        if (!S_ISREG(status.st_mode)) return fail(ErrorCode::refused, wiped_path + ": not a regular file");
        if (!overwrite(file.get(), status.st_size)) return fail_errno("overwrite " + wiped_path, errno);
    }
    return remove_private_file(wiped_path);
}

}  // namespace outstation::crypto
