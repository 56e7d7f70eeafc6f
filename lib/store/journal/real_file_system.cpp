// SPDX-License-Identifier: GPL-3.0-or-later
// The file operations on the system's own files.
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "lib/event/unique_fd.hpp"
#include "lib/store/journal/file_system.hpp"

namespace outstation::store {
namespace {

// A full disk is told apart: it is tried again when there is room.
tl::unexpected<Error> fail_file(const std::string& what, int number) {
    if (number != ENOSPC && number != EDQUOT) return fail_errno(what, number);
    return fail(ErrorCode::exhausted, what + ": " + std::generic_category().message(number));
}

class RealFile : public File {
  public:
    RealFile(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

    Result<std::string> read(std::uint64_t offset, std::size_t octets) const override {
        std::string out(octets, '\0');
        std::size_t done = 0;
        while (done < octets) {
            const ssize_t n = pread(fd_.get(), out.data() + done, octets - done, at(offset + done));
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return fail_errno("read " + path_, errno);
            if (n == 0) break;
            done += static_cast<std::size_t>(n);
        }
        out.resize(done);
        return out;
    }

    Result<void> write(std::uint64_t offset, std::string_view bytes) override {
        while (!bytes.empty()) {
            const ssize_t n = pwrite(fd_.get(), bytes.data(), bytes.size(), at(offset));
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return fail_file("write " + path_, errno);
            if (n == 0) return fail(ErrorCode::io, "write " + path_ + ": nothing written");
            offset += static_cast<std::uint64_t>(n);
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
        return {};
    }

    Result<void> sync() override {
        if (fdatasync(fd_.get()) != 0) return fail_errno("fdatasync " + path_, errno);
        return {};
    }

    Result<void> reserve(std::uint64_t octets) override {
        const int done = fallocate(fd_.get(), FALLOC_FL_KEEP_SIZE, 0, at(octets));
        // Not every file system can; then the writes tell.
        if (done == 0 || (errno != ENOSPC && errno != EDQUOT)) return {};
        return fail_file("reserve " + path_, errno);
    }

    Result<std::uint64_t> size() const override {
        struct stat info {};
        if (fstat(fd_.get(), &info) != 0) return fail_errno("stat " + path_, errno);
        return static_cast<std::uint64_t>(info.st_size);
    }

  private:
    static off_t at(std::uint64_t offset) { return static_cast<off_t>(offset); }

    std::string path_;
    UniqueFd fd_;
};

struct RealLock : FileLock {
    explicit RealLock(UniqueFd descriptor) : fd(std::move(descriptor)) {}
    UniqueFd fd;
};

int flags_of(FileSystem::Mode mode) {
    if (mode == FileSystem::Mode::read) return O_RDONLY;
    if (mode == FileSystem::Mode::write) return O_RDWR;
    return O_RDWR | O_CREAT | O_EXCL;
}

class RealFileSystem : public FileSystem {
  public:
    Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) override {
        UniqueFd fd(::open(path.c_str(), flags_of(mode) | O_CLOEXEC | O_NOFOLLOW, 0640));
        if (!fd) return fail_file("open " + path, errno);
        return std::make_unique<RealFile>(path, std::move(fd));
    }

    Result<std::vector<std::string>> list(const std::string& directory) override {
        const std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(directory.c_str()), &closedir);
        if (!dir) return fail_errno("list " + directory, errno);
        std::vector<std::string> names;
        while (const dirent* entry = readdir(dir.get())) {
            const std::string name = entry->d_name;
            if (name != "." && name != "..") names.push_back(name);
        }
        std::sort(names.begin(), names.end());
        return names;
    }

    Result<void> make_directory(const std::string& path) override {
        if (mkdir(path.c_str(), 0750) != 0 && errno != EEXIST) return fail_errno("mkdir " + path, errno);
        return {};
    }

    Result<void> rename(const std::string& from, const std::string& to) override {
        if (::rename(from.c_str(), to.c_str()) != 0) return fail_file("rename " + from, errno);
        return {};
    }

    Result<void> remove(const std::string& path) override {
        if (unlink(path.c_str()) != 0) return fail_errno("remove " + path, errno);
        return {};
    }

    Result<void> sync_directory(const std::string& path) override {
        const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!fd) return fail_errno("open " + path, errno);
        if (fsync(fd.get()) != 0) return fail_errno("fsync " + path, errno);
        return {};
    }

    Result<std::unique_ptr<FileLock>> lock(const std::string& path) override {
        UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640));
        if (!fd) return fail_errno("open " + path, errno);
        if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
            if (errno == EWOULDBLOCK)
                return fail(ErrorCode::refused, path + ": another process writes this store");
            return fail_errno("lock " + path, errno);
        }
        return std::make_unique<RealLock>(std::move(fd));
    }
};

}  // namespace

std::unique_ptr<FileSystem> make_real_file_system() {
    return std::make_unique<RealFileSystem>();
}

}  // namespace outstation::store
