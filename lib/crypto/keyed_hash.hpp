// SPDX-License-Identifier: GPL-3.0-or-later
// Hashes and HMAC (RFC 2104) of the algorithms that SNMP agents know, MD5 among them: for protocols that name
// them, never for anything new. Algorithms are fetched once a process; a key is prepared once and used for
// every message. Threads: hash_of() any; one Hmac by one thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>

#include "lib/crypto/wiped_bytes.hpp"
#include "lib/model/result.hpp"

namespace outstation::crypto {

enum class Hash : std::uint8_t { md5, sha1, sha224, sha256, sha384, sha512 };
inline constexpr std::size_t kMostHashBytes = 64;
using HashBytes = std::array<char, kMostHashBytes>;

[[nodiscard]] std::size_t hash_size(Hash hash);

// Of all parts, one after the other. Fails with io when this OpenSSL does not offer the algorithm.
[[nodiscard]] Result<WipedBytes> hash_of(Hash hash, std::initializer_list<std::string_view> parts);

class Hmac {
  public:
    // Fails with io as hash_of() does. The key is copied into memory that OpenSSL overwrites.
    [[nodiscard]] static Result<Hmac> make(Hash hash, std::string_view key);
    Hmac(Hmac&&) noexcept;
    Hmac& operator=(Hmac&&) noexcept;
    ~Hmac();

    // hash_size() bytes into `out`. False: OpenSSL failed, `out` is not to be used.
    [[nodiscard]] bool compute(std::initializer_list<std::string_view> parts, HashBytes& out);

  private:
    struct Context;
    explicit Hmac(std::unique_ptr<Context> context);
    std::unique_ptr<Context> context_;
};

}  // namespace outstation::crypto
