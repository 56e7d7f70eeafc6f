// SPDX-License-Identifier: GPL-3.0-or-later
// SNMPv3 by our session and by Net-SNMP, in every pair of authentication and privacy that Net-SNMP has: the
// same keys, and what one seals the other opens.
#include <map>

#include "drivers/snmp/usm_session.hpp"
#include "tests/oracle/messages.hpp"

namespace outstation::oracle {
namespace {

using namespace snmp;

constexpr int kMessages = 200;  // of each pair and direction
constexpr std::uint32_t kBoots = 12;
constexpr std::uint32_t kTime = 345'678;

// Ours and Net-SNMP's names.
const std::map<AuthProtocol, std::string> kAuthNames = {
    {AuthProtocol::none, ""},          {AuthProtocol::md5, "MD5"},        {AuthProtocol::sha1, "SHA"},
    {AuthProtocol::sha224, "SHA-224"}, {AuthProtocol::sha256, "SHA-256"}, {AuthProtocol::sha384, "SHA-384"},
    {AuthProtocol::sha512, "SHA-512"},
};
const std::map<PrivProtocol, std::string> kPrivNames = {
    {PrivProtocol::none, ""},
    {PrivProtocol::des, "DES"},
    {PrivProtocol::aes128, "AES"},
    {PrivProtocol::aes192, "AES-192"},
    {PrivProtocol::aes256, "AES-256"},
    {PrivProtocol::aes192c, "AES-192-C"},
    {PrivProtocol::aes256c, "AES-256-C"},
};

struct Pair {
    AuthProtocol auth;
    PrivProtocol priv;
};

class V3Oracle : public testing::TestWithParam<Pair> {
  protected:
    // Engines and passphrases differ from pair to pair; each user is at its own.
    V3Oracle() {
        const auto [auth, priv] = GetParam();
        const std::string pair =
            std::to_string(static_cast<int>(auth)) + std::to_string(static_cast<int>(priv));
        engine_ = std::string("\x80\x00\x1f\x88\x04", 5) + "pair " + pair;
        theirs_ = {"user" + pair,
                   kAuthNames.at(auth),
                   "authentication " + pair,
                   kPrivNames.at(priv),
                   "and privacy " + pair,
                   "room " + pair,
                   engine_,
                   kBoots,
                   kTime};
        ours_ =
            UsmUser::make(theirs_.name, auth, theirs_.auth_passphrase, priv, theirs_.priv_passphrase).value();
    }
    [[nodiscard]] UsmSession session() const {
        return {ours_, theirs_.context, EngineState{engine_, kBoots, kTime}, MonoTime{}};
    }

    Generator generator_;
    std::string engine_;
    V3User theirs_;
    std::shared_ptr<const UsmUser> ours_;
    std::vector<char> buffer_ = std::vector<char>(65536);
    std::vector<char> scratch_ = std::vector<char>(65536);
};

TEST_P(V3Oracle, TheKeysAreTheSame) {
    const NetSnmp oracle(9, theirs_);
    const auto [auth, priv] = GetParam();
    if (auth == AuthProtocol::none) return;
    EXPECT_EQ(localized_key(auth, ours_->auth_key.view(), engine_)->view(), NetSnmp::auth_key(theirs_));
    if (priv == PrivProtocol::none) return;
    const auto key = privacy_key(auth, priv, ours_->priv_key.view(), engine_).value();
    // Net-SNMP may keep more than the cipher uses.
    EXPECT_EQ(key.view(), NetSnmp::priv_key(theirs_).substr(0, key.view().size()));
}

TEST_P(V3Oracle, WeOpenWhatNetSnmpSeals) {
    NetSnmp oracle(9, theirs_);
    UsmSession ours = session();
    for (int i = 0; i < kMessages && !testing::Test::HasFatalFailure(); ++i) {
        Message message{3,
                        static_cast<std::uint8_t>(Tag::response),
                        static_cast<std::uint32_t>(generator_.number() & 0x7fffffffU),
                        theirs_.context,
                        static_cast<std::int64_t>(generator_.below(19)),
                        static_cast<std::int64_t>(generator_.below(200)),
                        {}};
        for (std::uint64_t n = generator_.below(6); n > 0; --n) message.values.push_back(generator_.value());
        std::string bytes = oracle.build(message);
        ASSERT_FALSE(bytes.empty());
        const auto parsed = parse_v3(bytes);
        ASSERT_TRUE(parsed) << parsed.error().text;
        ASSERT_EQ(parsed->id, message.request_id);
        const Taken taken = ours.take(*parsed, MonoTime{}, scratch_);
        ASSERT_EQ(taken.step, Taken::Step::answer) << taken.detail;
        ASSERT_EQ(taken.response.error_status, message.first);
        ASSERT_EQ(taken.response.error_index, message.second);
        expect_varbinds(message, taken.response);
        if (parsed->has_auth()) {
            bytes[generator_.below(bytes.size())] ^= 1;
            const auto changed = parse_v3(bytes);
            const bool is_taken =
                changed && ours.take(*changed, MonoTime{}, scratch_).step == Taken::Step::answer;
            ASSERT_FALSE(is_taken);
        }
    }
}

TEST_P(V3Oracle, NetSnmpOpensWhatWeSeal) {
    NetSnmp oracle(9, theirs_);
    UsmSession ours = session();
    for (int i = 0; i < kMessages && !testing::Test::HasFatalFailure(); ++i) {
        const auto id = static_cast<std::uint32_t>(generator_.number() & 0x7fffffffU);
        const auto repetitions = static_cast<std::int64_t>(generator_.below(1000));
        std::vector<Arcs> oids;
        for (std::uint64_t n = generator_.below(30); n > 0; --n) oids.push_back(generator_.oid());
        BackWriter out(buffer_);
        for (auto it = oids.rbegin(); it != oids.rend(); ++it)
            request_varbind(out, encode_oid(dotted(*it)).value(), {});
        finish_pdu(out, Tag::get_bulk_request, id, 0, repetitions);
        ASSERT_TRUE(ours.seal(out, id, MonoTime{}));
        ASSERT_TRUE(out.ok());
        Message read;
        ASSERT_TRUE(oracle.parse(out.bytes(), read));
        ASSERT_EQ(read.version, 3);
        ASSERT_EQ(read.request_id, id);
        ASSERT_EQ(read.community, theirs_.context);
        ASSERT_EQ(read.second, repetitions);
        ASSERT_EQ(read.values.size(), oids.size());
        for (std::size_t v = 0; v < oids.size(); ++v) ASSERT_EQ(read.values[v].oid, oids[v]);
    }
}

std::vector<Pair> pairs() {
    std::vector<Pair> out{{AuthProtocol::none, PrivProtocol::none}};
    for (const auto& [auth, auth_name] : kAuthNames) {
        if (auth == AuthProtocol::none) continue;
        for (const auto& [priv, priv_name] : kPrivNames) out.push_back({auth, priv});
    }
    return out;
}

INSTANTIATE_TEST_SUITE_P(AllPairs, V3Oracle, testing::ValuesIn(pairs()), [](const auto& param) {
    return std::string(auth_protocol_name(param.param.auth)) + "_" +
           std::string(priv_protocol_name(param.param.priv));
});

}  // namespace
}  // namespace outstation::oracle
