// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps the archive: seals every two hours, lets the journal go of what is sealed, merges files of days gone
// by, thins and drops for age and room. What is lost is in the gap ledger, durable, before it goes. Threads:
// the loop's; what blocks runs on the two workers.
#pragma once

#include <map>
#include <set>

#include "lib/store/clocks/ages.hpp"
#include "lib/store/room.hpp"
#include "lib/store/store.hpp"

namespace outstation::store {

class ArchiveKeeper {
  public:
    struct Parts {
        Loop& loop;
        Worker& keeper;   // changes history
        Worker& flusher;  // changes the journal
        std::shared_ptr<Journal> journal;
        std::shared_ptr<SampleArchive> archive;
        std::shared_ptr<const Dictionary> dictionary;
        std::shared_ptr<Room> room;
        // Enters losses in the ledger; `done` is told whether they are durable.
        std::function<void(std::vector<wire::LedgerRecord>, std::function<void(bool durable)>)> enter;
        std::function<void(const Error&)> failed;  // of the journal: the store cannot go on
        std::function<void(const Error&)> told;    // of history: it is tried again
    };
    explicit ArchiveKeeper(Parts parts);
    ~ArchiveKeeper();
    ArchiveKeeper(const ArchiveKeeper&) = delete;
    ArchiveKeeper& operator=(const ArchiveKeeper&) = delete;

    // Nothing is thinned or dropped before the first call.
    void configure(const Settings& settings);
    // Seals now, because the journal found no room, then calls `done`.
    void make_room(std::function<void()> done);
    void stop();
    [[nodiscard]] const std::optional<Failing>& failing() const { return failing_; }
    // Why files are not merged, or have no hours, although it is time; empty: they are.
    [[nodiscard]] const std::string& held_back() const { return held_back_; }

  private:
    struct Done {
        bool sealed = false;
        std::string held_back;
        std::vector<HistoryCut> cuts;
        std::optional<Error> error;
    };
    struct Tried {
        HistoryCut cut;
        std::optional<Error> error;  // it was not made
    };
    struct Entered {
        Level left = Level::m1;
        bool gone = false;
        bool operator==(const Entered&) const = default;
    };
    struct Held {
        MonoTime first;  // when it could not be cut
        MonoTime last;
    };
    void arm();
    void work();
    [[nodiscard]] bool seal_is_due() const;
    [[nodiscard]] bool window_is_over() const;
    [[nodiscard]] std::size_t most_unsealed_octets() const;
    [[nodiscard]] bool failed_lately() const;  // nothing is sealed or merged so soon after a failure
    [[nodiscard]] std::set<std::string> held();
    [[nodiscard]] HistoryLimits limits() const;
    [[nodiscard]] MergeRoom merge_room() const;
    void work(std::uint64_t most_octets);
    void on_worked(Done done);
    void let_go();
    void enter(std::vector<HistoryCut> cuts);
    [[nodiscard]] bool is_entered(const HistoryCut& cut) const;
    void cut(std::vector<HistoryCut> cuts);
    void on_cut(const std::vector<Tried>& tried);
    void finish(const std::optional<Error>& error);
    void tell(const Error& error);

    Parts parts_;
    Settings settings_;
    bool configured_ = false;
    bool busy_ = false;
    bool more_cuts_ = false;  // than were made in this turn
    bool wanted_ = false;     // room, now
    std::vector<std::function<void()>> waiting_;
    std::vector<std::function<void()>> told_next_;  // of those, who hear when the present work is done
    // Files with a cut that was not made yet: what the ledger says that stays of them.
    std::map<std::string, Entered> entered_;
    std::map<std::string, Held> held_;  // files that could not be cut
    std::optional<MonoTime> failed_at_;
    std::optional<Failing> failing_;
    bool well_ = true;  // the present work, so far
    std::string held_back_;
    std::int64_t window_ns_ = 0;  // of the last seal, by the wall clock
    MonoTime sealed_at_{};
    SteadyClock clock_;
    Timer timer_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace outstation::store
