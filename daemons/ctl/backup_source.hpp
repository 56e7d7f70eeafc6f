// SPDX-License-Identifier: GPL-3.0-or-later
// What a backup is made of: the files of a station as they all were at one moment, while the station goes on
// (docs/formats/backup.md, "why it fits together"). Only reads. Threads: one. Blocks on the disk.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemons/ctl/backup_format.hpp"
#include "lib/event/unique_fd.hpp"
#include "lib/model/result.hpp"

namespace outstation::ctl {

struct StationEntry {
    std::string path;  // relative; "." is the state directory
    bool directory = false;
    ino_t inode = 0;
    std::uint32_t mode = 0;
    uid_t uid = 0;
    gid_t gid = 0;
    UniqueFd fd;  // of a file; none: the disk could not open it
    // Of a small file of confd, as it was at the moment: a secret that is sealed or a key that is changed is
    // overwritten where it lies.
    std::optional<std::string> content = {};
};

struct StationSnapshot {
    std::vector<StationEntry> entries;  // each directory before what is in it
    std::vector<std::string> left_out;  // links and the like, which a backup does not hold
};

// All files of one moment, open. not_found: there is no station in it; exhausted: it never rests, or has more
// files than this process may open.
[[nodiscard]] Result<StationSnapshot> open_station(const std::string& state_dir);

// Of a file that could not be opened: io only when the disk says so, for too many open files are no damage.
[[nodiscard]] Error open_error(const std::string& path, int number);

using Sink = std::function<Result<void>(std::string_view)>;

// A file that does not change, from its beginning to its end.
[[nodiscard]] Result<void> copy_file(int fd, const Sink& sink);
// A file that only grows at its end: what it was at one moment, or what a power cut would have left of it.
[[nodiscard]] Result<std::string> read_growing(int fd);

// A SQLite database in WAL mode and its log, which belong together. Each try is a pair; `again` says that the
// last one does not count. Fails with exhausted when it never fits.
struct PairSink {
    Sink database;
    std::function<Result<void>()> begin_log;  // there is a log, and it follows
    Sink log;
    std::function<Result<void>(bool had_log)> again;
    std::function<Result<void>(bool had_log)> done;
};
[[nodiscard]] Result<void> copy_database(const std::string& path, const PairSink& sink);

// Segments that are written to: the last one of each stream. Databases that are: all but history's.
[[nodiscard]] bool is_database(const StationEntry& entry);
[[nodiscard]] std::vector<std::string> growing_segments(const StationSnapshot& snapshot);

struct LeftOut {
    std::vector<std::string> no_files;  // links and the like, which a backup does not hold
    std::vector<Error> unreadable;      // files of stored that the disk does not give; the text names each
};

// Everything, in the order that docs/formats/backup.md says. What the disk does not give of stored's files is
// left out; without any other file there is no backup.
[[nodiscard]] Result<void> archive_station(const std::string& state_dir, ArchiveWriter& out,
                                           LeftOut& left_out);

}  // namespace outstation::ctl
