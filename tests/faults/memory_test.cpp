// SPDX-License-Identifier: GPL-3.0-or-later
// Memory ends at the n-th allocation. Nobody catches that: the process ends at once and is started again, and
// what it had acknowledged is there, once.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <new>

#include "tests/faults/child.hpp"

namespace {

// Counts down to the allocation that fails; 0: none does.
std::size_t g_until_failure = 0;
std::size_t g_allocations = 0;

}  // namespace

// Not inlined: GCC 12 would see one of a pair and not the other.
[[gnu::noinline]] void* operator new(std::size_t octets) {
    ++g_allocations;
    if (g_until_failure > 0 && --g_until_failure == 0) throw std::bad_alloc();
    if (void* memory = std::malloc(octets == 0 ? 1 : octets)) return memory;
    throw std::bad_alloc();
}
// Of std::stable_sort, which does without: it is no failure.
[[gnu::noinline]] void* operator new(std::size_t octets, const std::nothrow_t&) noexcept {
    return std::malloc(octets == 0 ? 1 : octets);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace outstation::faults {
namespace {

constexpr int kEndedForMemory = 77;

// Short ones: each has very many allocations.
Routine short_routine(bool history) {
    Routine routine = history ? history_routine(true) : journal_routine();
    if (!history) routine.cycles = 25;
    return routine;
}

class OutOfMemory : public testing::TestWithParam<bool> {};

std::string name_of(const testing::TestParamInfo<bool>& history) {
    return history.param ? "history" : "journal";
}

INSTANTIATE_TEST_SUITE_P(Stations, OutOfMemory, testing::Bool(), name_of);

std::size_t allocations_of_a_run(const Routine& routine) {
    const TrialDirectory directory;
    UnsyncedFiles files;
    Station whole(files, directory.journal(), routine);
    const std::size_t before = g_allocations;
    EXPECT_EQ(work_through(whole), 0);
    return g_allocations - before;
}

TEST_P(OutOfMemory, AtAnyAllocationNothingIsLostOrDoubled) {
    const Routine routine = short_routine(GetParam());
    const std::size_t all = allocations_of_a_run(routine);
    ASSERT_GT(all, 3000U);
    const auto trials = cases_of(all, GetParam() ? 20 : 40);
    std::size_t ended = 0;
    Tally tally("R19", std::string("no memory at the n-th allocation, ") + routine.name);
    for (const Case& trial : trials) {
        const TrialDirectory directory;
        Child child;
        child.begin = [&trial] {
            std::set_terminate([] { _exit(kEndedForMemory); });
            g_until_failure = trial.n;
        };
        Station station(child.files, directory.journal(), routine);
        const int status = run_child(child, station, directory.journal());
        ASSERT_TRUE(WIFEXITED(status)) << trial.n;
        const int code = WEXITSTATUS(status);
        ASSERT_TRUE(code == kEndedForMemory || code == 0) << "allocation " << trial.n << ": " << code;
        ended += code == kEndedForMemory ? 1 : 0;
        Findings found;
        if (station.open()) {
            for (int i = 0; i < 3; ++i) station.cycle();
            found = station.settle_and_compare();
        } else {
            found = Findings::failure("does not open: " + station.error());
        }
        if (!tally.count(found, "allocation " + std::to_string(trial.n))) return;
    }
    EXPECT_GE(ended + 1 + trials.size() / 10, trials.size());
}

}  // namespace
}  // namespace outstation::faults
