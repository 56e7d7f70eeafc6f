// SPDX-License-Identifier: GPL-3.0-or-later
// The acts of the service that take a password: signing in, changing, resetting.
#include <algorithm>
#include <memory>

#include "daemons/authd/service.hpp"
#include "lib/crypto/bytes.hpp"

namespace outstation::authd {

// What the worker is given and what it finds. The passwords are overwritten when the last owner lets go.
struct PasswordJob {
    PasswordJob() = default;
    PasswordJob(const PasswordJob&) = delete;
    PasswordJob& operator=(const PasswordJob&) = delete;
    ~PasswordJob() {
        crypto::wipe(current);
        crypto::wipe(next);
    }
    std::string current;
    std::string next;
    Result<bool> good = false;
    Result<std::string> hash;
};

namespace {

constexpr std::size_t kLongestUserBytes = 64;
constexpr std::size_t kLongestSourceBytes = 64;
constexpr std::size_t kLongestPasswordBytes = 4 * kLongestPassword;

std::uint32_t seconds_up(Duration wait) {
    return static_cast<std::uint32_t>(std::chrono::ceil<std::chrono::seconds>(wait).count());
}

Place place_of(const Attempt& attempt) {
    return attempt.is_known ? Place::known : Place::stranger;
}

}  // namespace

Attempt Service::attempt_of(const std::string& user, const std::string& source) const {
    const std::string key = source_key(source);
    return Attempt{user, key, users_.find(user) != nullptr, known_sources_.has(user, key)};
}

bool Service::is_current(const User& user) const {
    const User* now = users_.find(user.name);
    return now != nullptr && now->password_hash == user.password_hash;
}

void Service::login(const wire::LoginRequest& request, Reply<wire::LoginReply> reply) {
    if (request.user.size() > kLongestUserBytes || request.source.size() > kLongestSourceBytes ||
        request.password.size() > kLongestPasswordBytes)
        return reply(fail(ErrorCode::malformed, "user, password or source is too long"));
    const Attempt attempt = attempt_of(request.user, request.source);
    const Duration wait = lockout_.begin(attempt, loop_.now());
    if (wait > Duration{0}) {
        log_.warning("LOGIN_LOCKED", "from " + request.source);
        return reply(wire::LoginReply{wire::LoginOutcome::locked, seconds_up(wait), {}});
    }
    const User* found = users_.find(request.user);
    const User user = found != nullptr ? *found : User{"", {}, nobodys_hash_, false};
    auto job = std::make_shared<PasswordJob>();
    job->current = request.password;
    const bool taken = worker_.run(
        place_of(attempt),
        [job, hash = user.password_hash] { job->good = crypto::verify_password(job->current, hash); },
        [this, job, attempt, user, reply] {
            if (!job->good) {
                lockout_.abandoned(attempt);
                return reply(fail(job->good.error()));
            }
            // A password that was changed while the worker looked is an old one.
            reply(finish_login(attempt, *job->good && is_current(user)));
        });
    if (taken) return;
    lockout_.abandoned(attempt);
    reply(wire::LoginReply{wire::LoginOutcome::busy, 1, {}});
}

Result<wire::LoginReply> Service::finish_login(const Attempt& attempt, bool good) {
    // A name that does not exist may be a password typed into the wrong field: it is not logged.
    const std::string who =
        (attempt.exists ? "user " + attempt.user : "an unknown user") + " from " + attempt.source;
    if (!good) {
        ++failed_logins_;
        log_.warning("LOGIN_FAILED", who);
        if (!lockout_.failed(attempt, loop_.now())) return wire::LoginReply{};
        log_.warning("USER_LOCKED", who);
        return wire::LoginReply{wire::LoginOutcome::locked, seconds_up(kLockTime), {}};
    }
    lockout_.succeeded(attempt);
    auto token =
        sessions_.open(attempt.user, password_mark(users_.find(attempt.user)->password_hash), loop_.now());
    if (!token) return fail(token.error());
    log_.info("LOGIN", who);
    remember_source(attempt.user, attempt.source);
    save_sessions();
    wire::LoginReply reply{wire::LoginOutcome::ok, 0, describe(*sessions_.use(*token, true, loop_.now()))};
    reply.session.token = std::move(*token);
    return reply;
}

void Service::change_password(const wire::PasswordRequest& request, Reply<wire::PasswordReply> reply) {
    using wire::PasswordOutcome;
    const Session* session = session_of(request.token, false);
    const User* found = session != nullptr ? users_.find(session->user) : nullptr;
    if (found == nullptr) return reply(fail(ErrorCode::refused, "no such session"));
    const User user = *found;
    // Counted by itself: who guesses through a stolen session does not lock the user out of the login.
    const Attempt attempt{user.name, "a session of " + user.name, true, true};
    const Duration wait = lockout_.begin(attempt, loop_.now());
    if (wait > Duration{0}) return reply(wire::PasswordReply{PasswordOutcome::locked, seconds_up(wait)});
    if (is_weak(request.next, user.name) || request.next == request.current) {
        lockout_.abandoned(attempt);
        return reply(wire::PasswordReply{PasswordOutcome::weak, 0});
    }
    auto job = std::make_shared<PasswordJob>();
    job->current = request.current;
    job->next = request.next;
    const bool taken = worker_.run(
        place_of(attempt),
        [job, old = user.password_hash, cost = cost_] {
            job->good = crypto::verify_password(job->current, old);
            if (job->good && *job->good) job->hash = crypto::hash_password(job->next, cost);
        },
        [this, job, attempt, user, token = request.token, reply] {
            finish_change(token, attempt, user, *job, reply);
        });
    if (taken) return;
    lockout_.abandoned(attempt);
    reply(wire::PasswordReply{PasswordOutcome::busy, 1});
}

void Service::finish_change(const std::string& token, const Attempt& attempt, const User& user,
                            const PasswordJob& job, const Reply<wire::PasswordReply>& reply) {
    using wire::PasswordOutcome;
    if (!job.good || (*job.good && !job.hash)) {
        lockout_.abandoned(attempt);
        return reply(fail(job.good ? job.hash.error() : job.good.error()));
    }
    if (!*job.good) {
        log_.warning("PASSWORD_REFUSED", "user " + user.name + " gave a wrong current password");
        const bool locked = lockout_.failed(attempt, loop_.now());
        return reply(locked ? wire::PasswordReply{PasswordOutcome::locked, seconds_up(kLockTime)}
                            : wire::PasswordReply{PasswordOutcome::bad_credentials, 0});
    }
    lockout_.succeeded(attempt);
    // Meanwhile the console may have set another password, or the session may have ended.
    if (!is_current(user) || session_of(token, true) == nullptr)
        return reply(fail(ErrorCode::refused, "the password or the session has changed meanwhile"));
    store_password(User{user.name, user.role, *job.hash, false}, token, [reply](Result<wire::Done> stored) {
        if (!stored) return reply(fail(stored.error()));
        reply(wire::PasswordReply{PasswordOutcome::ok, 0});
    });
}

void Service::reset_password(const wire::ResetPassword& request, Reply<wire::Done> reply) {
    const User* found = users_.find(request.user);
    if (found == nullptr) return reply(fail(ErrorCode::not_found, "there is no user of that name"));
    if (is_weak(request.password, request.user))
        return reply(fail(ErrorCode::refused,
                          "a password has 12 to 256 characters, five of them different, "
                          "and does not contain the user's name"));
    auto job = std::make_shared<PasswordJob>();
    job->next = request.password;
    const auto work = [job, cost = cost_] { job->hash = crypto::hash_password(job->next, cost); };
    const auto done = [this, job, user = *found, reply] {
        if (!job->hash) return reply(fail(job->hash.error()));
        store_password(User{user.name, user.role, *job->hash, false}, "",
                       [this, user = user.name, reply](const Result<wire::Done>& stored) {
                           if (stored) lockout_.forgive(user);
                           if (stored) forget_sources(user);
                           reply(stored);
                       });
    };
    if (!worker_.run(Place::file, work, done))
        reply(fail(ErrorCode::exhausted, "busy: try again in a second"));
}

}  // namespace outstation::authd
