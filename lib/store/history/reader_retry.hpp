// SPDX-License-Identifier: GPL-3.0-or-later
// Asking again when a file was merged or cut while a question was answered.
#pragma once

#include "lib/store/history/reader.hpp"

namespace outstation::store {

inline constexpr int kReadAttempts = 5;

template <typename Answer, typename Work>
Result<Answer> HistoryReader::retry(Work&& work) {
    Result<Answer> answer = fail(ErrorCode::bug, "not asked");
    {
        const std::lock_guard lock(busy_);
        for (int attempt = 1; attempt <= kReadAttempts; ++attempt) {
            last_attempt_ = attempt == kReadAttempts;
            close_replaced();
            answer = work();
            if (answer || !went_away(answer.error())) break;
        }
    }
    let_go();
    return answer;
}

}  // namespace outstation::store
