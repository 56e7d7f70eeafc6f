// SPDX-License-Identifier: GPL-3.0-or-later
// Forking, noting, waiting.
#include "tests/faults/child.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace outstation::faults {
namespace {

struct Note {
    StreamId stream;
    std::uint64_t number;
    bool acknowledged;
    std::int64_t wall_ns;
};

[[noreturn]] void be_child(Child& child, const Routine& routine, const std::string& directory, int notes) {
    Station station(child.files, directory, routine);
    station.on_batch = [&](StreamId id, std::uint64_t number, bool acknowledged) {
        child.on_note();
        const Note note{id, number, acknowledged, station.loop.wall().time_since_epoch().count()};
        if (write(notes, &note, sizeof note) != static_cast<ssize_t>(sizeof note)) _exit(1);
    };
    child.begin();
    _exit(work_through(station));
}

void take_notes(int from, Station& successor) {
    struct Told {
        std::uint64_t sent = 0;
        std::uint64_t acknowledged = 0;
        std::int64_t wall_ns = 0;
    };
    std::map<StreamId, Told> told;
    Note note{};
    while (read(from, &note, sizeof note) == static_cast<ssize_t>(sizeof note)) {
        Told& of = told[note.stream];
        auto& number = note.acknowledged ? of.acknowledged : of.sent;
        number = std::max(number, note.number);
        of.wall_ns = note.wall_ns;
    }
    for (const auto& [id, of] : told)
        successor.take_over(id, of.sent, of.acknowledged, WallTime(std::chrono::nanoseconds(of.wall_ns)));
}

}  // namespace

int work_through(Station& station) noexcept {
    if (!station.open()) return kStoreFailed;
    for (int i = 1; i <= station.routine().cycles; ++i) {
        station.cycle();
        if (station.failed()) return kStoreFailed;
        if (i == station.routine().cycles / 2 && !station.open()) return kStoreFailed;
    }
    return 0;
}

int run_child(Child& child, Station& successor, const std::string& directory) {
    int ends[2];
    if (pipe(ends) != 0) return -1;
    const pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        be_child(child, successor.routine(), directory, ends[1]);
    }
    close(ends[1]);
    if (pid > 0) child.meanwhile(pid);
    take_notes(ends[0], successor);
    close(ends[0]);
    int status = 0;
    return pid < 0 || waitpid(pid, &status, 0) != pid ? -1 : status;
}

TrialDirectory::TrialDirectory() {
    char path[] = "/tmp/outstation-trial-XXXXXX";
    if (mkdtemp(path) == nullptr) std::abort();
    path_ = path;
}

TrialDirectory::~TrialDirectory() {
    std::filesystem::remove_all(path_);
}

}  // namespace outstation::faults
