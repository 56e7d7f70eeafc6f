// SPDX-License-Identifier: GPL-3.0-or-later
// What the packing of rows and the reading of them share. A chunk is: how many layouts, the series of each as
// runs of numbers that follow each other; how many rows, of each flags, what the flags announce, and steps of
// sequence and clocks; then, layout after layout, its columns. Numbers are varints, signed ones zigzag. A
// column is: how many octets a step has, for a gauge its decimal form, the first number, and for each further
// one the step from the one before.
#pragma once

#include "lib/store/columns/bytes.hpp"

namespace outstation::store {

// Flags of a row, beside the clock's quality.
inline constexpr unsigned kQualityMask = 3;
inline constexpr unsigned kNewBoot = 4;    // the length of a boot id and its octets follow
inline constexpr unsigned kNewLayout = 8;  // an octet follows

// A step is read together with what is behind it.
inline constexpr std::size_t kSlackOctets = 8;

}  // namespace outstation::store
