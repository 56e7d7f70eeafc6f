// SPDX-License-Identifier: GPL-3.0-or-later
// Logging in and out, passwords, tokens.
#include "daemons/authd/service.hpp"

#include <memory>

#include "lib/crypto/bytes.hpp"
#include "lib/crypto/private_file.hpp"

namespace outstation::authd {
namespace {

using namespace std::chrono_literals;
constexpr const char* kUsersFile = "users.yaml";
constexpr const char* kSessionsFile = "sessions.yaml";
constexpr const char* kTokensFile = "tokens.yaml";
constexpr const char* kFirstPasswordFile = "first-password";
constexpr const char* kFirstUser = "admin";
// Without the characters that look alike: 16 of them are 79 bits.
constexpr std::string_view kReadable = "abcdefghijkmnpqrstuvwxyz23456789";
constexpr std::size_t kFirstPasswordLength = 16;
// A use of a session reaches the disk at the latest after this: a restart forgets no more of its idle time.
constexpr Duration kSaveSessionsEvery = 60s;

std::uint32_t seconds_up(Duration wait) {
    return static_cast<std::uint32_t>(std::chrono::ceil<std::chrono::seconds>(wait).count());
}

// Result of a job, filled on the worker, read on the loop.
struct PasswordJob {
    Result<bool> good = false;
    Result<std::string> hash;
};

}  // namespace

Service::Service(Loop& loop, runtime::Log& log, Worker& worker, std::string folder, crypto::ScryptCost cost)
    : loop_(loop), log_(log), worker_(worker), folder_(std::move(folder)), cost_(cost) {}

Result<void> Service::start() {
    auto nobody = crypto::hash_password("", cost_);
    if (!nobody) return fail(nobody.error());
    nobodys_hash_ = std::move(*nobody);
    auto users = Users::read(path(kUsersFile));
    if (users) {
        users_ = std::move(*users);
    } else if (users.error().code == ErrorCode::not_found) {
        if (auto made = make_first_user(); !made) return made;
    } else {
        return fail(users.error());
    }
    auto tokens = Tokens::read(path(kTokensFile));
    if (!tokens && tokens.error().code != ErrorCode::not_found) return fail(tokens.error());
    if (tokens) tokens_ = std::move(*tokens);
    auto sessions = Sessions::read(path(kSessionsFile), loop_.wall(), loop_.now());
    if (sessions) {
        sessions_ = std::move(*sessions);
    } else if (sessions.error().code != ErrorCode::not_found) {
        log_.warning("SESSIONS_LOST", sessions.error().text);  // people sign in again, no more
    }
    sessions_saved_ = loop_.now();
    return {};
}

Result<void> Service::make_first_user() {
    auto password = crypto::random_text(kFirstPasswordLength, kReadable);
    if (!password) return fail(password.error());
    auto hash = crypto::hash_password(*password, cost_);
    if (!hash) return fail(hash.error());
    users_.put(User{kFirstUser, wire::Role::admin, std::move(*hash), true});
    // The password first: users without it would lock everybody out for good.
    auto written = crypto::write_private_file(path(kFirstPasswordFile), *password + "\n");
    if (written) written = crypto::write_private_file(path(kUsersFile), users_.encode());
    crypto::wipe(*password);
    if (written) log_.info("FIRST_PASSWORD_MADE", "for the user admin; `outstation first-password` shows it");
    return written;
}

wire::AuthSession Service::describe(const Session& session) const {
    wire::AuthSession out;
    out.user = session.user;
    out.csrf = session.csrf;
    out.idle_timeout_s = seconds_up(kIdleTime);
    if (const User* user = users_.find(session.user)) {
        out.role = user->role;
        out.must_change_password = user->must_change_password;
    }
    return out;
}

void Service::login(const wire::LoginRequest& request, Reply<wire::LoginReply> reply) {
    const Duration wait = lockout_.begin(request.user, request.source, loop_.now());
    if (wait > Duration{0}) {
        log_.warning("LOGIN_LOCKED", "from " + request.source);
        return reply(wire::LoginReply{wire::LoginOutcome::locked, seconds_up(wait), {}});
    }
    const User* user = users_.find(request.user);
    const std::string hash = user != nullptr ? user->password_hash : nobodys_hash_;
    const bool exists = user != nullptr;
    auto job = std::make_shared<PasswordJob>();
    const bool taken = worker_.run(
        [job, hash, password = request.password] { job->good = crypto::verify_password(password, hash); },
        [this, job, request, exists, reply] {
            if (!job->good) {
                lockout_.abandoned(request.user);
                return reply(fail(job->good.error()));
            }
            reply(finish_login(request, exists && *job->good));
        });
    if (taken) return;
    lockout_.abandoned(request.user);
    reply(wire::LoginReply{wire::LoginOutcome::locked, 1, {}});
}

Result<wire::LoginReply> Service::finish_login(const wire::LoginRequest& request, bool good) {
    const bool exists = users_.find(request.user) != nullptr;
    // A name that does not exist may be a password typed into the wrong field: it is not logged.
    const std::string who = (exists ? "user " + request.user : "an unknown user") + " from " + request.source;
    if (!good) {
        ++failed_logins_;
        log_.warning("LOGIN_FAILED", who);
        if (!lockout_.failed(request.user, loop_.now())) return wire::LoginReply{};
        log_.warning("USER_LOCKED", who);
        return wire::LoginReply{wire::LoginOutcome::locked, seconds_up(kLockTime), {}};
    }
    lockout_.succeeded(request.user);
    auto token = sessions_.open(request.user, loop_.now());
    if (!token) return fail(token.error());
    log_.info("LOGIN", who);
    save_sessions();
    wire::LoginReply reply{wire::LoginOutcome::ok, 0, describe(*sessions_.use(*token, true, loop_.now()))};
    reply.session.token = std::move(*token);
    return reply;
}

Result<wire::CheckReply> Service::check(const wire::CheckRequest& request) {
    if (request.bearer) {
        const auto name = tokens_.name_of(request.token);
        if (!name) return fail(ErrorCode::refused, "no such token");
        wire::AuthSession session;
        session.user = "token:" + *name;
        session.bearer = true;
        return wire::CheckReply{session};
    }
    const Session* session = sessions_.use(request.token, request.passive, loop_.now());
    if (session == nullptr || users_.find(session->user) == nullptr)
        return fail(ErrorCode::refused, "no such session");
    if (loop_.now() - sessions_saved_ >= kSaveSessionsEvery) save_sessions();
    return wire::CheckReply{describe(*session)};
}

void Service::logout(const wire::LogoutRequest& request) {
    const Session* session = sessions_.use(request.token, true, loop_.now());
    if (session == nullptr) return;
    log_.info("LOGOUT", "user " + session->user);
    sessions_.close(request.token);
    save_sessions();
}

void Service::change_password(const wire::PasswordRequest& request, Reply<wire::PasswordReply> reply) {
    using wire::PasswordOutcome;
    const Session* session = sessions_.use(request.token, false, loop_.now());
    const User* found = session != nullptr ? users_.find(session->user) : nullptr;
    if (found == nullptr) return reply(fail(ErrorCode::refused, "no such session"));
    const User user = *found;
    const Duration wait = lockout_.begin(user.name, "a session of " + user.name, loop_.now());
    if (wait > Duration{0}) return reply(wire::PasswordReply{PasswordOutcome::locked, seconds_up(wait)});
    if (is_weak(request.next, user.name) || request.next == request.current) {
        lockout_.abandoned(user.name);
        return reply(wire::PasswordReply{PasswordOutcome::weak, 0});
    }
    auto job = std::make_shared<PasswordJob>();
    const auto work = [job, user, request, cost = cost_] {
        job->good = crypto::verify_password(request.current, user.password_hash);
        if (job->good && *job->good) job->hash = crypto::hash_password(request.next, cost);
    };
    const auto done = [this, job, user, token = request.token, reply] {
        if (job->good && !*job->good) {
            log_.warning("PASSWORD_REFUSED", "user " + user.name + " gave a wrong current password");
            const bool locked = lockout_.failed(user.name, loop_.now());
            return reply(locked ? wire::PasswordReply{PasswordOutcome::locked, seconds_up(kLockTime)}
                                : wire::PasswordReply{PasswordOutcome::bad_credentials, 0});
        }
        if (!job->good || !job->hash) {
            lockout_.abandoned(user.name);
            return reply(fail(job->good ? job->hash.error() : job->good.error()));
        }
        lockout_.succeeded(user.name);
        store_password(User{user.name, user.role, *job->hash, false}, token,
                       [reply](Result<wire::Done> stored) {
                           if (!stored) return reply(fail(stored.error()));
                           reply(wire::PasswordReply{PasswordOutcome::ok, 0});
                       });
    };
    if (worker_.run(work, done)) return;
    lockout_.abandoned(user.name);
    reply(wire::PasswordReply{PasswordOutcome::locked, 1});
}

void Service::reset_password(const wire::ResetPassword& request, Reply<wire::Done> reply) {
    const User* found = users_.find(request.user);
    if (found == nullptr) return reply(fail(ErrorCode::not_found, "there is no user of that name"));
    if (is_weak(request.password, request.user))
        return reply(fail(ErrorCode::refused,
                          "a password has 12 to 256 characters, five of them different, "
                          "and does not contain the user's name"));
    auto job = std::make_shared<PasswordJob>();
    const auto work = [job, password = request.password, cost = cost_] {
        job->hash = crypto::hash_password(password, cost);
    };
    const auto done = [this, job, user = *found, reply] {
        if (!job->hash) return reply(fail(job->hash.error()));
        lockout_.succeeded(user.name);
        store_password(User{user.name, user.role, *job->hash, false}, "", reply);
    };
    if (!worker_.run(work, done)) reply(fail(ErrorCode::exhausted, "busy: try again in a second"));
}

void Service::store_password(User user, const std::string& keep_token, Reply<wire::Done> reply) {
    Users next = users_;
    next.put(user);
    const std::string text = next.encode();
    replace(kUsersFile, text, [this, next, user, keep_token, reply](Result<wire::Done> written) {
        if (!written) return reply(written);
        users_ = next;
        sessions_.close_others(user.name, keep_token);
        save_sessions();
        log_.info("PASSWORD_CHANGED", "user " + user.name);
        if (user.name != kFirstUser) return reply(wire::Done{});
        if (const auto removed = crypto::remove_private_file(path(kFirstPasswordFile)); !removed)
            log_.warning("FIRST_PASSWORD_LEFT", removed.error().text);
        reply(wire::Done{});
    });
}

void Service::add_token(const wire::TokenAdd& request, Reply<wire::TokenReply> reply) {
    Tokens next = tokens_;
    const auto text = next.add(request.name, loop_.wall().time_since_epoch().count());
    if (!text) return reply(fail(text.error()));
    replace(kTokensFile, next.encode(),
            [this, next, text = *text, name = request.name, reply](Result<wire::Done> written) {
                if (!written) return reply(fail(written.error()));
                tokens_ = next;
                log_.info("TOKEN_ADDED", name);
                reply(wire::TokenReply{text});
            });
}

void Service::remove_token(const wire::TokenRemove& request, Reply<wire::Done> reply) {
    Tokens next = tokens_;
    if (const auto removed = next.remove(request.name); !removed) return reply(fail(removed.error()));
    replace(kTokensFile, next.encode(), [this, next, name = request.name, reply](Result<wire::Done> written) {
        if (!written) return reply(written);
        tokens_ = next;
        log_.info("TOKEN_REMOVED", name);
        reply(wire::Done{});
    });
}

wire::FirstPasswordReply Service::first_password() const {
    auto text = crypto::read_small_file(path(kFirstPasswordFile), 256);
    if (!text) return {};
    if (!text->empty() && text->back() == '\n') text->pop_back();
    return {kFirstUser, *text};
}

// One at a time: each next state is made from the one before.
void Service::replace(const char* name, std::string text, Reply<wire::Done> reply) {
    if (replacing_) return reply(fail(ErrorCode::exhausted, "busy: try again in a second"));
    replacing_ = true;
    write(name, std::move(text), [this, reply = std::move(reply)](const Result<wire::Done>& written) {
        replacing_ = false;
        reply(written);
    });
}

void Service::write(const char* name, std::string text, Reply<wire::Done> reply) {
    auto written = std::make_shared<Result<void>>();
    const bool taken =
        worker_.run([written, file = path(name),
                     text = std::move(text)] { *written = crypto::write_private_file(file, text); },
                    [this, written, reply] {
                        if (*written) return reply(wire::Done{});
                        log_.error("FILE_NOT_WRITTEN", written->error().text);
                        reply(fail(written->error()));
                    });
    if (!taken) reply(fail(ErrorCode::exhausted, "busy: try again in a second"));
}

void Service::save_sessions() {
    sessions_saved_ = loop_.now();
    write(kSessionsFile, sessions_.encode(loop_.wall(), loop_.now()), [](Result<wire::Done>) {});
}

void Service::flush(std::function<void()> done) {
    write(kSessionsFile, sessions_.encode(loop_.wall(), loop_.now()),
          [done = std::move(done)](Result<wire::Done>) { done(); });
}

}  // namespace outstation::authd
