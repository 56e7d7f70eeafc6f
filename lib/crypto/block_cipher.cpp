// SPDX-License-Identifier: GPL-3.0-or-later
// EVP_CIPHER, fetched once.
#include "lib/crypto/block_cipher.hpp"

#include <openssl/evp.h>

#include <array>

#include "lib/crypto/openssl.hpp"
#include "lib/crypto/wiped_bytes.hpp"

namespace outstation::crypto {
namespace {

using Context = std::unique_ptr<EVP_CIPHER_CTX, OpenSslFree<EVP_CIPHER_CTX_free>>;

constexpr std::size_t kKinds = 4;
constexpr std::array<const char*, kKinds> kNames = {"DES-EDE3-CBC", "AES-128-CFB", "AES-192-CFB",
                                                    "AES-256-CFB"};
constexpr std::size_t kDesBytes = 8;

std::size_t at(BlockCipher::Kind kind) {
    return static_cast<std::size_t>(kind);
}

const unsigned char* octets(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

// Never freed: they are needed until the process ends.
const std::array<EVP_CIPHER*, kKinds>& algorithms() {
    static const auto fetched = [] {
        std::array<EVP_CIPHER*, kKinds> out{};
        for (std::size_t i = 0; i < kKinds; ++i) out[i] = EVP_CIPHER_fetch(nullptr, kNames[i], nullptr);
        return out;
    }();
    return fetched;
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

    [[nodiscard]] bool run(EVP_CIPHER_CTX* context, std::string_view iv, std::string_view text,
                           std::span<char> out) const {
        const bool fits = iv.size() == iv_size(kind) && out.size() == text.size() &&
                          (kind != Kind::des_cbc || text.size() % kDesBytes == 0);
        int size = 0;
        return fits && EVP_CipherInit_ex2(context, nullptr, nullptr, octets(iv), -1, nullptr) == 1 &&
               EVP_CipherUpdate(context, reinterpret_cast<unsigned char*>(out.data()), &size, octets(text),
                                static_cast<int>(text.size())) == 1 &&
               static_cast<std::size_t>(size) == text.size();
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
    const EVP_CIPHER* algorithm = algorithms()[at(kind)];
    if (algorithm == nullptr) return fail_openssl(ErrorCode::io, kNames[at(kind)]);
    const WipedBytes schedule = key_schedule(kind, key);
    auto contexts = std::make_unique<Contexts>();
    contexts->kind = kind;
    contexts->encrypts = make_context(algorithm, schedule.view(), true);
    contexts->decrypts = make_context(algorithm, schedule.view(), false);
    if (!contexts->encrypts || !contexts->decrypts) return fail_openssl(ErrorCode::io, kNames[at(kind)]);
    return BlockCipher(std::move(contexts));
}

bool BlockCipher::encrypt(std::string_view iv, std::span<char> text) {
    return contexts_->run(contexts_->encrypts.get(), iv, {text.data(), text.size()}, text);
}

bool BlockCipher::decrypt(std::string_view iv, std::string_view text, std::span<char> out) {
    return contexts_->run(contexts_->decrypts.get(), iv, text, out);
}

}  // namespace outstation::crypto
