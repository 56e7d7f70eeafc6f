// SPDX-License-Identifier: GPL-3.0-or-later
// EVP_CIPHER, fetched once.
#include "lib/crypto/block_cipher.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "lib/crypto/openssl.hpp"
#include "lib/crypto/wiped_bytes.hpp"

namespace outstation::crypto {
namespace {

using Context = std::unique_ptr<EVP_CIPHER_CTX, OpenSslFree<EVP_CIPHER_CTX_free>>;

constexpr std::size_t kKinds = 4;
constexpr std::array<const char*, kKinds> kNames = {"DES-EDE3-CBC", "AES-128-CFB", "AES-192-CFB",
                                                    "AES-256-CFB"};
// CFB is decrypted by the cipher itself: all blocks at once, not one after the other.
constexpr std::array<const char*, kKinds> kDecryptNames = {"DES-EDE3-CBC", "AES-128-ECB", "AES-192-ECB",
                                                           "AES-256-ECB"};
constexpr std::size_t kDesBytes = 8;
constexpr std::size_t kAesBytes = 16;

std::size_t at(BlockCipher::Kind kind) {
    return static_cast<std::size_t>(kind);
}

const unsigned char* octets(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* octets(std::span<char> bytes) {
    return reinterpret_cast<unsigned char*>(bytes.data());
}

// Never freed: they are needed until the process ends.
struct Algorithms {
    std::array<EVP_CIPHER*, kKinds> encrypt{};
    std::array<EVP_CIPHER*, kKinds> decrypt{};
    Algorithms() {
        for (std::size_t i = 0; i < kKinds; ++i) {
            encrypt[i] = EVP_CIPHER_fetch(nullptr, kNames[i], nullptr);
            decrypt[i] = EVP_CIPHER_fetch(nullptr, kDecryptNames[i], nullptr);
        }
    }
};

const Algorithms& algorithms() {
    static const Algorithms fetched;
    return fetched;
}

bool update(EVP_CIPHER_CTX* context, std::string_view text, std::span<char> out) {
    int size = 0;
    return EVP_CipherUpdate(context, octets(out), &size, octets(text), static_cast<int>(text.size())) == 1 &&
           static_cast<std::size_t>(size) == text.size();
}

void xor_into(std::span<char> out, std::string_view other) {
    std::size_t i = 0;
    for (; i + sizeof(std::uint64_t) <= out.size(); i += sizeof(std::uint64_t)) {
        std::uint64_t a = 0;
        std::uint64_t b = 0;
        std::memcpy(&a, out.data() + i, sizeof a);
        std::memcpy(&b, other.data() + i, sizeof b);
        a ^= b;
        std::memcpy(out.data() + i, &a, sizeof a);
    }
    for (; i < out.size(); ++i) out[i] = static_cast<char>(out[i] ^ other[i]);
}

// SP 800-38A section 6.3: a block is XORed with the cipher of the one before, the first with that of the IV.
bool decrypt_cfb(EVP_CIPHER_CTX* cipher, std::string_view iv, std::string_view text, std::span<char> out) {
    const std::size_t whole = text.size() / kAesBytes * kAesBytes;
    std::array<char, kAesBytes> part;  // for a block that `out` has no whole room for
    bool ok = true;
    if (whole > 0) ok = update(cipher, iv, out.first(kAesBytes));
    if (whole > kAesBytes)
        ok = ok &&
             update(cipher, text.substr(0, whole - kAesBytes), out.subspan(kAesBytes, whole - kAesBytes));
    if (whole < text.size()) {
        const std::string_view before = whole == 0 ? iv : text.substr(whole - kAesBytes, kAesBytes);
        ok = ok && update(cipher, before, part);
        std::copy_n(part.begin(), text.size() - whole, out.begin() + static_cast<std::ptrdiff_t>(whole));
    }
    xor_into(out, text);
    return ok;
}

WipedBytes key_schedule(BlockCipher::Kind kind, std::string_view key) {
    if (kind != BlockCipher::Kind::des_cbc) return WipedBytes(key);
    WipedBytes thrice(3 * kDesBytes);
    for (std::size_t i = 0; i < 3; ++i) key.copy(thrice.bytes().data() + i * kDesBytes, kDesBytes);
    return thrice;
}

Context make_context(const EVP_CIPHER* algorithm, std::string_view key, bool encrypts) {
    Context context(EVP_CIPHER_CTX_new());
    const bool ready =
        context &&
        EVP_CipherInit_ex2(context.get(), algorithm, octets(key), nullptr, encrypts ? 1 : 0, nullptr) == 1 &&
        EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1;
    if (!ready) context.reset();
    return context;
}

}  // namespace

struct BlockCipher::Contexts {
    Kind kind;
    Context encrypts;
    Context decrypts;

    [[nodiscard]] bool fits(std::string_view iv, std::size_t size) const {
        return iv.size() == iv_size(kind) && (kind != Kind::des_cbc || size % kDesBytes == 0);
    }
    [[nodiscard]] static bool run(EVP_CIPHER_CTX* context, std::string_view iv, std::string_view text,
                                  std::span<char> out) {
        return EVP_CipherInit_ex2(context, nullptr, nullptr, octets(iv), -1, nullptr) == 1 &&
               update(context, text, out);
    }
};

BlockCipher::BlockCipher(std::unique_ptr<Contexts> contexts) : contexts_(std::move(contexts)) {}
BlockCipher::BlockCipher(BlockCipher&&) noexcept = default;
BlockCipher& BlockCipher::operator=(BlockCipher&&) noexcept = default;
BlockCipher::~BlockCipher() = default;

std::size_t BlockCipher::key_size(Kind kind) {
    return 8 * (at(kind) + 1);
}

std::size_t BlockCipher::iv_size(Kind kind) {
    return kind == Kind::des_cbc ? kDesBytes : 16;
}

Result<BlockCipher> BlockCipher::make(Kind kind, std::string_view key) {
    if (key.size() != key_size(kind)) return fail(ErrorCode::bug, "a key of the wrong size");
    const EVP_CIPHER* encrypt = algorithms().encrypt[at(kind)];
    const EVP_CIPHER* decrypt = algorithms().decrypt[at(kind)];
    if (encrypt == nullptr || decrypt == nullptr) return fail_openssl(ErrorCode::io, kNames[at(kind)]);
    const WipedBytes schedule = key_schedule(kind, key);
    auto contexts = std::make_unique<Contexts>();
    contexts->kind = kind;
    contexts->encrypts = make_context(encrypt, schedule.view(), true);
    contexts->decrypts = make_context(decrypt, schedule.view(), kind != Kind::des_cbc);
    if (!contexts->encrypts || !contexts->decrypts) return fail_openssl(ErrorCode::io, kNames[at(kind)]);
    return BlockCipher(std::move(contexts));
}

bool BlockCipher::encrypt(std::string_view iv, std::span<char> text) {
    return contexts_->fits(iv, text.size()) &&
           Contexts::run(contexts_->encrypts.get(), iv, {text.data(), text.size()}, text);
}

bool BlockCipher::decrypt(std::string_view iv, std::string_view text, std::span<char> out) {
    if (!contexts_->fits(iv, text.size()) || out.size() != text.size()) return false;
    EVP_CIPHER_CTX* context = contexts_->decrypts.get();
    return contexts_->kind == Kind::des_cbc ? Contexts::run(context, iv, text, out)
                                            : decrypt_cfb(context, iv, text, out);
}

}  // namespace outstation::crypto
