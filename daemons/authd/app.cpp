// SPDX-License-Identifier: GPL-3.0-or-later
// Messages of authd.
#include "daemons/authd/app.hpp"

namespace outstation::authd {
namespace {

// Sends whatever the service says.
template <typename T>
std::function<void(Result<T>)> to(const ipc::Responder& responder) {
    return [responder](const Result<T>& result) {
        if (result) {
            responder.reply(*result);
        } else {
            responder.fail(result.error());
        }
    };
}

// A handler that only root and our own user reach.
template <typename Request>
void on_console(ipc::Server& server, std::function<void(const Request&, const ipc::Responder&)> handler) {
    server.on<Request>([handler = std::move(handler)](ipc::Peer& peer, const Request& request,
                                                      const ipc::Responder& responder) {
        if (!peer.is_console()) return responder.fail(Error{ErrorCode::refused, "only the console may"});
        handler(request, responder);
    });
}

}  // namespace

Result<void> App::start(runtime::Context& context) {
    worker_ = std::make_unique<ThreadWorker>(context.loop());
    service_ = std::make_unique<Service>(context.loop(), context.log(), *worker_, context.state_dir());
    if (auto started = service_->start(); !started) return started;
    serve_webd(context.server());
    serve_console(context.server());
    return {};
}

void App::serve_webd(ipc::Server& server) {
    server.on<wire::LoginRequest>(
        [this](ipc::Peer&, const wire::LoginRequest& request, const ipc::Responder& responder) {
            service_->login(request, to<wire::LoginReply>(responder));
        });
    server.on<wire::CheckRequest>(
        [this](ipc::Peer&, const wire::CheckRequest& request, const ipc::Responder& responder) {
            to<wire::CheckReply>(responder)(service_->check(request));
        });
    server.on<wire::LogoutRequest>(
        [this](ipc::Peer&, const wire::LogoutRequest& request, const ipc::Responder& responder) {
            service_->logout(request, to<wire::Done>(responder));
        });
    server.on<wire::PasswordRequest>(
        [this](ipc::Peer&, const wire::PasswordRequest& request, const ipc::Responder& responder) {
            service_->change_password(request, to<wire::PasswordReply>(responder));
        });
}

void App::serve_console(ipc::Server& server) {
    on_console<wire::TokenAdd>(server,
                               [this](const wire::TokenAdd& request, const ipc::Responder& responder) {
                                   service_->add_token(request, to<wire::TokenReply>(responder));
                               });
    on_console<wire::TokenRemove>(server,
                                  [this](const wire::TokenRemove& request, const ipc::Responder& responder) {
                                      service_->remove_token(request, to<wire::Done>(responder));
                                  });
    on_console<wire::TokenListRequest>(
        server, [this](const wire::TokenListRequest&, const ipc::Responder& responder) {
            responder.reply(service_->list_tokens());
        });
    on_console<wire::ResetPassword>(
        server, [this](const wire::ResetPassword& request, const ipc::Responder& responder) {
            service_->reset_password(request, to<wire::Done>(responder));
        });
    on_console<wire::FirstPasswordRequest>(
        server, [this](const wire::FirstPasswordRequest&, const ipc::Responder& responder) {
            responder.reply(service_->first_password());
        });
}

void App::drain(std::function<void()> drained) {
    if (!service_) return drained();
    service_->flush(std::move(drained));
}

void App::describe(std::vector<wire::StatusField>& out) const {
    if (service_) out.push_back({"sessions", std::to_string(service_->sessions())});
}

void App::metrics(runtime::Metrics& out) const {
    if (!service_) return;
    out.gauge("outstation_sessions", "Sessions of people.", static_cast<double>(service_->sessions()));
    out.counter("outstation_failed_logins", "Logins with a wrong user or password since the start of authd.",
                service_->failed_logins());
}

}  // namespace outstation::authd
