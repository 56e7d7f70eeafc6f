// SPDX-License-Identifier: GPL-3.0-or-later
// Opening, using and ending sessions.
#include "daemons/authd/sessions.hpp"

#include <algorithm>

#include "lib/config/config.hpp"
#include "lib/config/yaml_text.hpp"
#include "lib/crypto/bytes.hpp"

namespace outstation::authd {
namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kMarkDigits = 32;

std::string key_of(const std::string& token) {
    return crypto::to_hex(crypto::sha256(token));
}

bool has_ended(const Session& session, MonoTime now) {
    return now - session.seen >= kIdleTime || now - session.started >= kLongestSession;
}

constexpr Duration kClockMayLag = std::chrono::minutes(1);

bool is_from_the_future(std::uint64_t then_s, WallTime wall) {
    return WallTime(std::chrono::seconds(then_s)) > wall + kClockMayLag;
}

// What was at `then_s` on the wall clock, on the monotonic clock; never in the future.
MonoTime from_wall(std::uint64_t then_s, WallTime wall, MonoTime now) {
    const Duration age = wall - WallTime(std::chrono::seconds(then_s));
    return now - std::max(age, Duration{0});
}

std::string to_wall(MonoTime then, WallTime wall, MonoTime now) {
    const auto at = std::chrono::floor<std::chrono::seconds>(wall - (now - then));
    return std::to_string(std::max<std::int64_t>(at.time_since_epoch().count(), 0));
}

}  // namespace

std::string password_mark(const std::string& password_hash) {
    return crypto::to_hex(crypto::sha256(password_hash)).substr(0, kMarkDigits);
}

Result<Sessions> Sessions::read(const std::string& path, WallTime wall, MonoTime now) {
    auto document = config::Document::read(path);
    if (!document) return fail(document.error());
    Sessions sessions;
    auto root = document->root();
    constexpr std::uint64_t kLatest = 1ULL << 33U;  // the year 2242
    for (auto& mapping : root.mappings("sessions")) {
        Session session;
        const std::string key = mapping.required_text("token_sha256");
        session.user = mapping.required_text("user");
        session.csrf = mapping.required_text("csrf");
        session.password = mapping.text("password_mark", "");
        const std::uint64_t started_s = mapping.integer("started_s", 0, 0, kLatest);
        const std::uint64_t seen_s = mapping.integer("seen_s", 0, 0, kLatest);
        session.started = from_wall(started_s, wall, now);
        session.seen = from_wall(seen_s, wall, now);
        const bool is_odd = is_from_the_future(started_s, wall) || is_from_the_future(seen_s, wall);
        if (!is_odd && !has_ended(session, now)) sessions.sessions_[key] = std::move(session);
    }
    if (const auto checked = document->check(); !checked) return fail(checked.error());
    return sessions;
}

std::string Sessions::encode(WallTime wall, MonoTime now) const {
    std::string text = "# Written by authd.\n";
    if (!sessions_.empty()) text += "sessions:\n";
    for (const auto& [key, session] : sessions_) {
        text += "  - token_sha256: " + config::in_quotes(key) +
                "\n    user: " + config::in_quotes(session.user) +
                "\n    csrf: " + config::in_quotes(session.csrf) +
                "\n    password_mark: " + config::in_quotes(session.password) +
                "\n    started_s: " + to_wall(session.started, wall, now) +
                "\n    seen_s: " + to_wall(session.seen, wall, now) + "\n";
    }
    return text;
}

Result<std::string> Sessions::open(const std::string& user, const std::string& mark, MonoTime now) {
    const auto token = crypto::random_bytes(kTokenBytes);
    const auto csrf = crypto::random_bytes(kTokenBytes);
    if (!token || !csrf) return fail(token ? csrf.error() : token.error());
    forget_ended(now);
    make_room(user);
    std::string text = crypto::to_base64url(*token);
    sessions_[key_of(text)] = Session{user, crypto::to_base64url(*csrf), mark, now, now};
    return text;
}

const Session* Sessions::use(const std::string& token, bool passive, MonoTime now) {
    const auto it = sessions_.find(key_of(token));
    if (it == sessions_.end()) return nullptr;
    if (has_ended(it->second, now)) {
        sessions_.erase(it);
        return nullptr;
    }
    if (!passive) it->second.seen = now;
    return &it->second;
}

void Sessions::close(const std::string& token) {
    sessions_.erase(key_of(token));
}

void Sessions::change_password(const std::string& user, const std::string& token, const std::string& mark) {
    const std::string kept = key_of(token);
    std::erase_if(sessions_,
                  [&](const auto& entry) { return entry.second.user == user && entry.first != kept; });
    if (const auto it = sessions_.find(kept); it != sessions_.end()) it->second.password = mark;
}

void Sessions::forget_ended(MonoTime now) {
    std::erase_if(sessions_, [now](const auto& entry) { return has_ended(entry.second, now); });
}

void Sessions::make_room(const std::string& user) {
    const auto of_user = static_cast<std::size_t>(std::count_if(
        sessions_.begin(), sessions_.end(), [&](const auto& entry) { return entry.second.user == user; }));
    const bool user_is_full = of_user >= kSessionsOfUser;
    if (!user_is_full && sessions_.size() < kMostSessions) return;
    auto oldest = sessions_.end();
    for (auto it = sessions_.begin(); it != sessions_.end(); ++it) {
        if (user_is_full && it->second.user != user) continue;
        if (oldest == sessions_.end() || it->second.seen < oldest->second.seen) oldest = it;
    }
    if (oldest != sessions_.end()) sessions_.erase(oldest);
}

}  // namespace outstation::authd
