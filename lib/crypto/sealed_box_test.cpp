// SPDX-License-Identifier: GPL-3.0-or-later
// Sealing: the worked example of docs/formats/secrets.md, round trips, and every way to tamper.
#include "lib/crypto/sealed_box.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "lib/crypto/bytes.hpp"

namespace outstation::crypto {
namespace {

constexpr SealSuite kSuites[] = {SealSuite::aes_256_gcm, SealSuite::sm4_ctr_hmac_sm3};

std::string counted(std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += static_cast<char>(i);
    return out;
}

std::string hex_of(const std::string& bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        out += kDigits[static_cast<std::uint8_t>(c) >> 4U];
        out += kDigits[static_cast<std::uint8_t>(c) & 15U];
    }
    return out;
}

// The hexadecimal lines behind "    SUITE:" in the page, without blanks.
std::string documented(const std::string& label) {
    std::ifstream page("docs/formats/secrets.md");
    std::string out;
    bool inside = false;
    for (std::string line; std::getline(page, line);) {
        if (line == "    " + label + ":") {
            inside = true;
        } else if (inside && line.rfind("    ", 0) == 0) {
            for (const char c : line) out += c == ' ' ? "" : std::string(1, c);
        } else {
            inside = false;
        }
    }
    return out;
}

TEST(SealedBoxTest, TheWorkedExampleIsWhatTheCodeMakes) {
    const std::string key = counted(kSealKeyBytes);
    const std::string nonce = counted(kSealNonceBytes);
    const auto gcm = seal_with_nonce("room secret", key, "room-community", SealSuite::aes_256_gcm, nonce);
    const auto sm4 =
        seal_with_nonce("room secret", key, "room-community", SealSuite::sm4_ctr_hmac_sm3, nonce);
    ASSERT_TRUE(gcm && sm4);
    EXPECT_EQ(hex_of(*gcm), documented("aes-256-gcm"));
    EXPECT_EQ(hex_of(*sm4), documented("sm4"));
}

TEST(SealedBoxTest, OpensWhatItSealed) {
    const std::string key = counted(kSealKeyBytes);
    for (const SealSuite suite : kSuites) {
        for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 4096U}) {
            const std::string plain = random_bytes(size).value_or("");
            const auto sealed = seal(plain, key, "name", suite);
            ASSERT_TRUE(sealed) << sealed.error().text;
            EXPECT_TRUE(is_sealed(*sealed));
            EXPECT_EQ(key_id_of_sealed(*sealed).value(), seal_key_id(key));
            EXPECT_EQ(open_sealed(*sealed, key, "name").value(), plain);
            EXPECT_NE(seal(plain, key, "name", suite).value(), *sealed);  // a nonce of its own
        }
    }
    EXPECT_EQ(seal(std::string(kMostSealedPlainBytes + 1, 'x'), key, "n", kSuites[0]).error().code,
              ErrorCode::exhausted);
}

TEST(SealedBoxTest, EveryBitIsProved) {
    const std::string key = counted(kSealKeyBytes);
    for (const SealSuite suite : kSuites) {
        const std::string sealed = seal("room secret", key, "name", suite).value();
        for (std::size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
            std::string changed = sealed;
            changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
            EXPECT_FALSE(open_sealed(changed, key, "name")) << "bit " << bit;
        }
        for (std::size_t size = 0; size < sealed.size(); ++size)
            EXPECT_FALSE(open_sealed(sealed.substr(0, size), key, "name")) << size;
        EXPECT_FALSE(open_sealed(sealed + '\0', key, "name"));
    }
}

TEST(SealedBoxTest, BelongsToItsNameAndItsKey) {
    const std::string key = counted(kSealKeyBytes);
    const std::string other = counted(kSealKeyBytes + 1).substr(1);
    for (const SealSuite suite : kSuites) {
        const std::string sealed = seal("room secret", key, "name", suite).value();
        for (const char* name : {"", "nam", "name2", "Name"})
            EXPECT_EQ(open_sealed(sealed, key, name).error().code, ErrorCode::malformed) << name;
        const auto wrong = open_sealed(sealed, other, "name");
        ASSERT_FALSE(wrong);
        EXPECT_EQ(wrong.error().code, ErrorCode::refused);
        EXPECT_NE(wrong.error().text.find(seal_key_id(key)), std::string::npos);
        EXPECT_NE(wrong.error().text.find(seal_key_id(other)), std::string::npos);
    }
}

}  // namespace
}  // namespace outstation::crypto
