// SPDX-License-Identifier: GPL-3.0-or-later
// Shares the room under the limit of all files between the journal, which grows on the flush worker, and
// history, which grows on the keeper: before the keeper makes files it claims room for them, and as long as
// it has it the journal does without. Threads: set_limit() by any; the rest on the flush worker, so that the
// journal does not grow meanwhile.
#pragma once

#include <atomic>
#include <memory>

#include "lib/store/journal/journal.hpp"
#include "lib/store/sample_archive.hpp"
#include "lib/store/state/folded_states.hpp"

namespace outstation::store {

class Room {
  public:
    Room(std::shared_ptr<Journal> journal, std::shared_ptr<const SampleArchive> archive,
         std::shared_ptr<const FoldedStates> states)
        : journal_(std::move(journal)), archive_(std::move(archive)), states_(std::move(states)) {}

    void set_limit(std::uint64_t octets) { limit_octets_ = octets; }  // of all files; 0: none
    // Tells the journal how much it may have.
    void tell_journal();
    // How large history may become from now until release(): half of what is free but for what the journal
    // needs next, and at least `needed` more than it has where so much is free.
    [[nodiscard]] std::uint64_t claim(std::uint64_t needed);
    [[nodiscard]] bool claimed() const { return claimed_octets_ != 0; }
    void release();
    // Of the folded states, which have their room before both, and what they may need next.
    [[nodiscard]] std::uint64_t state_octets() const;

  private:
    std::shared_ptr<Journal> journal_;
    std::shared_ptr<const SampleArchive> archive_;
    std::shared_ptr<const FoldedStates> states_;
    std::atomic<std::uint64_t> limit_octets_ = 0;
    std::uint64_t claimed_octets_ = 0;  // 0: nothing
};

}  // namespace outstation::store
