// SPDX-License-Identifier: GPL-3.0-or-later
// The entries of a backup, to the byte as docs/formats/backup.md says; sealing them is
// lib/crypto/sealed_stream, files are backup_source and restore_command. What is read may be hostile.
// Threads: one object by one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lib/crypto/digest.hpp"
#include "lib/model/result.hpp"

namespace outstation::ctl {

inline constexpr std::size_t kMostPathBytes = 1024;
inline constexpr std::size_t kMostPathNames = 16;
inline constexpr std::size_t kMostOwnerBytes = 256;        // of an owner or a group
inline constexpr std::size_t kMostNameBytes = 64U << 20U;  // of all names together: a reader keeps them
inline constexpr std::uint32_t kMostPieceBytes = 1U << 24U;
inline constexpr std::size_t kMostBackupFiles = 1U << 20U;

struct ArchiveName {
    std::string path;  // relative to the state directory
    std::uint32_t mode = 0;
    std::string owner;  // names; empty: not known
    std::string group;
};

struct ArchivedFile {
    std::string path;
    std::uint64_t bytes = 0;
    crypto::Digest sha256{};
    bool operator==(const ArchivedFile&) const = default;
};

// May it be made below a directory? Relative, no empty, `.` or `..` name, no control character, bounded.
[[nodiscard]] bool is_safe_path(std::string_view path);

class ArchiveWriter {
  public:
    using Sink = std::function<Result<void>(std::string_view)>;
    // Everything goes to `sink`, whose error ends it.
    explicit ArchiveWriter(Sink sink) : sink_(std::move(sink)) {}

    [[nodiscard]] Result<void> begin(std::int64_t created_ns);
    [[nodiscard]] Result<void> directory(const ArchiveName& name);
    [[nodiscard]] Result<void> begin_file(const ArchiveName& name);
    [[nodiscard]] Result<void> content(std::string_view bytes);
    [[nodiscard]] Result<void> end_file();
    // The file of this path that was written last does not count.
    [[nodiscard]] Result<void> take_back(const std::string& path);
    // Ends a file that is under way; none of this path counts then.
    [[nodiscard]] Result<void> drop(const std::string& path);
    [[nodiscard]] Result<void> end();

    [[nodiscard]] const std::vector<ArchivedFile>& files() const { return files_; }
    // The sink has failed: nothing more can be written.
    [[nodiscard]] bool failed() const { return failed_; }

  private:
    [[nodiscard]] Result<void> pass(std::string_view bytes);
    [[nodiscard]] Result<void> named(char kind, const ArchiveName& name);
    [[nodiscard]] Result<void> zeros();
    Sink sink_;
    bool failed_ = false;
    bool in_file_ = false;
    std::size_t name_bytes_ = 0;
    std::vector<ArchivedFile> files_;
    crypto::RunningDigest digest_;
    std::uint64_t zeros_ = 0;  // not written yet
};

// What happens to what is read. Each may fail, which ends it.
class ArchiveVisitor {
  public:
    virtual ~ArchiveVisitor() = default;
    [[nodiscard]] virtual Result<void> directory(const ArchiveName& name) = 0;
    [[nodiscard]] virtual Result<void> begin_file(const ArchiveName& name) = 0;
    [[nodiscard]] virtual Result<void> content(std::string_view bytes) = 0;
    [[nodiscard]] virtual Result<void> end_file() = 0;
    [[nodiscard]] virtual Result<void> take_back(const std::string& path) = 0;
};

struct ArchiveSummary {
    std::int64_t created_ns = 0;
    std::vector<ArchivedFile> files;
    [[nodiscard]] std::uint64_t bytes() const;
};

// `take` gives the next bytes of the stream, exactly so many (malformed: it ends before); `ended` whether it
// ends here. Fails with malformed, refused (a version this program does not know), or what visitor or stream
// say.
class ArchiveReader {
  public:
    using Take = std::function<Result<std::string>(std::size_t)>;
    ArchiveReader(Take take, std::function<Result<bool>()> ended)
        : take_(std::move(take)), ended_(std::move(ended)) {}
    [[nodiscard]] Result<ArchiveSummary> read(ArchiveVisitor& visitor);

  private:
    template <typename Number>
    [[nodiscard]] Result<Number> number();
    [[nodiscard]] Result<std::string> text(std::size_t most);
    [[nodiscard]] Result<std::string> path();
    [[nodiscard]] Result<crypto::Digest> digest();
    [[nodiscard]] Result<ArchiveName> name();
    [[nodiscard]] Result<void> head();
    [[nodiscard]] Result<void> directory(ArchiveVisitor& visitor);
    [[nodiscard]] Result<void> file(ArchiveVisitor& visitor);
    [[nodiscard]] Result<void> pieces(ArchiveVisitor& visitor, ArchivedFile& file);
    [[nodiscard]] Result<void> piece(ArchiveVisitor& visitor, std::uint32_t head);
    [[nodiscard]] Result<void> take_back(ArchiveVisitor& visitor);
    [[nodiscard]] Result<void> end();

    Take take_;
    std::function<Result<bool>()> ended_;
    ArchiveSummary summary_;
    crypto::RunningDigest digest_;
    std::set<std::string> directories_;
    std::set<std::string> paths_;  // of files that count
    std::size_t name_bytes_ = 0;
};

}  // namespace outstation::ctl
