// SPDX-License-Identifier: GPL-3.0-or-later
// Devices and their cycles.
#include "drivers/snmp/engine.hpp"

#include <cstdlib>

#include "drivers/snmp/engine_impl.hpp"

namespace outstation::snmp {
namespace {

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

Engine::Impl::Impl(Loop& loop, DatagramSocket* socket4, DatagramSocket* socket6, EngineOptions options)
    : loop_(loop),
      options_(std::move(options)),
      link4_(loop, socket4, options_.receive_tick, *this),
      link6_(loop, socket6, options_.receive_tick, *this),
      streams_(loop, *this),
      agenda_(options_.receive_tick) {}

Engine::DeviceId Engine::Impl::add(Target target) {
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

void Engine::Impl::remove(DeviceId id) {
    Device& device = *devices_.at(id);
    if (device.run != nullptr) keep(take_run(device));
    devices_[id].reset();
    streams_.forget(id);
    free_.push_back(id);
}

EngineState Engine::Impl::engine_state(DeviceId id) const {
    return devices_.at(id)->session.engine(loop_.now());
}

void Engine::Impl::inform(DeviceId id, const Known& known) {
    Device& device = *devices_.at(id);
    if (device.run != nullptr || device.round_trip.smoothed() != Duration{0}) return;
    device.session.know(known.engine, known.version, loop_.now());
    if (!known.has_bulk) device.memory.bulk_failures = DeviceMemory::kBulkFailures;
}

Learned Engine::Impl::learned(DeviceId id) const {
    const Device& device = *devices_.at(id);
    return {device.memory, device.session.version(), device.session.engine(loop_.now()),
            device.round_trip.smoothed(), device.round_trip.timeout(timeouts())};
}

void Engine::Impl::poll(DeviceId id, std::shared_ptr<const Plan> plan, Duration deadline, Done done) {
    Device& device = *devices_.at(id);
    Run& run = begin(device, id, deadline, std::move(done));
    if (device.plan != plan) {
        device.memory.change_plan(device.plan.get(), *plan);
        device.plan = plan;
    }
    const bool verify = device.memory.cycles++ % options_.verify_every == 0;
    device.session.on_cycle();
    run.cycle.begin(std::move(plan), device.memory, run.result, verify);
    start(device);
}

void Engine::Impl::set(DeviceId id, std::vector<Setting> settings, Duration deadline, Done done) {
    Device& device = *devices_.at(id);
    const bool is_allowed = options_.allow_set && options_.allow_set(id, settings);
    Run& run = begin(device, id, deadline, std::move(done));
    run.cycle.begin_set(std::make_shared<const std::vector<Setting>>(std::move(settings)), run.result);
    if (!is_allowed) run.cycle.fail(CycleError::not_allowed, "writing to the device is not allowed");
    start(device);
}

Run& Engine::Impl::begin(Device& device, DeviceId id, Duration deadline, Done done) {
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
    if (active_.size() == 1) swept_ = run.started;
    return run;
}

void Engine::Impl::start(Device& device) {
    Run& run = *device.run;
    if (device.transport == Transport::udp && !link_of(device).has_socket())
        run.cycle.fail(CycleError::refused, "no socket for this address family");
    arm_clock();
    proceed(device);
}

std::unique_ptr<Run> Engine::Impl::take_run(Device& device) {
    Run& run = *device.run;
    run.drop_ids(ids_);
    active_.back()->active_at = run.active_at;
    active_[run.active_at] = active_.back();
    active_.pop_back();
    stop_waiting(run);
    return std::move(device.run);
}

// Ends the cycle a little later, so that a callback never comes from inside poll().
void Engine::Impl::end_later(Device& device) {
    Run& run = *device.run;
    stop_waiting(run);
    run.drop_ids(ids_);
    ended_.push_back(run.device);
    settle_later();
}

// While others are under way the clock will see to it.
void Engine::Impl::settle_later() {
    if (std::exchange(settling_, true)) return;
    if (reads_by_clock() && clock_ && active_.size() > 1) return;
    loop_.post([this, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired()) settle();
    });
}

// What came of a batch of answers, a sweep or calls from outside: callbacks, then all requests at once.
void Engine::Impl::settle() {
    const std::weak_ptr<bool> alive = alive_;
    settling_ = true;
    report_ended();
    if (alive.expired()) return;
    link4_.flush();
    link6_.flush();
    streams_.flush();
    settling_ = false;
    arm_clock();
    if (!ended_.empty()) settle_later();
}

void Engine::Impl::report_ended() {
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
void Engine::Impl::keep(std::unique_ptr<Run> run) {
    if (runs_free_.size() < kKeptRuns && bytes_of(run->result) <= kKeptRunBytes)
        runs_free_.push_back(std::move(run));
}

Engine::Engine(Loop& loop, DatagramSocket* socket4, DatagramSocket* socket6, EngineOptions options)
    : impl_(std::make_unique<Impl>(loop, socket4, socket6, std::move(options))) {}
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
    return impl_->counters();
}

}  // namespace outstation::snmp
