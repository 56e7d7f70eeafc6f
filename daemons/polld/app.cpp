// SPDX-License-Identifier: GPL-3.0-or-later
// Wiring of polld.
#include "daemons/polld/app.hpp"

#include <algorithm>
#include <filesystem>

namespace outstation::polld {
namespace {

using namespace std::chrono_literals;

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

// Beside the programs of a build, or of the installed station.
std::string shipped_packs() {
    std::error_code error;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
    const auto beside = program.parent_path() / "../share/outstation/packs/snmp";
    return !error && std::filesystem::is_directory(beside, error) ? beside.lexically_normal().string()
                                                                  : "/usr/share/outstation/packs/snmp";
}

}  // namespace

void App::stage(config::Mapping root) {
    staged_packs_ = root.text("packs", "");
}

void App::commit() {
    packs_folder_ = staged_packs_.empty() ? shipped_packs() : staged_packs_;
    if (context_ != nullptr) read_packs();
}

// A station polls without packs too.
void App::read_packs() {
    const auto mistakes = packs_.read(packs_folder_);
    if (!mistakes) return context_->log().warning("NO_PACKS", mistakes.error().text);
    for (const std::string& mistake : *mistakes) context_->log().warning("PACK_REFUSED", mistake);
    context_->log().info("PACKS_READ",
                         std::to_string(packs_.cards()->packs.size()) + " packs of " + packs_folder_);
}

Result<void> App::start(runtime::Context& context) {
    context_ = &context;
    read_packs();
    if (const auto opened = open_engine(); !opened) return opened;
    connect_to_stored();
    make_poller();
    if (const auto made = make_sweep(); !made) return made;
    if (const auto made = make_recorder(); !made) return made;
    stored_->start();
    connect_to_confd();
    serve_status();
    serve_sweep();
    serve_differences();
    serve_recorder();
    return {};
}

Result<void> App::open_engine() {
    auto socket4 = snmp::open_datagram_socket(AF_INET);
    if (!socket4) return fail(socket4.error());
    socket4_ = std::move(*socket4);
    auto socket6 = snmp::open_datagram_socket(AF_INET6);
    if (socket6) socket6_ = std::move(*socket6);  // a box without IPv6 polls IPv4
    snmp::EngineOptions options;
    options.receive_tick = 2ms;
    engine_ = std::make_unique<snmp::Engine>(context_->loop(), socket4_.get(), socket6_.get(), options);
    return {};
}

void App::connect_to_stored() {
    stored_ = context_->client("stored");
    link_ = std::make_unique<IpcStoreLink>(*stored_);
    states_ = std::make_unique<IpcStateSource>(*stored_);
    uplink_ = std::make_unique<Uplink>(context_->loop(), *link_, book_);
    uplink_->on_trouble(
        [this](const char* id, const std::string& text) { context_->log().warning(id, text); });
    stored_->on_connected([this] {
        book_.forget_left_out();  // everything is defined again
        poller_->on_store_connected();
        uplink_->on_connected();
    });
    stored_->on_disconnected([this](const Error&) { uplink_->on_disconnected(); });
    stored_->on_push<wire::SeriesRefused>(
        [this](const wire::SeriesRefused& refused) { on_series_refused(refused); });
}

void App::make_poller() {
    poller_ = std::make_unique<Poller>(Poller::Parts{
        context_->loop(), *engine_, book_, *uplink_, *states_, [this] { return context_->stamp(); },
        [this](const char* id, const std::string& text) { context_->log().warning(id, text); }, &packs_});
}

void App::on_series_refused(const wire::SeriesRefused& refused) {
    for (const wire::RefusedSeries& series : refused.series) {
        book_.leave_out(series.id);
        if (series.id != SeriesBook::kNone && series.id <= book_.size())
            poller_->on_series_refused(book_.info(series.id).key.device);
    }
    const auto known = std::find_if(refused.series.begin(), refused.series.end(), [this](const auto& series) {
        return series.id != SeriesBook::kNone && series.id <= book_.size();
    });
    if (known == refused.series.end()) return;
    const SeriesInfo& info = book_.info(known->id);
    context_->log().warning("SERIES_REFUSED", info.key.device + " " + info.key.metric + " (" +
                                                  std::to_string(refused.series.size()) +
                                                  " series in all): " + known->reason);
}

void App::connect_to_confd() {
    confd_ = context_->client("confd");
    confd_->on_connected([this] { ask_for_config(); });
    confd_->on_push<wire::ConfigChanged>([this](const wire::ConfigChanged&) { ask_for_config(); });
    confd_->start();
}

void App::ask_for_config() {
    confd_->request<wire::ConfigReply>(wire::ConfigRequest{}, 10s, [this](Result<wire::ConfigReply> reply) {
        if (reply) return take_config(*reply);
        context_->log().warning("NO_CONFIG", reply.error().text);
        retry_ = context_->loop().after(2s, [this] {
            if (confd_->connected()) ask_for_config();
        });
    });
}

void App::take_config(wire::ConfigReply& config) {
    poller_->configure(config);
    configure_sweep(config);
    for (auto& credential : config.credentials) wipe(credential);
    context_->log().info("CONFIGURED", std::to_string(poller_->devices()) + " devices");
}

void App::serve_status() {
    context_->server().on<wire::PollStatusRequest>(
        [this](ipc::Peer&, const wire::PollStatusRequest& request, const ipc::Responder& responder) {
            responder.reply(wire::PollStatusReply{poller_->status(request.device)});
        });
    context_->server().on<wire::WhyRequest>(
        [this](ipc::Peer&, const wire::WhyRequest& request, const ipc::Responder& responder) {
            const auto reply = poller_->why(request.device, request.metric);
            if (!reply) return responder.fail(reply.error());
            responder.reply(*reply);
        });
}

void App::drain(std::function<void()> drained) {
    poller_->stop();
    if (sweep_->status().state != "never") {
        if (const auto saved = sweep_file_->write_now(sweep_->saved()); !saved)
            context_->log().warning("SWEEP_NOT_SAVED", saved.error().text);
    }
    if (const auto saved = rediscovery_->save_now(); !saved)
        context_->log().warning("KNOWN_NOT_SAVED", saved.error().text);
    uplink_->drain(std::move(drained));
}

void App::describe(std::vector<wire::StatusField>& out) const {
    out.push_back({"devices", std::to_string(poller_ ? poller_->devices() : 0)});
    out.push_back({"up", std::to_string(poller_ ? poller_->devices_up() : 0)});
    out.push_back({"packs", std::to_string(packs_.cards()->packs.size())});
    out.push_back({"unacknowledged", std::to_string(uplink_ ? uplink_->kept_records() : 0)});
}

void App::metrics(runtime::Metrics& out) const {
    if (!poller_) return;
    const snmp::EngineCounters& counters = engine_->counters();
    const Poller::Counters& polled = poller_->counters();
    out.counter("polld_polls", "Cycles started.", polled.polls);
    out.counter("polld_skipped_polls", "Cycles left out because the one before was not done.",
                polled.skipped);
    out.counter("polld_values", "Values read.", polled.values);
    out.counter("polld_requests", "SNMP requests sent.", counters.requests);
    out.counter("polld_responses", "SNMP responses accepted.", counters.responses);
    out.counter("polld_retries", "SNMP requests sent again.", counters.retries);
    out.counter("polld_malformed_datagrams", "Datagrams that are no SNMP response.", counters.malformed);
    out.counter("polld_unexpected_sources",
                "Responses from an address that was not asked, or with a community, user, signature or time "
                "that is not right.",
                counters.unexpected_source);
    out.counter("polld_unexpected_responses", "Responses that nobody waited for: late, doubled or forged.",
                counters.late_or_unknown);
    out.counter("polld_dropped_records", "Records dropped because stored did not take them in time.",
                uplink_->dropped_records());
    out.counter("polld_refused_records", "Records that stored refused as malformed.",
                uplink_->refused_records());
    out.counter("polld_series_turned_away", "Definitions of series left out because a limit is reached.",
                book_.turned_away());
    out.gauge("polld_series", "Series known since the start.", book_.size());
    out.gauge("polld_unacknowledged_records", "Records that are not known to be on disk.",
              static_cast<double>(uplink_->kept_records()));
    out.gauge("polld_worst_lateness_seconds", "Latest start of a cycle after its time, since the start.",
              std::chrono::duration<double>(polled.worst_lateness).count());
}

}  // namespace outstation::polld
