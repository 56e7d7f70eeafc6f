// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps the journal within its limits: once a minute, and when a stream finds no room, it finds the segments
// that must go, has them entered in the ledger, and unlinks them when the entries are durable. Threads: the
// loop's; the journal is touched on the flush worker.
#pragma once

#include <functional>
#include <memory>

#include "lib/event/loop.hpp"
#include "lib/store/clocks/ages.hpp"
#include "lib/store/room.hpp"
#include "lib/store/store.hpp"

namespace outstation::store {

class Retention {
  public:
    // What the store does for it: `enter` tells whether the entries became durable (otherwise nothing is let
    // go until the next time), `failed` is told when the journal could not unlink.
    struct Parts {
        Loop& loop;
        Worker& flusher;
        std::shared_ptr<Journal> journal;
        std::function<void(std::vector<wire::LedgerRecord> entries, std::function<void(bool durable)> done)>
            enter;
        std::function<void(const Error&)> failed;
        std::shared_ptr<Room> room;
        std::function<std::uint64_t()> states_folded_to;         // later records of `state` stay
        std::function<void(const std::string& path)> set_aside;  // a segment was, since the last look
    };
    explicit Retention(Parts parts);
    ~Retention();
    Retention(const Retention&) = delete;
    Retention& operator=(const Retention&) = delete;

    // Nothing is let go before this is called.
    void configure(const Settings& settings);
    // Looks now, because a stream found no room.
    void run();
    // Stops for good.
    void stop();
    // Segments that were set aside cannot be unlinked, although room is needed.
    [[nodiscard]] const std::optional<Failing>& failing() const { return failing_; }

  private:
    void arm();
    void plan();
    void on_planned(std::vector<Journal::Victim> victims);
    void drop(std::vector<Journal::Victim> victims);

    Parts parts_;
    Settings settings_;
    bool configured_ = false;
    bool busy_ = false;
    SteadyClock clock_;
    std::optional<Failing> failing_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    Timer timer_;
};

}  // namespace outstation::store
