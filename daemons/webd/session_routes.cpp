// SPDX-License-Identifier: GPL-3.0-or-later
// Who am I, signing in and out, the password.
#include "daemons/webd/access.hpp"
#include "daemons/webd/handlers.hpp"
#include "daemons/webd/json.hpp"
#include "daemons/webd/site.hpp"

namespace outstation::webd {
namespace {

constexpr std::size_t kMostUserBytes = 64;
constexpr std::size_t kMostPasswordBytes = 1024;  // 256 characters
constexpr std::string_view kRoles[] = {"viewer", "technician", "operator", "admin"};

Json session_json(const wire::AuthSession& session) {
    const auto role = static_cast<std::size_t>(session.role);
    return Json{{"user", clean_text(session.user)},
                {"role", kRoles[role < std::size(kRoles) ? role : 0]},
                {"csrf", session.csrf},
                {"must_change_password", session.must_change_password},
                {"idle_timeout_s", session.idle_timeout_s}};
}

// RFC 6265 §4.1.1; the prefix __Host- makes browsers insist on Secure, Path=/ and no Domain.
std::string cookie(const std::string& value, bool ends) {
    return std::string(kSessionCookie) + "=" + value + "; Path=/; Secure; HttpOnly; SameSite=Strict" +
           (ends ? "; Max-Age=0" : "");
}

void answer_locked(const Call& call, std::uint32_t retry_after_s) {
    call.reply(error_response(429, "locked", "too many failures", "", std::max(retry_after_s, 1U)));
}

// Not a word about the password: nobody has looked at it.
void answer_busy(const Call& call, std::uint32_t retry_after_s) {
    call.reply(
        error_response(503, "busy", "too many people sign in at once", "", std::max(retry_after_s, 1U)));
}

void answer_login(const Call& call, const wire::LoginReply& reply) {
    if (reply.outcome == wire::LoginOutcome::locked) return answer_locked(call, reply.retry_after_s);
    if (reply.outcome == wire::LoginOutcome::busy) return answer_busy(call, reply.retry_after_s);
    if (reply.outcome != wire::LoginOutcome::ok)
        return call.fail(401, "bad_credentials", "user or password is wrong");
    auto response = http::Response::of(200, "application/json", write_json(session_json(reply.session)));
    call.reply(std::move(response.with("Set-Cookie", cookie(reply.session.token, false))));
}

void answer_password(const Call& call, const wire::PasswordReply& reply) {
    switch (reply.outcome) {
        case wire::PasswordOutcome::ok:
            return call.reply(http::Response::empty(204));
        case wire::PasswordOutcome::weak:
            return call.fail(
                400, "weak_password",
                "12 to 256 characters, five of them different, without the user's name, not the old one",
                "new");
        case wire::PasswordOutcome::locked:
            return answer_locked(call, reply.retry_after_s);
        case wire::PasswordOutcome::busy:
            return answer_busy(call, reply.retry_after_s);
        case wire::PasswordOutcome::bad_credentials:
            break;
    }
    call.fail(401, "bad_credentials", "the current password is wrong", "current");
}

}  // namespace

void get_session(Site&, const CallPtr& call) {
    call->reply(session_json(call->session));
}

void post_session(Site& site, const CallPtr& call) {
    wire::LoginRequest login;
    if (!read_body(*call, {{"user", kMostUserBytes, &login.user},
                           {"password", kMostPasswordBytes, &login.password}}))
        return;
    login.source = call->request->peer;
    site.authd().client().request<wire::LoginReply>(
        login, std::chrono::seconds(15), [&site, call](Result<wire::LoginReply> reply) {
            if (!reply) return call->unavailable(reply.error(), site.authd());
            answer_login(*call, *reply);
        });
}

void delete_session(Site& site, const CallPtr& call) {
    site.authd().client().request<wire::Done>(
        wire::LogoutRequest{call->token}, Upstream::kTimeout, [&site, call](Result<wire::Done> reply) {
            if (!reply) return call->unavailable(reply.error(), site.authd());
            auto response = http::Response::empty(204);
            call->reply(std::move(response.with("Set-Cookie", cookie("", true))));
        });
}

void post_password(Site& site, const CallPtr& call) {
    wire::PasswordRequest request;
    request.token = call->token;
    if (!read_body(*call, {{"current", kMostPasswordBytes, &request.current},
                           {"new", kMostPasswordBytes, &request.next}}))
        return;
    site.authd().client().request<wire::PasswordReply>(
        request, std::chrono::seconds(15), [&site, call](Result<wire::PasswordReply> reply) {
            if (!reply) return call->unavailable(reply.error(), site.authd());
            answer_password(*call, *reply);
        });
}

}  // namespace outstation::webd
