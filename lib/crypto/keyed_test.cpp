// SPDX-License-Identifier: GPL-3.0-or-later
// Hashes, HMAC and ciphers against the examples of their standards.
#include <gtest/gtest.h>

#include <array>

#include "lib/crypto/block_cipher.hpp"
#include "lib/crypto/keyed_hash.hpp"

namespace outstation::crypto {
namespace {

std::string from_hex(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2)
        bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    return bytes;
}

std::string mac_of(Hash hash, std::string_view key, std::initializer_list<std::string_view> parts) {
    auto hmac = Hmac::make(hash, key).value();
    HashBytes first{};
    HashBytes second{};
    EXPECT_TRUE(hmac.compute(parts, first));
    EXPECT_TRUE(hmac.compute(parts, second));
    EXPECT_EQ(first, second);  // the key is used again as it was
    return {first.data(), hash_size(hash)};
}

// RFC 2202 and RFC 4231, test case 2.
TEST(KeyedHash, HmacIsThatOfTheStandards) {
    constexpr std::string_view kText = "what do ya want for nothing?";
    const std::array<std::pair<Hash, const char*>, 6> expected = {
        {{Hash::md5, "750c783e6ab0b503eaa86e310a5db738"},
         {Hash::sha1, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
         {Hash::sha224, "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44"},
         {Hash::sha256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
         {Hash::sha384,
          "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
          "8e2240ca5e69e2c78b3239ecfab21649"},
         {Hash::sha512,
          "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
          "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"}}};
    for (const auto& [hash, hex] : expected) {
        EXPECT_EQ(mac_of(hash, "Jefe", {kText}), from_hex(hex));
        EXPECT_EQ(mac_of(hash, "Jefe", {kText.substr(0, 5), "", kText.substr(5)}), from_hex(hex));
    }
}

// RFC 1321 A.5, FIPS 180-1.
TEST(KeyedHash, HashesOfParts) {
    EXPECT_EQ(hash_of(Hash::md5, {"a", "bc"})->view(), from_hex("900150983cd24fb0d6963f7d28e17f72"));
    EXPECT_EQ(hash_of(Hash::sha1, {"abc"})->view(), from_hex("a9993e364706816aba3e25717850c26c9cd0d89d"));
}

void expect_cipher(BlockCipher::Kind kind, std::string_view key, std::string_view iv, std::string_view plain,
                   std::string_view secret) {
    auto cipher = BlockCipher::make(kind, from_hex(key)).value();
    for (int again = 0; again < 2; ++again) {
        std::string text = from_hex(plain);
        ASSERT_TRUE(cipher.encrypt(from_hex(iv), text));
        EXPECT_EQ(text, from_hex(secret));
        std::string back(text.size(), '\0');
        ASSERT_TRUE(cipher.decrypt(from_hex(iv), text, back));
        EXPECT_EQ(back, from_hex(plain));
    }
}

// NIST SP 800-38A F.3.13 to F.3.17, the last with a part of a block at its end.
TEST(BlockCipher, AesIsThatOfTheStandard) {
    constexpr std::string_view kIv = "000102030405060708090a0b0c0d0e0f";
    constexpr std::string_view kPlain = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51";
    expect_cipher(BlockCipher::Kind::aes_128_cfb, "2b7e151628aed2a6abf7158809cf4f3c", kIv, kPlain,
                  "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b");
    expect_cipher(BlockCipher::Kind::aes_192_cfb, "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", kIv,
                  kPlain, "cdc80d6fddf18cab34c25909c99a417467ce7f7f81173621961a2b70171d3d7a");
    expect_cipher(BlockCipher::Kind::aes_256_cfb,
                  "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", kIv, kPlain,
                  "dc7e84bfda79164b7ecd8486985d386039ffed143b28b1c832113c6331e5407b");
    expect_cipher(BlockCipher::Kind::aes_128_cfb, "2b7e151628aed2a6abf7158809cf4f3c", kIv,
                  kPlain.substr(0, 46), "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a9");
}

TEST(BlockCipher, EveryLengthIsDecrypted) {
    auto cipher = BlockCipher::make(BlockCipher::Kind::aes_256_cfb, std::string(32, 'k')).value();
    const std::string iv(16, 'i');
    std::string plain;
    for (int n = 0; n < 100; ++n, plain += static_cast<char>(n * 37)) {
        std::string text = plain;
        ASSERT_TRUE(cipher.encrypt(iv, text));
        std::string back(text.size(), '\0');
        ASSERT_TRUE(cipher.decrypt(iv, text, back));
        ASSERT_EQ(back, plain) << n;
    }
}

// FIPS 81, table C1 (CBC).
TEST(BlockCipher, DesIsThatOfTheStandard) {
    expect_cipher(BlockCipher::Kind::des_cbc, "0123456789abcdef", "1234567890abcdef",
                  "4e6f77206973207468652074696d6520666f7220616c6c20",
                  "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6");
}

TEST(BlockCipher, WrongSizesAreRefused) {
    EXPECT_FALSE(BlockCipher::make(BlockCipher::Kind::aes_128_cfb, "short"));
    auto des = BlockCipher::make(BlockCipher::Kind::des_cbc, "8 bytes.").value();
    std::string text = "seven..";
    EXPECT_FALSE(des.encrypt("8 bytes.", text));
    text += '.';
    EXPECT_FALSE(des.encrypt("four", text));
    EXPECT_TRUE(des.encrypt("8 bytes.", text));
}

TEST(WipedBytes, AMoveLeavesNothingBehind) {
    WipedBytes a("secret");
    WipedBytes b(std::move(a));
    EXPECT_TRUE(a.empty());  // NOLINT: that is what is tested
    EXPECT_EQ(b.view(), "secret");
    WipedBytes c;
    c = std::move(b);
    EXPECT_EQ(c.view(), "secret");
}

}  // namespace
}  // namespace outstation::crypto
