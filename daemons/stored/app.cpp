// SPDX-License-Identifier: GPL-3.0-or-later
// Serving the store.
#include "daemons/stored/app.hpp"

#include <algorithm>

#include "lib/store/dictionary.hpp"

namespace outstation::stored {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t kDamageLinesLogged = 20;
constexpr Duration kConfdTimeout = 5s;
constexpr Duration kConfdRetry = 5s;
constexpr Duration kNoRoomEvery = 60s;
constexpr std::size_t kNameShown = 80;  // octets of a name in a log line
constexpr std::size_t kFewSeriesLeft = store::kMaxSeries / 10;

// Answers the batch when it is durable; what the store calls malformed ends the connection.
store::Store::Appended answer_to(const ipc::Responder& responder, std::weak_ptr<ipc::Peer> peer,
                                 ipc::Server& server, std::uint64_t counter) {
    return [responder, peer = std::move(peer), &server, counter](const Result<store::Accepted>& result) {
        if (result) {
            responder.reply(
                wire::Appended{counter, result->first_sequence, result->last_sequence, result->duplicate});
            return;
        }
        responder.fail(result.error());
        const auto connected = peer.lock();
        if (connected && result.error().code == ErrorCode::malformed)
            server.cut_off(*connected, result.error());
    };
}

template <typename Reply>
store::Store::Answer<Reply> answer_to(const ipc::Responder& responder) {
    return [responder](const Result<Reply>& result) {
        if (result) {
            responder.reply(*result);
        } else {
            responder.fail(result.error());
        }
    };
}

std::string describe_damage(const store::Damage& damage) {
    std::string text = damage.segment + ": " + damage.what;
    if (damage.first_sequence <= damage.last_sequence)
        text += "; records " + std::to_string(damage.first_sequence) + " to " +
                std::to_string(damage.last_sequence) + " are missing";
    return text;
}

}  // namespace

Result<void> App::start(runtime::Context& context) {
    context_ = &context;
    if (const auto opened = open_store(); !opened) return opened;
    store_->set_observer(this);
    ipc::Server& server = context.server();
    serve_producers(server);
    serve_answers(server);
    serve_slow_answers(server);
    serve_states(server);
    server.on_disconnected([this](ipc::Peer& peer) {
        producers_.forget(peer);
        tail_.forget(peer);
    });
    follow_confd();
    return {};
}

Result<void> App::open_store() {
    files_ = store::make_real_file_system();
    flusher_ = std::make_unique<store::ThreadWorker>("store-flush");
    reader_ = std::make_unique<store::ThreadWorker>("store-read");
    keeper_ = std::make_unique<store::ThreadWorker>("store-keep");
    store::Journal::Options options;
    options.directory = context_->state_dir() + "/journal";
    store::StoreOpened opened;
    auto made = store::open_journal_store({context_->loop(), *files_, *flusher_, *reader_, *keeper_},
                                          std::move(options), opened);
    if (!made) return fail(made.error());
    store_ = std::move(*made);
    runtime::Log& log = context_->log();
    if (opened.fresh) log.info("STORE_NEW", "a new station begins here: " + context_->state_dir());
    if (opened.new_epoch) log.info("NEW_EPOCH", "from here on records are numbered under a new epoch");
    tell_damage(opened);
    if (opened.spare_numbers > 0)
        log.info("SERIES_NUMBERS_BACK",
                 std::to_string(opened.spare_numbers) + " numbers of series of which nothing is kept");
    if (!opened.numbers_kept.empty()) log.warning("SERIES_NUMBERS_KEPT", opened.numbers_kept);
    return {};
}

// A tail looks like damage after every cut of power, so it is told by another name.
void App::tell_damage(const store::StoreOpened& opened) {
    runtime::Log& log = context_->log();
    std::size_t lines = 0;
    bool tails = false;
    for (const store::Damage& damage : opened.damage) {
        damage_found_ += damage.tail ? 0 : 1;
        tails |= damage.tail;
        if (++lines > kDamageLinesLogged) continue;
        if (damage.tail) {
            log.warning("TORN_TAIL", describe_damage(damage));
        } else {
            log.error("STORE_DAMAGED", describe_damage(damage));
        }
    }
    for (const store::HistoryDamage& damage : opened.history) {
        ++damage_found_;
        if (++lines <= kDamageLinesLogged) log.error("STORE_DAMAGED", damage.file + ": " + damage.what);
    }
    if (tails) return;
    for (const StreamId id : opened.torn_tails)
        log.info("TORN_TAIL", std::string(stream_name(id)) + ": an unfinished write at the end was left out");
}

void App::serve_producers(ipc::Server& server) {
    server.on<wire::DefineSeries>(
        [this](ipc::Peer& peer, const wire::DefineSeries& message, const ipc::Responder& responder) {
            if (!may_append(peer)) return responder.fail(Error{ErrorCode::refused, "only producers append"});
            const auto refused = producers_.define(peer, message, *store_);
            tell_few_left();
            if (refused.series.empty()) return;
            tell_refused(message, refused);
            peer.push(refused);
        });
    server.on<wire::AppendSamples>([this, &server](ipc::Peer& peer, const wire::AppendSamples& message,
                                                   const ipc::Responder& responder) {
        if (!may_append_now(server, peer, responder)) return;
        auto records = message.records;
        if (const auto known = producers_.translate(peer, records); !known) {
            responder.fail(known.error());
            return server.cut_off(peer, known.error());
        }
        store_->append({peer.hello().daemon, peer.hello().incarnation, message.counter}, std::move(records),
                       answer_to(responder, peer.weak_from_this(), server, message.counter));
    });
    server.on<wire::AppendStates>(
        [this, &server](ipc::Peer& peer, const wire::AppendStates& message, const ipc::Responder& responder) {
            if (!may_append_now(server, peer, responder)) return;
            if (!may_append(peer, message.records))
                return responder.fail(Error{ErrorCode::malformed, "only alertd makes alarms"});
            store_->append({peer.hello().daemon, peer.hello().incarnation, message.counter}, message.records,
                           answer_to(responder, peer.weak_from_this(), server, message.counter));
        });
}

// Otherwise it was told, or its connection is at its end.
bool App::may_append_now(ipc::Server& server, const ipc::Peer& peer, const ipc::Responder& responder) {
    if (!may_append(peer)) {
        responder.fail(Error{ErrorCode::refused, "only producers append"});
        return false;
    }
    if (producers_.is_newest(peer)) return true;
    server.cut_off(peer, Error{ErrorCode::refused, "it has a later connection"});
    return false;
}

// Once a start, long before one is refused.
void App::tell_few_left() {
    const std::size_t left = store_->series_left();
    if (few_told_ || left >= kFewSeriesLeft) return;
    few_told_ = true;
    context_->log().warning("SERIES_SCARCE",
                            std::to_string(left) + " of " + std::to_string(store::kMaxSeries) + " are left");
}

void App::tell_refused(const wire::DefineSeries& message, const wire::SeriesRefused& refused) {
    refused_series_ += refused.series.size();
    const wire::RefusedSeries& first = refused.series.front();
    const auto def = std::find_if(message.series.begin(), message.series.end(),
                                  [&first](const wire::SeriesDef& d) { return d.id == first.id; });
    std::string text = def->device.substr(0, kNameShown) + " " + def->metric.substr(0, kNameShown) + " " +
                       def->oid.substr(0, kNameShown) + ": " + first.reason;
    if (refused.series.size() > 1)
        text += " (and " + std::to_string(refused.series.size() - 1) + " more series)";
    context_->log().warning("SERIES_REFUSED", text);
}

void App::serve_answers(ipc::Server& server) {
    server.on<wire::LatestRequest>(
        [this](ipc::Peer&, const wire::LatestRequest& request, const ipc::Responder& responder) {
            responder.reply(store_->latest(request));
        });
    server.on<wire::DeviceStatesRequest>(
        [this](ipc::Peer&, const wire::DeviceStatesRequest& request, const ipc::Responder& responder) {
            responder.reply(store_->device_states(request));
        });
    server.on<wire::StoreStatusRequest>(
        [this](ipc::Peer&, const wire::StoreStatusRequest&, const ipc::Responder& responder) {
            auto status = store_->status();
            status.damaged_places = damage_found_;
            responder.reply(status);
        });
    server.on<wire::TailRequest>(
        [this](ipc::Peer& peer, const wire::TailRequest& request, const ipc::Responder& responder) {
            const auto subscribed = tail_.subscribe(peer, request);
            if (!subscribed) return responder.fail(subscribed.error());
            responder.reply(wire::Done{});
        });
}

void App::serve_slow_answers(ipc::Server& server) {
    server.on<wire::RangeRequest>(
        [this](ipc::Peer&, const wire::RangeRequest& request, const ipc::Responder& responder) {
            store_->range(request, answer_to<wire::RangeReply>(responder));
        });
    server.on<wire::EventsRequest>(
        [this](ipc::Peer&, const wire::EventsRequest& request, const ipc::Responder& responder) {
            store_->events(request, answer_to<wire::EventsReply>(responder));
        });
    server.on<wire::LedgerRequest>(
        [this](ipc::Peer&, const wire::LedgerRequest& request, const ipc::Responder& responder) {
            store_->ledger(request, answer_to<wire::LedgerReply>(responder));
        });
    server.on<wire::ReplayRequest>(
        [this](ipc::Peer&, const wire::ReplayRequest& request, const ipc::Responder& responder) {
            store_->replay(request, answer_to<wire::ReplayReply>(responder));
        });
}

void App::serve_states(ipc::Server& server) {
    server.on<wire::SearchRequest>(
        [this](ipc::Peer&, const wire::SearchRequest& request, const ipc::Responder& responder) {
            store_->search(request, answer_to<wire::FactsReply>(responder));
        });
    server.on<wire::StatesRequest>(
        [this](ipc::Peer&, const wire::StatesRequest& request, const ipc::Responder& responder) {
            store_->states(request, answer_to<wire::FactsReply>(responder));
        });
    server.on<wire::StateHistoryRequest>(
        [this](ipc::Peer&, const wire::StateHistoryRequest& request, const ipc::Responder& responder) {
            store_->state_history(request, answer_to<wire::FactsReply>(responder));
        });
}

void App::follow_confd() {
    confd_ = context_->client("confd");
    confd_->on_connected([this] { ask_confd(); });
    confd_->on_push<wire::ConfigChanged>([this](const wire::ConfigChanged&) { ask_confd(); });
    confd_->start();
}

void App::ask_confd() {
    confd_->request<wire::ConfigReply>(
        wire::ConfigRequest{}, kConfdTimeout, [this](const Result<wire::ConfigReply>& reply) {
            if (!reply) {
                retry_confd_ = context_->loop().after(kConfdRetry, [this] {
                    if (confd_->connected()) ask_confd();
                });
                return context_->log().warning("CONFIG_UNKNOWN", reply.error().text);
            }
            const wire::StationConfig& station = reply->station;
            store::Settings settings;
            settings.flush_interval = std::chrono::milliseconds(station.flush_interval_ms);
            settings.limit_octets = station.store_limit_bytes;
            settings.retention = std::chrono::seconds(station.retention_ms / 1000);
            store_->configure(settings);
            std::set<std::string, std::less<>> devices;
            for (const auto& device : reply->devices) devices.insert(device.id);
            store_->keep_only(devices);
        });
}

void App::on_samples(std::uint64_t first_sequence, const std::vector<wire::SampleRecord>& records) {
    tail_.push(first_sequence, records, *store_);
}

void App::on_states(std::uint64_t first_sequence, const std::vector<wire::StateRecord>& records) {
    tail_.push(first_sequence, records);
}

void App::on_durable(StreamId stream, std::uint64_t sequence) {
    tail_.push_durable(stream, sequence);
}

void App::on_no_room(const Error& error) {
    const MonoTime now = context_->loop().now();
    if (no_room_told_ && now - *no_room_told_ < kNoRoomEvery) return;
    no_room_told_ = now;
    context_->log().warning("NO_ROOM", error.text);
}

void App::on_impossible_stamp(const wire::SampleRecord& record) {
    const MonoTime now = context_->loop().now();
    if (stamp_told_ && now - *stamp_told_ < kNoRoomEvery) return;
    stamp_told_ = now;
    context_->log().warning("IMPOSSIBLE_STAMP", record.device.substr(0, kNameShown) + ": the clock showed " +
                                                    std::to_string(record.stamp.wall_ns / std::nano::den) +
                                                    " s since 1970; " +
                                                    std::to_string(store_->status().impossible_stamps) +
                                                    " such records since the start");
}

// The pages of a failed write are gone: only opening the files again shows what is on the device.
void App::on_failed(const Error& error) {
    context_->fatal(error.in("the store cannot write and must be opened again"));
}

void App::on_history_failed(const Error& error) {
    const MonoTime now = context_->loop().now();
    if (history_told_ && now - *history_told_ < kNoRoomEvery) return;
    history_told_ = now;
    context_->log().error("HISTORY_FAILED", error.text);
}

void App::on_states_failed(const Error& error) {
    context_->log().error("STATES_FAILED", error.text);
}

void App::on_states_set_aside(const Error& error) {
    ++damage_found_;
    context_->log().error("STATES_SET_ASIDE", error.text);
}

void App::on_segment_set_aside(const std::string& path) {
    context_->log().error("SEGMENT_SET_ASIDE",
                          path + ": the device could not read it; it is kept until room is needed");
}

void App::on_states_left_out(const std::string& device) {
    context_->log().warning("STATES_LEFT_OUT", device);
}

void App::describe(std::vector<wire::StatusField>& out) const {
    if (!store_) return;
    const auto status = store_->status();
    out.push_back({"series", std::to_string(status.series)});
    out.push_back({"more series possible", std::to_string(store_->series_left())});
    out.push_back({"values accepted", std::to_string(status.samples_accepted)});
    out.push_back({"bytes", std::to_string(status.bytes)});
    out.push_back(
        {"flush interval", config::format_duration(std::chrono::milliseconds(status.flush_interval_ms))});
    out.push_back({"damage found at start", std::to_string(damage_found_)});
    out.push_back({"impossible stamps", std::to_string(status.impossible_stamps)});
    if (status.set_aside_segments > 0)
        out.push_back({"segments set aside", std::to_string(status.set_aside_segments) + " (" +
                                                 std::to_string(status.set_aside_bytes) + " bytes)"});
    if (!status.failing.empty()) out.push_back({"failing", status.failing});
    if (!status.held_back.empty()) out.push_back({"history waits for room", status.held_back});
}

void App::metrics(runtime::Metrics& out) const {
    if (!store_) return;
    const auto status = store_->status();
    out.counter("outstation_store_values", "Values accepted since the start.", status.samples_accepted);
    out.counter("outstation_store_duplicates", "Batches recognised as resends since the start.",
                status.duplicates);
    out.counter(
        "outstation_store_impossible_stamps",
        "Records whose clock showed a time that cannot be and could not be repaired, since the start.",
        status.impossible_stamps);
    out.counter("outstation_store_refused_series", "Definitions of series refused since the start.",
                refused_series_);
    out.gauge("outstation_store_bytes", "Size of all files in the data directory.",
              static_cast<double>(status.bytes));
    out.gauge("outstation_store_series", "Known series.", status.series);
    out.gauge("outstation_store_series_left", "How many more series can be kept.",
              static_cast<double>(store_->series_left()));
    out.gauge("outstation_store_durable_lag_seconds", "Age of the oldest record that is not durable yet.",
              static_cast<double>(status.durable_lag_ns) / 1e9);
    out.gauge("outstation_store_failing",
              "1 while there is no room, or history or state.db cannot be written.",
              status.failing.empty() ? 0.0 : 1.0);
    out.gauge("outstation_store_damage_found", "Places found damaged when the store was opened.",
              static_cast<double>(damage_found_));
}

}  // namespace outstation::stored
