// SPDX-License-Identifier: GPL-3.0-or-later
// Requests out, answers in, timeouts, deadlines.
#include "drivers/snmp/engine.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include "drivers/snmp/learned.hpp"
#include "drivers/snmp/link.hpp"
#include "drivers/snmp/request_ids.hpp"
#include "drivers/snmp/round_trip.hpp"
#include "drivers/snmp/run.hpp"
#include "drivers/snmp/stream_link.hpp"

namespace outstation::snmp {
namespace {

using namespace std::chrono_literals;

constexpr Duration kSweep = 20ms;  // how exactly timeouts and deadlines are kept
constexpr std::size_t kMaxMessageBytes = 65536;
// Messages to one request for what the engine of v3 has to be asked first: id, time, and both once more.
constexpr unsigned kMaxExchanges = 5;
// What is kept of runs that ended: a device with large tables, or an outage, costs memory as long as it
// lasts.
constexpr std::size_t kKeptRuns = 64;
constexpr std::size_t kKeptRunBytes = 128U << 10;

std::size_t bytes_of(const Cycle& cycle) {
    std::size_t bytes = cycle.arena.capacity();
    for (const TableRows& table : cycle.tables)
        bytes += table.cells.capacity() * sizeof(Cell) + table.indexes.capacity() * sizeof(TableRows::Index);
    return bytes;
}

}  // namespace

class Engine::Impl : private Link::User {
  public:
    Impl(Loop& loop, DatagramSocket* socket4, DatagramSocket* socket6, EngineOptions options)
        : loop_(loop),
          options_(options),
          link4_(loop, socket4, options.receive_tick, *this),
          link6_(loop, socket6, options.receive_tick, *this),
          streams_(loop, *this) {}

    DeviceId add(Target target) {
        auto device = std::make_unique<Device>(std::move(target), loop_.now());
        if (free_.empty()) {
            devices_.push_back(std::move(device));
            return static_cast<DeviceId>(devices_.size() - 1);
        }
        const DeviceId id = free_.back();
        free_.pop_back();
        devices_[id] = std::move(device);
        return id;
    }

    void remove(DeviceId id) {
        Device& device = *devices_.at(id);
        if (device.run != nullptr) keep(take_run(device));
        devices_[id].reset();
        streams_.forget(id);
        free_.push_back(id);
    }

    [[nodiscard]] bool busy(DeviceId id) const { return devices_.at(id)->run != nullptr; }

    [[nodiscard]] EngineState engine_state(DeviceId id) const {
        return devices_.at(id)->session.engine(loop_.now());
    }

    void inform(DeviceId id, const Known& known) {
        Device& device = *devices_.at(id);
        if (device.run != nullptr || device.round_trip.smoothed() != Duration{0}) return;
        device.session.know(known.engine, known.version, loop_.now());
        if (!known.has_bulk) device.memory.bulk_failures = DeviceMemory::kBulkFailures;
    }

    [[nodiscard]] bool has_bulk(DeviceId id) const { return devices_.at(id)->memory.has_bulk(); }

    [[nodiscard]] Learned learned(DeviceId id) const {
        const Device& device = *devices_.at(id);
        return {device.memory, device.session.version(), device.session.engine(loop_.now()),
                device.round_trip.smoothed(), device.round_trip.timeout(timeouts())};
    }

    void poll(DeviceId id, std::shared_ptr<const Plan> plan, Duration deadline, Done done) {
        Device& device = *devices_.at(id);
        Run& run = begin(device, id, deadline, std::move(done));
        if (device.plan != plan) {
            device.plan = plan;
            const unsigned bulk_failures = device.memory.bulk_failures;  // of the agent, not of the plan
            device.memory = DeviceMemory{};
            device.memory.bulk_failures = bulk_failures;
        }
        const bool verify = device.memory.cycles++ % options_.verify_every == 0;
        device.session.on_cycle();
        run.cycle.begin(std::move(plan), device.memory, run.result, verify);
        start(device);
    }

    void set(DeviceId id, std::vector<Setting> settings, Duration deadline, Done done) {
        Device& device = *devices_.at(id);
        const bool is_allowed = options_.allow_set && options_.allow_set(id, settings);
        Run& run = begin(device, id, deadline, std::move(done));
        run.cycle.begin_set(std::make_shared<const std::vector<Setting>>(std::move(settings)), run.result);
        if (!is_allowed) run.cycle.fail(CycleError::not_allowed, "writing to the device is not allowed");
        start(device);
    }

    EngineCounters counters_;

  private:
    struct Device {
        Device(Target target, MonoTime now)
            : address(target.address),
              transport(target.transport),
              session(std::move(target.security), target.known, now) {}
        Address address;
        Transport transport;
        Session session;
        std::shared_ptr<const Plan> plan;
        DeviceMemory memory;
        RoundTrip round_trip;
        std::unique_ptr<Run> run;
    };

    Run& begin(Device& device, DeviceId id, Duration deadline, Done done) {
        if (device.run != nullptr) std::abort();  // the caller's contract
        if (runs_free_.empty()) runs_free_.push_back(std::make_unique<Run>());
        device.run = std::move(runs_free_.back());
        runs_free_.pop_back();
        Run& run = *device.run;
        run.device = id;
        run.done = std::move(done);
        run.started = loop_.now();
        run.deadline = run.started + deadline;
        run.bytes = 0;
        active_.push_back(&run);
        run.active_at = active_.size() - 1;
        return run;
    }

    void start(Device& device) {
        Run& run = *device.run;
        if (device.transport == Transport::udp && !link_of(device).has_socket())
            run.cycle.fail(CycleError::refused, "no socket for this address family");
        arm_sweep();
        proceed(device);
    }

    [[nodiscard]] RoundTrip::Limits timeouts() const {
        return {options_.first_timeout, options_.min_timeout, options_.max_timeout};
    }

    Link& link_of(const Device& device) { return device.address.is_v6() ? link6_ : link4_; }

    // Builds and queues the next request, or ends the cycle.
    void proceed(Device& device) {
        Run& run = *device.run;
        run.tries = run.exchanges = 0;
        run.doubt = CycleError::none;
        build(device);
    }

    // A message for the request, which may be one that asks for the engine first. A late answer to an earlier
    // try will do: it has the same id, or its own is kept.
    void build(Device& device) {
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

    bool write(Device& device, BackWriter& out) {
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

    void enqueue(Device& device) {
        Run& run = *device.run;
        run.waiting = true;
        run.due = MonoTime::max();
        if (!std::exchange(run.queued, true)) put(device, run.device);
        settle_later();
    }

    void put(const Device& device, DeviceId id) {
        if (device.transport == Transport::tcp) return streams_.put(id);
        link_of(device).put(id);
    }

    [[nodiscard]] bool pending(DeviceId id, Datagram& out) override {
        const Device* device = devices_[id].get();
        if (device == nullptr || device->run == nullptr || !device->run->queued) return false;
        out = Datagram{device->address, device->run->message};
        return true;
    }

    void on_sent(DeviceId id) override {
        Run& run = *devices_[id]->run;
        ++counters_.requests;
        ++run.result.requests;
        run.queued = false;
        run.last.sent = loop_.now();
        run.cycle.note_sent(run.last.sent, run.message.size(), run.tries);
        run.due = run.last.sent + devices_[id]->round_trip.timeout(timeouts());
    }

    void on_send_error(DeviceId id, int error) override {
        ++counters_.send_errors;
        const Device* device = devices_[id].get();
        if (device == nullptr || device->run == nullptr || !device->run->waiting) return;
        Run& run = *device->run;
        run.queued = false;
        const bool refused = error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH ||
                             error == EACCES || error == EPERM;
        run.cycle.fail(refused ? CycleError::refused : CycleError::timeout,
                       "send: " + fail_errno("", error).value().text.substr(2));
        end_later(*devices_[id]);
    }

    void on_datagram(const Datagram& datagram) override {
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
        Run& run = *device.run;
        if (!(device.address == datagram.address)) {
            ++counters_.unexpected_source;
            return;
        }
        if (!run.waiting || run.queued) {
            ++counters_.late_or_unknown;
            return;
        }
        Taken taken = device.session.take(incoming, loop_.now(), {scratch_.get(), kMaxMessageBytes},
                                          run.cycle.is_set());
        if (taken.step == Taken::Step::ignored) {
            ++counters_.unexpected_source;
            run.doubt = taken.error;
            run.doubt_detail = std::move(taken.detail);
            return;
        }
        ++counters_.responses;
        run.waiting = false;
        const Duration after = loop_.now() - run.sent_at(incoming.id);
        run.cycle.note_reply(after, datagram.bytes.size());
        if (run.tries == 0 || device.session.renews_ids()) {
            run.result.rtt = std::max(after, Duration(1));
            device.round_trip.add(run.result.rtt);
        }
        run.drop_ids(ids_);
        run.bytes += datagram.bytes.size();
        on_taken(device, taken, datagram.bytes.size());
    }

    void on_received() override { settle(); }

    void on_taken(Device& device, Taken& taken, std::size_t bytes) {
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

    void arm_sweep() {
        if (!sweep_ && !active_.empty()) sweep_ = loop_.after(kSweep, [this] { sweep(); });
    }

    void sweep() {
        sweep_.cancel();
        settling_ = true;
        const MonoTime now = loop_.now();
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
        arm_sweep();
        settle();
    }

    // Who said nothing at all is silent, not slow, however short the deadline is.
    void on_deadline(Device& device) {
        Run& run = *device.run;
        if (!run.result.answered && run.waiting && !run.queued) give_up(device);
        if (!run.cycle.finished())
            run.cycle.fail(CycleError::deadline, "the cycle took longer than its deadline");
        end_later(device);
    }

    void on_timeout(Device& device) {
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
    void give_up(Device& device) {
        Run& run = *device.run;
        device.round_trip.forget();
        run.drop_ids(ids_);
        run.waiting = false;
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

    std::unique_ptr<Run> take_run(Device& device) {
        Run& run = *device.run;
        run.drop_ids(ids_);
        active_.back()->active_at = run.active_at;
        active_[run.active_at] = active_.back();
        active_.pop_back();
        run.waiting = run.queued = false;
        return std::move(device.run);
    }

    // Ends the cycle a little later, so that a callback never comes from inside poll().
    void end_later(Device& device) {
        Run& run = *device.run;
        run.waiting = run.queued = false;
        run.drop_ids(ids_);
        ended_.push_back(run.device);
        settle_later();
    }

    void settle_later() {
        if (std::exchange(settling_, true)) return;
        loop_.post([this, alive = std::weak_ptr<bool>(alive_)] {
            if (!alive.expired()) settle();
        });
    }

    // What came of a batch of answers, a sweep or calls from outside: callbacks, then all requests at once.
    void settle() {
        const std::weak_ptr<bool> alive = alive_;
        settling_ = true;
        report_ended();
        if (alive.expired()) return;
        link4_.flush();
        link6_.flush();
        streams_.flush();
        settling_ = false;
        if (!ended_.empty()) settle_later();
    }

    void report_ended() {
        const std::weak_ptr<bool> alive = alive_;
        reported_.clear();
        reported_.swap(ended_);
        for (const DeviceId id : reported_) {
            Device* device = devices_[id].get();
            if (device == nullptr || device->run == nullptr || !device->run->cycle.finished()) continue;
            // The callback may remove the device or poll it again: the run is put aside first.
            std::unique_ptr<Run> run = take_run(*device);
            run->result.duration = loop_.now() - run->started;
            const Done done = std::exchange(run->done, nullptr);
            done(id, run->result);
            if (alive.expired()) return;
            keep(std::move(run));
        }
    }

    // For the next cycle of whatever device.
    void keep(std::unique_ptr<Run> run) {
        if (runs_free_.size() < kKeptRuns && bytes_of(run->result) <= kKeptRunBytes)
            runs_free_.push_back(std::move(run));
    }

    Loop& loop_;
    EngineOptions options_;
    Link link4_;
    Link link6_;
    StreamLink streams_;
    std::vector<std::unique_ptr<Device>> devices_;
    std::vector<DeviceId> free_;
    std::vector<std::unique_ptr<Run>> runs_free_;
    std::vector<Run*> active_;
    RequestIds ids_;
    // Where answers are decrypted to; untouched pages cost nothing.
    std::unique_ptr<char[]> scratch_ = std::make_unique_for_overwrite<char[]>(kMaxMessageBytes);
    std::vector<DeviceId> ended_;
    std::vector<DeviceId> reported_;
    bool settling_ = false;  // settle() is under way or on its way
    Timer sweep_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

Engine::Engine(Loop& loop, DatagramSocket* socket4, DatagramSocket* socket6, EngineOptions options)
    : impl_(std::make_unique<Impl>(loop, socket4, socket6, options)) {}
Engine::~Engine() = default;

Engine::DeviceId Engine::add(Target target) {
    return impl_->add(std::move(target));
}
void Engine::remove(DeviceId device) {
    impl_->remove(device);
}
void Engine::poll(DeviceId device, std::shared_ptr<const Plan> plan, Duration deadline, Done done) {
    impl_->poll(device, std::move(plan), deadline, std::move(done));
}
void Engine::set(DeviceId device, std::vector<Setting> settings, Duration deadline, Done done) {
    impl_->set(device, std::move(settings), deadline, std::move(done));
}
bool Engine::busy(DeviceId device) const {
    return impl_->busy(device);
}
EngineState Engine::engine_state(DeviceId device) const {
    return impl_->engine_state(device);
}
void Engine::inform(DeviceId device, const Known& known) {
    impl_->inform(device, known);
}
bool Engine::has_bulk(DeviceId device) const {
    return impl_->has_bulk(device);
}
Learned Engine::learned(DeviceId device) const {
    return impl_->learned(device);
}
const EngineCounters& Engine::counters() const {
    return impl_->counters_;
}

}  // namespace outstation::snmp
