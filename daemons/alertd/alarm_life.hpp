// SPDX-License-Identifier: GPL-3.0-or-later
// The life of alarms: what a rule finds and what people do becomes steps, each a record that is applied here
// and handed on to be written. Threads: the loop's.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "daemons/alertd/alarm_book.hpp"
#include "daemons/alertd/engine.hpp"
#include "lib/wire/alert_messages.hpp"

namespace outstation::alertd {

class AlarmLife : public Engine::Alarms {
  public:
    // An alarm that comes back sooner goes on with its occurrence.
    static constexpr Duration kReopenWithin = std::chrono::minutes(10);
    static constexpr Duration kKeepCleared = std::chrono::hours(24);
    // An open alarm whose last record is older is told again: the journal lets go of its oldest part.
    static constexpr Duration kRestateAfter = std::chrono::hours(7 * 24);
    static constexpr std::size_t kMostRestated = 500;  // at a time
    using Write = std::function<void(const wire::StateRecord&)>;

    explicit AlarmLife(Write write, std::size_t most = AlarmBook::kMostAlarms)
        : write_(std::move(write)), book_(most) {}

    [[nodiscard]] Severity severity_of(const AlarmKey& key) const override { return book_.severity_of(key); }
    [[nodiscard]] const wire::WireStamp* changed_at(const AlarmKey& key) const override {
        const Alarm* alarm = book_.find(key);
        return alarm == nullptr ? nullptr : &alarm->changed;
    }
    [[nodiscard]] bool is_open(const std::string& device, const std::string& rule) const override {
        return book_.is_open(device, rule);
    }
    [[nodiscard]] bool is_over_by_hand(const AlarmKey& key, const Rule& composite) const override;
    void on_change(const Change& change) override;

    // A person's step. Fails with not_found (no such alarm), malformed (something is missing or too long),
    // refused (not possible now). Gives the record; of a step that was taken already, known by its token, the
    // newest one.
    [[nodiscard]] Result<wire::StateRecord> act(const wire::AlarmAct& act, const wire::WireStamp& now);
    // Ends an open alarm for a reason of ours: "rule removed", "device removed", "gone".
    void end(const AlarmKey& key, const std::string& reason, const wire::WireStamp& now);
    // What time alone brings: shelves that are over, alarms to be told again, cleared ones to be forgotten.
    void tick(const wire::WireStamp& now);

    [[nodiscard]] AlarmBook& book() { return book_; }
    [[nodiscard]] const AlarmBook& book() const { return book_; }

  private:
    // The next record of this alarm, as it is now.
    [[nodiscard]] wire::StateRecord next(const AlarmKey& key, const wire::WireStamp& stamp,
                                         wire::AlarmStep step) const;
    void begin(wire::AlarmState& state, const Change& change, const Alarm* known) const;
    void take(const wire::StateRecord& record);

    Write write_;
    AlarmBook book_;
};

}  // namespace outstation::alertd
