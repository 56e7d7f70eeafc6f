// SPDX-License-Identifier: GPL-3.0-or-later
// Reading /proc, sysinfo(2) and statvfs(3).
#include "daemons/webd/host.hpp"

#include <sys/statvfs.h>
#include <sys/sysinfo.h>

#include <fstream>
#include <sstream>

#include "daemons/webd/json.hpp"
#include "lib/runtime/stamp.hpp"

namespace outstation::webd {
namespace {

using namespace std::chrono_literals;

// A line "MemAvailable:   123 kB" of /proc/meminfo, in bytes.
std::optional<double> meminfo(const std::string& name) {
    std::ifstream file("/proc/meminfo");
    std::string line;
    while (std::getline(file, line)) {
        if (line.rfind(name + ":", 0) != 0) continue;
        return std::strtod(line.c_str() + name.size() + 1, nullptr) * 1024;
    }
    return std::nullopt;
}

void add_memory(Json& json) {
    struct sysinfo info {};
    if (sysinfo(&info) != 0) return;
    const double total = static_cast<double>(info.totalram) * info.mem_unit;
    const double without_cache = static_cast<double>(info.freeram + info.bufferram) * info.mem_unit;
    json["memory_total_bytes"] = total;
    json["memory_used_bytes"] = total - meminfo("MemAvailable").value_or(without_cache);
}

void add_disk(Json& json, const std::string& directory) {
    struct statvfs info {};
    if (statvfs(directory.c_str(), &info) != 0) return;
    const double block = static_cast<double>(info.f_frsize);
    json["disk_total_bytes"] = block * static_cast<double>(info.f_blocks);
    json["disk_used_bytes"] = block * static_cast<double>(info.f_blocks - info.f_bfree);
}

}  // namespace

void Host::measure_cpu(MonoTime now) {
    if (total_ != 0 && now - measured_ < 1s) return;
    std::ifstream file("/proc/stat");
    std::string line;
    if (!std::getline(file, line) || line.rfind("cpu ", 0) != 0) return;
    std::istringstream numbers(line.substr(4));
    std::uint64_t total = 0;
    std::uint64_t idle = 0;
    std::uint64_t part = 0;
    // user nice system idle iowait irq softirq steal (proc(5)); guest time is part of user time
    for (int i = 0; i < 8 && numbers >> part; ++i) {
        total += part;
        if (i == 3 || i == 4) idle += part;
    }
    const std::uint64_t busy = total - idle;
    if (total_ != 0 && total > total_)
        cpu_ratio_ = static_cast<double>(busy - busy_) / static_cast<double>(total - total_);
    measured_ = now;
    busy_ = busy;
    total_ = total;
}

Json Host::json(MonoTime now) {
    measure_cpu(now);
    Json json{{"cpu_ratio", json_number(cpu_ratio_)}, {"memory_used_bytes", nullptr},
              {"memory_total_bytes", nullptr},        {"disk_used_bytes", nullptr},
              {"disk_total_bytes", nullptr},          {"clock_synchronised", nullptr}};
    add_memory(json);
    add_disk(json, data_dir_);
    const auto quality = runtime::read_clock_quality();
    if (quality != ClockQuality::unknown) json["clock_synchronised"] = quality == ClockQuality::synchronised;
    return json;
}

}  // namespace outstation::webd
