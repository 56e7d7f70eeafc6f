// SPDX-License-Identifier: GPL-3.0-or-later
// Rename, flush, overwrite, flush, remove, flush.
#include "lib/crypto/wiped_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "lib/crypto/private_file.hpp"

namespace outstation::crypto {
namespace {

class File {
  public:
    File(const std::string& path, int flags) : fd_(open(path.c_str(), flags | O_CLOEXEC)) {}
    ~File() {
        if (fd_ >= 0) ::close(fd_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    [[nodiscard]] int get() const { return fd_; }

  private:
    int fd_;
};

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

Result<void> flush_folder(const std::string& folder) {
    const File file(folder, O_RDONLY | O_DIRECTORY);
    if (file.get() < 0) return fail_errno("open " + folder, errno);
    if (fsync(file.get()) != 0) return fail_errno("fsync " + folder, errno);
    return {};
}

Result<void> wipe_file(const std::string& path) {
    const std::string wiped = path + std::string(kWipeSuffix);
    if (rename(path.c_str(), wiped.c_str()) != 0) return fail_errno("rename " + path, errno);
    // Zeros must never be found under the old name.
    const auto slash = path.find_last_of('/');
    const auto flushed = flush_folder(slash == std::string::npos ? "." : path.substr(0, slash + 1));
    if (!flushed) return flushed;
    return finish_wipe(wiped);
}

Result<void> finish_wipe(const std::string& wiped_path) {
    {
        const File file(wiped_path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK);
        struct stat status {};
        if (file.get() < 0 || fstat(file.get(), &status) != 0) return fail_errno("open " + wiped_path, errno);
        if (!S_ISREG(status.st_mode)) return fail(ErrorCode::refused, wiped_path + ": not a regular file");
        if (!overwrite(file.get(), status.st_size)) return fail_errno("overwrite " + wiped_path, errno);
    }
    return remove_private_file(wiped_path);
}

}  // namespace outstation::crypto
