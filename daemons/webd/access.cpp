// SPDX-License-Identifier: GPL-3.0-or-later
// Checking permissions.
#include "daemons/webd/access.hpp"

#include "lib/crypto/bytes.hpp"

namespace outstation::webd {
namespace {

constexpr std::size_t kLongestToken = 128;

struct Credential {
    std::string token;
    bool bearer = false;
};

std::optional<Credential> credential_of(const http::Request& request) {
    constexpr std::string_view kBearer = "Bearer ";
    const std::string_view header = request.header("authorization");
    if (!header.empty()) {
        if (header.substr(0, kBearer.size()) != kBearer) return std::nullopt;
        return Credential{std::string(http::trim(header.substr(kBearer.size()))), true};
    }
    const auto cookie = request.cookie(kSessionCookie);
    if (!cookie || cookie->empty()) return std::nullopt;
    return Credential{std::string(*cookie), false};
}

void deny(const Call& call) {
    auto response = error_response(401, "unauthenticated", "sign in, or send a bearer token");
    response.with("WWW-Authenticate", "Bearer");
    call.reply(std::move(response));
}

// Who still has the first password may look at the own session, choose a password, or sign out; nothing else.
bool must_choose_password(const Call& call) {
    if (!call.session.must_change_password) return false;
    const std::string_view path = call.request->target.path;
    if (path == "/api/v1/session" || path == "/api/v1/password") return false;
    call.fail(403, "forbidden", "choose a password of your own first (POST /api/v1/password)");
    return true;
}

// After authd has said yes.
bool may_change(const Call& call, Permission permission) {
    if (call.session.bearer) {
        call.fail(403, "forbidden", "a token only reads");
        return false;
    }
    const std::string_view given = call.request->header("x-csrf-token");
    if (call.session.csrf.empty() || !crypto::equal_in_constant_time(given, call.session.csrf)) {
        call.fail(403, "csrf", "X-CSRF-Token is missing or wrong");
        return false;
    }
    if (permission == Permission::handle && call.session.role == wire::Role::viewer) {
        call.fail(403, "forbidden", "a viewer only looks");
        return false;
    }
    if (permission == Permission::administer && call.session.role != wire::Role::admin) {
        call.fail(403, "forbidden", "only an administrator may");
        return false;
    }
    return true;
}

bool may_inspect(const Call& call) {
    if (!call.session.bearer && call.session.role != wire::Role::viewer) return true;
    call.fail(403, "forbidden", "not for viewers and tokens");
    return false;
}

}  // namespace

bool is_foreign(const http::Request& request) {
    const std::string_view origin = request.header("origin");
    if (!origin.empty() && origin != "https://" + std::string(request.header("host"))) return true;
    const std::string_view fetch_site = request.header("sec-fetch-site");
    return !fetch_site.empty() && fetch_site != "same-origin" && fetch_site != "none";
}

void check_access(Upstream& authd, Permission permission, const std::shared_ptr<Call>& call,
                  std::function<void()> granted) {
    if (permission == Permission::anyone) return granted();
    const bool changes = permission == Permission::change || permission == Permission::handle ||
                         permission == Permission::administer;
    if ((changes || permission == Permission::sign_in) && is_foreign(*call->request))
        return call->fail(403, "forbidden", "asked by another site's page");
    if (permission == Permission::sign_in) return granted();
    const auto credential = credential_of(*call->request);
    if (!credential || credential->token.size() > kLongestToken) return deny(*call);
    const bool passive = call->request->header("x-passive") == "1";
    authd.client().request<wire::CheckReply>(
        wire::CheckRequest{credential->token, credential->bearer, passive}, Upstream::kTimeout,
        [&authd, call, permission, changes, token = credential->token,
         granted = std::move(granted)](Result<wire::CheckReply> reply) {
            if (!reply && reply.error().code == ErrorCode::refused) return deny(*call);
            if (!reply) return call->unavailable(reply.error(), authd);
            call->session = std::move(reply->session);
            if (!call->session.bearer) call->token = token;
            if (must_choose_password(*call)) return;
            if (permission == Permission::inspect && !may_inspect(*call)) return;
            if (changes && !may_change(*call, permission)) return;
            granted();
        });
}

}  // namespace outstation::webd
