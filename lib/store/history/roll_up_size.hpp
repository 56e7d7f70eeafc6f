// SPDX-License-Identifier: GPL-3.0-or-later
// How large a roll-up will be, before it is made. Estimates from the head of the finer file; pure functions.
#pragma once

#include "lib/store/history/types.hpp"

namespace outstation::store {

// It has few enough rows to be smaller than the file.
[[nodiscard]] bool is_worth(const Head& head, Level level);
// About; no more than the file, because what is not smaller is not made in place of it.
[[nodiscard]] std::uint64_t octets_rolled_up(const HistoryFileInfo& file, Level level);
// What must be free to make it in place of the file.
[[nodiscard]] std::uint64_t room_to_roll_up(const HistoryFileInfo& file, Level level);
// What must be free to make the hours that stay beside the file: more than it has where its rows are few.
[[nodiscard]] std::uint64_t room_for_hours(const HistoryFileInfo& file);

}  // namespace outstation::store
