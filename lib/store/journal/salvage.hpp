// SPDX-License-Identifier: GPL-3.0-or-later
// Reading a whole segment from a device that cannot read all of it. Threads: a function.
#pragma once

#include <cstdint>
#include <string>

#include "lib/store/journal/file_system.hpp"

namespace outstation::store {

// The first `octets` of the file. A page that cannot be read is filled with octets that are no frame and
// count for as many frames as a page can hold (unreadable_records()); `all` tells the first of these
// failures.
[[nodiscard]] std::string read_all(const File& file, std::uint64_t octets, Result<void>& all);

}  // namespace outstation::store
