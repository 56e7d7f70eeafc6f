// SPDX-License-Identifier: GPL-3.0-or-later
// Wiring of polld.
#include "daemons/polld/app.hpp"

#include <algorithm>

#include "daemons/polld/schedule.hpp"

namespace outstation::polld {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLongestCycle = 30s;
// Durable within the longest flush interval and some patience.
constexpr Duration kAppendTimeout = 90s;

class IpcStoreLink : public StoreLink {
  public:
    explicit IpcStoreLink(ipc::Client& client) : client_(client) {}
    [[nodiscard]] bool connected() const override { return client_.connected(); }
    void define(const wire::DefineSeries& series) override {
        // A loss of the connection is told to Uplink anyway, and then everything is defined again.
        [[maybe_unused]] const auto sent = client_.send(series);
    }
    void append(const wire::AppendSamples& batch, Answer answer) override {
        client_.request<wire::Appended>(batch, kAppendTimeout, std::move(answer));
    }
    void append(const wire::AppendStates& batch, Answer answer) override {
        client_.request<wire::Appended>(batch, kAppendTimeout, std::move(answer));
    }

  private:
    ipc::Client& client_;
};

wire::WireStamp wire_stamp(const Stamp& stamp) {
    return {stamp.wall_ns, stamp.mono_ns, stamp.boot_id, stamp.quality};
}

Duration interval_of(const wire::DeviceConfig& config) {
    return std::chrono::milliseconds(std::clamp<std::uint64_t>(config.interval_ms, 1000, 86'400'000));
}

}  // namespace

Result<void> App::start(runtime::Context& context) {
    context_ = &context;
    auto socket4 = snmp::open_datagram_socket(AF_INET);
    if (!socket4) return fail(socket4.error());
    socket4_ = std::move(*socket4);
    auto socket6 = snmp::open_datagram_socket(AF_INET6);
    if (socket6) socket6_ = std::move(*socket6);  // a box without IPv6 polls IPv4
    snmp::EngineOptions options;
    options.receive_tick = 2ms;
    engine_ = std::make_unique<snmp::Engine>(context.loop(), socket4_.get(), socket6_.get(), options);

    stored_ = context.client("stored");
    link_ = std::make_unique<IpcStoreLink>(*stored_);
    uplink_ = std::make_unique<Uplink>(context.loop(), *link_, book_);
    stored_->on_connected([this] { uplink_->on_connected(); });
    stored_->on_disconnected([this](const Error&) { uplink_->on_disconnected(); });
    stored_->start();
    connect_to_confd();
    serve_status();
    return {};
}

void App::connect_to_confd() {
    confd_ = context_->client("confd");
    confd_->on_connected([this] { ask_for_config(); });
    confd_->on_push<wire::ConfigChanged>([this](const wire::ConfigChanged&) { ask_for_config(); });
    confd_->start();
}

void App::ask_for_config() {
    confd_->request<wire::ConfigReply>(wire::ConfigRequest{}, 10s,
                                       [this](const Result<wire::ConfigReply>& reply) {
                                           if (reply) return apply(*reply);
                                           context_->log().warning("NO_CONFIG", reply.error().text);
                                           retry_ = context_->loop().after(2s, [this] {
                                               if (confd_->connected()) ask_for_config();
                                           });
                                       });
}

// Devices that did not change go on undisturbed.
void App::apply(const wire::ConfigReply& config) {
    std::map<std::string, std::string> communities;
    for (const auto& credential : config.credentials) communities[credential.name] = credential.community;
    std::map<std::string, const wire::DeviceConfig*> wanted;
    for (const auto& device : config.devices) wanted[device.id] = &device;
    for (auto it = devices_.begin(); it != devices_.end();) {
        const auto now = wanted.find(it->first);
        const bool same = now != wanted.end() && *now->second == it->second.config &&
                          communities[it->second.config.credential] == it->second.community;
        if (same) {
            wanted.erase(now);
            ++it;
        } else {
            if (it->second.in_engine) engine_->remove(it->second.engine_id);
            it = devices_.erase(it);
        }
    }
    for (const auto& [id, device] : wanted) add_device(*device, communities[device->credential]);
    context_->log().info("CONFIGURED", std::to_string(devices_.size()) + " devices");
}

void App::add_device(const wire::DeviceConfig& config, const std::string& community) {
    Device& device = devices_[config.id];
    device.config = config;
    device.community = community;
    device.translator = std::make_unique<Translator>(config.id, book_);
    device.watch = std::make_unique<StateWatch>(config.id);
    device.status.device = config.id;
    device.status.protocol = "SNMPv2c";
    device.status.interval_ms = config.interval_ms;
    const auto address = snmp::Address::parse(config.address, static_cast<std::uint16_t>(config.port));
    if (!address || community.empty()) {
        device.status.error =
            address ? "credential " + config.credential + " cannot be had" : address.error().text;
        return;
    }
    device.engine_id = engine_->add({*address, community});
    device.in_engine = true;
    // The first poll comes soon: somebody is waiting for it. The raster begins after it.
    const Duration interval = interval_of(config);
    device.due = context_->loop().now() + phase_of(config.id, std::min<Duration>(interval, 1s));
    schedule(device);
}

void App::schedule(Device& device) {
    const Duration until = device.due - context_->loop().now();
    device.status.next_ns = (context_->loop().wall() + until).time_since_epoch().count();
    device.timer = context_->loop().at(device.due, [this, &device] { poll(device); });
}

void App::poll(Device& device) {
    const MonoTime now = context_->loop().now();
    const Duration interval = interval_of(device.config);
    worst_lateness_ = std::max(worst_lateness_, now - device.due);
    if (engine_->busy(device.engine_id)) {
        ++skipped_;
    } else {
        ++polls_;
        engine_->poll(
            device.engine_id, plan_, std::min(interval, kLongestCycle),
            [this, &device](snmp::Engine::DeviceId, const snmp::Cycle& cycle) { on_cycle(device, cycle); });
    }
    const Duration phase = phase_of(device.config.id, interval);
    device.due = first_due(now + backed_off(interval, device.failures) - interval, interval, phase);
    schedule(device);
}

void App::on_cycle(Device& device, const snmp::Cycle& cycle) {
    values_ += cycle.values;
    device.failures = cycle.answered ? 0 : device.failures + 1;
    wire::SampleRecord record;
    record.stamp = wire_stamp(context_->stamp());
    device.translator->translate(cycle, record);
    uplink_->add(device.watch->update(cycle, device.translator->interfaces(), record.stamp));
    note_status(device, cycle);
    uplink_->add(std::move(record));
}

void App::note_status(Device& device, const snmp::Cycle& cycle) {
    wire::PollStatus& status = device.status;
    status.last_ns = context_->loop().wall().time_since_epoch().count();
    status.duration_ns = static_cast<std::uint64_t>(cycle.duration.count());
    if (cycle.rtt > Duration{0}) status.rtt_ns = static_cast<std::uint64_t>(cycle.rtt.count());
    status.requests = cycle.requests;
    status.values = cycle.values;
    status.timeouts = cycle.timeouts;
    status.error.clear();
    if (cycle.error != snmp::CycleError::none) {
        status.error = std::string(snmp::cycle_error_name(cycle.error)) + ": " + cycle.detail;
    }
}

void App::serve_status() {
    context_->server().on<wire::PollStatusRequest>(
        [this](ipc::Peer&, const wire::PollStatusRequest& request, const ipc::Responder& responder) {
            wire::PollStatusReply reply;
            for (const auto& [id, device] : devices_) {
                if (request.device.empty() || request.device == id) reply.devices.push_back(device.status);
            }
            responder.reply(reply);
        });
}

void App::drain(std::function<void()> drained) {
    for (auto& [id, device] : devices_) device.timer.cancel();
    uplink_->drain(std::move(drained));
}

void App::describe(std::vector<wire::StatusField>& out) const {
    const auto up = std::count_if(devices_.begin(), devices_.end(),
                                  [](const auto& entry) { return entry.second.watch->up() == true; });
    out.push_back({"devices", std::to_string(devices_.size())});
    out.push_back({"up", std::to_string(up)});
    out.push_back({"unacknowledged", std::to_string(uplink_ ? uplink_->kept_records() : 0)});
}

void App::metrics(runtime::Metrics& out) const {
    const snmp::EngineCounters& counters = engine_->counters();
    out.counter("polld_polls", "Cycles started.", polls_);
    out.counter("polld_skipped_polls", "Cycles left out because the one before was not done.", skipped_);
    out.counter("polld_values", "Values read.", values_);
    out.counter("polld_requests", "SNMP requests sent.", counters.requests);
    out.counter("polld_responses", "SNMP responses accepted.", counters.responses);
    out.counter("polld_retries", "SNMP requests sent again.", counters.retries);
    out.counter("polld_malformed_datagrams", "Datagrams that are no SNMP response.", counters.malformed);
    out.counter("polld_unexpected_sources",
                "Responses from an address or with a community that was not asked.",
                counters.unexpected_source);
    out.counter("polld_unexpected_responses", "Responses that nobody waited for: late, doubled or forged.",
                counters.late_or_unknown);
    out.counter("polld_dropped_records", "Records dropped because stored did not take them in time.",
                uplink_->dropped_records());
    out.counter("polld_refused_records", "Records that stored refused as malformed.",
                uplink_->refused_records());
    out.gauge("polld_unacknowledged_records", "Records that are not known to be on disk.",
              static_cast<double>(uplink_->kept_records()));
    out.gauge("polld_worst_lateness_seconds", "Latest start of a cycle after its time, since the start.",
              std::chrono::duration<double>(worst_lateness_).count());
}

}  // namespace outstation::polld
