// SPDX-License-Identifier: GPL-3.0-or-later
// state.db as the store uses it: opens it, brings it up to the durable end of the journal, answers from it.
// A file that is damaged or not ours is renamed to state.db.aside, and the journal is folded into a new one.
// Everything blocks. Threads: one at a time, the store's reader; let_go_to() and octets() any. Ownership: the
// file system outlives it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "lib/store/journal/journal.hpp"
#include "lib/store/sqlite/vfs.hpp"
#include "lib/store/state/state_db.hpp"
#include "lib/wire/state_messages.hpp"

namespace outstation::store {

class FoldedStates {
  public:
    static constexpr std::uint32_t kRecordsATime = 1000;

    // `directory` is made when it does not exist; its parent must exist.
    FoldedStates(FileSystem& files, std::string directory, std::shared_ptr<const Journal> journal);

    // Folds up to kRecordsATime durable records that are not in the file yet; true: there are more. After a
    // failure nothing is lost, it is tried again by the next call.
    [[nodiscard]] Result<bool> fold();
    // Each folds first, so that it knows what was durable when it was asked.
    [[nodiscard]] Result<wire::FactsReply> search(const wire::SearchRequest& request);
    [[nodiscard]] Result<wire::FactsReply> states(const wire::StatesRequest& request);
    [[nodiscard]] Result<wire::FactsReply> history(const wire::StateHistoryRequest& request);

    // Why a file was set aside and what is gone with it, or what was never folded, once.
    [[nodiscard]] std::optional<Error> take_set_aside();
    // The newest record that the journal may let go of: it is folded in, or no record can be, and then the
    // journal does not wait.
    [[nodiscard]] std::uint64_t let_go_to() const;
    // How large all of it may be; 0: no limit. What was set aside goes first, then the oldest past values.
    void set_limit(std::uint64_t octets) { limit_octets_ = octets; }
    // Of all files in the directory.
    [[nodiscard]] std::uint64_t octets() const { return octets_; }

  private:
    [[nodiscard]] Result<void> open();
    [[nodiscard]] Result<void> take_directory();
    [[nodiscard]] Result<void> open_file();
    [[nodiscard]] Result<void> check_pages(std::uint64_t pages) const;
    [[nodiscard]] Result<void> set_aside(const Error& why);
    [[nodiscard]] Result<void> heal(const Error& error);
    [[nodiscard]] Result<bool> fold_some();
    [[nodiscard]] Result<void> keep_limit();
    void tell_lost(std::uint64_t journal_first);
    [[nodiscard]] Result<wire::FactsReply> answer(
        const std::function<Result<StateDb::Page>(StateDb&)>& question);
    void measure();
    [[nodiscard]] std::string path() const { return directory_ + "/state.db"; }

    FileSystem& files_;
    std::string directory_;
    std::shared_ptr<const Journal> journal_;
    std::unique_ptr<FileLock> lock_;  // of the directory
    std::unique_ptr<Vfs> vfs_;
    std::unique_ptr<StateDb> db_;
    std::optional<Error> set_aside_;
    std::uint64_t next_ = 1;  // the first record that is not folded in
    std::atomic<std::uint64_t> folded_to_ = 0;
    std::atomic<bool> failing_ = false;
    std::atomic<std::uint64_t> octets_ = 0;
    std::atomic<std::uint64_t> limit_octets_ = 0;
};

}  // namespace outstation::store
