// SPDX-License-Identifier: GPL-3.0-or-later
// Has the folded states follow the journal: some time after records became durable, and from the start until
// they are as far. Threads: the loop's; what blocks runs on the reader.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "lib/event/loop.hpp"
#include "lib/store/state/folded_states.hpp"
#include "lib/store/store.hpp"

namespace outstation::store {

class StateKeeper {
  public:
    struct Parts {
        Loop& loop;
        Worker& reader;
        std::shared_ptr<FoldedStates> states;
        std::function<void(const Error&)> told;       // it cannot be written; it is tried again
        std::function<void(const Error&)> set_aside;  // a damaged or foreign file was replaced
    };
    explicit StateKeeper(Parts parts);
    ~StateKeeper();
    StateKeeper(const StateKeeper&) = delete;
    StateKeeper& operator=(const StateKeeper&) = delete;

    // State records became durable.
    void wake();
    // Since when and why nothing can be folded.
    [[nodiscard]] const std::optional<Failing>& failing() const { return failing_; }

  private:
    void arm(Duration delay);
    void fold();
    void on_folded(const Result<bool>& more, const std::optional<Error>& set_aside);

    Parts parts_;
    bool armed_ = false;  // or folding
    bool again_ = false;  // woken meanwhile
    std::optional<Failing> failing_;
    Timer timer_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace outstation::store
