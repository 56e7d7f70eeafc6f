// SPDX-License-Identifier: GPL-3.0-or-later
// SHA-256 by OpenSSL, in parts.
#include "lib/crypto/digest.hpp"

#include <openssl/evp.h>

#include <cassert>

#include "lib/crypto/openssl.hpp"

namespace outstation::crypto {

struct RunningDigest::State {
    std::unique_ptr<EVP_MD_CTX, OpenSslFree<EVP_MD_CTX_free>> context{EVP_MD_CTX_new()};

    // Fails only without memory, or without SHA-256: then nothing here can go on.
    void begin() const {
        const bool begun = context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
        assert(begun);
        static_cast<void>(begun);
    }
};

RunningDigest::RunningDigest() : state_(std::make_unique<State>()) {
    state_->begin();
}
RunningDigest::RunningDigest(RunningDigest&&) noexcept = default;
RunningDigest& RunningDigest::operator=(RunningDigest&&) noexcept = default;
RunningDigest::~RunningDigest() = default;

void RunningDigest::add(std::string_view bytes) {
    const bool added = EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1;
    assert(added);
    static_cast<void>(added);
}

Digest RunningDigest::finish() {
    Digest out{};
    const bool finished = EVP_DigestFinal_ex(state_->context.get(), out.data(), nullptr) == 1;
    assert(finished);
    static_cast<void>(finished);
    state_->begin();
    return out;
}

}  // namespace outstation::crypto
