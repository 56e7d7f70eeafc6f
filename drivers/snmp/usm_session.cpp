// SPDX-License-Identifier: GPL-3.0-or-later
// Sealing requests, opening answers, learning from reports.
#include "drivers/snmp/usm_session.hpp"

#include <algorithm>
#include <array>

namespace outstation::snmp {
namespace {

constexpr std::uint32_t kLastBoots = INT32_MAX;  // RFC 3414 section 2.2.1: an engine that cannot go on
constexpr std::uint32_t kWindowSeconds = 150;    // RFC 3414 section 2.2.3
// Keys for an engine may cost the hashing of a megabyte: so often at a device's word, at most.
constexpr unsigned kMostAdoptions = 2;
constexpr Duration kAdoptionPause = std::chrono::seconds(3);
constexpr std::size_t kHeadBytes = 96;  // of everything but ids, names, MAC and salt
constexpr std::string_view kUsmStats = "\x2b\x06\x01\x06\x03\x0f\x01\x01";  // usmStats, RFC 3414 section 5
constexpr std::string_view kContexts = "\x2b\x06\x01\x06\x03\x0c\x01";      // snmpUnknownContexts, RFC 3413

Taken ignored(CycleError error, std::string detail) {
    return {Taken::Step::ignored, {}, error, std::move(detail)};
}
Taken failed(CycleError error, std::string detail) {
    return {Taken::Step::failed, {}, error, std::move(detail)};
}
Taken again(CycleError error, std::string detail) {
    return {Taken::Step::again, {}, error, std::move(detail)};
}

std::string hex(std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        text += kDigits[static_cast<unsigned char>(c) >> 4U];
        text += kDigits[static_cast<unsigned char>(c) & 15U];
    }
    return text;
}

// The OID of the counter that a report is about; empty when it has none.
OidBytes subject_of(const Response& report) {
    Cursor list = report.varbinds;
    Varbind varbind;
    bool malformed = false;
    return take_varbind(list, varbind, malformed) ? varbind.oid : OidBytes{};
}

// Is `oid` PREFIX.number.0? Gives the number, one byte, or 0.
char number_under(OidBytes oid, std::string_view prefix) {
    const bool fits =
        oid.size() == prefix.size() + 2 && oid.substr(0, prefix.size()) == prefix && oid.back() == '\0';
    return fits ? oid[prefix.size()] : '\0';
}

std::string level_name(std::uint8_t level) {
    return level == 0 ? "noAuthNoPriv" : level == kAuthFlag ? "authNoPriv" : "authPriv";
}

}  // namespace

UsmSession::UsmSession(std::shared_ptr<const UsmUser> user, std::string context, const EngineState& known,
                       MonoTime now)
    : user_(std::move(user)), context_(std::move(context)) {
    know(known, now);
}

void UsmSession::know(const EngineState& known, MonoTime now) {
    if (!engine_id_.empty()) return;
    if (known.id.size() < kLeastEngineId || known.id.size() > kMostEngineId) return;
    if (user_->auth != AuthProtocol::none) {
        auto keys = UsmKeys::make(*user_, known.id);
        if (!keys) return;  // told when the engine has answered
        keys_ = std::move(*keys);
    }
    engine_id_ = known.id;
    hint_ = {known.boots, known.time, now};
}

std::uint8_t UsmSession::level() const {
    if (user_->auth == AuthProtocol::none) return 0;
    return user_->priv == PrivProtocol::none ? kAuthFlag : kLevelFlags;
}

std::uint32_t UsmSession::time_at(const Clock& clock, MonoTime now) const {
    if (clock.boots == 0 && clock.time == 0) return 0;  // not known: the agent will say it
    const auto passed = std::chrono::duration_cast<std::chrono::seconds>(now - clock.at).count();
    const std::int64_t time = std::int64_t{clock.time} + std::max<std::int64_t>(passed, 0);
    return static_cast<std::uint32_t>(std::min<std::int64_t>(time, INT32_MAX));
}

EngineState UsmSession::state(MonoTime now) const {
    const Clock& clock = clock_ ? *clock_ : hint_;
    return {engine_id_, clock.boots, time_at(clock, now)};
}

std::size_t UsmSession::overhead() const {
    return kHeadBytes + 2 * engine_id_.size() + user_->name.size() + context_.size() + mac_size(user_->auth);
}

// RFC 3414 section 4: an empty user and an empty engine, and a list of no variables.
void UsmSession::probe(BackWriter& out, std::uint32_t id) {
    finish_pdu(out, Tag::get_request, id);
    finish_scoped_pdu(out, {}, {});
    V3Message head;
    head.id = id;
    head.flags = kReportableFlag;
    static_cast<void>(finish_v3(out, head));
}

bool UsmSession::seal(BackWriter& out, std::uint32_t id, MonoTime now) {
    constexpr std::array<char, kMostMacBytes> kNoMac{};
    constexpr std::size_t kDesBlock = 8;
    finish_scoped_pdu(out, engine_id_, context_);
    V3Message head;
    head.id = id;
    head.flags = static_cast<std::uint8_t>(level() | kReportableFlag);
    head.engine_id = engine_id_;
    head.user = user_->name;
    Salt salt;
    if (head.has_auth()) {
        const Clock& clock = clock_ ? *clock_ : hint_;
        head.boots = clock.boots;
        head.time = time_at(clock, now);
        head.mac = {kNoMac.data(), mac_size(user_->auth)};
    }
    if (head.has_priv()) {
        if (user_->priv == PrivProtocol::des)
            out.append_zeros((kDesBlock - out.mark() % kDesBlock) % kDesBlock);
        if (!out.ok()) return true;
        if (!keys_->encrypt(head.boots, head.time, out.written(), salt)) return false;
        out.close(Tag::octet_string, 0);
        head.salt = {salt.data(), salt.size()};
    }
    const std::size_t mac = finish_v3(out, head);
    if (!out.ok() || !head.has_auth()) return true;
    return keys_->sign({out.bytes()}, out.at(mac, head.mac.size()));
}

Taken UsmSession::take(const V3Message& message, MonoTime now, std::span<char> scratch, bool is_once) {
    if (!message.has_auth() && is_once && level() != 0 && !has_to_probe())
        return ignored(CycleError::unauthentic, "what is not signed, and may be from anybody");
    if (!message.has_auth()) return open(message, now, scratch);
    if (!keys_ || message.engine_id != engine_id_ || message.user != user_->name)
        return ignored(CycleError::unauthentic, "an answer of another user or engine");
    if (!is_authentic(message))
        return ignored(CycleError::unauthentic, "an answer whose signature is wrong or cut");
    if (!believe_time(message, now)) {
        forgotten_ = std::exchange(clock_, std::nullopt);
        hint_ = {};
        if (is_once) return failed(CycleError::time_window, "an answer from before the time of the engine");
        return again(CycleError::time_window,
                     "the engine's clock went back, or an old answer was sent again");
    }
    return open(message, now, scratch);
}

// RFC 3414 section 6.3.2: over the message with zeros where the MAC is.
bool UsmSession::is_authentic(const V3Message& message) {
    constexpr std::array<char, kMostMacBytes> kZeros{};
    if (message.mac.size() != mac_size(user_->auth)) return false;
    const auto before = static_cast<std::size_t>(message.mac.data() - message.whole.data());
    return keys_->verify({message.whole.substr(0, before),
                          {kZeros.data(), message.mac.size()},
                          message.whole.substr(before + message.mac.size())},
                         message.mac);
}

// RFC 3414 section 3.2, 7b. Without a clock the first authentic message sets it: it answers an id that was
// never used before.
bool UsmSession::believe_time(const V3Message& message, MonoTime now) {
    const bool is_newer = !clock_ || message.boots > clock_->boots ||
                          (message.boots == clock_->boots && message.time > clock_->time);
    if (is_newer) {
        if (forgotten_ && (message.boots < forgotten_->boots ||
                           (message.boots == forgotten_->boots && message.time < forgotten_->time)))
            notice_ = "the clock of the device's SNMP engine went back from boot " +
                      std::to_string(forgotten_->boots) + " to boot " + std::to_string(message.boots) +
                      ": it was reset, restored or replaced, or two devices share one address";
        forgotten_.reset();
        clock_ = Clock{message.boots, message.time, now};
    }
    if (clock_->boots == kLastBoots) return false;
    return message.boots == clock_->boots &&
           std::uint64_t{message.time} + kWindowSeconds >= time_at(*clock_, now);
}

// What is authentic and in time, or was not authenticated at all.
Taken UsmSession::open(const V3Message& message, MonoTime now, std::span<char> scratch) {
    std::string_view bytes = message.data;
    if (message.has_priv()) {
        if (user_->priv == PrivProtocol::none || bytes.size() > scratch.size() ||
            !keys_->decrypt(message.boots, message.time, message.salt, bytes, scratch.first(bytes.size())))
            return ignored(CycleError::privacy, "an answer that cannot be decrypted");
        bytes = {scratch.data(), bytes.size()};
    }
    const auto scoped = parse_scoped_pdu(bytes, message.has_priv());
    Taken taken{Taken::Step::answer};
    taken.response.version = Version::v3;
    const auto parsed =
        scoped ? parse_response_pdu(scoped->pdu, taken.response) : Result<void>(fail(scoped.error()));
    if (!parsed)
        return ignored(message.has_priv() ? CycleError::privacy : CycleError::malformed, parsed.error().text);
    if (taken.response.pdu == Tag::report) return take_report(message, taken.response, now);
    // RFC 3412 section 7.2, 12b
    if (message.level() != level())
        return ignored(CycleError::security_level, "an answer as " + level_name(message.level()) +
                                                       " to a question as " + level_name(level()));
    if (has_to_probe() || message.engine_id != engine_id_ || message.user != user_->name ||
        scoped->engine_id != engine_id_ || scoped->context != context_ ||
        taken.response.request_id != message.id)
        return ignored(CycleError::unauthentic, "an answer of another user, engine or context");
    is_named_ = false;
    return taken;
}

// An agent says nothing about a message that it decrypts to nonsense.
Taken UsmSession::on_silence() {
    if (has_to_probe()) is_named_ = false;  // not even the probe was answered: it is gone
    is_silent_ = true;
    if (!is_named_ || user_->priv == PrivProtocol::none) return {};
    return failed(CycleError::privacy,
                  "the device names its engine, but does not answer what is encrypted: the passphrase or "
                  "protocol of privacy may differ");
}

Taken UsmSession::take_report(const V3Message& message, const Response& report, MonoTime now) {
    const OidBytes subject = subject_of(report);
    if (const char number = number_under(subject, kUsmStats); number != 0)
        return on_usm_report(number, message, now);
    if (number_under(subject, kContexts) != 0)
        return failed(CycleError::unknown_context, "the device has no context '" + context_ + "'");
    return failed(CycleError::agent, "a report of " + decode_oid(subject).value_or("nothing"));
}

// RFC 3414 section 5, usmStats. All but what is in time may be said without authentication: an attacker who
// sees our ids ends a request with it, as silence would, and must not move us to an engine of his
// (adopt_engine).
Taken UsmSession::on_usm_report(char number, const V3Message& message, MonoTime now) {
    switch (number) {
        case 1:
            return failed(CycleError::security_level,
                          "the device does not allow " + level_name(level()) + " to user " + user_->name);
        case 2:
            if (!message.has_auth()) hint_ = {message.boots, message.time, now};
            return again(CycleError::time_window, "the device keeps finding our time wrong");
        case 3:
            return failed(CycleError::unknown_user, "the device has no user " + user_->name);
        case 4:
            return adopt_engine(message, now);
        case 5:
            return failed(
                CycleError::authentication,
                "the device finds our signature wrong: the passphrase or protocol of authentication "
                "differs");
        case 6:
            return failed(CycleError::privacy,
                          "the device cannot decrypt: the passphrase or protocol of privacy differs");
        default:
            return failed(CycleError::agent, "a report that RFC 3414 does not know");
    }
}

// Whoever knows the user at one engine knows nothing at another (RFC 3414 section 2.6), unless he can make us
// take his engine for the other: an engine that was authentic is left only when it was silent.
Taken UsmSession::adopt_engine(const V3Message& message, MonoTime now) {
    const std::string_view id = message.engine_id;
    if (id.size() < kLeastEngineId)
        return ignored(CycleError::unknown_engine, "an engine id of less than 5 bytes");
    if (clock_ && !is_silent_ && id != engine_id_)
        return ignored(CycleError::unknown_engine, "a report that names another engine: " + hex(id));
    is_named_ = true;
    if (id == engine_id_ && std::exchange(is_silent_, false))
        return again(CycleError::unknown_engine, "the device names its engine again and again");
    if (id == engine_id_)
        return failed(CycleError::unknown_engine,
                      "the device does not know the engine that it says it is: " + hex(id));
    if (now - adopted_at_ >= kAdoptionPause) adoptions_ = 0;
    if (++adoptions_ > kMostAdoptions)
        return failed(CycleError::unknown_engine, "the device names another engine each time");
    adopted_at_ = now;
    if (user_->auth != AuthProtocol::none) {
        auto keys = UsmKeys::make(*user_, id);
        if (!keys) return failed(CycleError::authentication, "keys: " + keys.error().text);
        keys_ = std::move(*keys);
    }
    if (!engine_id_.empty())
        notice_ = "the device's SNMP engine is another: " + hex(id) + " instead of " + hex(engine_id_);
    engine_id_ = id;
    is_silent_ = false;
    clock_.reset();
    forgotten_.reset();
    hint_ = {message.boots, message.time, now};
    return again(CycleError::unknown_engine, "the device names another engine each time");
}

}  // namespace outstation::snmp
