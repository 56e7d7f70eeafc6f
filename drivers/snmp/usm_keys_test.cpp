// SPDX-License-Identifier: GPL-3.0-or-later
// Keys against the examples of RFC 3414 A.3 and draft-reeder-snmpv3-usm-3desede, and of hashes that have no
// example there against values made apart (Python's hashlib).
#include "drivers/snmp/usm_keys.hpp"

#include <gtest/gtest.h>

namespace outstation::snmp {
namespace {

std::string hex(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
        char two[3];
        std::snprintf(two, sizeof two, "%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
        text += two;
    }
    return text;
}

const std::string kEngine("\0\0\0\0\0\0\0\0\0\0\0\x02", 12);

TEST(UsmKeys, KeysAreThoseOfTheStandard) {
    struct Example {
        AuthProtocol protocol;
        const char* user_key;
        const char* localized;
    };
    const std::array<Example, 6> examples = {
        {{AuthProtocol::md5, "9faf3283884e92834ebc9847d8edd963", "526f5eed9fcce26f8964c2930787d82b"},
         {AuthProtocol::sha1, "9fb5cc0381497b3793528939ff788d5d79145211",
          "6695febc9288e36282235fc7151f128497b38f3f"},
         {AuthProtocol::sha224, "282a5867ee9aac639ad59df9572c7d3ac0fbc13a905b6df07dbbf00b",
          "0bd8827c6e29f8065e08e09237f177e410f69b90e1782be682075674"},
         {AuthProtocol::sha256, "ab51014d1e077f6017df2b12bee5f5aa72993177e9bb569c4dff5a4ca0b4afac",
          "8982e0e549e866db361a6b625d84cccc11162d453ee8ce3a6445c2d6776f0f8b"},
         {AuthProtocol::sha384,
          "e06eccdf2c68a06ed034723c9c26e0db3b669e1e2efed49150b55377a2e98f383c86fb836857444654b287c93f51ff64",
          "3b298f16164a11184279d5432bf169e2d2a48307de02b3d3f7e2b4f36eb6f0455a53689a3937eea07319a633d2ccba78"},
         {AuthProtocol::sha512,
          "7e4396de5aadc77be853819b98c9406265b3a9c37cc3176569847a4e4f6fba63dd3a73d04924d31a63f95a601f9385af"
          "6be4ed1b37f87d040f7c6ed6f8d38a91",
          "22a5a36cedfcc085807a128d7bc6c2382167ad6c0dbc5fdff856740f3d84c099ad1ea87a8db096714d9788bd544047c9"
          "021e4229ce27e4c0a69250adfcffbb0b"}}};
    for (const Example& example : examples) {
        const auto user_key = key_of_passphrase(example.protocol, "maplesyrup").value();
        EXPECT_EQ(hex(user_key.view()), example.user_key);
        EXPECT_EQ(hex(localized_key(example.protocol, user_key.view(), kEngine)->view()), example.localized);
    }
}

TEST(UsmKeys, LongKeysAreMadeInBothWays) {
    struct Example {
        AuthProtocol auth;
        PrivProtocol priv;
        const char* key;
    };
    const std::array<Example, 7> examples = {
        {{AuthProtocol::md5, PrivProtocol::des, "526f5eed9fcce26f8964c2930787d82b"},
         {AuthProtocol::md5, PrivProtocol::aes192c, "526f5eed9fcce26f8964c2930787d82b79eff44a90650ee0"},
         {AuthProtocol::md5, PrivProtocol::aes256c,
          "526f5eed9fcce26f8964c2930787d82b79eff44a90650ee0a3a40abfac5acc12"},
         {AuthProtocol::md5, PrivProtocol::aes256,
          "526f5eed9fcce26f8964c2930787d82bfa24a92467426c2f4b09192be10dfaec"},
         {AuthProtocol::sha1, PrivProtocol::aes192, "6695febc9288e36282235fc7151f128497b38f3f505e07eb"},
         {AuthProtocol::sha1, PrivProtocol::aes256c,
          "6695febc9288e36282235fc7151f128497b38f3f9b8b6d78936ba6e7d19dfd9c"},
         {AuthProtocol::sha512, PrivProtocol::aes256c,
          "22a5a36cedfcc085807a128d7bc6c2382167ad6c0dbc5fdff856740f3d84c099"}}};
    for (const Example& example : examples) {
        const auto user_key = key_of_passphrase(example.auth, "maplesyrup").value();
        EXPECT_EQ(hex(privacy_key(example.auth, example.priv, user_key.view(), kEngine)->view()), example.key)
            << priv_protocol_name(example.priv);
    }
}

TEST(UsmKeys, NamesAreThere) {
    for (int i = 0; i < 7; ++i) {
        const auto auth = static_cast<AuthProtocol>(i);
        const auto priv = static_cast<PrivProtocol>(i);
        EXPECT_EQ(parse_auth_protocol(auth_protocol_name(auth)).value(), auth);
        EXPECT_EQ(parse_priv_protocol(priv_protocol_name(priv)).value(), priv);
    }
    EXPECT_FALSE(parse_auth_protocol("sha3"));
    EXPECT_FALSE(parse_priv_protocol("DES"));
}

TEST(UsmKeys, UsersThatCannotBeAreRefused) {
    constexpr std::string_view kGood = "long enough";
    EXPECT_FALSE(UsmUser::make("", AuthProtocol::none, {}, PrivProtocol::none, {}));
    EXPECT_FALSE(UsmUser::make(std::string(33, 'u'), AuthProtocol::none, {}, PrivProtocol::none, {}));
    EXPECT_FALSE(UsmUser::make("u", AuthProtocol::none, {}, PrivProtocol::aes128, kGood));
    EXPECT_EQ(UsmUser::make("u", AuthProtocol::sha1, "7 bytes", PrivProtocol::none, {}).error().text,
              "authentication: a passphrase has less than 8 characters");
    EXPECT_EQ(UsmUser::make("u", AuthProtocol::sha1, kGood, PrivProtocol::des, "").error().text,
              "privacy: a passphrase has less than 8 characters");
    EXPECT_TRUE(UsmUser::make("u", AuthProtocol::sha1, kGood, PrivProtocol::des, kGood));
}

UsmKeys keys_of(PrivProtocol priv, AuthProtocol auth = AuthProtocol::sha1) {
    return UsmKeys::make(*UsmUser::make("u", auth, "authentication", priv, "and privacy").value(), kEngine)
        .value();
}

TEST(UsmKeys, AMacThatIsCutIsRefusedAtEveryLength) {
    for (const AuthProtocol auth : {AuthProtocol::md5, AuthProtocol::sha1, AuthProtocol::sha224,
                                    AuthProtocol::sha256, AuthProtocol::sha384, AuthProtocol::sha512}) {
        UsmKeys keys = keys_of(PrivProtocol::none, auth);
        std::string mac(mac_size(auth), '\0');
        ASSERT_TRUE(keys.sign({"of two ", "parts"}, mac));
        EXPECT_TRUE(keys.verify({"of two parts"}, mac));
        for (std::size_t n = 0; n < mac.size(); ++n)
            EXPECT_FALSE(keys.verify({"of two parts"}, mac.substr(0, n))) << n;
        EXPECT_FALSE(keys.verify({"of two parts"}, mac + '\0'));
        for (std::size_t n = 0; n < mac.size(); ++n) {
            std::string other = mac;
            other[n] = static_cast<char>(other[n] ^ 1);
            EXPECT_FALSE(keys.verify({"of two parts"}, other)) << n;
        }
    }
}

TEST(UsmKeys, EveryCipherReadsItselfAndNeverUsesASaltTwice) {
    for (int i = 1; i < 7; ++i) {
        const auto priv = static_cast<PrivProtocol>(i);
        UsmKeys ours = keys_of(priv);
        UsmKeys theirs = keys_of(priv);
        const std::string plain = "sixteen bytes and 24 too";
        Salt first;
        Salt second;
        std::string text = plain;
        std::string other = plain;
        ASSERT_TRUE(ours.encrypt(3, 4711, text, first));
        ASSERT_TRUE(ours.encrypt(3, 4711, other, second));
        EXPECT_NE(first, second);
        EXPECT_NE(text, other);
        std::string back(text.size(), '\0');
        ASSERT_TRUE(theirs.decrypt(3, 4711, {first.data(), first.size()}, text, back));
        EXPECT_EQ(back, plain) << priv_protocol_name(priv);
        EXPECT_FALSE(theirs.decrypt(3, 4711, {first.data(), first.size() - 1}, text, back));
    }
}

}  // namespace
}  // namespace outstation::snmp
