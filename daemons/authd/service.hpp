// SPDX-License-Identifier: GPL-3.0-or-later
// What authd does, without its socket: every act is a request with an answer, and leaves a log line that
// names who and from where, never a secret. Threads: the loop's; scrypt and files go to the worker.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "daemons/authd/known_sources.hpp"
#include "daemons/authd/lockout.hpp"
#include "daemons/authd/sessions.hpp"
#include "daemons/authd/tokens.hpp"
#include "daemons/authd/users.hpp"
#include "daemons/authd/worker.hpp"
#include "lib/crypto/password.hpp"
#include "lib/runtime/log.hpp"
#include "lib/wire/control_messages.hpp"

namespace outstation::authd {

struct PasswordJob;

class Service {
  public:
    template <typename T>
    using Reply = std::function<void(Result<T>)>;

    Service(Loop& loop, runtime::Log& log, Worker& worker, std::string folder, crypto::ScryptCost cost = {});
    // Reads the folder; the first time makes the user "admin" and its first password.
    [[nodiscard]] Result<void> start();

    void login(const wire::LoginRequest& request, Reply<wire::LoginReply> reply);
    [[nodiscard]] Result<wire::CheckReply> check(const wire::CheckRequest& request);
    // Answers when the end is on disk: a restart does not bring the session back. It has ended even when that
    // fails.
    void logout(const wire::LogoutRequest& request, Reply<wire::Done> reply);
    // Ends the user's other sessions.
    void change_password(const wire::PasswordRequest& request, Reply<wire::PasswordReply> reply);
    // Console only. Ends all sessions and the lock-out of the user; a weak password is refused.
    void reset_password(const wire::ResetPassword& request, Reply<wire::Done> reply);
    void add_token(const wire::TokenAdd& request, Reply<wire::TokenReply> reply);
    void remove_token(const wire::TokenRemove& request, Reply<wire::Done> reply);
    [[nodiscard]] wire::TokenList list_tokens() const { return {tokens_.list()}; }
    // Empty when it was changed, or is not kept any more.
    [[nodiscard]] wire::FirstPasswordReply first_password() const;

    // Writes sessions whose use is not on disk yet, then calls back.
    void flush(std::function<void()> done);
    [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }
    [[nodiscard]] std::uint64_t failed_logins() const { return failed_logins_; }

  private:
    [[nodiscard]] Result<void> read_files();
    [[nodiscard]] Result<void> make_first_user();
    void forget_first_password();
    [[nodiscard]] std::string path(const char* name) const { return folder_ + "/" + name; }
    [[nodiscard]] wire::AuthSession describe(const Session& session) const;
    [[nodiscard]] Attempt attempt_of(const std::string& user, const std::string& source) const;
    [[nodiscard]] Result<wire::LoginReply> finish_login(const Attempt& attempt, bool good);
    [[nodiscard]] bool is_current(const User& user) const;
    [[nodiscard]] const Session* session_of(const std::string& token, bool passive);
    void finish_change(const std::string& token, const Attempt& attempt, const User& user,
                       const PasswordJob& job, const Reply<wire::PasswordReply>& reply);
    void store_password(User user, const std::string& keep_token, Reply<wire::Done> reply);
    void replace(const char* name, std::string text, Reply<wire::Done> reply);
    void write(const char* name, std::string text, Reply<wire::Done> reply);
    void remember_source(const std::string& user, const std::string& source);
    void forget_sources(const std::string& user);
    void save_sessions();
    void save_sessions(Reply<wire::Done> reply);

    Loop& loop_;
    runtime::Log& log_;
    Worker& worker_;
    std::string folder_;
    crypto::ScryptCost cost_;
    std::string nobodys_hash_;  // verified for names that do not exist, so that time tells nothing
    Users users_;
    Sessions sessions_;
    Tokens tokens_;
    Lockout lockout_;
    KnownSources known_sources_;
    std::uint64_t failed_logins_ = 0;
    bool replacing_ = false;  // users or tokens are being written: memory follows when they are on disk
    bool saving_ = false;     // the sessions are being written
    bool save_again_ = false;
    std::vector<Reply<wire::Done>> waiting_;  // for the next writing of the sessions
    Timer save_later_;
    MonoTime sessions_saved_{};
};

}  // namespace outstation::authd
