// SPDX-License-Identifier: GPL-3.0-or-later
// Communities here, users in UsmSession.
#include "drivers/snmp/session.hpp"

namespace outstation::snmp {

namespace {
constexpr std::size_t kCommunityHeadBytes = 12;  // of everything but the community
constexpr unsigned kSureFallbacks = 3;           // it was not lost answers
constexpr unsigned kTryAgain = 64;               // cycles
}  // namespace

Result<void> parse_incoming(std::string_view datagram, Incoming& out) {
    const auto version = parse_version(datagram);
    if (!version) return fail(version.error());
    out.version = *version;
    if (*version == Version::v3) {
        const auto message = parse_v3(datagram);
        if (!message) return fail(message.error());
        out.v3 = *message;
        out.id = message->id;
        return {};
    }
    auto parsed = parse_response(datagram, out.response);
    out.id = out.response.request_id;
    return parsed;
}

Session::Session(Security security, const EngineState& known, MonoTime now)
    : security_(std::move(security)), version_(security_.version) {
    if (security_.version == Version::v3)
        usm_ = std::make_unique<UsmSession>(security_.user, security_.context, known, now);
}

std::size_t Session::overhead() const {
    return usm_ ? usm_->overhead() : kCommunityHeadBytes + security_.community.size();
}

void Session::probe(BackWriter& out, std::uint32_t id) const {
    UsmSession::probe(out, id);
}

bool Session::seal(BackWriter& out, std::uint32_t id, MonoTime now) {
    if (usm_) return usm_->seal(out, id, now);
    finish_message(out, version_, security_.community);
    return true;
}

Taken Session::take(const Incoming& incoming, MonoTime now, std::span<char> scratch, bool is_once) {
    if (usm_ && incoming.version == Version::v3) return usm_->take(incoming.v3, now, scratch, is_once);
    return take_community(incoming);
}

Taken Session::take_community(const Incoming& incoming) {
    const bool is_earlier_try = !is_heard_ && incoming.version == security_.version;
    if (usm_ || (incoming.version != version_ && !is_earlier_try))
        return {Taken::Step::ignored, {}, CycleError::unauthentic, "an answer of another version of SNMP"};
    if (incoming.response.community != security_.community)
        return {Taken::Step::ignored, {}, CycleError::unauthentic, "an answer with another community"};
    version_ = incoming.version;
    if (!is_heard_) fallbacks_ = version_ == security_.version ? 0 : fallbacks_ + 1;
    is_heard_ = true;
    return {Taken::Step::answer, incoming.response};
}

void Session::on_cycle() {
    ++cycles_;
    if (version_ == security_.version) return;
    if (fallbacks_ < kSureFallbacks || cycles_ % kTryAgain == 0) {
        version_ = security_.version;
        is_heard_ = false;
    }
}

// RFC 3416 has no answer to a version that is not known: such an agent is silent.
void Session::on_silence(bool is_last_try) {
    if (is_last_try && security_.version == Version::v2c && !is_heard_) version_ = Version::v1;
}

Taken Session::on_timeout() {
    if (usm_) return usm_->on_silence();
    if (std::exchange(version_, security_.version) != security_.version) is_heard_ = false;
    return {};
}

// As one who fell back for sure: the configured version is tried again in its turn.
void Session::know(const EngineState& engine, Version version, MonoTime now) {
    if (usm_) return usm_->know(engine, now);
    if (is_heard_ || security_.version != Version::v2c || version != Version::v1) return;
    version_ = version;
    is_heard_ = true;
    fallbacks_ = kSureFallbacks;
}

EngineState Session::engine(MonoTime now) const {
    return usm_ ? usm_->state(now) : EngineState{};
}

std::string Session::take_notice() {
    return usm_ ? usm_->take_notice() : std::string();
}

}  // namespace outstation::snmp
