// SPDX-License-Identifier: GPL-3.0-or-later
// R16 in real time: good devices alone, then the same with every hostile agent beside them, over real
// sockets. How late polls begin, and what a hostile agent costs the poller. usage: hostile_lateness [SECONDS
// [GOOD]]; prints a line of JSON for the campaign and one of figures.
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "lib/event/unique_fd.hpp"
#include "tests/hostile/watcher.hpp"
#include "tests/sim/server.hpp"

namespace outstation::hostile {
namespace {

using namespace std::chrono_literals;

constexpr Duration kInterval = 10s;
constexpr double kMostLate = 0.01;  // of the interval
constexpr double kMostCost = 3;     // times the CPU of a good device

std::uint16_t free_port() {
    UniqueFd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    socklen_t size = sizeof address;
    if (bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
        return 0;
    return ntohs(address.sin_port);
}

// The devices, in a process of their own.
pid_t play(const Fleet& fleet, int ready) {
    const pid_t pid = fork();
    if (pid != 0) return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const auto loop = make_epoll_loop();
    const auto server = sim::Server::start(**loop, fleet.devices(), Fleet::agent_options());
    if (!server) std::fprintf(stderr, "hostile_lateness: %s\n", server.error().text.c_str());
    if (!server || write(ready, "r", 1) != 1) _exit(1);
    (*loop)->run();
    _exit(0);
}

double cpu_seconds() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// CPU of a part of the run.
double run_for(Loop& loop, Duration span) {
    const double before = cpu_seconds();
    const Timer timer = loop.after(span, [&loop] { loop.stop(); });
    loop.run();
    return cpu_seconds() - before;
}

double seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

struct Figures {
    double good_s = 0;  // CPU
    double all_s = 0;
    double late_good_s = 0;
    double late_all_s = 0;
    std::uint64_t lost = 0;
    std::uint64_t phantom = 0;
};

Figures measure(const Fleet& fleet, Loop& loop, snmp::DatagramSocket& socket, Duration span) {
    Figures out;
    Watcher watcher(loop, socket, fleet);
    watcher.configure(fleet.config(10'000, false));
    (void)run_for(loop, kInterval);
    out.good_s = run_for(loop, span);
    out.late_good_s = seconds(watcher.poller().counters().worst_lateness);
    watcher.configure(fleet.config(10'000));
    (void)run_for(loop, kInterval);  // which packs they need
    out.all_s = run_for(loop, span);
    out.late_all_s = seconds(watcher.poller().counters().worst_lateness);
    for (const auto& [id, account] : watcher.accounts()) {
        if (!account.member->is_good()) continue;
        const auto cycles = static_cast<std::uint64_t>((2 * span + 2 * kInterval) / kInterval);
        out.lost += account.records + 2 < cycles ? cycles - account.records : 0;
        out.lost += account.cut_short();
    }
    out.phantom = watcher.false_values();
    if (out.phantom > 0) std::fprintf(stderr, "%s\n", watcher.first_false().c_str());
    return out;
}

int run(Duration span, std::size_t good) {
    Fleet fleet(free_port());
    fleet.add_good(good);
    for (const std::string& behaviour : hostile_behaviours()) fleet.add_hostile(behaviour);
    const std::size_t hostile = fleet.members().size() - good;
    int ready[2];
    if (pipe(ready) != 0) return 1;
    const pid_t child = play(fleet, ready[1]);
    char byte = 0;
    close(ready[1]);
    if (read(ready[0], &byte, 1) != 1) return 1;
    const auto loop = make_epoll_loop();
    const auto socket = snmp::open_datagram_socket(AF_INET);
    if (!loop || !socket) return 1;
    const Figures figures = measure(fleet, **loop, **socket, span);
    kill(child, SIGTERM);
    waitpid(child, nullptr, 0);
    const double cost = (figures.all_s - figures.good_s) / static_cast<double>(hostile) /
                        (figures.good_s / static_cast<double>(good));
    const double late = figures.late_all_s / seconds(kInterval);
    std::printf(
        "%s\n",
        fmt::format("{{\"name\": \"hostile.lateness\", \"unit\": \"% of the interval\", \"value\": {:.3f}, "
                    "\"good_alone\": {:.3f}, \"cpu_of_a_good_one\": {:.2f}, \"agents\": {}, \"good\": {}}}",
                    late * 100, figures.late_good_s / seconds(kInterval) * 100, cost, hostile, good)
            .c_str());
    const int other = (late > kMostLate ? 1 : 0) + (cost > kMostCost ? 1 : 0);
    std::printf(
        "%s\n",
        fmt::format(
            "{{\"campaign\": \"R16\", \"fault\": \"all hostile agents in real time\", \"trials\": {}, "
            "\"lost\": {}, \"doubled\": 0, \"phantom\": {}, \"other\": {}}}",
            hostile, figures.lost, figures.phantom, other)
            .c_str());
    return other != 0 || figures.lost != 0 || figures.phantom != 0 ? 1 : 0;
}

}  // namespace
}  // namespace outstation::hostile

int main(int argc, char** argv) {
    const long span = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 60;
    const long good = argc > 2 ? std::strtol(argv[2], nullptr, 10) : 500;
    return outstation::hostile::run(std::chrono::seconds(std::max(10L, span)),
                                    static_cast<std::size_t>(std::max(1L, good)));
}
