// SPDX-License-Identifier: GPL-3.0-or-later
// From request to handler.
#include "daemons/webd/site.hpp"

#include <algorithm>

#include "daemons/webd/access.hpp"

namespace outstation::webd {
namespace {

using namespace std::chrono_literals;
constexpr Duration kFirstRetry = 100ms;
constexpr Duration kLastRetry = 5s;
constexpr std::uint32_t kAskAgainS = 1;
constexpr const char* kDaemons[] = {"stored", "confd", "authd", "polld", "alertd", "webd"};

}  // namespace

Site::Site(Loop& loop, Parts parts) : loop_(loop), parts_(std::move(parts)), host_(parts_.state_dir) {
    for (const Route& route : routes()) router_.add(route.method, route.path);
    for (const char* name : kDaemons)
        daemons_.emplace_back(name, std::make_unique<Upstream>(loop_, name, parts_.connect(name)));
}

void Site::start() {
    confd().client().on_push<wire::ConfigChanged>([this](const wire::ConfigChanged&) { fetch_config(); });
    for (const auto& [name, daemon] : daemons_) {
        if (daemon.get() == &confd()) {
            daemon->start([this] { fetch_config(); });
        } else {
            daemon->start();
        }
    }
}

void Site::fetch_config() {
    config_retry_.cancel();
    confd().client().request<wire::ConfigReply>(
        wire::ConfigRequest{}, Upstream::kTimeout,
        [this](Result<wire::ConfigReply> reply) { take_config(std::move(reply)); });
}

// What is no configuration yet (generation 0, or an error) replaces none, and is asked for again. A lost
// connection is made again by the client, which asks then.
void Site::take_config(Result<wire::ConfigReply> reply) {
    if (reply && reply->generation > 0) {
        config_back_off_ = Duration{0};
        reply->credentials.clear();
        config_ = std::make_shared<const wire::ConfigReply>(std::move(*reply));
        return;
    }
    if (!confd().connected()) return;
    config_back_off_ = std::clamp(config_back_off_ * 2, kFirstRetry, kLastRetry);
    config_retry_ = loop_.after(config_back_off_, [this] { fetch_config(); });
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
    check_access(authd(), route.permission, call, [this, &route, call] { run(route, call); });
}

void Site::run(const Route& route, const std::shared_ptr<Call>& call) {
    if (config_ || route.needs == Needs::nothing) return route.handle(*this, call);
    if (!confd().in_start_time()) return call->fail(503, "unavailable", "confd: gives no configuration");
    call->reply(error_response(503, "starting", "the station starts: no configuration yet", "", kAskAgainS));
}

void Site::serve_file(const http::Request& request, const http::Responder& responder) const {
    const bool reads = request.method == http::Method::get || request.method == http::Method::head;
    const http::Response* file = reads ? files_.find(request) : nullptr;
    responder.send(file != nullptr ? *file : error_response(404, "not_found", "there is no such resource"));
}

}  // namespace outstation::webd
