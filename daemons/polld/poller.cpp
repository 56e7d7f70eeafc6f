// SPDX-License-Identifier: GPL-3.0-or-later
// Configuration, schedule, cycles.
#include "daemons/polld/poller.hpp"

#include <algorithm>

#include "daemons/polld/engine_watch.hpp"
#include "daemons/polld/why.hpp"

namespace outstation::polld {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLongestCycle = 30s;
constexpr int kSpare = 20;  // this part of the interval is left when a cycle is cut, for its next turn
constexpr Duration kRecallRetry = 2s;
constexpr unsigned kHeldFailures = 3;   // so many questions without an answer hold values back
constexpr Duration kAfterLook = 200ms;  // it is known what the device is, and waited for what it has
constexpr Duration kFirstPoll = 1s;     // somebody is waiting for it: the raster begins after it

wire::WireStamp wire_stamp(const Stamp& stamp) {
    return {stamp.wall_ns, stamp.mono_ns, stamp.boot_id, stamp.quality};
}

Duration interval_of(const wire::DeviceConfig& config) {
    return std::chrono::milliseconds(std::clamp<std::uint64_t>(config.interval_ms, 1000, 86'400'000));
}

}  // namespace

Poller::Poller(Parts parts) : parts_(std::move(parts)) {
    parts_.book.on_full([this, alive = std::weak_ptr<bool>(alive_)](const std::string& device, bool total) {
        if (!alive.expired()) on_book_full(device, total);
    });
    parts_.uplink.on_lost([this, alive = std::weak_ptr<bool>(alive_)](const auto& states) {
        if (!alive.expired()) untell(states);
    });
}

Poller::~Poller() {
    for (auto& [id, device] : devices_) {
        if (device->engine_id) parts_.engine.remove(*device->engine_id);
    }
}

void Poller::configure(const wire::ConfigReply& config) {
    credentials_.update(config.credentials);
    std::map<std::string, const wire::DeviceConfig*> wanted;
    for (const auto& device : config.devices) wanted[device.id] = &device;
    for (auto it = devices_.begin(); it != devices_.end();) {
        if (wanted.contains(it->first)) {
            ++it;
            continue;
        }
        if (it->second->engine_id) parts_.engine.remove(*it->second->engine_id);
        forget_engine(*it->second);
        it = devices_.erase(it);
    }
    for (const auto& [id, device] : wanted) put(*device);
    recall();
}

void Poller::put(const wire::DeviceConfig& config) {
    const Credentials::Ready* credential = credentials_.find(config.credential);
    const std::uint64_t revision = credential == nullptr ? 0 : credential->revision;
    auto& device = devices_[config.id];
    const bool known = device != nullptr;
    if (known && device->config == config && device->credential == revision) return;
    if (!known) device = std::make_unique<Device>(config.id, parts_.book, parts_.packs);
    const bool same_target = known && device->engine_id && device->config.address == config.address &&
                             device->config.port == config.port &&
                             device->config.transport == config.transport && device->credential == revision;
    if (known && (device->config.address != config.address || device->config.port != config.port))
        device->watch.forget_details();
    const bool same_interval = known && device->config.interval_ms == config.interval_ms;
    device->config = config;
    device->credential = revision;
    device->status.device = config.id;
    if (!same_target) retarget(*device, credential);
    device->status.interval_ms = config.interval_ms * device->strain.stretch();
    if (!same_target || !same_interval) begin(*device);
}

// The cycle under way ends without a result: it is of the old target.
void Poller::retarget(Device& device, const Credentials::Ready* credential) {
    const wire::DeviceConfig& config = device.config;
    if (device.engine_id) parts_.engine.remove(*device.engine_id);
    device.engine_id.reset();
    forget_engine(device);
    device.failures = 0;
    device.packs.forget();
    device.strain = {};
    parts_.uplink.add(device.watch.see_strain(device.strain, wire_stamp(parts_.stamp())));
    device.last_answer_ns = device.last_error_ns = 0;
    device.last_error.clear();
    device.status.error.clear();
    device.status.protocol.clear();
    device.status.authenticated = false;
    const auto address = snmp::Address::parse(config.address, static_cast<std::uint16_t>(config.port));
    if (!address) {
        device.status.error = address.error().text;
    } else if (credential == nullptr) {
        device.status.error = "credential " + config.credential + " cannot be had";
    } else if (!credential->security) {
        device.status.error = "credential " + config.credential + ": " + credential->security.error().text;
    } else {
        device.status.protocol = credential->protocol;
        device.status.authenticated = credential->is_authenticated;
        const auto transport = config.transport == "tcp" ? snmp::Transport::tcp : snmp::Transport::udp;
        device.engine_id = parts_.engine.add({*address, *credential->security, {}, transport});
        inform(device);
    }
}

void Poller::begin(Device& device) {
    device.timer.cancel();
    device.status.next_ns = 0;
    if (!device.engine_id || stopped_) return;
    const Duration soon = std::min(interval_of(device.config), kFirstPoll);
    schedule(device, parts_.loop.now() + phase_of(device.config.id, soon));
}

void Poller::schedule(Device& device, MonoTime due) {
    device.due = due;
    device.status.next_ns = (parts_.loop.wall() + (due - parts_.loop.now())).time_since_epoch().count();
    device.timer = parts_.loop.at(due, [this, &device] { poll(device); });
}

// On the raster, as often as the device can bear it.
void Poller::schedule_after(Device& device, MonoTime started) {
    const Duration interval = interval_of(device.config);
    const unsigned intervals = device.intervals();
    schedule(device, next_poll(started, parts_.loop.now(), interval, phase_of(device.config.id, interval),
                               intervals));
}

void Poller::poll(Device& device) {
    const MonoTime now = parts_.loop.now();
    const Duration interval = interval_of(device.config);
    const Duration longest = std::min(interval - interval / kSpare, kLongestCycle) * device.strain.stretch();
    counters_.worst_lateness = std::max(counters_.worst_lateness, now - device.due);
    if (parts_.engine.busy(*device.engine_id)) {
        ++counters_.skipped;
    } else {
        ++counters_.polls;
        device.started = now;
        parts_.engine.poll(
            *device.engine_id, device.packs.plan(now), longest,
            [this, &device](snmp::Engine::DeviceId, const snmp::Cycle& cycle) { on_cycle(device, cycle); });
    }
    schedule_after(device, now);
}

void Poller::on_cycle(Device& device, const snmp::Cycle& cycle) {
    counters_.values += cycle.values;
    const unsigned failures = cycle.answered ? 0 : device.failures + 1;
    const unsigned stretch = device.strain.stretch();
    const bool changed = std::exchange(device.failures, failures) != failures;
    wire::SampleRecord record;
    record.stamp = wire_stamp(parts_.stamp());
    device.translator.translate(cycle, record);
    parts_.uplink.add(
        device.watch.update(cycle, device.translator.interfaces(), record.stamp, parts_.loop.now()));
    take_packs(device, cycle, record);
    for (const std::string& full : std::exchange(full_, {}))
        parts_.uplink.add(std::vector{wire::StateRecord{full, record.stamp, "too_many_series", {}, {}, {}}});
    note_agent(device, cycle, record.stamp);
    note_strain(device, cycle, record.stamp);
    note_status(device, cycle);
    if (!cycle.notice.empty()) parts_.tell("SNMP_ENGINE_CHANGED", device.config.id + ": " + cycle.notice);
    parts_.uplink.add(std::move(record));
    // A device that came back is asked at its next turn, not when the dead one would have been.
    if ((changed || device.strain.stretch() != stretch) && !stopped_) schedule_after(device, device.started);
    if (device.packs.is_hurried() && !stopped_) schedule(device, parts_.loop.now() + kAfterLook);
}

void Poller::take_packs(Device& device, const snmp::Cycle& cycle, wire::SampleRecord& record) {
    const auto found = device.packs.take(cycle, parts_.loop.now());
    if (!found) return;
    device.pack_series.translate(*found, record);
    parts_.uplink.add(device.watch.update(*found, record.stamp, parts_.loop.now()));
}

// What was told of the device's agent before this start, or before its configuration changed. When it is
// another by now, it says so, and is found out anew.
void Poller::inform(const Device& device) {
    if (!device.engine_id) return;
    const std::string& fallback = device.watch.told_attribute(kFallbackAttribute);
    const EngineFacts engine = EngineFacts::parse(device.watch.told_attribute(kEngineAttribute));
    parts_.engine.inform(*device.engine_id, {engine.engine(parts_.stamp().wall_ns),
                                             fallback == kFallbackV1 ? snmp::Version::v1 : snmp::Version::v2c,
                                             fallback != kFallbackNext});
}

const char* Poller::fallback_of(const Device& device, snmp::Version version) const {
    if (version != snmp::Version::v1) return parts_.engine.has_bulk(*device.engine_id) ? "" : kFallbackNext;
    const Credentials::Ready* credential = credentials_.find(device.config.credential);
    const bool is_configured =
        credential != nullptr && credential->security && credential->security->version == version;
    return is_configured ? "" : kFallbackV1;
}

void Poller::note_agent(Device& device, const snmp::Cycle& cycle, const wire::WireStamp& stamp) {
    if (!cycle.answered) return;
    const snmp::EngineState engine = parts_.engine.engine_state(*device.engine_id);
    parts_.uplink.add(
        device.watch.see_agent(engine, fallback_of(device, cycle.version), stamp, parts_.loop.now()));
    if (device.watch.is_recalled()) note_engine(device, engine.id, stamp);
}

void Poller::forget_engine(Device& device) {
    const auto [first, last] = engines_.equal_range(device.engine);
    for (auto it = first; it != last; ++it) {
        if (it->second != &device) continue;
        engines_.erase(it);
        break;
    }
    device.engine.clear();
}

// RFC 3411 section 5: an engine's id is its own.
void Poller::note_engine(Device& device, const std::string& id, const wire::WireStamp& stamp) {
    if (id != device.engine) {
        forget_engine(device);
        device.engine = id;
        if (!id.empty()) engines_.emplace(device.engine, &device);
        if (Device* other = sharing(device)) {
            for (const auto& [one, two] : {std::pair(&device, other), std::pair(other, &device)})
                if (one->watch.told_attribute(kSharedAttribute).empty())
                    parts_.uplink.add(one->watch.see_shared_engine(two->config.id, stamp));
        }
    }
    const std::string& told = device.watch.told_attribute(kSharedAttribute);
    if (told.empty()) return;
    const auto other = devices_.find(told);
    // One that has not answered yet may still have it.
    if (other != devices_.end() && (other->second->engine.empty() || other->second->engine == id)) return;
    const Device* next = sharing(device);
    parts_.uplink.add(device.watch.see_shared_engine(next == nullptr ? "" : next->config.id, stamp));
}

// Another device with its engine; nullptr: none. Two entries of one agent are no two agents.
Poller::Device* Poller::sharing(const Device& device) const {
    const auto [first, last] = engines_.equal_range(device.engine);
    for (auto it = first; it != last; ++it) {
        const wire::DeviceConfig& other = it->second->config;
        if (other.address != device.config.address || other.port != device.config.port) return it->second;
    }
    return nullptr;
}

void Poller::note_strain(Device& device, const snmp::Cycle& cycle, const wire::WireStamp& stamp) {
    if (!cycle.answered) return;
    const Duration interval = interval_of(device.config);
    const bool was_cut = cycle.error == snmp::CycleError::deadline;
    device.strain.on_cycle(was_cut ? interval * device.strain.stretch() : cycle.duration, interval);
    device.status.interval_ms = device.config.interval_ms * device.strain.stretch();
    parts_.uplink.add(device.watch.see_strain(device.strain, stamp));
}

void Poller::note_status(Device& device, const snmp::Cycle& cycle) {
    wire::PollStatus& status = device.status;
    status.last_ns = parts_.loop.wall().time_since_epoch().count();
    status.duration_ns = static_cast<std::uint64_t>(cycle.duration.count());
    if (cycle.rtt > Duration{0}) status.rtt_ns = static_cast<std::uint64_t>(cycle.rtt.count());
    status.requests = cycle.requests;
    status.values = cycle.values;
    status.timeouts = cycle.timeouts;
    if (status.first_ns == 0) status.first_ns = status.last_ns;
    status.all_requests += cycle.requests;
    status.all_bytes += cycle.octets;
    if (cycle.answered) status.protocol = protocol_name(cycle.version);
    status.error.clear();
    if (cycle.error != snmp::CycleError::none)
        status.error = std::string(snmp::cycle_error_name(cycle.error)) + ": " + cycle.detail;
    if (cycle.answered) device.last_answer_ns = status.last_ns;
    if (status.error.empty()) return;
    device.last_error = status.error;
    device.last_error_ns = status.last_ns;
}

// One question for all devices that are not recalled yet; those that come meanwhile are asked for by the
// next.
void Poller::recall() {
    const bool needed = std::any_of(devices_.begin(), devices_.end(),
                                    [](const auto& entry) { return !entry.second->watch.is_recalled(); });
    if (!needed || recalling_ || !parts_.states.connected()) return;
    recalling_ = true;
    // stored must not take what is new for what was before.
    parts_.uplink.hold(recall_failures_ < kHeldFailures);
    for (auto& [id, device] : devices_) device->recall_asked = true;
    parts_.states.ask([this, alive = std::weak_ptr<bool>(alive_)](const Result<StateSource::States>& states) {
        if (!alive.expired()) on_recalled(states);
    });
}

void Poller::on_recalled(const Result<StateSource::States>& states) {
    recalling_ = false;
    if (!states) {
        // Values go on before there is no room for them; then what changed meanwhile may stay untold.
        if (++recall_failures_ >= kHeldFailures) parts_.uplink.hold(false);
        parts_.tell("STATES_UNKNOWN", states.error().text);
        recall_again_ = parts_.loop.after(kRecallRetry, [this] { recall(); });
        return;
    }
    recall_failures_ = 0;
    for (auto& [id, device] : devices_) {
        if (!device->recall_asked || device->watch.is_recalled()) continue;
        const auto known = states->find(id);
        parts_.uplink.add(device->watch.recall(known == states->end() ? Recalled{} : known->second));
        inform(*device);
        if (device->engine_id && device->strain.stretch() == 1)
            device->strain = Strain::parse(device->watch.told_attribute(kStrainAttribute));
        device->status.interval_ms = device->config.interval_ms * device->strain.stretch();
    }
    parts_.uplink.hold(false);
    recall();
}

// Called from within a translation: the record for the device is added after it.
void Poller::on_book_full(const std::string& device, bool total) {
    const auto& limits = parts_.book.limits();
    if (total)
        return parts_.tell("SERIES_FULL", std::to_string(limits.total) + " definitions of series, from " +
                                              device + " on new ones are left out");
    parts_.tell("TOO_MANY_SERIES", device + ": more than " + std::to_string(limits.per_device) +
                                       " definitions of series; new ones of it are left out");
    on_series_refused(device);
}

void Poller::on_series_refused(const std::string& device) {
    if (told_full_.insert(device).second) full_.push_back(device);
}

void Poller::untell(const std::vector<wire::StateRecord>& states) {
    for (const wire::StateRecord& record : states) {
        const auto device = devices_.find(record.device);
        if (device != devices_.end()) device->second->watch.untell(record);
    }
}

void Poller::stop() {
    stopped_ = true;
    for (auto& [id, device] : devices_) device->timer.cancel();
}

std::vector<wire::PollStatus> Poller::status(const std::string& device) const {
    std::vector<wire::PollStatus> out;
    for (const auto& [id, one] : devices_) {
        if (device.empty() || device == id) out.push_back(one->status);
    }
    return out;
}

Result<wire::WhyReply> Poller::why(const std::string& id, const std::string& metric) const {
    const auto found = devices_.find(id);
    if (found == devices_.end()) return fail(ErrorCode::not_found, "no device has the id " + id);
    const Device& device = *found->second;
    wire::WhyReply reply;
    reply.poll = device.status;
    reply.configured_ms = device.config.interval_ms;
    reply.intervals = device.intervals();
    reply.failures = device.failures;
    reply.strain_ns = static_cast<std::uint64_t>(device.strain.took().count());
    reply.last_answer_ns = device.last_answer_ns;
    reply.last_error = device.last_error;
    reply.last_error_ns = device.last_error_ns;
    const std::int64_t offset_ns =
        parts_.loop.wall().time_since_epoch().count() - parts_.loop.now().time_since_epoch().count();
    if (device.engine_id) tell_learned(parts_.engine.learned(*device.engine_id), offset_ns, reply);
    if (!metric.empty()) tell_sources(parts_.book, device.packs, device.pack_series, {id, metric, {}}, reply);
    return reply;
}

std::size_t Poller::devices_up() const {
    return static_cast<std::size_t>(std::count_if(devices_.begin(), devices_.end(), [](const auto& entry) {
        return entry.second->watch.up() == true;
    }));
}

}  // namespace outstation::polld
