// SPDX-License-Identifier: GPL-3.0-or-later
// state.db as the store uses it: brought up to the durable end of the journal, asked. A file that is damaged
// or not ours is set aside (state_file.hpp), and the journal is folded into a new one.
// Everything blocks. Threads: one at a time, the store's reader; let_go_to() and octets() any. Ownership: the
// file system outlives it.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lib/store/journal/journal.hpp"
#include "lib/store/state/listed_devices.hpp"
#include "lib/store/state/state_file.hpp"
#include "lib/wire/state_messages.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::store {

class FoldedStates {
  public:
    static constexpr std::uint32_t kRecordsATime = 1000;
    // Failures of fold() in a row, a minute apart, until what the device cannot read counts as lost.
    static constexpr int kPatience = 60;
    // The log is brought into the file from 256 pages on, and one transaction more.
    static constexpr std::uint64_t kLogOctets = 3U << 20;
    static constexpr std::uint64_t kGrowthOctets = 256U << 10;

    FoldedStates(FileSystem& files, std::string directory, std::shared_ptr<const Journal> journal);

    // Folds up to kRecordsATime durable records that are not in the file yet; true: there are more. After a
    // failure nothing is lost, it is tried again by the next call.
    [[nodiscard]] Result<bool> fold();
    // Each folds first, so that it knows what was durable when it was asked. A file that could not be opened
    // is not tried again before the next fold().
    [[nodiscard]] Result<wire::FactsReply> search(const wire::SearchRequest& request);
    [[nodiscard]] Result<wire::FactsReply> states(const wire::StatesRequest& request);
    [[nodiscard]] Result<wire::FactsReply> history(const wire::StateHistoryRequest& request);

    // Why a file was set aside and what is gone with it, or what was never folded, once.
    [[nodiscard]] std::optional<Error> take_set_aside();
    // Devices of which there is no room for more facts, each once.
    [[nodiscard]] std::vector<std::string> take_left_out();
    // What is known of other devices goes, unless they tell something from now on: they may be newer than the
    // list. No device at all: nothing goes. The list is on disk before anything does.
    void keep_only(const std::set<std::string, std::less<>>& devices);
    // The newest record that the journal may let go of: it is folded in, or no record can be, and then the
    // journal does not wait.
    [[nodiscard]] std::uint64_t let_go_to() const;
    // How large all of it may be; 0: no limit. What was set aside goes first, then the oldest past values.
    void set_limit(std::uint64_t octets) { limit_octets_ = octets; }
    // Of all files in the directory.
    [[nodiscard]] std::uint64_t octets() const { return file_.octets(); }
    // That they may become larger by until they are looked at again: the log, and the file by a fold.
    [[nodiscard]] std::uint64_t coming_octets() const {
        return kLogOctets - std::min(kLogOctets, file_.log_octets()) + kGrowthOctets;
    }

  private:
    [[nodiscard]] Result<void> open();
    [[nodiscard]] Result<void> open_file();
    [[nodiscard]] bool journal_has_all() const;
    [[nodiscard]] Result<void> heal(const Error& error);
    [[nodiscard]] Result<bool> fold_or_heal();
    [[nodiscard]] Result<bool> fold_some();
    [[nodiscard]] Result<wire::ReplayReply> read_records() const;
    void tell_limit();
    [[nodiscard]] Result<void> keep_limit();
    [[nodiscard]] Result<bool> forget_others();
    void tell(const Error& error);
    void tell_lost(std::uint64_t first, std::uint64_t last, const char* why);
    [[nodiscard]] Result<wire::FactsReply> answer(
        const std::function<Result<StateDb::Page>(StateDb&)>& question);

    FileSystem& files_;
    std::string directory_;
    StateFile file_;
    std::shared_ptr<const Journal> journal_;
    std::unique_ptr<StateDb> db_;
    ListedDevices listed_;
    bool listed_is_written_ = false;
    std::optional<Error> open_failed_;
    std::optional<Error> set_aside_;
    std::uint64_t next_ = 1;     // the first record that is not folded in
    std::uint64_t told_to_ = 0;  // what is lost up to here was told
    int failures_ = 0;           // of fold(), in a row
    std::atomic<std::uint64_t> folded_to_ = 0;
    std::atomic<bool> failing_ = false;
    std::atomic<std::uint64_t> limit_octets_ = 0;
};

}  // namespace outstation::store
