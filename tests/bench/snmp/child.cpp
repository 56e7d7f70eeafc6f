// SPDX-License-Identifier: GPL-3.0-or-later
// fork, a pipe for the result, getrusage.
#include "tests/bench/snmp/child.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace outstation::bench {

pid_t fork_child(const std::function<void()>& work) {
    std::fflush(nullptr);
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0) {
        std::perror("fork");
        std::exit(1);
    }
    if (pid != 0) return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent) work();
    _exit(1);
}

Measured measure_in_child(const std::function<Measured()>& measure) {
    int ends[2];
    if (pipe(ends) != 0) {
        std::perror("pipe");
        std::exit(1);
    }
    const pid_t pid = fork_child([&] {
        const Measured measured = measure();
        _exit(write(ends[1], &measured, sizeof measured) == sizeof measured ? 0 : 1);
    });
    close(ends[1]);
    Measured measured;
    const bool whole = read(ends[0], &measured, sizeof measured) == sizeof measured;
    close(ends[0]);
    int status = 0;
    waitpid(pid, &status, 0);
    if (!whole || status != 0 || measured.values == 0) {
        std::fprintf(stderr, "bench_snmp: a contender failed\n");
        std::exit(1);
    }
    return measured;
}

std::uint64_t own_cpu_us() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto us = [](const timeval& t) {
        return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000U + static_cast<std::uint64_t>(t.tv_usec);
    };
    return us(used.ru_utime) + us(used.ru_stime);
}

std::uint64_t own_resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    std::uint64_t total = 0;
    std::uint64_t resident = 0;
    statm >> total >> resident;
    return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace outstation::bench
