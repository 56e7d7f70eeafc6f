// SPDX-License-Identifier: GPL-3.0-or-later
// Random bytes and hashes by OpenSSL, text forms by hand.
#include "lib/crypto/bytes.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include "lib/crypto/openssl.hpp"

namespace outstation::crypto {
namespace {

constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const unsigned char* octets(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

Result<std::string> random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1)
        return fail_openssl(ErrorCode::io, "random bytes");
    return bytes;
}

Result<std::string> random_text(std::size_t length, std::string_view alphabet) {
    const std::size_t fair = 256 - 256 % alphabet.size();  // larger bytes would favour the first characters
    std::string text;
    while (text.size() < length) {
        const auto bytes = random_bytes(length);
        if (!bytes) return fail(bytes.error());
        for (const char byte : *bytes) {
            const auto value = static_cast<std::uint8_t>(byte);
            if (value < fair && text.size() < length) text += alphabet[value % alphabet.size()];
        }
    }
    return text;
}

Digest sha256(std::string_view bytes) {
    Digest digest{};
    SHA256(octets(bytes), bytes.size(), digest.data());
    return digest;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void wipe(std::string& secret) {
    OPENSSL_cleanse(secret.data(), secret.size());
    secret.clear();
}

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        text += kDigits[static_cast<unsigned char>(c) >> 4U];
        text += kDigits[static_cast<unsigned char>(c) & 15U];
    }
    return text;
}

std::string to_hex(const Digest& digest) {
    return to_hex(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

std::string to_base64url(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size() * 4 / 3 + 2);  // no copy of a secret is left where it grew
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char byte : bytes) {
        bits = (bits << 8U | static_cast<std::uint8_t>(byte)) & 0xffffU;
        for (held += 8; held >= 6;) {
            held -= 6;
            text += kBase64Url[(bits >> held) & 63U];
        }
    }
    if (held > 0) text += kBase64Url[(bits << (6 - held)) & 63U];
    return text;
}

Result<std::string> parse_base64url(std::string_view text) {
    std::string bytes;
    bytes.reserve(text.size());
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char c : text) {
        const auto value = kBase64Url.find(c);
        if (value == std::string_view::npos) return fail(ErrorCode::malformed, "base64url: wrong character");
        bits = (bits << 6U | static_cast<std::uint32_t>(value)) & 0xffffU;
        held += 6;
        if (held < 8) continue;
        held -= 8;
        bytes += static_cast<char>((bits >> held) & 0xffU);
    }
    const bool rest_is_zero = (bits & ((1U << held) - 1U)) == 0;
    if (held >= 6 || !rest_is_zero) return fail(ErrorCode::malformed, "base64url: cut text");
    return bytes;
}

}  // namespace outstation::crypto
