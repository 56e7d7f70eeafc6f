// SPDX-License-Identifier: GPL-3.0-or-later
// Communities here, users in UsmSession.
#include "drivers/snmp/session.hpp"

namespace outstation::snmp {

namespace {
constexpr std::size_t kCommunityHeadBytes = 12;  // of everything but the community
}

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

Session::Session(Security security, const EngineState& known, MonoTime now) : security_(std::move(security)) {
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
    finish_message(out, security_.version, security_.community);
    return true;
}

Taken Session::take(const Incoming& incoming, std::uint32_t id, MonoTime now, std::span<char> scratch) {
    if (incoming.version != security_.version)
        return {Taken::Step::ignored, {}, CycleError::unauthentic, "an answer of another version of SNMP"};
    if (usm_) return usm_->take(incoming.v3, id, now, scratch);
    if (incoming.response.community != security_.community)
        return {Taken::Step::ignored, {}, CycleError::unauthentic, "an answer with another community"};
    return {Taken::Step::answer, incoming.response};
}

EngineState Session::engine(MonoTime now) const {
    return usm_ ? usm_->state(now) : EngineState{};
}

std::string Session::take_notice() {
    return usm_ ? usm_->take_notice() : std::string();
}

}  // namespace outstation::snmp
