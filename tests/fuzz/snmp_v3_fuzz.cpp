// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as any messages of SNMPv3, one after another to one session. The input is a list of them, each
// behind a byte that says what it is and two bytes of length: a datagram as it is (nothing of it may ever be
// taken for an answer), or a scoped PDU in a message that is authentic and encrypted, in time or not.
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "drivers/snmp/usm_session.hpp"

namespace {

using namespace outstation;
using namespace outstation::snmp;

constexpr std::uint32_t kId = 77;
constexpr std::uint32_t kBoots = 3;
constexpr std::uint32_t kTime = 4711;
constexpr std::size_t kBufferBytes = 70000;
constexpr unsigned kMaxMessages = 32;
// What the byte says; without the first one it is a datagram.
constexpr unsigned char kAuthentic = 1;
constexpr unsigned char kEarlierBoot = 2;
constexpr unsigned char kLongAgo = 4;
constexpr unsigned char kSilence = 8;  // before it, all tries had no answer
const std::string kEngine("\x80\x00\x1f\x88\x04zzzz", 9);

void require(bool holds) {
    if (!holds) std::abort();
}

const std::shared_ptr<const UsmUser>& user() {
    static const auto made =
        UsmUser::make("reader", AuthProtocol::sha1, "authentication", PrivProtocol::aes128, "and privacy")
            .value();
    return made;
}

bool lies_in(std::string_view part, std::string_view whole) {
    return part.empty() ||
           (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void check_shape(const V3Message& message, std::string_view bytes) {
    for (const std::string_view part :
         {message.engine_id, message.user, message.mac, message.salt, message.data, message.whole})
        require(lies_in(part, bytes));
    require(message.engine_id.size() <= kMostEngineId && message.level() != kPrivFlag);
    const auto scoped = parse_scoped_pdu(message.data, true);
    if (scoped) require(lies_in(scoped->context, bytes) && lies_in(scoped->pdu.content, bytes));
}

// As the agent whose engine it is would send it.
std::string make_authentic(std::string_view scoped, unsigned char kind) {
    static auto keys = UsmKeys::make(*user(), kEngine).value();
    static std::vector<char> buffer(kBufferBytes);
    static constexpr std::array<char, kMostMacBytes> kZeros{};
    BackWriter out(buffer);
    out.put(scoped);
    V3Message head;
    head.id = kId;
    head.flags = kLevelFlags;
    head.engine_id = kEngine;
    head.user = user()->name;
    head.boots = (kind & kEarlierBoot) != 0 ? kBoots - 1 : kBoots;
    head.time = (kind & kLongAgo) != 0 ? kTime - 200 : kTime;
    head.mac = {kZeros.data(), mac_size(AuthProtocol::sha1)};
    Salt salt;
    require(keys.encrypt(head.boots, head.time, out.written(), salt));
    out.close(Tag::octet_string, 0);
    head.salt = {salt.data(), salt.size()};
    const std::size_t mac = finish_v3(out, head);
    require(out.ok() && keys.sign({out.bytes()}, out.at(mac, head.mac.size())));
    return std::string(out.bytes());
}

// Whatever happened, the session asks on.
void check_asks_on(UsmSession& session) {
    std::array<char, 1472> buffer;
    BackWriter out(buffer);
    if (session.has_to_probe()) {
        UsmSession::probe(out, kId);
        require(out.ok() && parse_v3(out.bytes()).has_value());
        return;
    }
    finish_pdu(out, Tag::get_request, kId);
    const std::size_t pdu = out.mark();
    require(session.seal(out, kId, MonoTime{}) && out.ok());
    require(parse_v3(out.bytes()).has_value());
    require(out.bytes().size() <= pdu + session.overhead());
    const EngineState state = session.state(MonoTime{});
    require(state.id.size() >= kLeastEngineId && state.id.size() <= kMostEngineId);
}

void check_answer(const Taken& taken, std::uint32_t id) {
    require(taken.response.request_id == id && taken.response.pdu == Tag::response);
    Cursor list = taken.response.varbinds;
    Varbind varbind;
    bool malformed = false;
    while (take_varbind(list, varbind, malformed)) require(is_valid_oid(varbind.oid));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static std::vector<char> scratch(kBufferBytes);
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    UsmSession session(user(), "", EngineState{kEngine, kBoots, kTime}, MonoTime{});
    for (unsigned n = 0; n < kMaxMessages && rest.size() >= 3; ++n) {
        const auto kind = static_cast<unsigned char>(rest[0]);
        const bool is_authentic = (kind & kAuthentic) != 0;
        const std::size_t length = static_cast<std::size_t>(static_cast<unsigned char>(rest[1])) << 8 |
                                   static_cast<unsigned char>(rest[2]);
        const std::string_view given = rest.substr(3, length);
        rest.remove_prefix(3 + given.size());
        const std::string bytes = is_authentic ? make_authentic(given, kind) : std::string(given);
        if ((kind & kSilence) != 0) static_cast<void>(session.on_silence());
        const auto message = parse_v3(bytes);
        if (!message) continue;
        check_shape(*message, bytes);
        const Taken taken = session.take(*message, MonoTime{}, scratch);
        if (taken.step == Taken::Step::answer) {
            require(is_authentic);
            check_answer(taken, message->id);
        }
        check_asks_on(session);
    }
    return 0;
}
