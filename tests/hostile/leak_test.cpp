// SPDX-License-Identifier: GPL-3.0-or-later
// R20: polls, of good devices and bad ones, take nothing that they do not give back: memory, descriptors,
// threads. OUTSTATION_CAMPAIGN=N: N thousand polls.
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <filesystem>

#include "tests/faults/findings.hpp"
#include "tests/hostile/network.hpp"
#include "tests/hostile/watcher.hpp"

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#include <sanitizer/allocator_interface.h>
#define OUTSTATION_SANITIZED_HEAP 1
#endif
#endif

namespace outstation::hostile {
namespace {

using namespace std::chrono_literals;

// Some minutes of the network's time: until then back-off, strain and the rest of what is kept of a device
// that is bad grow.
constexpr std::uint64_t kPollsToGrow = 3000;
constexpr std::uint64_t kMostGrowth = 64 << 10;  // bytes, however many polls: what hash tables round up

struct Held {
    std::uint64_t heap = 0;
    std::ptrdiff_t descriptors = 0;
    std::ptrdiff_t threads = 0;
};

std::ptrdiff_t entries(const char* folder) {
    return std::distance(std::filesystem::directory_iterator(folder), {});
}

// glibc's own count knows nothing of what a sanitizer's allocator gives.
std::uint64_t heap_in_use() {
#ifdef OUTSTATION_SANITIZED_HEAP
    return __sanitizer_get_current_allocated_bytes();
#else
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
#endif
}

// Of the poller: what the network holds is the devices'.
Held held_now(const Network& network) {
    const std::uint64_t heap = heap_in_use();
    const std::uint64_t theirs = network.held_bytes();
    EXPECT_GT(heap, theirs) << "the heap is not measured";
    return {heap - theirs, entries("/proc/self/fd"), entries("/proc/self/task")};
}

TEST(Leaks, PollsGiveBackWhatTheyTake) {
    Fleet fleet(16100);
    fleet.add_good(60);
    for (const char* bad :
         {"loss 5 %", "duplicates 20 %", "restart 20 s every 3 min", "silent every 4 min for 1 min",
          "truncated", "loop", "giant", "late", "wrong-id", "no-bulk"})
        fleet.add_hostile(bad);
    SimLoop loop;
    Network network(loop, fleet.devices(), Fleet::agent_options(), 0ns);
    Watcher watcher(loop, network, fleet);
    watcher.configure(fleet.config(10'000));
    const auto poll_until = [&](std::uint64_t polls) {
        while (watcher.poller().counters().polls < polls) loop.advance(10s);
        // Nothing is under way, or as much as before.
        loop.advance(9500ms);
    };
    const std::uint64_t wanted = faults::campaign_size(5) * 1000;
    faults::Tally tally("R20", "what polls do not give back");
    poll_until(kPollsToGrow);
    Held before = held_now(network);
    for (std::uint64_t part = 1; part <= 4; ++part) {
        poll_until(kPollsToGrow + wanted * part / 4);
        const Held now = held_now(network);
        faults::Findings found;
        if (now.heap > before.heap + kMostGrowth)
            found.add(&faults::Findings::other, std::to_string(now.heap - before.heap) + " bytes more");
        if (now.descriptors != before.descriptors) found.add(&faults::Findings::other, "other descriptors");
        if (now.threads != before.threads) found.add(&faults::Findings::other, "other threads");
        tally.count(found, std::to_string(watcher.poller().counters().polls) + " polls");
        before.heap = std::min(before.heap, now.heap);
    }
    EXPECT_GE(watcher.poller().counters().polls, wanted);
}

}  // namespace
}  // namespace outstation::hostile
