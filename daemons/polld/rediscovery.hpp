// SPDX-License-Identifier: GPL-3.0-or-later
// Searches again by itself at a quiet hour, and says after each whole sweep what is otherwise than it was: as
// events, and as differences that stand until somebody accepts or ignores them. What it knows is in the file
// `known`, so that a restart repeats nothing. Threads: the loop's. Ownership: the parts outlive it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "daemons/polld/background_file.hpp"
#include "daemons/polld/known_devices.hpp"
#include "daemons/polld/search_times.hpp"
#include "daemons/polld/sweep.hpp"
#include "lib/wire/records.hpp"

namespace outstation::polld {

class Rediscovery {
  public:
    struct Parts {
        Loop& loop;
        Sweep& sweep;
        std::string path;
        std::function<bool(const std::string& id)> is_polled;  // answers to polling
        std::function<wire::WireStamp()> stamp;
        std::function<void(std::vector<wire::StateRecord>)> events;
        std::function<void(const char* id, const std::string& text)> note;  // a line of docs/messages.md
        BackgroundFile::Run run = BackgroundFile::on_a_thread;
    };
    // So long after a start nothing is searched: polling goes first.
    static constexpr Duration kSettle = std::chrono::minutes(10);

    // Reads what was known.
    explicit Rediscovery(Parts parts);

    // Where the station searches by itself, and when.
    void configure(std::vector<std::string> subnets, SearchTimes times);
    // Says what it was.
    [[nodiscard]] Result<std::string> settle(std::uint64_t id, const std::string& action);
    [[nodiscard]] std::vector<wire::Difference> differences();
    // Says of each how it differs.
    void mark(std::vector<wire::Candidate>& candidates);
    [[nodiscard]] std::int64_t next_ns() const;
    // Before the end of polld.
    [[nodiscard]] Result<void> save_now() { return file_.write_now(state()); }

  private:
    void look();
    void search();
    void on_swept();
    void save();
    [[nodiscard]] wire::KnownState state() const;
    [[nodiscard]] wire::StateRecord event_of(const wire::Difference& difference) const;

    Parts parts_;
    MessageFile<wire::KnownState> file_;
    KnownDevices known_;
    std::vector<std::string> subnets_;
    SearchTimes times_;
    std::int64_t last_ns_ = 0;  // when the last search of our own began; at first, since when there could be
    MonoTime started_;
    bool is_unsaved_ = false;
    Timer timer_;
};

}  // namespace outstation::polld
