// SPDX-License-Identifier: GPL-3.0-or-later
// splitmix64 (Steele et al. 2014) from a seed of the kernel.
#include "drivers/snmp/request_ids.hpp"

#include <sys/random.h>

#include <cstdlib>

namespace outstation::snmp {

RequestIds::RequestIds() {
    if (getrandom(&state_, sizeof state_, 0) != static_cast<ssize_t>(sizeof state_)) std::abort();
}

std::uint32_t RequestIds::make(std::uint32_t device) {
    std::uint32_t number = 0;
    do {
        std::uint64_t mixed = state_ += 0x9e3779b97f4a7c15U;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
        number = static_cast<std::uint32_t>(mixed >> 33);
    } while (number == 0 || devices_.count(number) != 0);
    devices_.emplace(number, device);
    return number;
}

const std::uint32_t* RequestIds::find(std::uint32_t id) const {
    const auto it = devices_.find(id);
    return it == devices_.end() ? nullptr : &it->second;
}

}  // namespace outstation::snmp
