// SPDX-License-Identifier: GPL-3.0-or-later
// Configuration over IPC.
#include "daemons/confd/app.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>

#include "lib/crypto/bytes.hpp"
#include "lib/runtime/process.hpp"

namespace outstation::confd {
namespace {

constexpr const char* kAlarmRulesFile = "alarm-rules.yaml";  // beside station.yaml

void wipe(wire::Credential& credential) {
    crypto::wipe(credential.community);
    crypto::wipe(credential.auth_passphrase);
    crypto::wipe(credential.priv_passphrase);
}

bool is_in(const std::vector<CredentialRef>& credentials, const std::string& name) {
    return std::any_of(credentials.begin(), credentials.end(),
                       [&name](const CredentialRef& one) { return one.name == name; });
}

}  // namespace

void App::commit() {
    base_ = std::move(next_);
    put_together();
    ++generation_;
    told_.clear();
    if (secrets_) prepare_secrets();
    announce();
}

Result<void> App::start(runtime::Context& context) {
    context_ = &context;
    secrets_ = std::make_unique<Secrets>(context.state_dir());
    chosen_ = std::make_unique<ChosenSettings>(context.state_dir() + "/setup.yaml");
    accepted_ = std::make_unique<AcceptedDevices>(context.state_dir() + "/accepted.yaml");
    put_together();
    prepare_secrets();
    serve_settings();
    context.server().on<wire::ConfigRequest>(
        [this](ipc::Peer& peer, const wire::ConfigRequest&, const ipc::Responder& responder) {
            subscribers_[peer.number()] = peer.weak_from_this();
            auto reply = reply_for(peer);
            responder.reply(reply);
            for (auto& credential : reply.credentials) wipe(credential);
        });
    context.server().on<wire::AlarmRulesRequest>(
        [this](ipc::Peer& peer, const wire::AlarmRulesRequest&, const ipc::Responder& responder) {
            answer_alarm_rules(peer, responder);
        });
    context.server().on<wire::PutSecret>(
        [this](ipc::Peer& peer, const wire::PutSecret& request, const ipc::Responder& responder) {
            put_secret(peer, request, responder);
        });
    context.server().on<wire::RekeySecrets>(
        [this](ipc::Peer& peer, const wire::RekeySecrets&, const ipc::Responder& responder) {
            rekey_secrets(peer, responder);
        });
    context.server().on_disconnected([this](ipc::Peer& peer) { subscribers_.erase(peer.number()); });
    return {};
}

// alertd reads what the text means: its schema and its mistakes are there.
void App::answer_alarm_rules(ipc::Peer& peer, const ipc::Responder& responder) {
    subscribers_[peer.number()] = peer.weak_from_this();
    const std::string path = context_->state_dir() + "/" + kAlarmRulesFile;
    std::ifstream in(path, std::ios::binary);
    if (!in && errno == ENOENT) return responder.reply(wire::AlarmRules{});
    wire::AlarmRules rules{true, std::string(config::kMaxFileBytes + 1, '\0')};
    in.read(rules.text.data(), static_cast<std::streamsize>(rules.text.size()));
    rules.text.resize(static_cast<std::size_t>(in.gcount()));
    if (in.bad() || !in.is_open()) return responder.fail(Error{ErrorCode::io, path + ": cannot be read"});
    if (rules.text.size() > config::kMaxFileBytes)
        return responder.fail(Error{ErrorCode::config, path + ": larger than 1 MiB"});
    responder.reply(rules);
}

// Without the key everything but credentials is served: putting it back is enough then.
void App::prepare_secrets() {
    secrets_->use(current_.seal_suite);
    const auto prepared = secrets_->prepare();
    if (!prepared) return context_->log().error("SECRETS_LOCKED", prepared.error().text);
    if (prepared->made_key) context_->log().info("SECRETS_KEY_MADE", "a key of this station for its secrets");
    if (prepared->sealed > 0)
        context_->log().info("SECRETS_SEALED", std::to_string(prepared->sealed) + " plain files");
    for (const Error& error : prepared->left) context_->log().warning("SECRET_LEFT", error.text);
    if (!prepared->is_rekeying || rekey_) return;
    if (const auto begun = begin_rekey(); !begun) end_rekey(begun);
}

// What stands in station.yaml goes before what was chosen and accepted.
void App::put_together() {
    current_ = base_;
    if (!chosen_ || !accepted_) return;
    if (const auto added = chosen_->add_to(current_); !added)
        context_->log().warning("SETTINGS_UNREADABLE", added.error().text);
    if (const auto added = accepted_->add_to(current_); !added)
        context_->log().warning("ACCEPTED_UNREADABLE", added.error().text);
}

bool may_have_credentials(const ipc::Peer& peer) {
    if (peer.hello().daemon != "polld") return false;
    const auto allowed = runtime::uids_of({"outstation-polld"});
    return peer.is_console() || std::find(allowed.begin(), allowed.end(), peer.uid()) != allowed.end();
}

wire::ConfigReply App::reply_for(const ipc::Peer& peer) {
    wire::ConfigReply reply;
    reply.generation = generation_;
    reply.station = current_.station;
    reply.devices = current_.devices;
    reply.discovery = current_.discovery;
    reply.proposal = current_.proposal;
    for (const CredentialRef& one : current_.credentials)
        reply.known_credentials.push_back({one.name, one.protocol, one.user, one.auth_protocol,
                                           one.priv_protocol, is_in(base_.credentials, one.name), one.subnets,
                                           one.port, one.is_unsent});
    if (may_have_credentials(peer)) reply.credentials = open_credentials();
    return reply;
}

std::vector<wire::Credential> App::open_credentials() {
    const auto in_use = credentials_in_use(current_);
    std::vector<wire::Credential> out;
    out.reserve(in_use.size());  // a vector that grows leaves copies behind
    for (const CredentialRef& reference : in_use) {
        wire::Credential credential{reference.name,
                                    reference.protocol,
                                    {},
                                    reference.user,
                                    reference.auth_protocol,
                                    {},
                                    reference.priv_protocol,
                                    {},
                                    reference.context};
        if (open_secret(reference, reference.community_secret, credential.community) &&
            open_secret(reference, reference.auth_secret, credential.auth_passphrase) &&
            open_secret(reference, reference.priv_secret, credential.priv_passphrase)) {
            out.push_back(std::move(credential));
        } else {
            wipe(credential);
        }
    }
    return out;
}

// False: it cannot be had, which is told once. One without a name is not needed.
bool App::open_secret(const CredentialRef& reference, const std::string& name, std::string& out) {
    if (name.empty()) return true;
    auto secret = secrets_->get(name);
    if (secret) {
        out = *secret;
        crypto::wipe(*secret);  // a short string is copied when it moves
    } else if (told_.insert(name).second) {
        context_->log().warning("SECRET_MISSING",
                                "credential " + reference.name + ": " + secret.error().text);
    }
    return secret.has_value();
}

void App::put_secret(const ipc::Peer& peer, const wire::PutSecret& request, const ipc::Responder& responder) {
    if (!peer.is_console())
        return responder.fail(Error{ErrorCode::refused, "only the console stores secrets"});
    if (const auto put = secrets_->put(request.name, request.value); !put) return responder.fail(put.error());
    context_->log().info("SECRET_STORED", request.name);
    changed();
    responder.reply(wire::Done{});
}

void App::rekey_secrets(const ipc::Peer& peer, const ipc::Responder& responder) {
    if (!peer.is_console())
        return responder.fail(Error{ErrorCode::refused, "only the console changes the key of secrets"});
    waiting_for_rekey_.push_back(responder);
    if (rekey_) return;
    if (const auto begun = begin_rekey(); !begun) end_rekey(begun);
}

Result<void> App::begin_rekey() {
    auto names = secrets_->begin_rekey();
    if (!names) return fail(names.error());
    rekey_ = Rekey{std::move(*names), 0, {}};
    rekey_in_steps();
    return {};
}

// One secret a turn of the loop: what others ask is answered between.
void App::rekey_in_steps() {
    rekey_->next = context_->loop().after(Duration{0}, [this] {
        if (rekey_->done == rekey_->names.size()) return end_rekey(secrets_->end_rekey());
        const auto resealed = secrets_->reseal(rekey_->names[rekey_->done]);
        if (!resealed) return end_rekey(resealed);
        ++rekey_->done;
        rekey_in_steps();
    });
}

void App::end_rekey(const Result<void>& done) {
    const std::uint64_t count = rekey_ ? rekey_->names.size() : 0;
    rekey_.reset();
    if (!done) context_->log().error("REKEY_FAILED", done.error().text);
    if (done) context_->log().info("SECRETS_REKEYED", std::to_string(count) + " secrets");
    for (const ipc::Responder& responder : std::exchange(waiting_for_rekey_, {})) {
        if (done) responder.reply(wire::SecretsRekeyed{count});
        if (!done) responder.fail(done.error());
    }
}

void App::changed() {
    ++generation_;
    told_.clear();
    announce();
}

void App::announce() {
    for (const auto& [number, subscriber] : subscribers_) {
        if (const auto peer = subscriber.lock()) peer->push(wire::ConfigChanged{generation_});
    }
}

void App::describe(std::vector<wire::StatusField>& out) const {
    out.push_back({"station", current_.station.name});
    out.push_back({"generation", std::to_string(generation_)});
    out.push_back({"devices", std::to_string(current_.devices.size())});
}

void App::metrics(runtime::Metrics& out) const {
    out.gauge("outstation_config_devices", "Devices in the effective configuration.",
              static_cast<double>(current_.devices.size()));
    out.gauge("outstation_config_generation", "Grows by one with each change since the start of confd.",
              static_cast<double>(generation_));
}

}  // namespace outstation::confd
