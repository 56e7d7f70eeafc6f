// SPDX-License-Identifier: GPL-3.0-or-later
// Requests out, answers in, timeouts, deadlines.
#include "drivers/snmp/engine.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <unordered_map>

#include "drivers/snmp/cycle.hpp"

namespace outstation::snmp {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxRequestBytes = 1472;  // an Ethernet frame without fragments
constexpr Duration kSweep = 20ms;               // how exactly timeouts and deadlines are kept

}  // namespace

class Engine::Impl {
  public:
    Impl(Loop& loop, DatagramSocket* socket4, DatagramSocket* socket6, EngineOptions options)
        : loop_(loop), options_(options), links_{Link{socket4, {}, {}, {}}, Link{socket6, {}, {}, {}}} {
        for (Link& link : links_) {
            if (link.socket == nullptr) continue;
            link.watch = loop_.watch(link.socket->fd(), Interest::read, [this, &link](Ready ready) {
                if (ready.writable && !link.queue.empty()) flush(link);
                if (ready.readable) receive(link);
            });
        }
        // Seeds the ids: who cannot see a request must not be able to guess its id.
        if (getrandom(&id_state_, sizeof id_state_, 0) != static_cast<ssize_t>(sizeof id_state_))
            std::abort();
    }

    DeviceId add(Target target) {
        const DeviceId id = free_.empty() ? static_cast<DeviceId>(devices_.size()) : free_.back();
        if (free_.empty()) {
            devices_.push_back(std::make_unique<Device>());
        } else {
            free_.pop_back();
            devices_[id] = std::make_unique<Device>();
        }
        devices_[id]->target = std::move(target);
        return id;
    }

    void remove(DeviceId id) {
        Device& device = *devices_.at(id);
        if (device.run != nullptr) release(device);
        devices_[id].reset();
        free_.push_back(id);
    }

    [[nodiscard]] bool busy(DeviceId id) const { return devices_.at(id)->run != nullptr; }

    void poll(DeviceId id, std::shared_ptr<const Plan> plan, Duration deadline, Done done) {
        Device& device = *devices_.at(id);
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
        if (device.plan != plan) {
            device.plan = plan;
            device.memory = DeviceMemory{};
        }
        const bool verify = device.memory.cycles++ % options_.verify_every == 0;
        run.cycle.begin(std::move(plan), device.memory, run.result, verify);
        if (link_of(device).socket == nullptr)
            run.cycle.fail(CycleError::refused, "no socket for this address family");
        arm_sweep();
        proceed(device);
    }

    EngineCounters counters_;

  private:
    struct Link {
        DatagramSocket* socket;
        Watch watch;
        std::vector<DeviceId> queue;  // devices with a request to send
        Timer rearm;
    };
    struct Run {
        DeviceId device = 0;
        CycleRun cycle;
        Cycle result;
        Done done;
        MonoTime started;
        MonoTime deadline;
        MonoTime sent;
        MonoTime due;  // of the timeout of the request in flight
        std::uint32_t request_id = 0;
        unsigned tries = 0;
        std::size_t bytes = 0;
        std::size_t active_at = 0;
        bool queued = false;
        bool waiting = false;
        std::array<char, kMaxRequestBytes> buffer;
        std::string_view message;
    };
    struct Device {
        Target target;
        std::shared_ptr<const Plan> plan;
        DeviceMemory memory;
        Duration smoothed_rtt{0};
        std::unique_ptr<Run> run;
    };

    Link& link_of(const Device& device) { return links_[device.target.address.is_v6() ? 1 : 0]; }

    // Builds and queues the next request, or ends the cycle.
    void proceed(Device& device) {
        Run& run = *device.run;
        if (run.cycle.finished()) return end_later(device);
        run.request_id = new_request_id(run.device);
        while (!run.cycle.finished()) {
            BackWriter out(run.buffer);
            if (!run.cycle.request(out, device.target.community, run.request_id, options_.max_reply_bytes))
                continue;
            run.message = out.bytes();
            run.tries = 0;
            return enqueue(device);
        }
        end_later(device);
    }

    // Ids are positive, none is in use twice, and each leads back to its device (splitmix64, Steele et al.
    // 2014).
    std::uint32_t new_request_id(DeviceId id) {
        std::uint32_t number = 0;
        do {
            std::uint64_t mixed = id_state_ += 0x9e3779b97f4a7c15U;
            mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
            mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
            number = static_cast<std::uint32_t>(mixed >> 33);
        } while (number == 0 || by_request_.count(number) != 0);
        by_request_.emplace(number, id);
        return number;
    }

    void enqueue(Device& device) {
        Link& link = link_of(device);
        Run& run = *device.run;
        run.waiting = true;
        run.due = MonoTime::max();
        if (!std::exchange(run.queued, true)) link.queue.push_back(run.device);
        if (link.queue.size() >= kBatch) return flush(link);
        if (link.queue.size() == 1) {
            loop_.post([this, &link, alive = std::weak_ptr<bool>(alive_)] {
                if (!alive.expired()) flush(link);
            });
        }
    }

    void flush(Link& link) {
        while (!link.queue.empty()) {
            std::array<Datagram, kBatch> batch;
            std::array<Run*, kBatch> runs;
            std::size_t n = 0;
            std::size_t looked = 0;
            for (; looked < link.queue.size() && n < kBatch; ++looked) {
                Device* device = devices_[link.queue[looked]].get();
                if (device == nullptr || device->run == nullptr || !device->run->queued) continue;
                batch[n] = Datagram{device->target.address, device->run->message};
                runs[n++] = device->run.get();
            }
            int error = 0;
            const std::size_t sent = n == 0 ? 0 : link.socket->send({batch.data(), n}, error);
            for (std::size_t i = 0; i < sent; ++i) on_sent(*runs[i]);
            if (sent == n) {
                link.queue.erase(link.queue.begin(),
                                 link.queue.begin() + static_cast<std::ptrdiff_t>(looked));
                continue;
            }
            if (error == 0) {  // the socket is full: go on when it can take more
                forget_sent(link);
                return link.watch.set_interest(Interest::both);
            }
            ++counters_.send_errors;
            on_send_error(*runs[sent], error);
            forget_sent(link);
        }
        link.watch.set_interest(link.rearm ? Interest::none : Interest::read);
    }

    void forget_sent(Link& link) {
        std::erase_if(link.queue, [&](DeviceId id) {
            return devices_[id] == nullptr || devices_[id]->run == nullptr || !devices_[id]->run->queued;
        });
    }

    void on_sent(Run& run) {
        ++counters_.requests;
        ++run.result.requests;
        run.queued = false;
        run.sent = loop_.now();
        run.due = run.sent + timeout_of(*devices_[run.device], run.tries);
    }

    void on_send_error(Run& run, int error) {
        run.queued = false;
        const bool refused = error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH ||
                             error == EACCES || error == EPERM;
        run.cycle.fail(refused ? CycleError::refused : CycleError::timeout,
                       "send: " + fail_errno("", error).value().text.substr(2));
        end_later(*devices_[run.device]);
    }

    // Four round trips, doubled with each try (compare RFC 6298 section 2 and 5.5).
    [[nodiscard]] Duration timeout_of(const Device& device, unsigned tries) const {
        const Duration base =
            device.smoothed_rtt == Duration{0}
                ? options_.first_timeout
                : std::clamp(device.smoothed_rtt * 4, options_.min_timeout, options_.max_timeout);
        return std::min(base * (1 << tries), options_.max_timeout * 2);
    }

    void receive(Link& link) {
        for (;;) {
            const auto batch = link.socket->receive();
            for (const Datagram& datagram : batch) on_datagram(datagram);
            if (batch.size() < kBatch) break;
        }
        if (options_.receive_tick <= Duration{0}) return;
        link.watch.set_interest(Interest::none);
        link.rearm = loop_.after(options_.receive_tick, [&link] {
            link.rearm.cancel();
            link.watch.set_interest(link.queue.empty() ? Interest::read : Interest::both);
        });
    }

    void on_datagram(const Datagram& datagram) {
        const auto response = parse_response(datagram.bytes);
        if (!response) {
            ++counters_.malformed;
            return;
        }
        const auto it = by_request_.find(response->request_id);
        if (it == by_request_.end()) {
            ++counters_.late_or_unknown;
            return;
        }
        Device& device = *devices_[it->second];
        Run& run = *device.run;
        if (!(device.target.address == datagram.address) || response->community != device.target.community) {
            ++counters_.unexpected_source;
            return;
        }
        if (!run.waiting || run.queued) {
            ++counters_.late_or_unknown;
            return;
        }
        by_request_.erase(it);
        ++counters_.responses;
        run.waiting = false;
        if (run.tries == 0) measure(device, loop_.now() - run.sent);
        run.bytes += datagram.bytes.size();
        run.cycle.take(*response, datagram.bytes.size());
        if (run.bytes > options_.max_cycle_bytes)
            run.cycle.fail(CycleError::endless, "more bytes than a cycle may take");
        proceed(device);
    }

    // RFC 6298 section 2.3, without the variance: agents that are slow for one request are slow for the next.
    void measure(Device& device, Duration rtt) {
        rtt = std::max(rtt, Duration(1));
        device.run->result.rtt = rtt;
        device.smoothed_rtt = device.smoothed_rtt == Duration{0} ? rtt : (device.smoothed_rtt * 7 + rtt) / 8;
    }

    void arm_sweep() {
        if (!sweep_ && !active_.empty()) sweep_ = loop_.after(kSweep, [this] { sweep(); });
    }

    void sweep() {
        sweep_.cancel();
        const MonoTime now = loop_.now();
        for (std::size_t i = active_.size(); i-- > 0;) {
            if (i >= active_.size()) continue;
            Run& run = *active_[i];
            if (run.cycle.finished()) continue;
            if (now >= run.deadline) {
                run.cycle.fail(CycleError::deadline, "the cycle took longer than its deadline");
                end_later(*devices_[run.device]);
            } else if (run.waiting && !run.queued && now >= run.due) {
                on_timeout(*devices_[run.device]);
            }
        }
        arm_sweep();
    }

    void on_timeout(Device& device) {
        Run& run = *device.run;
        ++run.result.timeouts;
        if (run.tries < options_.retries) {
            ++run.tries;
            ++counters_.retries;
            return enqueue(device);
        }
        device.smoothed_rtt = Duration{0};
        by_request_.erase(run.request_id);
        run.waiting = false;
        run.cycle.on_timeout("no answer to " + std::to_string(options_.retries + 1) + " requests");
        proceed(device);
    }

    void release(Device& device) {
        Run& run = *device.run;
        by_request_.erase(run.request_id);
        active_.back()->active_at = run.active_at;
        active_[run.active_at] = active_.back();
        active_.pop_back();
        run.waiting = run.queued = false;
        run.done = nullptr;
        runs_free_.push_back(std::move(device.run));
    }

    // Ends the cycle in a later turn, so that a callback never comes from inside poll().
    void end_later(Device& device) {
        Run& run = *device.run;
        run.waiting = run.queued = false;
        by_request_.erase(run.request_id);
        ended_.push_back(run.device);
        if (ended_.size() > 1) return;
        loop_.post([this, alive = std::weak_ptr<bool>(alive_)] {
            if (!alive.expired()) report_ended();
        });
    }

    void report_ended() {
        const std::weak_ptr<bool> alive = alive_;
        std::vector<DeviceId> ended;
        ended.swap(ended_);
        for (const DeviceId id : ended) {
            Device* device = devices_[id].get();
            if (device == nullptr || device->run == nullptr || !device->run->cycle.finished()) continue;
            Run& run = *device->run;
            run.result.duration = loop_.now() - run.started;
            // The callback may remove the device or poll it again: the run is put aside first.
            const auto done = std::move(run.done);
            const auto result = std::make_unique<Cycle>(std::move(run.result));
            release(*device);
            done(id, *result);
            if (alive.expired()) return;
            if (!runs_free_.empty())
                runs_free_.back()->result = std::move(*result);  // its memory is worth keeping
        }
    }

    Loop& loop_;
    EngineOptions options_;
    std::array<Link, 2> links_;
    std::vector<std::unique_ptr<Device>> devices_;
    std::vector<DeviceId> free_;
    std::vector<std::unique_ptr<Run>> runs_free_;
    std::vector<Run*> active_;
    std::unordered_map<std::uint32_t, DeviceId> by_request_;
    std::vector<DeviceId> ended_;
    std::uint64_t id_state_ = 0;
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
bool Engine::busy(DeviceId device) const {
    return impl_->busy(device);
}
const EngineCounters& Engine::counters() const {
    return impl_->counters_;
}

}  // namespace outstation::snmp
