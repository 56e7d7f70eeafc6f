// SPDX-License-Identifier: GPL-3.0-or-later
// The header, the two suites, their keys.
#include "lib/crypto/sealed_box.hpp"

#include <openssl/crypto.h>
#include <openssl/hmac.h>

#include <array>

#include "lib/crypto/bytes.hpp"
#include "lib/crypto/openssl.hpp"

namespace outstation::crypto {
namespace {

constexpr std::string_view kMagic = "OSEC";
constexpr char kVersion = 1;
constexpr std::size_t kVersionAt = 4;
constexpr std::size_t kSuiteAt = 5;
constexpr std::size_t kReservedAt = 6;
constexpr std::size_t kKeyIdAt = 8;
constexpr std::size_t kKeyIdBytes = 8;
constexpr std::size_t kNonceAt = 16;
constexpr std::size_t kLengthAt = 32;
constexpr std::size_t kHeaderBytes = 36;  // 4 + 1 + 1 + 2 + 8 + 16 + 4
constexpr std::size_t kGcmNonceBytes = 12;
constexpr std::size_t kGcmTagBytes = 16;
constexpr std::size_t kSm3Bytes = 32;
constexpr std::size_t kSm4KeyBytes = 16;

using CipherPtr = std::unique_ptr<EVP_CIPHER_CTX, OpenSslFree<EVP_CIPHER_CTX_free>>;

// Overwritten when it goes.
struct Wiped {
    std::string bytes;
    Wiped() = default;
    explicit Wiped(std::string text) : bytes(std::move(text)) {}
    Wiped(const Wiped&) = delete;
    Wiped& operator=(const Wiped&) = delete;
    Wiped(Wiped&&) = default;
    Wiped& operator=(Wiped&&) = default;
    ~Wiped() { wipe(bytes); }
};

const unsigned char* octets(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* octets(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

std::string hmac(const EVP_MD* digest, std::string_view key, std::string_view bytes) {
    std::string out(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    if (HMAC(digest, key.data(), static_cast<int>(key.size()), octets(bytes), bytes.size(), octets(out),
             &size) == nullptr)
        return {};
    out.resize(size);
    return out;
}

std::size_t tag_bytes(SealSuite suite) {
    return suite == SealSuite::aes_256_gcm ? kGcmTagBytes : kSm3Bytes;
}

std::string key_id_bytes(std::string_view key) {
    const Digest digest = sha256("outstation secrets key id v1" + std::string(key));
    return std::string(digest.begin(), digest.begin() + kKeyIdBytes);
}

std::string hex(std::string_view bytes) {
    Digest padded{};
    std::copy(bytes.begin(), bytes.end(), padded.begin());
    return to_hex(padded).substr(0, 2 * bytes.size());
}

std::string header_of(SealSuite suite, std::string_view key, std::string_view nonce, std::size_t size) {
    std::string header(kMagic);
    header += kVersion;
    header += static_cast<char>(suite);
    header.append(2, '\0');
    header += key_id_bytes(key);
    header += nonce;
    for (unsigned shift = 0; shift < 32; shift += 8) header += static_cast<char>(size >> shift & 0xffU);
    return header;
}

std::size_t length_in(std::string_view header) {
    std::size_t length = 0;
    for (std::size_t i = 4; i-- > 0;)
        length = length << 8U | static_cast<std::uint8_t>(header[kLengthAt + i]);
    return length;
}

// What is authenticated beside the text. The header has a fixed size, so the name begins at a known place.
std::string bound(std::string_view header, std::string_view bound_to) {
    return std::string(header) + std::string(bound_to);
}

Result<std::string> seal_gcm(std::string_view plain, std::string_view key, std::string_view header,
                             std::string_view bound_to) {
    const Wiped derived(hmac(EVP_sha256(), key, "outstation secrets aes-256-gcm v1"));
    const CipherPtr context(EVP_CIPHER_CTX_new());
    const std::string extra = bound(header, bound_to);
    std::string out(plain.size() + kGcmTagBytes, '\0');
    int size = 0;
    const bool done =
        context && derived.bytes.size() == kSealKeyBytes &&
        EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, octets(std::string_view(derived.bytes)),
                           octets(header.substr(kNonceAt, kGcmNonceBytes))) == 1 &&
        EVP_EncryptUpdate(context.get(), nullptr, &size, octets(extra), static_cast<int>(extra.size())) ==
            1 &&
        EVP_EncryptUpdate(context.get(), octets(out), &size, octets(plain), static_cast<int>(plain.size())) ==
            1 &&
        EVP_EncryptFinal_ex(context.get(), octets(out) + plain.size(), &size) == 1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kGcmTagBytes, octets(out) + plain.size()) ==
            1;
    if (!done) return fail_openssl(ErrorCode::io, "sealing with AES-256-GCM");
    return out;
}

Result<std::string> open_gcm(std::string_view text, std::string_view tag, std::string_view key,
                             std::string_view header, std::string_view bound_to) {
    const Wiped derived(hmac(EVP_sha256(), key, "outstation secrets aes-256-gcm v1"));
    const CipherPtr context(EVP_CIPHER_CTX_new());
    const std::string extra = bound(header, bound_to);
    Wiped out(std::string(text.size() + 1, '\0'));
    int size = 0;
    const bool ready =
        context && derived.bytes.size() == kSealKeyBytes &&
        EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, octets(std::string_view(derived.bytes)),
                           octets(header.substr(kNonceAt, kGcmNonceBytes))) == 1 &&
        EVP_DecryptUpdate(context.get(), nullptr, &size, octets(extra), static_cast<int>(extra.size())) ==
            1 &&
        EVP_DecryptUpdate(context.get(), octets(out.bytes), &size, octets(text),
                          static_cast<int>(text.size())) == 1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kGcmTagBytes,
                            const_cast<char*>(tag.data())) == 1;
    if (!ready) return fail_openssl(ErrorCode::io, "opening with AES-256-GCM");
    if (EVP_DecryptFinal_ex(context.get(), octets(out.bytes) + text.size(), &size) != 1)
        return fail(ErrorCode::malformed, "it was changed, or belongs to something else");
    out.bytes.resize(text.size());
    return std::move(out.bytes);
}

// CTR is its own inverse.
Result<std::string> sm4_ctr(std::string_view text, std::string_view key, std::string_view nonce) {
    const Wiped derived(hmac(EVP_sm3(), key, "outstation secrets sm4-ctr v1"));
    const CipherPtr context(EVP_CIPHER_CTX_new());
    Wiped out(std::string(text.size() + kSm4KeyBytes, '\0'));
    int size = 0;
    const bool done = context && derived.bytes.size() >= kSm4KeyBytes &&
                      EVP_EncryptInit_ex(context.get(), EVP_sm4_ctr(), nullptr,
                                         octets(std::string_view(derived.bytes)), octets(nonce)) == 1 &&
                      EVP_EncryptUpdate(context.get(), octets(out.bytes), &size, octets(text),
                                        static_cast<int>(text.size())) == 1;
    if (!done) return fail_openssl(ErrorCode::io, "SM4-CTR");
    out.bytes.resize(text.size());
    return std::move(out.bytes);
}

// Over the header, the size of the name, the name and the encrypted text.
Result<std::string> sm3_tag(std::string_view text, std::string_view key, std::string_view header,
                            std::string_view bound_to) {
    const Wiped derived(hmac(EVP_sm3(), key, "outstation secrets hmac-sm3 v1"));
    std::string all(header);
    for (unsigned shift = 0; shift < 32; shift += 8)
        all += static_cast<char>(bound_to.size() >> shift & 0xffU);
    all += bound_to;
    all += text;
    auto tag = hmac(EVP_sm3(), derived.bytes, all);
    if (derived.bytes.size() != kSm3Bytes || tag.size() != kSm3Bytes)
        return fail_openssl(ErrorCode::io, "HMAC-SM3");
    return tag;
}

// Is the header one of ours, and the size what it says?
Result<void> check_shape(std::string_view sealed) {
    if (!is_sealed(sealed)) return fail(ErrorCode::malformed, "not sealed");
    if (sealed.size() < kHeaderBytes) return fail(ErrorCode::malformed, "cut off");
    if (sealed[kVersionAt] != kVersion)
        return fail(ErrorCode::malformed, "sealed by a newer version of this program");
    const auto suite = static_cast<SealSuite>(sealed[kSuiteAt]);
    const bool known = suite == SealSuite::aes_256_gcm || suite == SealSuite::sm4_ctr_hmac_sm3;
    const std::size_t length = length_in(sealed);
    if (!known || sealed.substr(kReservedAt, 2) != std::string_view("\0\0", 2) ||
        length > kMostSealedPlainBytes || sealed.size() != kHeaderBytes + length + tag_bytes(suite))
        return fail(ErrorCode::malformed, "the header is damaged, or the end is missing");
    return {};
}

}  // namespace

bool is_sealed(std::string_view bytes) {
    return bytes.size() > kVersionAt && bytes.substr(0, kMagic.size()) == kMagic &&
           static_cast<std::uint8_t>(bytes[kVersionAt]) < 0x20;
}

std::string seal_key_id(std::string_view key) {
    return hex(key_id_bytes(key));
}

Result<std::string> key_id_of_sealed(std::string_view sealed) {
    if (const auto shape = check_shape(sealed); !shape) return fail(shape.error());
    return hex(sealed.substr(kKeyIdAt, kKeyIdBytes));
}

Result<std::string> seal(std::string_view plain, std::string_view key, std::string_view bound_to,
                         SealSuite suite) {
    auto nonce = random_bytes(kSealNonceBytes);
    if (!nonce) return fail(nonce.error());
    return seal_with_nonce(plain, key, bound_to, suite, *nonce);
}

Result<std::string> seal_with_nonce(std::string_view plain, std::string_view key, std::string_view bound_to,
                                    SealSuite suite, std::string_view nonce) {
    if (key.size() != kSealKeyBytes || nonce.size() != kSealNonceBytes)
        return fail(ErrorCode::bug, "a key or nonce of the wrong size");
    if (plain.size() > kMostSealedPlainBytes) return fail(ErrorCode::exhausted, "too large to be sealed");
    const std::string header = header_of(suite, key, nonce, plain.size());
    if (suite == SealSuite::aes_256_gcm) {
        const auto sealed = seal_gcm(plain, key, header, bound_to);
        if (!sealed) return fail(sealed.error());
        return header + *sealed;
    }
    const auto text = sm4_ctr(plain, key, nonce);
    if (!text) return fail(text.error());
    const auto tag = sm3_tag(*text, key, header, bound_to);
    if (!tag) return fail(tag.error());
    return header + *text + *tag;
}

Result<std::string> open_sealed(std::string_view sealed, std::string_view key, std::string_view bound_to) {
    if (key.size() != kSealKeyBytes) return fail(ErrorCode::bug, "a key of the wrong size");
    if (const auto shape = check_shape(sealed); !shape) return fail(shape.error());
    const std::string_view header = sealed.substr(0, kHeaderBytes);
    if (header.substr(kKeyIdAt, kKeyIdBytes) != key_id_bytes(key))
        return fail(ErrorCode::refused, "sealed with key " + hex(header.substr(kKeyIdAt, kKeyIdBytes)) +
                                            ", and this is key " + seal_key_id(key));
    const auto suite = static_cast<SealSuite>(header[kSuiteAt]);
    const std::string_view text = sealed.substr(kHeaderBytes, length_in(header));
    const std::string_view tag = sealed.substr(kHeaderBytes + text.size());
    if (suite == SealSuite::aes_256_gcm) return open_gcm(text, tag, key, header, bound_to);
    const auto expected = sm3_tag(text, key, header, bound_to);
    if (!expected) return fail(expected.error());
    if (!equal_in_constant_time(*expected, tag))
        return fail(ErrorCode::malformed, "it was changed, or belongs to something else");
    return sm4_ctr(text, key, header.substr(kNonceAt, kSealNonceBytes));
}

}  // namespace outstation::crypto
