// SPDX-License-Identifier: GPL-3.0-or-later
// fork, exec, smaps_rollup.
#include "tests/bench/snmp/base_memory.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

namespace outstation::bench {
namespace {

using namespace std::chrono_literals;
constexpr auto kRest = 2s;  // it looks for confd and stored, and waits
constexpr std::uint64_t kKiB = 1024;

[[noreturn]] void run_daemon(const std::string& daemon, const std::string& folder,
                             const std::string& config) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(nowhere, standard);
    execl(daemon.c_str(), daemon.c_str(), "--run-dir", folder.c_str(), "--state-dir", folder.c_str(),
          "--config", config.c_str(), static_cast<char*>(nullptr));
    _exit(127);
}

BaseMemory read_memory(pid_t pid) {
    std::ifstream rollup("/proc/" + std::to_string(pid) + "/smaps_rollup");
    BaseMemory out;
    for (std::string line; std::getline(rollup, line);) {
        const std::size_t colon = line.find(':');
        if (colon == std::string::npos) continue;
        const std::uint64_t bytes = std::strtoull(line.c_str() + colon + 1, nullptr, 10) * kKiB;
        const std::string key = line.substr(0, colon);
        if (key == "Rss") out.resident = bytes;
        if (key == "Shared_Clean" || key == "Private_Clean") out.from_files += bytes;
    }
    return out;
}

}  // namespace

BaseMemory measure_base_memory(const char* program, Packs packs) {
    std::string folder = std::filesystem::temp_directory_path() / "outstation-bench-XXXXXX";
    const std::string daemon = std::filesystem::absolute(program).parent_path() / "outstation-polld";
    const bool has_folder = mkdtemp(folder.data()) != nullptr;
    const std::string config = folder + "/polld.conf";
    std::ofstream(config) << "packs: '" << (packs == Packs::none ? folder : "") << "'\n";
    std::fflush(nullptr);
    const pid_t pid = has_folder ? fork() : -1;
    if (pid == 0) run_daemon(daemon, folder, config);
    std::this_thread::sleep_for(kRest);
    const BaseMemory out = pid > 0 ? read_memory(pid) : BaseMemory{};
    if (pid > 0) kill(pid, SIGTERM);
    int status = 0;
    const bool has_ended =
        pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    std::filesystem::remove_all(folder);
    if (!has_ended || out.resident == 0) {
        std::fprintf(stderr, "bench_snmp: %s could not be measured\n", daemon.c_str());
        std::exit(1);
    }
    return out;
}

}  // namespace outstation::bench
