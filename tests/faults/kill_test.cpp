// SPDX-License-Identifier: GPL-3.0-or-later
// kill -9: at a random moment, and at the n-th write, sync, name or acknowledgement. What was acknowledged is
// there, once.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <random>
#include <thread>

#include "tests/faults/child.hpp"

namespace outstation::faults {
namespace {

using namespace std::chrono;

// After a child: nothing that it was told is missing, and the store goes on.
Findings after(Station& successor, int status) {
    const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    if (!killed && status != 0) return Findings::failure("it ended with status " + std::to_string(status));
    if (!successor.open()) return Findings::failure("does not open: " + successor.error());
    for (int i = 0; i < 3; ++i) successor.cycle();
    return successor.settle_and_compare();
}

class Kill : public testing::TestWithParam<Routine> {
  protected:
    [[nodiscard]] bool has_history() const { return GetParam().span > 1min; }
};

std::string name_of(const testing::TestParamInfo<Routine>& routine) {
    return routine.param.span > 1min ? "history" : "journal";
}

INSTANTIATE_TEST_SUITE_P(Stations, Kill, testing::Values(journal_routine(), history_routine(false)), name_of);

// How long a child that nobody kills needs.
steady_clock::duration time_of_a_run(const Routine& routine) {
    const TrialDirectory directory;
    Child child;
    Station successor(child.files, directory.journal(), routine);
    const auto start = steady_clock::now();
    EXPECT_EQ(run_child(child, successor, directory.journal()), 0);
    return steady_clock::now() - start;
}

TEST_P(Kill, AtARandomMomentNothingIsLostOrDoubled) {
    const auto whole = duration_cast<microseconds>(time_of_a_run(GetParam()));
    std::mt19937_64 random(7);
    std::size_t killed = 0;
    const std::size_t trials = campaign_size(has_history() ? 12 : 20);
    Tally tally("R1", std::string("SIGKILL of the store at a random moment, ") + GetParam().name);
    for (std::size_t i = 0; i < trials; ++i) {
        const TrialDirectory directory;
        Child child;
        Station successor(child.files, directory.journal(), GetParam());
        const microseconds delay(random() % static_cast<std::uint64_t>(whole.count()));
        child.meanwhile = [delay](pid_t pid) {
            std::this_thread::sleep_for(delay);
            kill(pid, SIGKILL);
        };
        const int status = run_child(child, successor, directory.journal());
        killed += WIFSIGNALED(status) ? 1 : 0;
        if (!tally.count(after(successor, status), "trial " + std::to_string(i))) return;
    }
    EXPECT_GT(killed, trials / 4);
}

TEST_P(Kill, AtTheNthOperationNothingIsLostOrDoubled) {
    const TrialDirectory whole;
    UnsyncedFiles files;
    std::size_t operations = 0;
    files.before = [&operations] { ++operations; };
    {
        Station station(files, whole.journal(), GetParam());
        station.on_batch = [&](StreamId, std::uint64_t, bool) { ++operations; };
        ASSERT_EQ(work_through(station), 0);
    }
    ASSERT_GT(operations, 500U);
    Tally tally("R2", std::string("SIGKILL at the n-th write, sync or answer, ") + GetParam().name);
    for (const Case& trial : cases_of(operations, has_history() ? 16 : 24)) {
        const TrialDirectory directory;
        Child child;
        Station successor(child.files, directory.journal(), GetParam());
        std::size_t left = trial.n;
        const auto count = [&left] {
            if (--left == 0) raise(SIGKILL);
        };
        child.begin = [&] { child.files.before = child.on_note = count; };
        const int status = run_child(child, successor, directory.journal());
        if (!tally.count(after(successor, status), "operation " + std::to_string(trial.n))) return;
    }
}

}  // namespace
}  // namespace outstation::faults
