// SPDX-License-Identifier: GPL-3.0-or-later
// The command `restore`.
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "daemons/ctl/backup_commands.hpp"
#include "daemons/ctl/backup_format.hpp"
#include "daemons/ctl/interrupt.hpp"
#include "daemons/ctl/new_file.hpp"
#include "daemons/ctl/restore_place.hpp"
#include "daemons/ctl/table.hpp"
#include "daemons/ctl/time_text.hpp"
#include "lib/crypto/bytes.hpp"
#include "lib/crypto/private_file.hpp"
#include "lib/event/unique_fd.hpp"
#include "lib/runtime/log.hpp"

namespace outstation::ctl {
namespace {

constexpr std::size_t kPartBytes = 1U << 20U;
constexpr const char* kJournal = "stored/journal";
constexpr const char* kNewEpoch = "stored/journal/new-epoch";

// The plain stream of a sealed file.
class PlainInput {
  public:
    PlainInput(int fd, crypto::WipedBytes passphrase) : fd_(fd), reader_(std::move(passphrase)) {}

    [[nodiscard]] Result<std::string> take(std::size_t count) {
        if (const auto ok = fill(count); !ok) return fail(ok.error());
        if (plain_.size() - at_ < count) return fail(ErrorCode::malformed, "it is no whole backup");
        at_ += count;
        return plain_.substr(at_ - count, count);
    }
    [[nodiscard]] Result<bool> ended() {
        if (const auto ok = fill(1); !ok) return fail(ok.error());
        return plain_.size() == at_;
    }

  private:
    [[nodiscard]] Result<void> fill(std::size_t count) {
        while (!over_ && plain_.size() - at_ < count) {
            if (const auto ok = go_on(); !ok) return ok;
            plain_.erase(0, std::exchange(at_, 0));
            sealed_.resize(kPartBytes);
            const ssize_t got = ::read(fd_, sealed_.data(), sealed_.size());
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return fail_errno("read", errno);
            over_ = got == 0;
            sealed_.resize(static_cast<std::size_t>(got));
            const auto ok = over_ ? reader_.finish(plain_) : reader_.read(sealed_, plain_);
            if (!ok) return ok;
        }
        return {};
    }

    int fd_;
    crypto::SealedStreamReader reader_;
    std::string sealed_;
    std::string plain_;
    std::size_t at_ = 0;  // of plain_, what was taken
    bool over_ = false;
};

// Makes the files in a directory of our own, in which nobody else can make a link meanwhile.
class Unpacker : public ArchiveVisitor {
  public:
    explicit Unpacker(std::string top) : top_(std::move(top)) {}

    Result<void> directory(const ArchiveName& name) override {
        directories_.push_back(name);
        if (name.path == "." || mkdir(at(name.path).c_str(), 0700) == 0) return {};
        return fail_errno(at(name.path), errno);
    }
    Result<void> begin_file(const ArchiveName& name) override {
        const std::string path = at(name.path);
        file_ = UniqueFd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!file_) return fail_errno(path, errno);
        return give_to(name, file_.get());
    }
    Result<void> content(std::string_view bytes) override { return crypto::write_all(file_.get(), bytes); }
    Result<void> end_file() override {
        const bool flushed = fsync(file_.get()) == 0;
        file_.reset();
        return flushed ? Result<void>() : fail_errno("fsync", errno);
    }
    Result<void> take_back(const std::string& path) override {
        if (unlink(at(path).c_str()) != 0) return fail_errno(at(path), errno);
        return {};
    }

    // The mark for stored; then the directories get their modes, the top last, and are flushed.
    Result<void> finish() {
        for (const ArchiveName& name : directories_) {
            if (name.path != kJournal) continue;
            unlink(at(kNewEpoch).c_str());  // a backup of the version before may have one
            ArchiveName mark{kNewEpoch, 0600, name.owner, name.group};
            if (const auto ok = begin_file(mark); !ok) return ok;
            if (const auto ok = end_file(); !ok) return ok;
        }
        for (auto name = directories_.rbegin(); name != directories_.rend(); ++name) {
            const UniqueFd fd(open(at(name->path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
            if (!fd) return fail_errno(at(name->path), errno);
            if (const auto ok = give_to(*name, fd.get()); !ok) return ok;
            if (fsync(fd.get()) != 0) return fail_errno("fsync " + at(name->path), errno);
        }
        return {};
    }
    [[nodiscard]] const std::set<std::string>& unknown_users() const { return unknown_; }

  private:
    [[nodiscard]] std::string at(const std::string& path) const {
        return path == "." ? top_ : top_ + "/" + path;
    }
    // Owners are for root to give.
    [[nodiscard]] Result<void> give_to(const ArchiveName& name, int fd) {
        if (geteuid() == 0) {
            const passwd* user = getpwnam(name.owner.c_str());
            const group* users = getgrnam(name.group.c_str());
            if (user == nullptr && !name.owner.empty()) unknown_.insert(name.owner);
            if (users == nullptr && !name.group.empty()) unknown_.insert(name.group);
            const uid_t uid = user == nullptr ? static_cast<uid_t>(-1) : user->pw_uid;
            const gid_t gid = users == nullptr ? static_cast<gid_t>(-1) : users->gr_gid;
            if (fchown(fd, uid, gid) != 0) return fail_errno(name.path, errno);
        }
        if (fchmod(fd, name.mode & 0777U) != 0) return fail_errno(name.path, errno);
        return {};
    }

    std::string top_;
    UniqueFd file_;
    std::vector<ArchiveName> directories_;
    std::set<std::string> unknown_;  // owners and groups that this box does not have
};

// Only whether it is whole.
class Prover : public ArchiveVisitor {
  public:
    Result<void> directory(const ArchiveName&) override { return {}; }
    Result<void> begin_file(const ArchiveName&) override { return {}; }
    Result<void> content(std::string_view) override { return {}; }
    Result<void> end_file() override { return {}; }
    Result<void> take_back(const std::string&) override { return {}; }
};

struct Restored {
    ArchiveSummary summary;
    std::set<std::string> unknown_users;
};

Result<UniqueFd> open_backup(const std::string& file) {
    UniqueFd fd(file == "-" ? dup(STDIN_FILENO) : open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return fail_errno(file, errno);
    return fd;
}

Result<ArchiveSummary> read_all(int fd, crypto::WipedBytes passphrase, ArchiveVisitor& visitor) {
    PlainInput input(fd, std::move(passphrase));
    ArchiveReader reader([&](std::size_t count) { return input.take(count); }, [&] { return input.ended(); });
    return reader.read(visitor);
}

Result<ArchiveSummary> prove(const BackupOptions& options) {
    auto passphrase = read_passphrase(options.passphrase_file);
    if (!passphrase) return fail(passphrase.error());
    const auto fd = open_backup(options.file);
    if (!fd) return fail(fd.error());
    Prover prover;
    auto summary = read_all(fd->get(), std::move(*passphrase), prover);
    return summary ? std::move(summary) : fail(summary.error().in(options.file));
}

Result<Restored> unpack(int fd, crypto::WipedBytes passphrase, const std::string& top) {
    Unpacker unpacker(top);
    auto summary = read_all(fd, std::move(passphrase), unpacker);
    if (!summary) return fail(summary.error());
    if (const auto ok = unpacker.finish(); !ok) return fail(ok.error());
    return Restored{std::move(*summary), unpacker.unknown_users()};
}

Result<Restored> restore_into(const std::string& directory, const BackupOptions& options) {
    auto passphrase = read_passphrase(options.passphrase_file);
    if (!passphrase) return fail(passphrase.error());
    const auto fd = open_backup(options.file);
    if (!fd) return fail(fd.error());
    const auto place = RestorePlace::make(directory);
    if (!place) return fail(place.error());
    auto restored = unpack(fd->get(), std::move(*passphrase), place->beside());
    if (restored) {
        if (const auto ok = place->commit(); !ok) restored = fail(ok.error());
    }
    if (restored) return restored;
    place->give_up();
    return fail(restored.error().in(options.file));
}

// Without a directory: it was only looked at.
void tell(const Target& target, const ArchiveSummary& summary, const std::string& directory) {
    if (target.json) {
        nlohmann::json out{
            {"files", summary.files.size()}, {"bytes", summary.bytes()}, {"created_ns", summary.created_ns}};
        if (!directory.empty()) out["directory"] = directory;
        std::cout << out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
        return;
    }
    std::cout << fmt::format("{} files, {}, {} as of {}\n", summary.files.size(),
                             short_bytes(static_cast<double>(summary.bytes())),
                             directory.empty() ? "whole" : "restored to " + directory,
                             iso_time(summary.created_ns));
}

}  // namespace

int restore(const Target& target, const BackupOptions& options) {
    std::string directory = target.state_dir;
    while (directory.size() > 1 && directory.back() == '/') directory.pop_back();
    const Interruptible signals;
    const auto restored = restore_into(directory, options);
    if (!restored) return failed(target, restored.error());
    for (const std::string& name : restored->unknown_users)
        std::cerr << "outstation: this box has no user or group '" << runtime::printable(name)
                  << "': its files belong to root\n";
    tell(target, restored->summary, directory);
    return kDone;
}

int check_backup(const Target& target, const BackupOptions& options) {
    const Interruptible signals;
    const auto summary = prove(options);
    if (!summary) return failed(target, summary.error());
    tell(target, *summary, "");
    return kDone;
}

}  // namespace outstation::ctl
