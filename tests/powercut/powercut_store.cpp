// SPDX-License-Identifier: GPL-3.0-or-later
// Works a station on trial on a real file system and notes on a raw device what was acknowledged (`write`),
// or opens what a power cut left and compares it with that (`check`). rig.py runs both.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>

#include "lib/event/unique_fd.hpp"
#include "tests/faults/station.hpp"
#include "tests/faults/unsynced_files.hpp"

namespace outstation::faults {
namespace {

constexpr std::size_t kSectorOctets = 4096;  // of a note

// Windows are sealed, merged and thinned while power may go.
Routine routine() {
    return history_routine(false);
}

[[noreturn]] void give_up(const std::string& text) {
    std::cerr << "powercut_store: " << text << "\n";
    std::exit(3);
}

// Acknowledgements as O_DIRECT writes behind the file system: they stand in the same log as its writes.
class Notes {
  public:
    Notes(const std::string& device, off_t offset)
        : fd_(::open(device.c_str(), O_WRONLY | O_DIRECT | O_CLOEXEC)), offset_(offset) {
        void* page = nullptr;
        if (!fd_ || posix_memalign(&page, kSectorOctets, kSectorOctets) != 0) give_up("open " + device);
        page_.reset(static_cast<char*>(page));
        std::memset(page, 0, kSectorOctets);
    }
    void write(StreamId id, std::uint64_t acknowledged) {
        numbers_[id == StreamId::samples ? 0 : 1] = acknowledged;
        std::memcpy(page_.get(), numbers_.data(), sizeof numbers_);
        if (pwrite(fd_.get(), page_.get(), kSectorOctets, offset_) != static_cast<ssize_t>(kSectorOctets))
            give_up("write note: " + std::string(std::strerror(errno)));
    }

  private:
    struct Free {
        void operator()(char* page) const { std::free(page); }
    };
    UniqueFd fd_;
    off_t offset_;
    std::unique_ptr<char, Free> page_;
    std::array<std::uint64_t, 2> numbers_{};
};

int write(store::FileSystem& files, const std::string& directory, Notes& notes) {
    Station station(files, directory, routine());
    station.on_batch = [&notes](StreamId id, std::uint64_t number, bool acknowledged) {
        if (acknowledged) notes.write(id, number);
    };
    if (!station.open()) give_up(station.error());
    for (int i = 1; i <= station.routine().cycles && !station.failed(); ++i) {
        station.cycle();
        if (i % 10 == 0) static_cast<void>(station.open());
    }
    if (!station.settle()) give_up(station.error());
    return 0;
}

// Prints "lost doubled phantom other" and the first of them; the exit code is 0 when all are 0.
int check(const std::string& directory, std::uint64_t acknowledged_samples,
          std::uint64_t acknowledged_states) {
    const auto files = store::make_real_file_system();
    Station station(*files, directory, routine());
    // What a producer does after the cut: it sends everything again that it was not told about.
    const auto all = static_cast<std::uint64_t>(routine().cycles);
    const WallTime end = routine().start + routine().cycles * routine().span;
    station.take_over(StreamId::samples, all, acknowledged_samples, end);
    station.take_over(StreamId::state, all, acknowledged_states, end);
    const Findings found = station.open() ? station.settle_and_compare()
                                          : Findings::failure("does not open: " + station.error());
    const auto damage = std::count_if(station.opened().damage.begin(), station.opened().damage.end(),
                                      [](const auto& place) { return !place.tail; });
    std::cout << found.lost << " " << found.doubled << " " << found.phantom << " "
              << found.other + static_cast<std::uint64_t>(damage) + station.opened().history.size() << " "
              << found.what << "\n";
    return found.what.empty() && damage == 0 && station.opened().history.empty() ? 0 : 1;
}

}  // namespace
}  // namespace outstation::faults

int main(int argc, char** argv) {
    using namespace outstation;
    const std::vector<std::string> args(argv + 1, argv + argc);
    if (args.size() == 4 && (args[0] == "write" || args[0] == "write-unsynced")) {
        faults::Notes notes(args[2], std::stoll(args[3]));
        // The control's syncs do nothing: it must be caught.
        faults::UnsyncedFiles unsynced;
        const auto real = store::make_real_file_system();
        return faults::write(args[0] == "write" ? *real : unsynced, args[1], notes);
    }
    if (args.size() == 4 && args[0] == "check")
        return faults::check(args[1], std::stoull(args[2]), std::stoull(args[3]));
    std::cerr << "powercut_store write|write-unsynced DIRECTORY DEVICE OFFSET\n"
                 "powercut_store check DIRECTORY ACKED_SAMPLES ACKED_STATES\n";
    return 2;
}
