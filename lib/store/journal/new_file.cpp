// SPDX-License-Identifier: GPL-3.0-or-later
// Zeros, head, sync, rename.
#include "lib/store/journal/new_file.hpp"

#include <algorithm>

namespace outstation::store {
namespace {

constexpr std::uint64_t kZeroChunkOctets = 1U << 20;

// Zeros first, so that later writes overwrite blocks that are allocated already.
Result<void> fill(FileSystem& files, const std::string& path, std::string_view head, std::uint64_t octets) {
    auto file = files.open(path, FileSystem::Mode::create);
    if (!file) return fail(file.error());
    if (const auto ok = (*file)->reserve(octets); !ok) return ok;
    if (const auto ok = write_zeros(**file, head.size(), octets); !ok) return ok;
    if (const auto ok = (*file)->write(0, head); !ok) return ok;
    return (*file)->sync();
}

// A full disk must not stay full of what does not fit on it.
Result<void> take_back(FileSystem& files, const std::string& path, const Error& error) {
    const auto removed = files.remove(path);
    if (removed || removed.error().code == ErrorCode::not_found) return fail(error);
    return fail(removed.error());
}

}  // namespace

Result<void> write_zeros(File& file, std::uint64_t from, std::uint64_t to) {
    const std::string zeros(std::min(kZeroChunkOctets, to - std::min(from, to)), '\0');
    for (std::uint64_t at = from; at < to; at += zeros.size()) {
        const auto chunk = std::string_view(zeros).substr(0, std::min<std::uint64_t>(zeros.size(), to - at));
        if (const auto ok = file.write(at, chunk); !ok) return ok;
    }
    return {};
}

Result<void> sync_once(File& file) {
    const auto ok = file.sync();
    return ok ? ok : fail(ErrorCode::io, ok.error().text);
}

Result<void> make_file(FileSystem& files, const std::string& directory, const std::string& name,
                       std::string_view head, std::uint64_t octets) {
    const std::string path = directory + "/" + name + ".new";
    const auto filled = fill(files, path, head, octets);
    const auto moved = filled ? move_file(files, directory, name + ".new", name) : filled;
    if (moved || moved.error().code != ErrorCode::exhausted) return moved;
    return take_back(files, path, moved.error());
}

Result<void> move_file(FileSystem& files, const std::string& directory, const std::string& from,
                       const std::string& to) {
    if (const auto ok = files.rename(directory + "/" + from, directory + "/" + to); !ok) return ok;
    const auto ok = files.sync_directory(directory);
    return ok ? ok : fail(ErrorCode::io, ok.error().text);
}

}  // namespace outstation::store
