// SPDX-License-Identifier: GPL-3.0-or-later
// Reading the boot id and the kernel's clock state.
#include "lib/runtime/stamp.hpp"

#include <sys/random.h>
#include <sys/timex.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <fstream>

namespace outstation::runtime {
namespace {

constexpr std::size_t kBootIdOctets = 16;

}  // namespace

std::optional<std::string> parse_boot_id(std::string_view text) {
    std::string digits;
    for (const char c : text) {
        if (c != '-') digits += c;
    }
    if (digits.size() != 2 * kBootIdOctets) return std::nullopt;
    std::string id;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        unsigned octet = 0;
        const char* end = digits.data() + i + 2;
        const auto [rest, error] = std::from_chars(digits.data() + i, end, octet, 16);
        if (error != std::errc{} || rest != end) return std::nullopt;
        id.push_back(static_cast<char>(octet));
    }
    return id;
}

std::string read_boot_id() {
    if (const char* given = std::getenv("OUTSTATION_BOOT_ID")) {
        if (auto id = parse_boot_id(given)) return *id;
    }
    std::string text;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> text;
    return parse_boot_id(text).value_or(std::string(kBootIdOctets, '\0'));
}

ClockQuality clock_quality_of(int state, int status, const std::string& timesync_directory) {
    if (state >= 0)
        return (status & STA_UNSYNC) == 0 ? ClockQuality::synchronised : ClockQuality::free_running;
    if (access((timesync_directory + "/synchronized").c_str(), F_OK) == 0) return ClockQuality::synchronised;
    return access(timesync_directory.c_str(), F_OK) == 0 ? ClockQuality::free_running : ClockQuality::unknown;
}

ClockQuality read_clock_quality() {
    timex kernel{};
    const int state = adjtimex(&kernel);
    return clock_quality_of(state, kernel.status, "/run/systemd/timesync");
}

std::uint64_t make_incarnation() {
    std::uint64_t number = 0;
    while (number == 0) {
        if (getrandom(&number, sizeof number, 0) != static_cast<ssize_t>(sizeof number)) number = 0;
    }
    return number;
}

Stamper::Stamper(Loop& loop)
    : loop_(loop), boot_id_(read_boot_id()), quality_(read_clock_quality()), quality_read_(loop.now()) {}

Stamp Stamper::now() {
    if (loop_.now() - quality_read_ > std::chrono::minutes(1)) {
        quality_ = read_clock_quality();
        quality_read_ = loop_.now();
    }
    return Stamp{loop_.wall().time_since_epoch().count(), loop_.now().time_since_epoch().count(), boot_id_,
                 quality_};
}

}  // namespace outstation::runtime
