// SPDX-License-Identifier: GPL-3.0-or-later
// Discovery's part of the wiring.
#include <utility>

#include "daemons/polld/app.hpp"

namespace outstation::polld {
namespace {

using namespace std::chrono_literals;

constexpr const char* kSweepFile = "/sweep";  // in our own directory, as the next
constexpr const char* kKnownFile = "/known";
constexpr const char* kNeighbours = "/proc/self/net/arp";
constexpr Duration kSave = 5s;
constexpr Duration kFreshConfig = 3s;

// As webd knows it; else it was somebody at the console.
std::string who(const std::string& by) {
    return by.empty() ? "the console" : by;
}

}  // namespace

// What it was about before a restart it goes on with, once confd has said what may go where.
Result<void> App::make_sweep() {
    auto socket = snmp::open_datagram_socket(AF_INET);
    if (!socket) return fail(socket.error());
    sweep_socket_ = std::move(*socket);
    snmp::EngineOptions options;
    options.retries = 1;
    sweep_engine_ = std::make_unique<snmp::Engine>(context_->loop(), sweep_socket_.get(), nullptr, options);
    probed_ = context_->client("probed");
    probes_ = std::make_unique<IpcProbeSource>(*probed_);
    probed_->start();
    sweep_ =
        std::make_unique<Sweep>(Sweep::Parts{context_->loop(), *sweep_engine_, packs_, sweep_credentials_,
                                             [] { return read_neighbours(kNeighbours); }, probes_.get()});
    sweep_file_ = std::make_unique<SweepFile>(context_->loop(), context_->state_dir() + kSweepFile);
    const auto saved = sweep_file_->read();
    if (saved) sweep_->restore(*saved);
    if (!saved && saved.error().code != ErrorCode::not_found)
        context_->log().warning("SWEEP_UNREADABLE", saved.error().text);
    make_rediscovery();
    watch_sweep();
    return {};
}

void App::make_rediscovery() {
    Rediscovery::Parts parts{context_->loop(), *sweep_, context_->state_dir() + kKnownFile, {}, {}, {}, {}};
    parts.is_polled = [this](const std::string& id) {
        const auto status = poller_->status(id);
        return !status.empty() && status.front().last_ns != 0 && status.front().error.empty();
    };
    parts.stamp = [this] {
        const Stamp stamp = context_->stamp();
        return wire::WireStamp{stamp.wall_ns, stamp.mono_ns, stamp.boot_id, stamp.quality};
    };
    parts.events = [this](std::vector<wire::StateRecord> events) { uplink_->add(std::move(events)); };
    parts.note = [this](const char* id, const std::string& text) { context_->log().warning(id, text); };
    rediscovery_ = std::make_unique<Rediscovery>(std::move(parts));
}

wire::SweepStatus App::sweep_status() const {
    wire::SweepStatus out = sweep_->status();
    out.next_ns = rediscovery_->next_ns();
    return out;
}

void App::configure_sweep(const wire::ConfigReply& config) {
    sweep_credentials_.update(config.credentials);
    std::vector<Sweep::Scope> scopes;
    std::vector<std::string> subnets;
    for (const wire::DiscoveryScope& scope : config.discovery) {
        subnets.insert(subnets.end(), scope.subnets.begin(), scope.subnets.end());
        for (const std::string& subnet : scope.subnets)
            if (const auto range = parse_range(subnet))
                scopes.push_back({*range, scope.credentials, static_cast<std::uint16_t>(scope.port)});
    }
    sweep_->configure(std::move(scopes), config.devices);
    const wire::StationConfig& station = config.station;
    rediscovery_->configure(std::move(subnets),
                            {station.search_interval_ms, station.search_minute, station.zone});
    save_sweep();
}

void App::serve_sweep() {
    context_->server().on<wire::SweepRequest>(
        [this](ipc::Peer&, const wire::SweepRequest& request, const ipc::Responder& responder) {
            if (request.action == "start") return start_sweep(request.ranges, responder);
            if (const auto done = sweep_->act(request.action); !done) return responder.fail(done.error());
            responder.reply(sweep_status());
        });
    context_->server().on<wire::IgnoreCandidate>(
        [this](ipc::Peer&, const wire::IgnoreCandidate& request, const ipc::Responder& responder) {
            if (const auto done = sweep_->ignore(request.address, request.ignored); !done)
                return responder.fail(done.error());
            save_sweep();
            const std::string text = request.address + ", by " + who(request.by);
            if (request.ignored) context_->log().info("CANDIDATE_IGNORED", text);
            if (!request.ignored) context_->log().info("CANDIDATE_RESTORED", text);
            responder.reply(wire::Done{});
        });
    context_->server().on<wire::CandidatesRequest>(
        [this](ipc::Peer&, const wire::CandidatesRequest&, const ipc::Responder& responder) {
            wire::CandidatesReply reply{sweep_->candidates()};
            rediscovery_->mark(reply.candidates);
            responder.reply(reply);
        });
}

void App::serve_differences() {
    context_->server().on<wire::DifferencesRequest>(
        [this](ipc::Peer&, const wire::DifferencesRequest&, const ipc::Responder& responder) {
            responder.reply(wire::DifferencesReply{rediscovery_->differences()});
        });
    context_->server().on<wire::SettleDifference>([this](ipc::Peer&, const wire::SettleDifference& asked,
                                                         const ipc::Responder& responder) {
        const auto settled = rediscovery_->settle(asked.id, asked.action);
        if (!settled) return responder.fail(settled.error());
        context_->log().info("DIFFERENCE_SETTLED", asked.action + ": " + *settled + ", by " + who(asked.by));
        responder.reply(wire::Done{});
    });
}

// With the configuration of now: who has just said where we may look need not wait until we have heard of it.
void App::start_sweep(const std::vector<std::string>& ranges, const ipc::Responder& responder) {
    confd_->request<wire::ConfigReply>(wire::ConfigRequest{}, kFreshConfig,
                                       [this, ranges, responder](Result<wire::ConfigReply> config) {
                                           if (config) take_config(*config);
                                           if (const auto started = sweep_->start(ranges); !started)
                                               return responder.fail(started.error());
                                           responder.reply(sweep_status());
                                       });
}

// What cannot be written is tried again later: the sweep goes on.
void App::save_sweep() {
    if (sweep_->status().state == "never") return;
    is_sweep_unsaved_ = !sweep_file_->write(sweep_->saved(), [this](const Error& error) {
        is_sweep_unsaved_ = true;
        context_->log().warning("SWEEP_NOT_SAVED", error.text);
    });
}

// Now and then while it runs, and when it ends.
void App::watch_sweep() {
    watching_ = context_->loop().after(kSave, [this] { watch_sweep(); });
    const std::string state = sweep_->status().state;
    const bool is_other = std::exchange(swept_, state) != state;
    if (state == "running" || is_other || is_sweep_unsaved_) save_sweep();
}

}  // namespace outstation::polld
