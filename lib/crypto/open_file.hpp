// SPDX-License-Identifier: GPL-3.0-or-later
// A descriptor that is closed once. Threads: as any value.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <string>

namespace outstation::crypto {

class OpenFile {
  public:
    OpenFile(const std::string& path, int flags, mode_t mode = 0)
        : fd_(open(path.c_str(), flags | O_CLOEXEC, mode)) {}
    ~OpenFile() {
        if (fd_ >= 0) ::close(fd_);
    }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] explicit operator bool() const { return fd_ >= 0; }

  private:
    int fd_;
};

}  // namespace outstation::crypto
