// SPDX-License-Identifier: GPL-3.0-or-later
// Requests out, answers in.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "drivers/snmp/engine_impl.hpp"

namespace outstation::snmp {
namespace {

// Messages to one request for what the engine of v3 has to be asked first: id, time, and both once more.
constexpr unsigned kMaxExchanges = 5;

bool is_refusal(int error) {
    return error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH || error == EACCES ||
           error == EPERM;
}

}  // namespace

// Builds and queues the next request, or ends the cycle.
void Engine::Impl::proceed(Device& device) {
    Run& run = *device.run;
    run.tries = run.exchanges = 0;
    run.doubt = CycleError::none;
    build(device);
}

// A message for the request, which may be one that asks for the engine first. A late answer to an earlier
// try will do: it has the same id, or its own is kept.
void Engine::Impl::build(Device& device) {
    Run& run = *device.run;
    if (run.cycle.finished()) return end_later(device);
    if (device.session.renews_ids()) run.keep_id(ids_);
    if (run.last.id == 0) run.last.id = ids_.make(run.device);
    while (!run.cycle.finished()) {
        BackWriter out(run.buffer);
        if (!write(device, out)) {
            run.cycle.fail(CycleError::authentication, "a request cannot be signed or encrypted");
        } else if (!out.ok()) {
            run.cycle.on_too_large();
        } else {
            run.message = out.bytes();
            return enqueue(device);
        }
    }
    end_later(device);
}

bool Engine::Impl::write(Device& device, BackWriter& out) {
    Run& run = *device.run;
    ++run.exchanges;
    if (device.session.has_to_probe()) {
        device.session.probe(out, run.last.id);
        return true;
    }
    const std::size_t overhead = std::min(device.session.overhead(), options_.max_reply_bytes / 2);
    run.cycle.request(out, run.last.id, {options_.max_reply_bytes - overhead, device.session.has_bulk()});
    return device.session.seal(out, run.last.id, loop_.now());
}

void Engine::Impl::enqueue(Device& device) {
    Run& run = *device.run;
    run.waiting = true;
    run.due = MonoTime::max();
    if (!std::exchange(run.queued, true)) {
        if (device.transport == Transport::tcp) {
            streams_.put(run.device);
        } else {
            link_of(device).put(run.device);
        }
    }
    settle_later();
}

bool Engine::Impl::pending(DeviceId id, Datagram& out) {
    const Device* device = devices_[id].get();
    if (device == nullptr || device->run == nullptr || !device->run->queued) return false;
    out = Datagram{device->address, device->run->message};
    return true;
}

void Engine::Impl::on_sent(DeviceId id) {
    Run& run = *devices_[id]->run;
    ++counters_.requests;
    ++run.result.requests;
    run.queued = false;
    run.last.sent = loop_.now();
    run.cycle.note_sent(run.last.sent, run.message.size(), run.tries);
    run.due = run.last.sent + devices_[id]->round_trip.timeout(timeouts());
    expect_answer(run);
}

void Engine::Impl::on_send_error(DeviceId id, int error) {
    ++counters_.send_errors;
    const Device* device = devices_[id].get();
    if (device == nullptr || device->run == nullptr || !device->run->waiting) return;
    Run& run = *device->run;
    run.queued = false;
    run.cycle.fail(is_refusal(error) ? CycleError::refused : CycleError::timeout,
                   "send: " + fail_errno("", error).value().text.substr(2));
    end_later(*devices_[id]);
}

void Engine::Impl::on_datagram(const Datagram& datagram) {
    settling_ = true;  // on_received() follows
    Incoming incoming;
    if (!parse_incoming(datagram.bytes, incoming)) {
        ++counters_.malformed;
        return;
    }
    const DeviceId* id = ids_.find(incoming.id);
    if (id == nullptr) {
        ++counters_.late_or_unknown;
        return;
    }
    Device& device = *devices_[*id];
    if (!(device.address == datagram.address)) {
        ++counters_.unexpected_source;
    } else if (!device.run->waiting || device.run->queued) {
        ++counters_.late_or_unknown;
    } else {
        take(device, incoming, datagram);
    }
}

// From whom we asked as far as the address and the id say.
void Engine::Impl::take(Device& device, const Incoming& incoming, const Datagram& datagram) {
    Run& run = *device.run;
    Taken taken =
        device.session.take(incoming, loop_.now(), {scratch_.get(), kMaxMessageBytes}, run.cycle.is_set());
    if (taken.step == Taken::Step::ignored) {
        ++counters_.unexpected_source;
        run.doubt = taken.error;
        run.doubt_detail = std::move(taken.detail);
        return;
    }
    ++counters_.responses;
    stop_waiting(run);
    const Duration after = std::max(loop_.now() - datagram.waited - run.sent_at(incoming.id), Duration(1));
    run.cycle.note_reply(after, datagram.bytes.size());
    if (run.tries == 0 || device.session.renews_ids()) {
        run.result.rtt = after;
        device.round_trip.add(run.result.rtt);
    }
    run.drop_ids(ids_);
    run.bytes += datagram.bytes.size();
    on_taken(device, taken, datagram.bytes.size());
}

void Engine::Impl::on_taken(Device& device, Taken& taken, std::size_t bytes) {
    Run& run = *device.run;
    if (std::string notice = device.session.take_notice(); !notice.empty())
        run.result.notice = std::move(notice);
    if (taken.step == Taken::Step::again && run.exchanges < kMaxExchanges) return build(device);
    if (taken.step != Taken::Step::answer) {
        run.cycle.fail(taken.error, std::move(taken.detail));
    } else {
        run.result.version = device.session.version();
        const std::size_t overhead = device.session.overhead();
        run.cycle.take(taken.response, bytes > overhead ? bytes - overhead : 1);
    }
    if (run.bytes > options_.max_cycle_bytes)
        run.cycle.fail(CycleError::endless, "more bytes than a cycle may take");
    proceed(device);
}

void Engine::Impl::stop_waiting(Run& run) {
    run.waiting = run.queued = false;
    agenda_.forget(std::exchange(run.look, 0));
}

}  // namespace outstation::snmp
