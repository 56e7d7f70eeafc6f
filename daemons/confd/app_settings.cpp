// SPDX-License-Identifier: GPL-3.0-or-later
// What people change in the browser or at the console: who may, what is told, and everybody who hears of it.
#include <algorithm>

#include "daemons/confd/app.hpp"
#include "lib/runtime/process.hpp"

namespace outstation::confd {
namespace {

std::string joined(const std::vector<std::string>& texts) {
    std::string out;
    for (const std::string& text : texts) out += (out.empty() ? "" : " ") + text;
    return out;
}

// webd speaks for browsers, also where it runs as the same user.
bool is_console(const ipc::Peer& peer) {
    return peer.is_console() && peer.hello().daemon != "webd";
}

}  // namespace

bool may_change_settings(const ipc::Peer& peer) {
    const auto allowed = runtime::uids_of({"outstation-webd"});
    return peer.is_console() || std::find(allowed.begin(), allowed.end(), peer.uid()) != allowed.end();
}

template <typename Request>
void App::serve_change(Result<void> (App::*change)(const Request& request, const Caller& caller)) {
    context_->server().on<Request>(
        [this, change](ipc::Peer& peer, const Request& request, const ipc::Responder& responder) {
            if (!may_change_settings(peer))
                return responder.fail(Error{ErrorCode::refused, "only the console and webd change settings"});
            const Caller caller{request.by.empty() ? "user id " + std::to_string(peer.uid()) : request.by,
                                is_console(peer)};
            if (const auto made = (this->*change)(request, caller); !made)
                return responder.fail(made.error());
            changed();
            responder.reply(wire::Done{});
        });
}

void App::serve_settings() {
    serve_change(&App::add_device);
    serve_change(&App::move_device);
    serve_change(&App::name_station);
    serve_change(&App::put_credential);
    serve_change(&App::set_scope);
}

Result<void> App::add_device(const wire::AddDevice& request, const Caller& caller) {
    const wire::DeviceConfig& device = request.device;
    if (!caller.is_console && !is_in_scope(current_, device))
        return fail(ErrorCode::refused, "no scope of discovery sends credential '" + device.credential +
                                            "' to " + device.address);
    if (const auto added = accepted_->add(device, current_); !added) return added;
    context_->log().info("DEVICE_ADDED", device.id + " at " + device.address + " with credential " +
                                             device.credential + ", by " + caller.name);
    return {};
}

// Its credential goes there then.
Result<void> App::move_device(const wire::MoveDevice& request, const Caller& caller) {
    const auto& devices = current_.devices;
    const auto device = std::find_if(devices.begin(), devices.end(),
                                     [&request](const auto& one) { return one.id == request.id; });
    if (device == devices.end()) return fail(ErrorCode::not_found, "there is no device " + request.id);
    wire::DeviceConfig moved = *device;
    moved.address = request.address;
    if (!caller.is_console && !is_in_scope(current_, moved))
        return fail(ErrorCode::refused,
                    "no scope of discovery sends credential '" + moved.credential + "' to " + moved.address);
    if (const auto done = accepted_->move(request.id, request.address, current_); !done) return done;
    context_->log().info("DEVICE_MOVED", request.id + " to " + request.address + ", by " + caller.name);
    return {};
}

Result<void> App::name_station(const wire::NameStation& request, const Caller& caller) {
    if (const auto named = chosen_->name(request, base_); !named) return named;
    put_together();
    context_->log().info("STATION_NAMED",
                         request.name + " (" + joined(request.site_path) + "), by " + caller.name);
    return {};
}

// The secrets first: a credential in force has them.
Result<void> App::put_credential(const wire::PutCredential& request, const Caller& caller) {
    const wire::Credential& given = request.credential;
    const auto reference = reference_of(given);
    if (!reference) return fail(reference.error());
    if (const auto allowed = chosen_->may_put(*reference, base_); !allowed) return allowed;
    const std::pair<const std::string&, const std::string&> secrets[] = {
        {reference->community_secret, given.community},
        {reference->auth_secret, given.auth_passphrase},
        {reference->priv_secret, given.priv_passphrase}};
    for (const auto& [name, value] : secrets) {
        if (name.empty()) continue;
        if (const auto put = secrets_->put(name, value); !put) return put;
    }
    if (const auto put = chosen_->put(*reference, base_); !put) return put;
    put_together();
    context_->log().info("CREDENTIAL_SET", given.name + " (" + given.protocol + "), by " + caller.name);
    return {};
}

Result<void> App::set_scope(const wire::SetScope& request, const Caller& caller) {
    const wire::DiscoveryScope& scope = request.scope;
    using By = ChosenSettings::By;
    const By by = caller.is_console ? By::console : By::browser;
    if (const auto set = chosen_->set(scope, base_, by); !set) return set;
    put_together();
    context_->log().info("SCOPE_SET", joined(scope.subnets) + " port " + std::to_string(scope.port) +
                                          " with credentials " + joined(scope.credentials) + ", by " +
                                          caller.name);
    return {};
}

}  // namespace outstation::confd
