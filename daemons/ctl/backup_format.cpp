// SPDX-License-Identifier: GPL-3.0-or-later
// Writing and reading the entries.
#include "daemons/ctl/backup_format.hpp"

#include <algorithm>

namespace outstation::ctl {
namespace {

constexpr std::string_view kMagic = "OSTNBKUP";
constexpr std::uint16_t kVersion = 1;
constexpr char kDirectory = 1;
constexpr char kFile = 2;
constexpr char kTakenBack = 3;
constexpr char kEnd = 4;
constexpr std::uint32_t kZerosBit = 1U << 31U;
constexpr std::size_t kPartBytes = 65536;
constexpr const char* kTop = ".";

template <typename Number>
void put(std::string& out, Number value) {
    for (std::size_t i = 0; i < sizeof(Number); ++i)
        out += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xffU);
}

void put_text(std::string& out, std::string_view text) {
    put(out, static_cast<std::uint16_t>(text.size()));
    out += text;
}

void put_digest(std::string& out, const crypto::Digest& digest) {
    out.append(digest.begin(), digest.end());
}

std::string entry(char kind, const ArchiveName& name) {
    std::string out(1, kind);
    put(out, name.mode);
    for (const std::string& text : {name.path, name.owner, name.group}) put_text(out, text);
    return out;
}

std::size_t bytes_of(const ArchiveName& name) {
    return name.path.size() + name.owner.size() + name.group.size();
}

std::string parent_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? kTop : path.substr(0, slash);
}

tl::unexpected<Error> malformed(const std::string& what) {
    return fail(ErrorCode::malformed, what);
}

}  // namespace

bool is_safe_path(std::string_view path) {
    if (path.empty() || path.size() > kMostPathBytes) return false;
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (std::any_of(path.begin(), path.end(), control)) return false;
    for (std::size_t names = 1;; ++names) {
        const auto slash = path.find('/');
        const auto name = path.substr(0, slash);
        if (name.empty() || name == "." || name == ".." || names > kMostPathNames) return false;
        if (slash == std::string_view::npos) return true;
        path.remove_prefix(slash + 1);
    }
}

Result<void> ArchiveWriter::pass(std::string_view bytes) {
    auto ok = sink_(bytes);
    failed_ = failed_ || !ok;
    return ok;
}

Result<void> ArchiveWriter::named(char kind, const ArchiveName& name) {
    name_bytes_ += bytes_of(name);
    if (name_bytes_ > kMostNameBytes) return fail(ErrorCode::exhausted, "too many names");
    return pass(entry(kind, name));
}

Result<void> ArchiveWriter::begin(std::int64_t created_ns) {
    std::string out(kMagic);
    put(out, kVersion);
    put(out, std::uint16_t{0});
    put(out, std::uint32_t{0});
    put(out, created_ns);
    return pass(out);
}

Result<void> ArchiveWriter::directory(const ArchiveName& name) {
    return named(kDirectory, name);
}

Result<void> ArchiveWriter::begin_file(const ArchiveName& name) {
    if (files_.size() == kMostBackupFiles) return fail(ErrorCode::exhausted, "too many files");
    files_.push_back({name.path, 0, {}});
    in_file_ = true;
    return named(kFile, name);
}

Result<void> ArchiveWriter::content(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto part = bytes.substr(0, kPartBytes);
        bytes.remove_prefix(part.size());
        digest_.add(part);
        files_.back().bytes += part.size();
        const bool empty = part.find_first_not_of('\0') == std::string_view::npos;
        if (empty && part.size() > 16) {
            zeros_ += part.size();
            continue;
        }
        if (const auto ok = zeros(); !ok) return ok;
        std::string head;
        put(head, static_cast<std::uint32_t>(part.size()));
        if (const auto ok = pass(head); !ok) return ok;
        if (const auto ok = pass(part); !ok) return ok;
    }
    return {};
}

Result<void> ArchiveWriter::zeros() {
    std::string out;
    while (zeros_ > 0) {
        const auto run = static_cast<std::uint32_t>(std::min<std::uint64_t>(zeros_, kMostPieceBytes));
        put(out, kZerosBit | run);
        zeros_ -= run;
    }
    return out.empty() ? Result<void>() : pass(out);
}

Result<void> ArchiveWriter::end_file() {
    if (const auto ok = zeros(); !ok) return ok;
    files_.back().sha256 = digest_.finish();
    in_file_ = false;
    std::string out;
    put(out, std::uint32_t{0});
    put_digest(out, files_.back().sha256);
    return pass(out);
}

Result<void> ArchiveWriter::take_back(const std::string& path) {
    const auto it =
        std::find_if(files_.rbegin(), files_.rend(), [&](const auto& file) { return file.path == path; });
    if (it == files_.rend()) return fail(ErrorCode::bug, "nothing to take back");
    files_.erase(std::next(it).base());
    std::string out(1, kTakenBack);
    put_text(out, path);
    return pass(out);
}

Result<void> ArchiveWriter::drop(const std::string& path) {
    if (in_file_) {
        if (const auto ok = end_file(); !ok) return ok;
    }
    const bool counts =
        std::any_of(files_.begin(), files_.end(), [&](const auto& file) { return file.path == path; });
    return counts ? take_back(path) : Result<void>();
}

Result<void> ArchiveWriter::end() {
    std::string out(1, kEnd);
    put(out, static_cast<std::uint32_t>(files_.size()));
    for (const ArchivedFile& file : files_) {
        put_text(out, file.path);
        put(out, file.bytes);
        put_digest(out, file.sha256);
    }
    return pass(out);
}

std::uint64_t ArchiveSummary::bytes() const {
    std::uint64_t out = 0;
    for (const ArchivedFile& file : files) out += file.bytes;
    return out;
}

template <typename Number>
Result<Number> ArchiveReader::number() {
    const auto bytes = take_(sizeof(Number));
    if (!bytes) return fail(bytes.error());
    std::uint64_t out = 0;
    for (std::size_t i = sizeof(Number); i-- > 0;) out = out << 8U | static_cast<std::uint8_t>((*bytes)[i]);
    return static_cast<Number>(out);
}

Result<std::string> ArchiveReader::text(std::size_t most) {
    const auto size = number<std::uint16_t>();
    if (!size) return fail(size.error());
    if (*size > most) return malformed("a name longer than names are");
    return take_(*size);
}

Result<std::string> ArchiveReader::path() {
    auto out = text(kMostPathBytes);
    if (out && !is_safe_path(*out)) return malformed("a path leads out of the directory, or is none");
    return out;
}

Result<crypto::Digest> ArchiveReader::digest() {
    crypto::Digest out{};
    const auto bytes = take_(out.size());
    if (!bytes) return fail(bytes.error());
    std::copy(bytes->begin(), bytes->end(), out.begin());
    return out;
}

Result<ArchiveName> ArchiveReader::name() {
    ArchiveName out;
    const auto mode = number<std::uint32_t>();
    if (!mode) return fail(mode.error());
    out.mode = *mode;
    for (std::string* field : {&out.path, &out.owner, &out.group}) {
        auto value = text(field == &out.path ? kMostPathBytes : kMostOwnerBytes);
        if (!value) return fail(value.error());
        *field = std::move(*value);
    }
    name_bytes_ += bytes_of(out);
    if (name_bytes_ > kMostNameBytes) return malformed("more names than a station has");
    const bool top = out.path == kTop && directories_.empty();
    if (!top && !is_safe_path(out.path)) return malformed("a path leads out of the directory, or is none");
    if ((out.mode & ~0777U) != 0) return malformed(out.path + ": a mode that is none");
    if (!top && !directories_.contains(parent_of(out.path))) return malformed(out.path + ": no directory");
    if (directories_.contains(out.path) || paths_.contains(out.path))
        return malformed(out.path + " is there twice");
    return out;
}

Result<void> ArchiveReader::head() {
    const auto magic = take_(kMagic.size());
    if (!magic) return fail(magic.error());
    if (*magic != kMagic) return malformed("it is no backup");
    const auto version = number<std::uint16_t>();
    const auto zero = number<std::uint16_t>();
    const auto features = number<std::uint32_t>();
    const auto created = number<std::int64_t>();
    if (!version || !zero || !features || !created) return malformed("it is no whole backup");
    if (*version != kVersion || *features != 0)
        return fail(ErrorCode::refused, "a backup of a version that this program does not know");
    summary_.created_ns = *created;
    return {};
}

Result<void> ArchiveReader::directory(ArchiveVisitor& visitor) {
    const auto read = name();
    if (!read) return fail(read.error());
    if (directories_.size() >= kMostBackupFiles) return malformed("too many directories");
    directories_.insert(read->path);
    return visitor.directory(*read);
}

Result<void> ArchiveReader::piece(ArchiveVisitor& visitor, std::uint32_t head) {
    std::uint32_t left = head & ~kZerosBit;
    if (left == 0 || left > kMostPieceBytes) return malformed("a piece of a wrong size");
    while (left > 0) {
        const std::uint32_t part = std::min<std::uint32_t>(left, kPartBytes);
        auto bytes = (head & kZerosBit) != 0 ? Result<std::string>(std::string(part, '\0')) : take_(part);
        if (!bytes) return fail(bytes.error());
        digest_.add(*bytes);
        if (const auto ok = visitor.content(*bytes); !ok) return ok;
        left -= part;
    }
    return {};
}

Result<void> ArchiveReader::pieces(ArchiveVisitor& visitor, ArchivedFile& file) {
    for (;;) {
        const auto head = number<std::uint32_t>();
        if (!head) return fail(head.error());
        if (*head == 0) return {};
        if (const auto ok = piece(visitor, *head); !ok) return ok;
        file.bytes += *head & ~kZerosBit;
    }
}

Result<void> ArchiveReader::file(ArchiveVisitor& visitor) {
    const auto read = name();
    if (!read) return fail(read.error());
    if (read->path == kTop || summary_.files.size() >= kMostBackupFiles) return malformed("a file too many");
    paths_.insert(read->path);
    if (const auto ok = visitor.begin_file(*read); !ok) return ok;
    ArchivedFile file{read->path, 0, {}};
    if (const auto ok = pieces(visitor, file); !ok) return ok;
    file.sha256 = digest_.finish();
    const auto told = digest();
    if (!told) return fail(told.error());
    if (*told != file.sha256) return malformed(file.path + " is not what it was");
    summary_.files.push_back(std::move(file));
    return visitor.end_file();
}

Result<void> ArchiveReader::take_back(ArchiveVisitor& visitor) {
    const auto which = path();
    if (!which) return fail(which.error());
    if (paths_.erase(*which) == 0) return malformed("what is taken back is not there");
    std::erase_if(summary_.files, [&](const ArchivedFile& file) { return file.path == *which; });
    return visitor.take_back(*which);
}

Result<void> ArchiveReader::end() {
    const auto count = number<std::uint32_t>();
    if (!count) return fail(count.error());
    if (*count != summary_.files.size()) return malformed("files are missing");
    for (const ArchivedFile& file : summary_.files) {
        const auto which = path();
        const auto bytes = number<std::uint64_t>();
        const auto sha256 = digest();
        if (!which || !bytes || !sha256) return malformed("the list of files is cut off");
        if (ArchivedFile{*which, *bytes, *sha256} != file)
            return malformed(file.path + " is not what the list says");
    }
    const auto over = ended_();
    if (!over) return fail(over.error());
    return *over ? Result<void>() : malformed("something stands behind the end");
}

Result<ArchiveSummary> ArchiveReader::read(ArchiveVisitor& visitor) {
    if (const auto ok = head(); !ok) return fail(ok.error());
    for (;;) {
        const auto kind = number<std::uint8_t>();
        if (!kind) return fail(kind.error());
        Result<void> done;
        switch (static_cast<char>(*kind)) {
            case kDirectory:
                done = directory(visitor);
                break;
            case kFile:
                done = file(visitor);
                break;
            case kTakenBack:
                done = take_back(visitor);
                break;
            case kEnd:
                done = end();
                if (!done) return fail(done.error());
                return std::move(summary_);
            default:
                done = malformed("an entry that is none");
        }
        if (!done) return fail(done.error());
    }
}

}  // namespace outstation::ctl
