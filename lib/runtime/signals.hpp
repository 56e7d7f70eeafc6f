// SPDX-License-Identifier: GPL-3.0-or-later
// Signals as events of the loop. Blocks them for the whole process: make it before any thread.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>

#include "lib/event/loop.hpp"
#include "lib/event/unique_fd.hpp"

namespace outstation::runtime {

class Signals {
  public:
    [[nodiscard]] static Result<std::unique_ptr<Signals>> watch(Loop& loop,
                                                                std::initializer_list<int> signals,
                                                                std::function<void(int)> on_signal);

  private:
    Signals(Loop& loop, UniqueFd fd, std::function<void(int)> on_signal);
    UniqueFd fd_;
    std::function<void(int)> on_signal_;
    Watch watch_;
};

}  // namespace outstation::runtime
