// SPDX-License-Identifier: GPL-3.0-or-later
// What authd answers (types 300 to 399). Schema: auth_messages.proto.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace outstation::wire {

enum class Role : std::uint8_t { viewer = 0, technician = 1, operator_ = 2, admin = 3 };
// busy: the password was not looked at, and nothing is counted against anybody.
enum class LoginOutcome : std::uint8_t { bad_credentials = 0, ok = 1, locked = 2, busy = 3 };
enum class PasswordOutcome : std::uint8_t { bad_credentials = 0, ok = 1, locked = 2, weak = 3, busy = 4 };

struct AuthSession {
    static constexpr const char* kName = "AuthSession";
    std::string token;  // for the cookie; only in the answer to LoginRequest
    std::string user;
    Role role = Role::viewer;
    std::string csrf;
    bool must_change_password = false;
    std::uint32_t idle_timeout_s = 0;
    bool bearer = false;  // an API token: read-only, needs no CSRF token
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.token);
        v(2, s.user);
        v(3, s.role);
        v(4, s.csrf);
        v(5, s.must_change_password);
        v(6, s.idle_timeout_s);
        v(7, s.bearer);
    }
    bool operator==(const AuthSession&) const = default;
};

struct LoginRequest {
    static constexpr const char* kName = "LoginRequest";
    static constexpr std::uint16_t kType = 300;
    std::string user;
    std::string password;
    std::string source;  // address of the client, for lock-out and audit
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.user);
        v(2, s.password);
        v(3, s.source);
    }
    bool operator==(const LoginRequest&) const = default;
};

struct LoginReply {
    static constexpr const char* kName = "LoginReply";
    static constexpr std::uint16_t kType = 301;
    LoginOutcome outcome = LoginOutcome::bad_credentials;
    std::uint32_t retry_after_s = 0;  // when locked or busy
    AuthSession session;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.outcome);
        v(2, s.retry_after_s);
        v(3, s.session);
    }
    bool operator==(const LoginReply&) const = default;
};

// Is this cookie or bearer token good? Counts as activity of the session. An ErrorReply `refused` says no.
struct CheckRequest {
    static constexpr const char* kName = "CheckRequest";
    static constexpr std::uint16_t kType = 302;
    std::string token;
    bool bearer = false;
    bool passive = false;  // a poll by the page, not by a person: does not prolong the session
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.token);
        v(2, s.bearer);
        v(3, s.passive);
    }
    bool operator==(const CheckRequest&) const = default;
};

struct CheckReply {
    static constexpr const char* kName = "CheckReply";
    static constexpr std::uint16_t kType = 303;
    AuthSession session;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.session);
    }
    bool operator==(const CheckReply&) const = default;
};

struct LogoutRequest {
    static constexpr const char* kName = "LogoutRequest";
    static constexpr std::uint16_t kType = 304;
    std::string token;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.token);
    }
    bool operator==(const LogoutRequest&) const = default;
};

struct PasswordRequest {
    static constexpr const char* kName = "PasswordRequest";
    static constexpr std::uint16_t kType = 305;
    std::string token;
    std::string current;
    std::string next;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.token);
        v(2, s.current);
        v(3, s.next);
    }
    bool operator==(const PasswordRequest&) const = default;
};

struct PasswordReply {
    static constexpr const char* kName = "PasswordReply";
    static constexpr std::uint16_t kType = 306;
    PasswordOutcome outcome = PasswordOutcome::bad_credentials;
    std::uint32_t retry_after_s = 0;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.outcome);
        v(2, s.retry_after_s);
    }
    bool operator==(const PasswordReply&) const = default;
};

// Console only (root or the owner of authd): API tokens and a new password without the old one.
struct TokenAdd {
    static constexpr const char* kName = "TokenAdd";
    static constexpr std::uint16_t kType = 307;
    std::string name;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.name);
    }
    bool operator==(const TokenAdd&) const = default;
};

struct TokenReply {
    static constexpr const char* kName = "TokenReply";
    static constexpr std::uint16_t kType = 308;
    std::string token;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.token);
    }
    bool operator==(const TokenReply&) const = default;
};

struct TokenRemove {
    static constexpr const char* kName = "TokenRemove";
    static constexpr std::uint16_t kType = 309;
    std::string name;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.name);
    }
    bool operator==(const TokenRemove&) const = default;
};

struct TokenListRequest {
    static constexpr const char* kName = "TokenListRequest";
    static constexpr std::uint16_t kType = 310;
    template <class V, class S>
    static void fields(V&, S&) {}
    bool operator==(const TokenListRequest&) const = default;
};

struct TokenInfo {
    static constexpr const char* kName = "TokenInfo";
    std::string name;
    std::int64_t created_ns = 0;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.name);
        v(2, s.created_ns);
    }
    bool operator==(const TokenInfo&) const = default;
};

struct TokenList {
    static constexpr const char* kName = "TokenList";
    static constexpr std::uint16_t kType = 311;
    std::vector<TokenInfo> tokens;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.tokens);
    }
    bool operator==(const TokenList&) const = default;
};

struct ResetPassword {
    static constexpr const char* kName = "ResetPassword";
    static constexpr std::uint16_t kType = 312;
    std::string user;
    std::string password;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.user);
        v(2, s.password);
    }
    bool operator==(const ResetPassword&) const = default;
};

// The first password while it stands, console only; empty when it was changed.
struct FirstPasswordRequest {
    static constexpr const char* kName = "FirstPasswordRequest";
    static constexpr std::uint16_t kType = 313;
    template <class V, class S>
    static void fields(V&, S&) {}
    bool operator==(const FirstPasswordRequest&) const = default;
};

struct FirstPasswordReply {
    static constexpr const char* kName = "FirstPasswordReply";
    static constexpr std::uint16_t kType = 314;
    std::string user;
    std::string password;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.user);
        v(2, s.password);
    }
    bool operator==(const FirstPasswordReply&) const = default;
};

}  // namespace outstation::wire
