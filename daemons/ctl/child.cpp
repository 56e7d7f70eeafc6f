// SPDX-License-Identifier: GPL-3.0-or-later
// fork and exec.
#include "daemons/ctl/child.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace outstation::ctl {
namespace {

using namespace std::chrono_literals;

// In the child: only async-signal-safe calls, as far as execvp allows.
[[noreturn]] void become(char** argv, char** environment, pid_t parent) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) _exit(127);  // it died before prctl
    for (char** variable = environment; *variable != nullptr; ++variable) putenv(*variable);
    execvp(argv[0], argv);
    const char* reason = std::strerror(errno);
    for (const char* part : {"cannot start ", static_cast<const char*>(argv[0]), ": ", reason, "\n"}) {
        [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, part, std::strlen(part));
    }
    _exit(127);
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
    out.push_back(nullptr);
    return out;
}

}  // namespace

Result<pid_t> spawn(const ChildSpec& spec, const std::vector<std::string>& environment) {
    auto argv = pointers(spec.command);
    auto variables = pointers(environment);
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0) return fail_errno("fork for " + spec.name, errno);
    if (pid == 0) become(argv.data(), variables.data(), parent);
    return pid;
}

std::string exit_text(int wait_status) {
    if (WIFSIGNALED(wait_status)) return std::string("killed by SIG") + sigabbrev_np(WTERMSIG(wait_status));
    return "exit code " + std::to_string(WEXITSTATUS(wait_status));
}

Duration BackOff::next(Duration ran) {
    delay_ = ran > 4s ? 100ms : std::clamp<Duration>(delay_ * 2, 100ms, 10s);
    return delay_;
}

}  // namespace outstation::ctl
