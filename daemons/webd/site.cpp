// SPDX-License-Identifier: GPL-3.0-or-later
// From request to handler.
#include "daemons/webd/site.hpp"

#include "daemons/webd/access.hpp"

namespace outstation::webd {
namespace {

constexpr const char* kDaemons[] = {"stored", "confd", "authd", "polld", "webd"};

}  // namespace

Site::Site(Loop& loop, Parts parts)
    : loop_(loop),
      parts_(std::move(parts)),
      host_(parts_.state_dir),
      config_(std::make_shared<const wire::ConfigReply>()) {
    for (const Route& route : routes()) router_.add(route.method, route.path);
    for (const char* name : kDaemons)
        daemons_.emplace_back(name, std::make_unique<Upstream>(loop_, parts_.connect(name)));
}

void Site::start() {
    auto& client = confd().client();
    client.on_connected([this] { fetch_config(); });
    client.on_push<wire::ConfigChanged>([this](const wire::ConfigChanged&) { fetch_config(); });
    for (const auto& [name, daemon] : daemons_) daemon->client().start();
}

void Site::fetch_config() {
    confd().client().request<wire::ConfigReply>(
        wire::ConfigRequest{}, Upstream::kTimeout, [this](Result<wire::ConfigReply> reply) {
            if (!reply) return;
            reply->credentials.clear();
            config_ = std::make_shared<const wire::ConfigReply>(std::move(*reply));
        });
}

void Site::handle(std::shared_ptr<http::Request> request, const http::Responder& responder) {
    using Kind = http::Router::Match::Kind;
    auto match = router_.match(request->method, request->target.segments);
    if (match.kind == Kind::not_found) return serve_file(*request, responder);
    if (match.kind == Kind::wrong_method) {
        auto response = error_response(405, "bad_request", "this resource has no such method");
        return responder.send(std::move(response.with("Allow", match.allow)));
    }
    const Route& route = routes()[match.route];
    request->params = std::move(match.params);
    auto call = std::make_shared<Call>(Call{std::move(request), responder, {}, {}});
    check_access(authd(), route.permission, call, [this, &route, call] { route.handle(*this, call); });
}

void Site::serve_file(const http::Request& request, const http::Responder& responder) const {
    const bool reads = request.method == http::Method::get || request.method == http::Method::head;
    const http::Response* file = reads ? files_.find(request) : nullptr;
    responder.send(file != nullptr ? *file : error_response(404, "not_found", "there is no such resource"));
}

}  // namespace outstation::webd
