// SPDX-License-Identifier: GPL-3.0-or-later
// Has the folded states follow the journal: some time after records became durable, and from the start until
// they are as far. Threads: the loop's; what blocks runs on the reader.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

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
        std::function<void(const Error&)> told;                   // it cannot be written; it is tried again
        std::function<void(const Error&)> set_aside;              // a damaged or foreign file was replaced
        std::function<void(const std::string& device)> left_out;  // there is no room for more of it
        std::function<void()> folded;                             // the files may have become larger
    };
    explicit StateKeeper(Parts parts);
    ~StateKeeper();
    StateKeeper(const StateKeeper&) = delete;
    StateKeeper& operator=(const StateKeeper&) = delete;

    // State records became durable.
    void wake();
    // What is known of other devices goes.
    void keep_only(std::set<std::string, std::less<>> devices);
    // Since when and why nothing can be folded.
    [[nodiscard]] const std::optional<Failing>& failing() const { return failing_; }

  private:
    void arm(Duration delay);
    void fold();
    void on_folded(const Result<bool>& more, const std::optional<Error>& set_aside,
                   const std::vector<std::string>& left_out);

    Parts parts_;
    bool armed_ = false;  // or folding
    bool again_ = false;  // woken meanwhile
    std::optional<Failing> failing_;
    Timer timer_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace outstation::store
