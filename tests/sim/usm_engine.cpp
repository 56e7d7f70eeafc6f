// SPDX-License-Identifier: GPL-3.0-or-later
// RFC 3414 section 3 as the authoritative engine.
#include "tests/sim/usm_engine.hpp"

#include <algorithm>
#include <cstdlib>

#include "tests/sim/mib.hpp"

namespace outstation::sim {
namespace {

using namespace snmp;

constexpr std::int64_t kWindowSeconds = 150;  // RFC 3414 section 2.2.3
constexpr std::size_t kDesBlock = 8;
constexpr std::array<char, kMostMacBytes> kZeros{};

}  // namespace

std::uint8_t level_of(const UsmUser& user) {
    if (user.auth == AuthProtocol::none) return 0;
    return user.priv == PrivProtocol::none ? kAuthFlag : kLevelFlags;
}

std::string engine_id_of(std::string_view name) {
    std::uint64_t hash = 0xcbf29ce484222325U;  // FNV-1a
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    // RFC 3411 section 5: the enterprise of examples (32473, RFC 5612), format 5, octets.
    std::string id("\x80\x00\x7e\xd9\x05", 5);
    for (int shift = 56; shift >= 0; shift -= 8) id += static_cast<char>(hash >> shift & 0xff);
    return id;
}

UsmKeys* UsmEngine::keys_of(const UsmUser& user) {
    auto it = keys_.find(&user);
    if (it == keys_.end()) {
        auto keys = UsmKeys::make(user, id_);
        if (!keys) return nullptr;
        it = keys_.emplace(&user, std::move(*keys)).first;
    }
    return &it->second;
}

UsmEngine::Opened UsmEngine::open(const Users& users, std::string_view datagram, EngineClock clock,
                                  std::span<char> scratch) {
    Opened out;
    const auto message = parse_v3(datagram);
    if (!message || message->data.size() > scratch.size()) return out;
    out.is_sound = true;
    out.message = *message;
    out.fault = check(out, users, clock);
    if (out.fault != UsmFault::none) return out;
    std::string_view data = message->data;
    if (message->has_priv()) {
        UsmKeys* const keys = keys_of(*out.user);
        if (keys == nullptr ||
            !keys->decrypt(message->boots, message->time, message->salt, data, scratch.first(data.size())))
            out.fault = UsmFault::decryption;
        data = {scratch.data(), data.size()};
    }
    const auto scoped = parse_scoped_pdu(data, message->has_priv());
    if (scoped) out.scoped = *scoped;
    // What was decrypted with a wrong key is noise: RFC 3412 section 7.2 drops it without a word.
    if (!scoped && out.fault == UsmFault::none) out.is_sound = false;
    return out;
}

// RFC 3414 section 3.2, 3 to 7.
UsmFault UsmEngine::check(Opened& opened, const Users& users, EngineClock clock) {
    const V3Message& message = opened.message;
    if (message.engine_id != id_) return UsmFault::unknown_engine;
    const auto user = std::find_if(users.begin(), users.end(), [&](const auto& one) {
        return std::string_view(one->name) == message.user;
    });
    if (user == users.end()) return UsmFault::unknown_user;
    opened.user = user->get();
    if ((message.level() & ~level_of(**user)) != 0) return UsmFault::unsupported_level;
    if (!message.has_auth()) return UsmFault::none;
    if (!is_authentic(opened)) return UsmFault::wrong_digest;
    const bool in_time = message.boots == clock.boots &&
                         std::abs(std::int64_t{message.time} - std::int64_t{clock.time}) <= kWindowSeconds;
    return in_time ? UsmFault::none : UsmFault::not_in_time;
}

// RFC 3414 section 6.3.2: over the message with zeros where the MAC is.
bool UsmEngine::is_authentic(const Opened& opened) {
    const V3Message& message = opened.message;
    UsmKeys* const keys = keys_of(*opened.user);
    if (keys == nullptr || message.mac.size() != mac_size(opened.user->auth)) return false;
    const auto before = static_cast<std::size_t>(message.mac.data() - message.whole.data());
    return keys->verify({message.whole.substr(0, before),
                         {kZeros.data(), message.mac.size()},
                         message.whole.substr(before + message.mac.size())},
                        message.mac);
}

UsmEngine::Seal UsmEngine::seal_of(const Opened& request, EngineClock clock) {
    return {request.message.id, request.message.level(), request.message.user, clock};
}

bool UsmEngine::seal(BackWriter& out, const Opened& request, const Seal& how) {
    finish_scoped_pdu(out, id_, request.scoped.context);
    V3Message head;
    head.id = how.id;
    head.flags = how.level;
    head.engine_id = id_;
    head.user = how.user_name;
    head.boots = how.clock.boots;
    head.time = how.clock.time;
    UsmKeys* const keys = head.has_auth() ? keys_of(*request.user) : nullptr;
    if (head.has_auth() && keys == nullptr) return false;
    const std::size_t whole_mac = head.has_auth() ? mac_size(request.user->auth) : 0;
    head.mac = {kZeros.data(), std::min(whole_mac, how.mac_bytes)};
    Salt salt;
    if (head.has_priv()) {
        if (request.user->priv == PrivProtocol::des)
            out.append_zeros((kDesBlock - out.mark() % kDesBlock) % kDesBlock);
        if (!out.ok() || !keys->encrypt(head.boots, head.time, out.written(), salt)) return false;
        out.close(Tag::octet_string, 0);
        head.salt = {salt.data(), salt.size()};
    }
    const std::size_t at = finish_v3(out, head);
    if (!out.ok() || whole_mac == 0) return out.ok();
    std::array<char, kMostMacBytes> mac{};
    if (!keys->sign({out.bytes()}, {mac.data(), whole_mac})) return false;
    std::copy_n(mac.begin(), head.mac.size(), out.at(at, head.mac.size()).begin());
    return true;
}

bool UsmEngine::report(BackWriter& out, const Opened& request, UsmFault fault, EngineClock clock) {
    const auto number = static_cast<std::size_t>(fault);
    const char name[] = {0x2b, 6, 1, 6, 3, 15, 1, 1, static_cast<char>(number), 0};
    out.element(Tag::counter32, number_content(Tag::counter32, ++faults_[number]));
    out.element(Tag::oid, {name, sizeof name});
    out.close(Tag::sequence, 0);
    // RFC 3412 section 7.1, 3: the request id where it can be read.
    const auto scoped = parse_scoped_pdu(request.message.data, false);
    std::int64_t id = 0;
    if (scoped && !request.message.has_priv()) {
        Cursor body(scoped->pdu.content);
        std::string_view content;
        if (!body.take(Tag::integer, content) || !parse_signed(content, id)) id = 0;
    }
    finish_pdu(out, Tag::report, static_cast<std::uint32_t>(id));
    Opened about = request;
    about.scoped.context = {};
    const bool is_signed =
        fault == UsmFault::not_in_time && request.user != nullptr && request.user->auth != AuthProtocol::none;
    return seal(out, about,
                {request.message.id, is_signed ? kAuthFlag : std::uint8_t{0}, request.message.user, clock});
}

}  // namespace outstation::sim
