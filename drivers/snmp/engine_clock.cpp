// SPDX-License-Identifier: GPL-3.0-or-later
// Looks for answers, timeouts, deadlines: one timer for all of them, while a cycle is under way.
#include <algorithm>

#include "drivers/snmp/engine_impl.hpp"

namespace outstation::snmp {
namespace {

constexpr Duration kSweep = std::chrono::milliseconds(20);  // how exactly timeouts and deadlines are kept

}  // namespace

// Not put off by what is expected later: a look too many finds nothing.
void Engine::Impl::arm_clock() {
    const bool is_under_way = !active_.empty();
    if (reads_by_clock()) {
        link4_.read_by_clock(is_under_way);
        link6_.read_by_clock(is_under_way);
    }
    if (!is_under_way) return clock_.cancel();
    const MonoTime at = std::min({swept_ + kSweep, soon_, agenda_.next()});
    if (clock_ && clock_at_ <= at) return;
    clock_at_ = at;
    clock_ = loop_.at(at, [this] { on_clock(); });
}

void Engine::Impl::on_clock() {
    const std::weak_ptr<bool> alive = alive_;
    if (reads_by_clock()) {
        std::size_t found = link4_.look();
        if (!alive.expired()) found = std::max(found, link6_.look());
        if (alive.expired()) return;
        look(found);
    }
    settling_ = true;
    if (loop_.now() - swept_ >= kSweep / 2) sweep();
    clock_.cancel();
    clock_at_ = MonoTime::max();
    settle();
}

void Engine::Impl::look(std::size_t found) {
    const MonoTime now = loop_.now();
    soon_ = found >= kBatch ? now + options_.receive_tick : MonoTime::max();
    if (!agenda_.pass(now)) return;
    for (Run* run : active_)
        if (run->waiting && !run->queued && agenda_.has_passed(run->look)) expect_answer(*run);
}

void Engine::Impl::expect_answer(Run& run) {
    const Device& device = *devices_[run.device];
    agenda_.forget(std::exchange(run.look, 0));
    if (device.transport == Transport::udp)
        run.look = agenda_.expect(run.last.sent, device.round_trip.smoothed(), loop_.now());
}

void Engine::Impl::sweep() {
    const MonoTime now = loop_.now();
    swept_ = now;
    for (std::size_t i = active_.size(); i-- > 0;) {
        if (i >= active_.size()) continue;
        Run& run = *active_[i];
        if (run.cycle.finished()) continue;
        if (now >= run.deadline) {
            on_deadline(*devices_[run.device]);
        } else if (run.waiting && !run.queued && now >= run.due) {
            on_timeout(*devices_[run.device]);
        }
    }
}

// Who said nothing at all is silent, not slow, however short the deadline is.
void Engine::Impl::on_deadline(Device& device) {
    Run& run = *device.run;
    if (!run.result.answered && run.waiting && !run.queued) give_up(device);
    if (!run.cycle.finished())
        run.cycle.fail(CycleError::deadline, "the cycle took longer than its deadline");
    end_later(device);
}

void Engine::Impl::on_timeout(Device& device) {
    Run& run = *device.run;
    ++run.result.timeouts;
    device.round_trip.on_silence();
    // Written twice is not the same as written once.
    if (!run.cycle.is_set() && run.tries < options_.retries) {
        ++run.tries;
        ++counters_.retries;
        const bool is_last = run.tries == options_.retries;
        // Who answers with what cannot be believed is not silent, and is not asked in version 1.
        if (run.doubt == CycleError::none) device.session.on_silence(is_last);
        run.cycle.on_silence(is_last);
        run.exchanges = 0;
        return build(device);
    }
    give_up(device);
    proceed(device);
}

// The request in flight has no answer and is not sent again.
void Engine::Impl::give_up(Device& device) {
    Run& run = *device.run;
    device.round_trip.forget();
    run.drop_ids(ids_);
    stop_waiting(run);
    std::string detail = "no answer to " + std::to_string(run.tries + 1) + " requests";
    Taken silence = device.session.on_timeout();
    if (run.doubt != CycleError::none) {
        run.cycle.fail(run.doubt, detail + ", but " + run.doubt_detail);
    } else if (silence.step == Taken::Step::failed && !run.result.answered) {
        run.cycle.fail(silence.error, std::move(silence.detail));
    } else {
        run.cycle.on_timeout(std::move(detail));
    }
}

}  // namespace outstation::snmp
