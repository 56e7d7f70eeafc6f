// SPDX-License-Identifier: GPL-3.0-or-later
// Reading the boot id and the kernel's clock state.
#include "lib/runtime/stamp.hpp"

#include <sys/random.h>
#include <sys/timex.h>

#include <charconv>
#include <fstream>

namespace outstation::runtime {

std::string read_boot_id() {
    std::string text;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> text;
    std::string digits;
    for (const char c : text) {
        if (c != '-') digits += c;
    }
    std::string id(16, '\0');
    if (digits.size() != 32) return id;
    for (std::size_t i = 0; i < 16; ++i) {
        unsigned byte = 0;
        std::from_chars(digits.data() + 2 * i, digits.data() + 2 * i + 2, byte, 16);
        id[i] = static_cast<char>(byte);
    }
    return id;
}

ClockQuality read_clock_quality() {
    timex state{};
    if (adjtimex(&state) < 0) return ClockQuality::unknown;
    return (state.status & STA_UNSYNC) == 0 ? ClockQuality::synchronised : ClockQuality::free_running;
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
