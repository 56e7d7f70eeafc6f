// SPDX-License-Identifier: GPL-3.0-or-later
// What rules would have done in the past: the same engine over the journal and history, with alarms of its
// own that nobody sees. Threads: the loop's. Once it is destroyed it does not call back.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "daemons/alertd/history_reader.hpp"
#include "daemons/alertd/keeper.hpp"
#include "lib/wire/alert_messages.hpp"

namespace outstation::alertd {

class RuleTrial {
  public:
    using Done = std::function<void(const Result<wire::RuleTestReply>&)>;
    // `is_wanted`: false once nobody waits for the answer; then it fails.
    RuleTrial(ipc::Client& stored, std::shared_ptr<const RuleSet> rules, std::int64_t since_ns,
              std::function<bool()> is_wanted, Done done);
    void start();

  private:
    static constexpr std::size_t kMostFirings = 1000;
    void on_step(const wire::StateRecord& record);
    void find_samples();
    // Plays what was read, in the order of stamps; reads the next page of what has come to its end.
    void go_on();
    void read_states();
    void read_samples();
    [[nodiscard]] bool is_state_next() const;
    void play_state(const wire::StateRecord& record);
    void play_sample(const wire::SampleRecord& record);
    // Whether the record is of the time that is asked about, which begins with the first such one.
    [[nodiscard]] bool is_asked_about(const wire::WireStamp& stamp);
    void tick(const wire::WireStamp& stamp);

    HistoryReader reader_;
    Keeper keeper_;
    std::int64_t since_ns_;
    std::function<bool()> is_wanted_;
    Done done_;
    bool begun_ = false;
    std::int64_t ticked_s_ = 0;
    std::deque<wire::StateRecord> states_;  // of the page
    std::deque<wire::SampleRecord> samples_;
    std::uint64_t next_state_ = 1;
    std::uint64_t last_state_ = 0;
    std::uint64_t next_sample_ = 1;
    std::uint64_t last_sample_ = 0;
    wire::RuleTestReply reply_;
    std::map<AlarmKey, std::size_t> firings_;  // place in the reply
};

}  // namespace outstation::alertd
