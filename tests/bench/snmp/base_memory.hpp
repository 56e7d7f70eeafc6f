// SPDX-License-Identifier: GPL-3.0-or-later
// What polld takes before it has a device.
#pragma once

#include <cstdint>

namespace outstation::bench {

enum class Packs { shipped, none };

struct BaseMemory {
    std::uint64_t resident = 0;    // bytes
    std::uint64_t from_files = 0;  // clean pages of it: programs and libraries, which the system can drop
};

// Starts the polld that lies beside `program`, waits until it rests, and ends it. Ends the program with a
// message when it cannot.
[[nodiscard]] BaseMemory measure_base_memory(const char* program, Packs packs);

}  // namespace outstation::bench
