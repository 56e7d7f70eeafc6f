// SPDX-License-Identifier: GPL-3.0-or-later
// RFC 3414 section 3 as the authoritative engine.
#include "drivers/snmp/fake_usm.hpp"

#include <array>
#include <cstdlib>

#include "drivers/snmp/message.hpp"

namespace outstation::snmp {
namespace {

constexpr std::int64_t kWindowSeconds = 150;
constexpr std::array<char, kMostMacBytes> kZeros{};

// A user without keys has those of nobody: they are never used.
UsmKeys make_keys(const UsmUser& user, std::string_view engine_id) {
    static const auto nobody =
        UsmUser::make("nobody", AuthProtocol::md5, "nobody's passphrase", PrivProtocol::none, {}).value();
    return UsmKeys::make(user.auth == AuthProtocol::none ? *nobody : user, engine_id).value();
}

std::uint8_t level_of(const UsmUser& user) {
    if (user.auth == AuthProtocol::none) return 0;
    return user.priv == PrivProtocol::none ? kAuthFlag : kLevelFlags;
}

}  // namespace

FakeUsm::FakeUsm(std::string id, std::shared_ptr<const UsmUser> known)
    : engine_id(std::move(id)), user(std::move(known)), keys_(make_keys(*user, engine_id)) {}

FakeUsm::Opened FakeUsm::open(std::string_view datagram, std::span<char> scratch) {
    Opened out;
    const auto message = parse_v3(datagram);
    if (!message) return out;
    out.is_sound = true;
    out.message = *message;
    const auto reporting = [&](char what) {
        out.report = what;
        return out;
    };
    if (message->engine_id != engine_id) return reporting(kUnknownEngine);
    if (message->user != user->name) return reporting(kUnknownUser);
    if (message->level() != level_of(*user)) return reporting(kUnsupportedLevel);
    if (message->has_auth()) {
        const auto before = static_cast<std::size_t>(message->mac.data() - datagram.data());
        if (!keys_.verify({datagram.substr(0, before),
                           {kZeros.data(), message->mac.size()},
                           datagram.substr(before + message->mac.size())},
                          message->mac))
            return reporting(kWrongDigest);
        if (message->boots != boots || std::abs(std::int64_t{message->time} - time) > kWindowSeconds)
            return reporting(kNotInTime);
    }
    std::string_view data = message->data;
    if (message->has_priv()) {
        if (!keys_.decrypt(message->boots, message->time, message->salt, data, scratch.first(data.size())))
            return reporting(kDecryption);
        data = {scratch.data(), data.size()};
    }
    const auto scoped = parse_scoped_pdu(data, message->has_priv());
    if (!scoped && is_silent_about_privacy) return {};
    if (!scoped) return reporting(kDecryption);
    out.scoped = *scoped;
    return out;
}

void FakeUsm::seal(BackWriter& out, const Opened& request) {
    std::string context(request.scoped.context);
    if (twist_context) twist_context(context);
    finish_scoped_pdu(out, engine_id, context);
    finish(out, request, request.message.level());
}

void FakeUsm::report(BackWriter& out, const Opened& request) {
    const char name[] = {0x2b, 6, 1, 6, 3, 15, 1, 1, request.report, 0};
    out.element(Tag::counter32, "\x2a");
    out.element(Tag::oid, {name, sizeof name});
    out.close(Tag::sequence, 0);
    finish_pdu(out, Tag::report, 0);
    finish_scoped_pdu(out, engine_id, {});
    finish(out, request, request.report == kNotInTime ? kAuthFlag : 0);
}

void FakeUsm::finish(BackWriter& out, const Opened& request, std::uint8_t level) {
    constexpr std::size_t kDesBlock = 8;
    V3Message head;
    head.id = request.message.id;
    head.flags = level;
    head.engine_id = engine_id;
    head.user = request.message.user;
    head.boots = boots;
    head.time = time;
    if (head.has_auth()) head.mac = {kZeros.data(), mac_size(user->auth)};
    if (twist) twist(head);
    Salt salt;
    if (head.has_priv()) {
        if (user->priv == PrivProtocol::des)
            out.append_zeros((kDesBlock - out.mark() % kDesBlock) % kDesBlock);
        if (!out.ok() || !keys_.encrypt(head.boots, head.time, out.written(), salt)) std::abort();
        out.close(Tag::octet_string, 0);
        head.salt = {salt.data(), salt.size()};
    }
    const std::size_t at = finish_v3(out, head);
    if (!out.ok()) std::abort();
    if (head.mac.empty()) return;
    // A cut MAC is the right one's beginning, as an agent would send it that was asked to cut it.
    std::array<char, kMostMacBytes> mac{};
    if (!keys_.sign({out.bytes()}, {mac.data(), mac_size(user->auth)})) std::abort();
    for (std::size_t i = 0; i < head.mac.size(); ++i) out.at(at, head.mac.size())[i] = mac[i];
}

}  // namespace outstation::snmp
