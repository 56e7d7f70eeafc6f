// SPDX-License-Identifier: GPL-3.0-or-later
// What polling costs: the engine beside the raw system calls and the Net-SNMP library, in turns, on the same
// devices. Usage: bench_snmp [--quick] [--json]
#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <functional>

#include "tests/bench/snmp/base_memory.hpp"
#include "tests/bench/snmp/child.hpp"
#include "tests/bench/snmp/contenders.hpp"
#include "tests/bench/snmp/responder.hpp"

namespace {

using namespace outstation::bench;
using namespace std::chrono_literals;

constexpr double kGoalTimesFloor = 2.0;
constexpr double kV3GoalTimesFloor = 4.0;
constexpr double kGoalGrowth = 2.0;
constexpr double kGoalBytesPerDevice = 8192;
constexpr std::size_t kManyDevices = 10'000;
constexpr double kGoalPacedCost = 0.2;
constexpr std::size_t kPacedDevices = 1000;
constexpr auto kPacedGap = 60ms;  // each once a minute
constexpr auto kPacedDelay = 50ms;
constexpr double kGoalBaseRss = 8.0;
constexpr double kMiB = 1024 * 1024;

struct Contender {
    const char* name;
    Work work;
    std::function<Measured(const Work&)> measure;
    std::vector<Measured> rounds;

    [[nodiscard]] std::vector<double> sorted_costs() const {
        std::vector<double> costs;
        for (const Measured& measured : rounds) costs.push_back(measured.cpu_us_per_value());
        std::sort(costs.begin(), costs.end());
        return costs;
    }
    [[nodiscard]] double median() const { return sorted_costs()[rounds.size() / 2]; }
};

void print_table(const std::vector<Contender>& contenders) {
    fmt::print("CPU of the polling process, {} values a device and cycle, replies <= {} B, median of {}\n",
               kValuesPerCycle, kMaxReplyBytes, contenders[0].rounds.size());
    fmt::print("{:<28} {:>8} {:>12} {:>8} {:>8} {:>10} {:>8} {:>8}\n", "", "devices", "us a value", "least",
               "most", "us a PDU", "PDUs", "resent");
    for (const Contender& contender : contenders) {
        const Measured& last = contender.rounds.back();
        const auto costs = contender.sorted_costs();
        const auto cycles = static_cast<double>(contender.work.measured_cycles());
        const double pdus = static_cast<double>(last.requests) / cycles;
        fmt::print("{:<28} {:>8} {:>12.4f} {:>8.4f} {:>8.4f} {:>10.2f} {:>8.1f} {:>8}\n", contender.name,
                   contender.work.devices, contender.median(), costs.front(), costs.back(),
                   contender.median() * static_cast<double>(kValuesPerCycle) / pdus, pdus, last.resent);
    }
}

struct Figures {
    double floor;
    double product;
    double peer;
    double v3_product;
    double v3_peer;
    double paced_floor;
    double paced;
    double growth;
    double bytes_per_device;
};

Figures take_figures(const std::vector<Contender>& contenders) {
    const auto& many = contenders[3];
    return {contenders[0].median(),
            contenders[1].median(),
            contenders[2].median(),
            contenders[4].median(),
            contenders[5].median(),
            contenders[6].median(),
            contenders[7].median(),
            many.median() / contenders[1].median(),
            static_cast<double>(many.rounds.back().memory_bytes) / static_cast<double>(many.work.devices)};
}

void print_cost(const char* name, double value, double floor, double peer, double goal) {
    fmt::print(R"({{"name":"{}","value":{:.4f},"unit":"us","floor":{:.4f},"peer":"net-snmp",)"
               R"("peer_value":{:.4f},"goal":{:.4f},"ok":{}}})"
               "\n",
               name, value, floor, peer, goal, value <= goal);
}

void print_json(const Figures& f, const BaseMemory& base, const BaseMemory& bare) {
    print_cost("snmp.v2c.cpu_per_value", f.product, f.floor, f.peer, kGoalTimesFloor * f.floor);
    print_cost("snmp.v3.cpu_per_value", f.v3_product, f.floor, f.v3_peer, kV3GoalTimesFloor * f.floor);
    fmt::print(R"({{"name":"snmp.growth_200_to_10000","value":{:.3f},"unit":"ratio","goal":{:.1f},"ok":{}}})"
               "\n",
               f.growth, kGoalGrowth, f.growth <= kGoalGrowth);
    fmt::print(R"({{"name":"snmp.bytes_per_device","value":{:.0f},"unit":"B","goal":{:.0f},"ok":{}}})"
               "\n",
               f.bytes_per_device, kGoalBytesPerDevice, f.bytes_per_device <= kGoalBytesPerDevice);
    fmt::print(
        R"({{"name":"snmp.paced.cpu_per_value","value":{:.4f},"unit":"us","floor":{:.4f},"goal":{:.1f},)"
        R"("ok":{}}})"
        "\n",
        f.paced, f.paced_floor, kGoalPacedCost, f.paced <= kGoalPacedCost);
    const double rss = static_cast<double>(base.resident) / kMiB;
    fmt::print(
        R"({{"name":"snmp.rss_base","value":{:.1f},"unit":"MiB","floor":{:.1f},"goal":{:.1f},"ok":{}}})"
        "\n",
        rss, static_cast<double>(base.from_files) / kMiB, kGoalBaseRss, rss <= kGoalBaseRss);
    fmt::print(R"({{"name":"snmp.rss_without_packs","value":{:.1f},"unit":"MiB","floor":{:.1f}}})"
               "\n",
               static_cast<double>(bare.resident) / kMiB, static_cast<double>(bare.from_files) / kMiB);
}

}  // namespace

int main(int argc, char** argv) {
    bool quick = false;
    bool json = false;
    for (int i = 1; i < argc; ++i) {
        quick = quick || std::strcmp(argv[i], "--quick") == 0;
        json = json || std::strcmp(argv[i], "--json") == 0;
    }
    const Responder devices;
    const std::size_t cycles = quick ? 16 : 40;
    const Work work{200, cycles, 200, devices.port()};
    const Work many{kManyDevices, quick ? 1U : 2U, 200, devices.port()};
    const Work secured{200, cycles, 200, devices.port(), true};
    const Responder slow_devices(kPacedDelay);
    const Work paced{kPacedDevices, 0, 200, slow_devices.port(), false, quick ? 100U : 1000U, kPacedGap};
    std::vector<Contender> contenders{{"raw sendmmsg/recvmmsg", work, measure_floor, {}},
                                      {"Outstation", work, measure_product, {}},
                                      {"Net-SNMP library, epoll", work, measure_net_snmp, {}},
                                      {"Outstation", many, measure_product, {}},
                                      {"Outstation, v3 SHA-1/AES", secured, measure_product, {}},
                                      {"Net-SNMP, v3 SHA-1/AES", secured, measure_net_snmp, {}},
                                      {"raw, paced", paced, measure_floor, {}},
                                      {"Outstation, paced", paced, measure_product, {}}};
    for (int round = 0; round < (quick ? 3 : 7); ++round) {
        for (Contender& contender : contenders) {
            if (contender.work.is_paced() && round > 0) continue;  // it takes its time
            contender.rounds.push_back(measure_in_child([&] { return contender.measure(contender.work); }));
        }
    }
    const BaseMemory base = measure_base_memory(argv[0], Packs::shipped);
    const BaseMemory bare = measure_base_memory(argv[0], Packs::none);
    const Figures figures = take_figures(contenders);
    if (json) {
        print_json(figures, base, bare);
    } else {
        print_table(contenders);
        fmt::print(
            "\nv2c: Outstation / floor {:.2f} (goal {:.1f}); Net-SNMP / Outstation {:.1f}; growth {:.2f}; "
            "{:.0f} "
            "B a device\nv3: Outstation / floor {:.2f} (goal {:.1f}); Net-SNMP / Outstation {:.1f}\n",
            figures.product / figures.floor, kGoalTimesFloor, figures.peer / figures.product, figures.growth,
            figures.bytes_per_device, figures.v3_product / figures.floor, kV3GoalTimesFloor,
            figures.v3_peer / figures.v3_product);
        fmt::print(
            "paced, {} devices once a minute, answers after 50 ms: {:.3f} us a value (goal {:.1f}, raw "
            "{:.3f})\n"
            "polld with its packs, without devices: {:.1f} MiB resident (goal {:.1f}), {:.1f} of them pages "
            "of "
            "files; without packs {:.1f}\n",
            kPacedDevices, figures.paced, kGoalPacedCost, figures.paced_floor,
            static_cast<double>(base.resident) / kMiB, kGoalBaseRss,
            static_cast<double>(base.from_files) / kMiB, static_cast<double>(bare.resident) / kMiB);
    }
    return 0;
}
