// SPDX-License-Identifier: GPL-3.0-or-later
// EVP_MD and EVP_MAC, fetched once.
#include "lib/crypto/keyed_hash.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "lib/crypto/openssl.hpp"

namespace outstation::crypto {
namespace {

constexpr std::size_t kHashes = 6;
constexpr std::array<const char*, kHashes> kNames = {"MD5",      "SHA1",     "SHA2-224",
                                                     "SHA2-256", "SHA2-384", "SHA2-512"};
constexpr std::array<std::size_t, kHashes> kSizes = {16, 20, 28, 32, 48, 64};

const unsigned char* octets(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

// Never freed: they are needed until the process ends.
struct Algorithms {
    std::array<EVP_MD*, kHashes> hashes{};
    EVP_MAC* hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    Algorithms() {
        for (std::size_t i = 0; i < kHashes; ++i) hashes[i] = EVP_MD_fetch(nullptr, kNames[i], nullptr);
    }
};

const Algorithms& algorithms() {
    static const Algorithms fetched;
    return fetched;
}

tl::unexpected<Error> not_offered(Hash hash) {
    return fail_openssl(ErrorCode::io, kNames[static_cast<std::size_t>(hash)]);
}

}  // namespace

std::size_t hash_size(Hash hash) {
    return kSizes[static_cast<std::size_t>(hash)];
}

Result<WipedBytes> hash_of(Hash hash, std::initializer_list<std::string_view> parts) {
    const EVP_MD* algorithm = algorithms().hashes[static_cast<std::size_t>(hash)];
    const std::unique_ptr<EVP_MD_CTX, OpenSslFree<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
    bool ok = algorithm != nullptr && context && EVP_DigestInit_ex2(context.get(), algorithm, nullptr) == 1;
    for (const std::string_view part : parts)
        ok = ok && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
    WipedBytes out(hash_size(hash));
    ok = ok && EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(out.bytes().data()),
                                  nullptr) == 1;
    if (!ok) return not_offered(hash);
    return out;
}

struct Hmac::Context {
    std::unique_ptr<EVP_MAC_CTX, OpenSslFree<EVP_MAC_CTX_free>> mac;
};

Hmac::Hmac(std::unique_ptr<Context> context) : context_(std::move(context)) {}
Hmac::Hmac(Hmac&&) noexcept = default;
Hmac& Hmac::operator=(Hmac&&) noexcept = default;
Hmac::~Hmac() = default;

Result<Hmac> Hmac::make(Hash hash, std::string_view key) {
    auto context = std::make_unique<Context>();
    std::string name = kNames[static_cast<std::size_t>(hash)];
    const std::array<OSSL_PARAM, 2> parameters = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0), OSSL_PARAM_construct_end()};
    if (algorithms().hmac != nullptr) context->mac.reset(EVP_MAC_CTX_new(algorithms().hmac));
    if (!context->mac || EVP_MAC_init(context->mac.get(), octets(key), key.size(), parameters.data()) != 1)
        return not_offered(hash);
    return Hmac(std::move(context));
}

bool Hmac::compute(std::initializer_list<std::string_view> parts, HashBytes& out) {
    EVP_MAC_CTX* mac = context_->mac.get();
    bool ok = EVP_MAC_init(mac, nullptr, 0, nullptr) == 1;  // the same key again
    for (const std::string_view part : parts) ok = ok && EVP_MAC_update(mac, octets(part), part.size()) == 1;
    std::size_t size = 0;
    return ok && EVP_MAC_final(mac, reinterpret_cast<unsigned char*>(out.data()), &size, out.size()) == 1;
}

}  // namespace outstation::crypto
