// SPDX-License-Identifier: GPL-3.0-or-later
// All alarms, folded from their records: the newest step of each alarm tells it whole, and a step that was
// seen is known by its revision, so records may come twice. The same records give the same alarms, here,
// after a restart and in a test. Plain data. Threads: the loop's.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "lib/event/loop.hpp"
#include "lib/wire/records.hpp"

namespace outstation::alertd {

// An alarm's identity.
struct AlarmKey {
    std::string device;
    std::string component;
    std::string rule;
    auto operator<=>(const AlarmKey&) const = default;
};
[[nodiscard]] AlarmKey key_of(const wire::StateRecord& record);
// The same for ever; 16 characters.
[[nodiscard]] std::string id_of(const AlarmKey& key);

// How long ago: by the monotonic clock within a boot. Over a boot by the wall clock, and at least as long as
// this one lasts: a clock that went back must not stop time.
[[nodiscard]] std::int64_t age_ns(const wire::WireStamp& then, const wire::WireStamp& now);

struct Alarm {
    std::string id;
    wire::StateRecord newest;  // its last step
    bool recorded = false;     // which is known to be on disk
    wire::WireStamp changed;   // when it last became open, worse, better or over: of a cleared one its end
    wire::WireStamp shelved;   // when it was shelved last
    std::uint64_t changed_revision = 0;
    bool changed_by_hand = false;
    std::vector<std::string> tokens;  // of the last steps of people
    static constexpr std::size_t kMostTokens = 8;
    [[nodiscard]] bool was_taken(const std::string& token) const;
    [[nodiscard]] const wire::AlarmState& state() const { return *newest.alarm; }
};

class AlarmBook {
  public:
    static constexpr std::size_t kMostAlarms = 110'000;

    explicit AlarmBook(std::size_t most = kMostAlarms) : most_(most) {}
    // False when it is no step of an alarm, one that is known or cannot be, or when there is no room, not
    // even of cleared alarms.
    bool apply(const wire::StateRecord& record);
    // This record is on disk.
    void on_recorded(const wire::StateRecord& record);
    // Forgets alarms that were cleared so long ago. What a person cleared has no id any more, and is known
    // all the same: a condition that has lasted since then is no news.
    void forget_cleared(const wire::WireStamp& now, Duration age);

    [[nodiscard]] const Alarm* find(const AlarmKey& key) const;
    [[nodiscard]] const Alarm* find(const std::string& id) const;
    [[nodiscard]] wire::Severity severity_of(const AlarmKey& key) const;  // none: not open
    [[nodiscard]] bool is_open(const std::string& device, const std::string& rule) const;
    // Whether an alarm of this device and one of these rules changed after that revision.
    [[nodiscard]] bool has_changed(const std::string& device, const std::vector<std::string>& rules,
                                   std::uint64_t after) const;
    [[nodiscard]] std::uint64_t newest_revision() const { return newest_revision_; }
    [[nodiscard]] const std::map<AlarmKey, Alarm>& alarms() const { return alarms_; }
    // In the order of ids; without those that are forgotten.
    [[nodiscard]] const std::map<std::string, AlarmKey>& ids() const { return ids_; }
    [[nodiscard]] std::size_t open() const;
    // Steps that there was no room for.
    [[nodiscard]] std::uint64_t left_out() const { return left_out_; }

  private:
    [[nodiscard]] bool make_room();

    std::size_t most_;
    std::uint64_t left_out_ = 0;
    std::map<AlarmKey, Alarm> alarms_;
    std::map<std::string, AlarmKey> ids_;
    std::map<std::pair<std::string, std::string>, std::size_t> open_;  // by device and rule
    std::uint64_t newest_revision_ = 0;
};

}  // namespace outstation::alertd
