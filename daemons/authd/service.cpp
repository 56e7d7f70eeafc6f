// SPDX-License-Identifier: GPL-3.0-or-later
// Starting, sessions, tokens, files.
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
constexpr const char* kKnownSourcesFile = "known-sources.yaml";
constexpr const char* kFirstPasswordFile = "first-password";
constexpr const char* kFirstUser = "admin";
// Without the characters that look alike: 16 of them are 79 bits.
constexpr std::string_view kReadable = "abcdefghijkmnpqrstuvwxyz23456789";
constexpr std::size_t kFirstPasswordLength = 16;
// A use of a session reaches the disk at the latest after this: a restart forgets no more of its idle time.
constexpr Duration kSaveSessionsEvery = 60s;
constexpr Duration kTrySavingAgain = 10s;

// What a file that may not be there yet holds.
template <typename T>
Result<T> read_or_nothing(Result<T> read) {
    if (!read && read.error().code == ErrorCode::not_found) return T{};
    return read;
}

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
    if (auto read = read_files(); !read) return read;
    sessions_saved_ = loop_.now();
    const User* first = users_.find(kFirstUser);
    // The power went between the new password and the removal of the first.
    if (first != nullptr && !first->must_change_password) forget_first_password();
    return {};
}

Result<void> Service::read_files() {
    auto tokens = read_or_nothing(Tokens::read(path(kTokensFile)));
    if (!tokens) return fail(tokens.error());
    tokens_ = std::move(*tokens);
    // Without these two people sign in again, no more.
    auto sessions = read_or_nothing(Sessions::read(path(kSessionsFile), loop_.wall(), loop_.now()));
    if (!sessions) log_.warning("SESSIONS_LOST", sessions.error().text);
    if (sessions) sessions_ = std::move(*sessions);
    auto known = read_or_nothing(KnownSources::read(path(kKnownSourcesFile)));
    if (!known) log_.warning("KNOWN_SOURCES_LOST", known.error().text);
    if (known) known_sources_ = std::move(*known);
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
    if (written) log_.info("FIRST_PASSWORD_MADE", "for the user admin; `outstation password first` shows it");
    return written;
}

void Service::forget_first_password() {
    if (const auto removed = crypto::remove_private_file(path(kFirstPasswordFile)); !removed)
        log_.warning("FIRST_PASSWORD_LEFT", removed.error().text);
}

wire::AuthSession Service::describe(const Session& session) const {
    wire::AuthSession out;
    out.user = session.user;
    out.csrf = session.csrf;
    out.idle_timeout_s = static_cast<std::uint32_t>(kIdleTime / 1s);
    if (const User* user = users_.find(session.user)) {
        out.role = user->role;
        out.must_change_password = user->must_change_password;
    }
    return out;
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
    const Session* session = session_of(request.token, request.passive);
    if (session == nullptr) return fail(ErrorCode::refused, "no such session");
    if (loop_.now() - sessions_saved_ >= kSaveSessionsEvery) save_sessions();
    return wire::CheckReply{describe(*session)};
}

// With the password that the user has now: an older one ends it, whatever the file of sessions says.
const Session* Service::session_of(const std::string& token, bool passive) {
    const Session* session = sessions_.use(token, passive, loop_.now());
    const User* user = session == nullptr ? nullptr : users_.find(session->user);
    return user != nullptr && password_mark(user->password_hash) == session->password ? session : nullptr;
}

void Service::logout(const wire::LogoutRequest& request, Reply<wire::Done> reply) {
    const Session* session = sessions_.use(request.token, true, loop_.now());
    if (session == nullptr) return reply(wire::Done{});
    log_.info("LOGOUT", "user " + session->user);
    sessions_.close(request.token);
    save_sessions(std::move(reply));
}

void Service::store_password(User user, const std::string& keep_token, Reply<wire::Done> reply) {
    Users next = users_;
    next.put(user);
    const std::string text = next.encode();
    replace(kUsersFile, text, [this, next, user, keep_token, reply](Result<wire::Done> written) {
        if (!written) return reply(written);
        users_ = next;
        sessions_.change_password(user.name, keep_token, password_mark(user.password_hash));
        save_sessions();
        log_.info("PASSWORD_CHANGED", "user " + user.name);
        if (user.name == kFirstUser) forget_first_password();
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
    const User* first = users_.find(kFirstUser);
    if (first == nullptr || !first->must_change_password) return {};
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
    const bool taken = worker_.run(
        Place::file,
        [written, file = path(name), text = std::move(text)] {
            *written = crypto::write_private_file(file, text);
        },
        [this, written, reply] {
            if (*written) return reply(wire::Done{});
            log_.error("FILE_NOT_WRITTEN", written->error().text);
            reply(fail(written->error()));
        });
    if (!taken) reply(fail(ErrorCode::exhausted, "busy: try again in a second"));
}

void Service::remember_source(const std::string& user, const std::string& source) {
    if (known_sources_.add(user, source))
        write(kKnownSourcesFile, known_sources_.encode(), [](Result<wire::Done>) {});
}

void Service::forget_sources(const std::string& user) {
    known_sources_.forget(user);
    write(kKnownSourcesFile, known_sources_.encode(), [](Result<wire::Done>) {});
}

void Service::save_sessions(Reply<wire::Done> reply) {
    waiting_.push_back(std::move(reply));
    save_sessions();
}

// One write at a time: what changes meanwhile goes into the next one. What could not be written is tried
// again.
void Service::save_sessions() {
    if (std::exchange(saving_, true)) {
        save_again_ = true;
        return;
    }
    sessions_saved_ = loop_.now();
    write(kSessionsFile, sessions_.encode(loop_.wall(), loop_.now()),
          [this, waiting = std::exchange(waiting_, {})](const Result<wire::Done>& written) {
              saving_ = false;
              for (const auto& reply : waiting) reply(written);
              if (std::exchange(save_again_, false)) return save_sessions();
              if (!written) save_later_ = loop_.after(kTrySavingAgain, [this] { save_sessions(); });
          });
}

void Service::flush(std::function<void()> done) {
    write(kSessionsFile, sessions_.encode(loop_.wall(), loop_.now()),
          [done = std::move(done)](Result<wire::Done>) { done(); });
}

}  // namespace outstation::authd
