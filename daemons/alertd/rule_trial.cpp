// SPDX-License-Identifier: GPL-3.0-or-later
// Playing the past.
#include "daemons/alertd/rule_trial.hpp"

#include <utility>

namespace outstation::alertd {
namespace {

// It stands beside the alarms that are live.
constexpr Keeper::Room kRoom = {10'000, 50'000};

}  // namespace

RuleTrial::RuleTrial(ipc::Client& stored, std::shared_ptr<const RuleSet> rules, std::int64_t since_ns,
                     std::function<bool()> is_wanted, Done done)
    : reader_(stored),
      keeper_([this](const wire::StateRecord& record) { on_step(record); }, kRoom),
      since_ns_(since_ns),
      is_wanted_(std::move(is_wanted)),
      done_(std::move(done)) {
    keeper_.set_rules(std::move(rules));
    keeper_.begin();
}

void RuleTrial::start() {
    reader_.status([this](const Result<wire::StoreStatus>& status) {
        if (!status) return done_(fail(status.error()));
        last_state_ = stream_of(*status, StreamId::state).durable_sequence;
        last_sample_ = stream_of(*status, StreamId::samples).durable_sequence;
        reader_.series([this](const wire::LatestRow& row) { keeper_.define(row.series); },
                       [this](const Result<void>& read) {
                           if (!read) return done_(fail(read.error()));
                           find_samples();
                       });
    });
}

// The engine warms up on what lies before.
void RuleTrial::find_samples() {
    const auto is_old = [from_ns = since_ns_ - keeper_.look_back().count()](const wire::WireStamp& stamp) {
        return stamp.wall_ns < from_ns;
    };
    reader_.find_samples(is_old, 1, last_sample_, [this](const Result<std::uint64_t>& first) {
        if (!first) return done_(fail(first.error()));
        next_sample_ = *first;
        go_on();
    });
}

void RuleTrial::go_on() {
    while (is_wanted_()) {
        if (states_.empty() && next_state_ <= last_state_) return read_states();
        if (samples_.empty() && next_sample_ <= last_sample_) return read_samples();
        if (states_.empty() && samples_.empty()) return done_(reply_);
        if (is_state_next()) {
            play_state(states_.front());
            states_.pop_front();
        } else {
            play_sample(samples_.front());
            samples_.pop_front();
        }
    }
    done_(fail(ErrorCode::refused, "nobody waits for it"));
}

void RuleTrial::read_states() {
    reader_.page(StreamId::state, next_state_, last_state_, [this](const Result<HistoryReader::Page>& page) {
        if (!page) return done_(fail(page.error()));
        reply_.damaged += page->records.damaged.size();
        for (const auto& record : page->records.states) {
            if (!record.alarm) states_.push_back(record);
        }
        next_state_ = page->next;
        go_on();
    });
}

void RuleTrial::read_samples() {
    reader_.page(StreamId::samples, next_sample_, last_sample_,
                 [this](const Result<HistoryReader::Page>& page) {
                     if (!page) return done_(fail(page.error()));
                     reply_.damaged += page->records.damaged.size();
                     if (reply_.first_ns != 0) {
                         for (const auto& gap : page->records.gaps) reply_.skipped += gap.count;
                     }
                     samples_.assign(page->records.samples.begin(), page->records.samples.end());
                     next_sample_ = page->next;
                     go_on();
                 });
}

bool RuleTrial::is_state_next() const {
    if (states_.empty() || samples_.empty()) return !states_.empty();
    return states_.front().stamp.wall_ns <= samples_.front().stamp.wall_ns;
}

bool RuleTrial::is_asked_about(const wire::WireStamp& stamp) {
    if (!begun_ && stamp.wall_ns < since_ns_) return false;
    if (!std::exchange(begun_, true)) keeper_.settle(stamp);
    ++reply_.records;
    return true;
}

void RuleTrial::play_state(const wire::StateRecord& record) {
    if (!is_asked_about(record.stamp)) return keeper_.on_old_state(record);
    keeper_.on_state(record);
    tick(record.stamp);
}

void RuleTrial::play_sample(const wire::SampleRecord& record) {
    if (!is_asked_about(record.stamp)) return keeper_.on_old_sample(record);
    if (reply_.first_ns == 0) reply_.first_ns = record.stamp.wall_ns;
    tick(record.stamp);
    keeper_.on_sample(record);
}

// Once a second, as it is live.
void RuleTrial::tick(const wire::WireStamp& stamp) {
    constexpr std::int64_t kSecond = 1'000'000'000;
    const std::int64_t second = stamp.wall_ns / kSecond;
    if (second != std::exchange(ticked_s_, second)) keeper_.tick(stamp);
}

void RuleTrial::on_step(const wire::StateRecord& record) {
    const AlarmKey key = key_of(record);
    const auto known = firings_.find(key);
    const wire::AlarmStep step = record.alarm->step;
    if (step == wire::AlarmStep::raised && known == firings_.end()) {
        if (reply_.firings.size() >= kMostFirings) {
            ++reply_.left_out;
            return;
        }
        firings_.emplace(key, reply_.firings.size());
        reply_.firings.push_back({record, 0, 1});
        return;
    }
    if (known == firings_.end()) return;
    wire::Firing& firing = reply_.firings[known->second];
    if (record.alarm->open && (step == wire::AlarmStep::raised || step == wire::AlarmStep::reopened))
        ++firing.times;
    firing.cleared_ns = record.alarm->open ? 0 : record.stamp.wall_ns;
}

}  // namespace outstation::alertd
