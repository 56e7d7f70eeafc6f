// SPDX-License-Identifier: GPL-3.0-or-later
// Asking again when a file was merged or cut while a question was answered.
#pragma once

#include "lib/store/history/reader.hpp"

namespace outstation::store {

inline constexpr int kReadAttempts = 5;

template <typename Answer, typename Work>
Result<Answer> HistoryReader::retry(Work&& work) {
    for (int attempt = 1;; ++attempt) {
        close_replaced();
        auto answer = work();
        const bool went_away = !answer && answer.error().code == ErrorCode::not_found;
        if (!went_away || attempt == kReadAttempts) return answer;
    }
}

}  // namespace outstation::store
