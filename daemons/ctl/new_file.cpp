// SPDX-License-Identifier: GPL-3.0-or-later
// Write beside, flush, rename.
#include "daemons/ctl/new_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "lib/crypto/bytes.hpp"
#include "lib/crypto/private_file.hpp"

namespace outstation::ctl {
namespace {

constexpr std::size_t kMostPassphraseBytes = 1024;
constexpr const char* kSuffix = ".XXXXXX";  // of mkostemp

Result<std::string> read_start(int fd, const std::string& path) {
    std::string out;
    out.reserve(2 * kMostPassphraseBytes);  // no copy is left where it grew
    char part[kMostPassphraseBytes];
    while (out.size() <= kMostPassphraseBytes) {
        const ssize_t got = ::read(fd, part, sizeof part);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_errno("read " + path, errno);
        if (got == 0) break;
        out.append(part, static_cast<std::size_t>(got));
    }
    explicit_bzero(part, sizeof part);
    return out;
}

}  // namespace

Result<NewFile> NewFile::make(const std::string& path) {
    if (path == "-") return NewFile("", "", UniqueFd());
    std::string beside = path + kSuffix;
    UniqueFd fd(mkostemp(beside.data(), O_CLOEXEC));
    if (!fd) return fail_errno("open " + beside, errno);
    return NewFile(path, std::move(beside), std::move(fd));
}

NewFile::NewFile(NewFile&& other) noexcept
    : path_(std::move(other.path_)), beside_(std::exchange(other.beside_, {})), fd_(std::move(other.fd_)) {}

NewFile::~NewFile() {
    if (!beside_.empty()) unlink(beside_.c_str());
}

Result<void> NewFile::write(std::string_view bytes) {
    auto ok = crypto::write_all(fd_ ? fd_.get() : STDOUT_FILENO, bytes);
    if (!ok) return fail(ok.error().in(path_.empty() ? "standard output" : path_));
    return ok;
}

Result<void> NewFile::commit() {
    if (beside_.empty()) return {};
    if (fsync(fd_.get()) != 0) return fail_errno("fsync " + beside_, errno);
    if (rename(beside_.c_str(), path_.c_str()) != 0) return fail_errno("rename " + beside_, errno);
    beside_.clear();
    return crypto::flush_folder_of(path_);
}

Result<crypto::WipedBytes> read_passphrase(const std::string& path) {
    const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return fail(ErrorCode::config, fail_errno(path, errno).value().text);
    struct stat info {};
    if (fstat(fd.get(), &info) != 0) return fail_errno(path, errno);
    if (S_ISREG(info.st_mode) && (info.st_mode & 077U) != 0)
        return fail(ErrorCode::config, path + ": others may read the passphrase: chmod 600");
    auto text = read_start(fd.get(), path);
    if (!text) return fail(text.error());
    crypto::WipedBytes first(std::string_view(*text).substr(0, text->find_first_of("\r\n")));
    crypto::wipe(*text);
    if (first.empty()) return fail(ErrorCode::config, path + ": its first line is no passphrase");
    if (first.view().size() > kMostPassphraseBytes)
        return fail(ErrorCode::config, path + ": a passphrase has at most 1024 octets");
    return first;
}

}  // namespace outstation::ctl
