// SPDX-License-Identifier: GPL-3.0-or-later
// The workbench's part of the wiring: recording a device, and trying packs on it.
#include "daemons/polld/app.hpp"

namespace outstation::polld {
namespace {

constexpr std::size_t kChunk = 1U << 20;  // of a recording's text, an answer

// webd is not, whoever it runs as.
bool is_console(const ipc::Peer& peer) {
    return peer.is_console() && peer.hello().daemon != "webd";
}

}  // namespace

Result<void> App::make_recorder() {
    auto socket4 = snmp::open_datagram_socket(AF_INET);
    if (!socket4) return fail(socket4.error());
    record_socket4_ = std::move(*socket4);
    if (auto socket6 = snmp::open_datagram_socket(AF_INET6)) record_socket6_ = std::move(*socket6);
    record_engine_ = std::make_unique<snmp::Engine>(context_->loop(), record_socket4_.get(),
                                                    record_socket6_.get(), snmp::EngineOptions{});
    aside_ = std::make_unique<Aside>(context_->loop());
    const auto aside = [this](Recorder::Work work, Recorder::Work then) {
        aside_->run(std::move(work), std::move(then));
    };
    recorder_ = std::make_unique<Recorder>(
        Recorder::Parts{context_->loop(), *record_engine_, packs_, aside, explain_recording});
    workbench_ = std::make_unique<Workbench>(Workbench::Parts{
        context_->loop(), *record_engine_, packs_, *recorder_, aside, [this] { return aside_->is_busy(); }});
    return {};
}

// A configured device as it is polled, anything else as discovery found it and while a scope allows it.
Result<Recorder::Order> App::order_for(const std::string& subject) const {
    Sweep::Access access;
    std::string address = subject;
    auto transport = snmp::Transport::udp;
    if (const wire::DeviceConfig* config = poller_->config_of(subject)) {
        access = {config->credential, static_cast<std::uint16_t>(config->port)};
        address = config->address;
        if (config->transport == "tcp") transport = snmp::Transport::tcp;
    } else {
        auto found = sweep_->access_to(subject);
        if (!found) return fail(found.error());
        access = std::move(*found);
    }
    const auto at = snmp::Address::parse(address, access.port);
    if (!at) return fail(at.error());
    const Credentials::Ready* ready = sweep_credentials_.find(access.credential);
    if (ready == nullptr || !ready->security)
        return fail(ErrorCode::refused, "credential " + access.credential + " cannot be had");
    return Recorder::Order{
        subject, {*at, *ready->security, {}, transport}, sweep_credentials_.all_names(), false};
}

void App::record(const ipc::Peer& peer, const wire::RecordRequest& request, const ipc::Responder& responder) {
    if (request.plain && !is_console(peer))
        return responder.fail(
            Error{ErrorCode::refused, "a recording that is not redacted is for the console"});
    if (request.action == "cancel") recorder_->cancel();
    if (request.action == "start") {
        auto order = order_for(request.subject);
        if (!order) return responder.fail(order.error());
        order->is_plain = request.plain;
        if (aside_->is_busy())
            return responder.fail(
                Error{ErrorCode::refused, "what was asked before is still being worked on"});
        if (const auto started = recorder_->start(std::move(*order)); !started)
            return responder.fail(started.error());
    }
    responder.reply(recorder_->status());
}

bool App::may_see_recording(const ipc::Peer& peer, const ipc::Responder& responder) const {
    if (!recorder_->status().plain || is_console(peer)) return true;
    responder.fail(Error{ErrorCode::refused, "it is not redacted: it is for the console"});
    return false;
}

// A device is asked as it may be asked now, not as when it was recorded.
void App::try_draft(const wire::DraftRequest& request, const ipc::Responder& responder) {
    std::optional<Recorder::Order> order;
    if (request.live) {
        auto now = order_for(recorder_->status().subject);
        if (!now) return responder.fail(now.error());
        order = std::move(*now);
    }
    workbench_->try_draft(request, std::move(order), [responder](const Result<wire::DraftReply>& reply) {
        if (!reply) return responder.fail(reply.error());
        responder.reply(*reply);
    });
}

void App::serve_recorder() {
    context_->server().on<wire::RecordRequest>(
        [this](ipc::Peer& peer, const wire::RecordRequest& request, const ipc::Responder& responder) {
            record(peer, request, responder);
        });
    context_->server().on<wire::RecordTextRequest>(
        [this](ipc::Peer& peer, const wire::RecordTextRequest& request, const ipc::Responder& responder) {
            if (!may_see_recording(peer, responder)) return;
            const auto text = recorder_->text();
            if (!text) return responder.fail(Error{ErrorCode::not_found, "there is no recording"});
            const std::size_t from = std::min<std::size_t>(request.offset, text->size());
            responder.reply(wire::RecordText{text->substr(from, kChunk), text->size()});
        });
    context_->server().on<wire::ExplainRequest>(
        [this](ipc::Peer& peer, const wire::ExplainRequest&, const ipc::Responder& responder) {
            if (!may_see_recording(peer, responder)) return;
            const auto explained = recorder_->explained();
            if (!explained) return responder.fail(Error{ErrorCode::not_found, "there is no recording"});
            responder.reply(*explained);
        });
    context_->server().on<wire::DraftRequest>(
        [this](ipc::Peer& peer, const wire::DraftRequest& request, const ipc::Responder& responder) {
            if (may_see_recording(peer, responder)) try_draft(request, responder);
        });
}

}  // namespace outstation::polld
