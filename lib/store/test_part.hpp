// SPDX-License-Identifier: GPL-3.0-or-later
// How many cases the tests try: builds whose programs are slow try fewer (docs/campaign.md).
#pragma once

#include <cstddef>
#include <cstdlib>

namespace outstation::store {

// The number in the environment variable `name`; `otherwise` when there is none, or nought.
inline std::size_t number_from(const char* name, std::size_t otherwise) {
    const char* const text = std::getenv(name);
    const std::size_t number = text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
    return number > 0 ? number : otherwise;
}

// One case in so many.
inline std::size_t test_part() {
    return number_from("OUTSTATION_TEST_PART", 1);
}

}  // namespace outstation::store
