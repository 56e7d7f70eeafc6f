// SPDX-License-Identifier: GPL-3.0-or-later
// Small secrets sealed with a key: nobody without the key reads or changes one, and one that is put in the
// place of another is found out. docs/formats/secrets.md has every byte. AES-256-GCM (NIST SP 800-38D), or
// SM4-CTR with HMAC-SM3 over it (GB/T 32907, GB/T 32905; OpenSSL 3.0 offers no SM4-GCM). Threads: pure
// functions, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/model/result.hpp"

namespace outstation::crypto {

enum class SealSuite : std::uint8_t { aes_256_gcm = 1, sm4_ctr_hmac_sm3 = 2 };

inline constexpr std::size_t kSealKeyBytes = 32;
inline constexpr std::size_t kSealNonceBytes = 16;
inline constexpr std::size_t kMostSealedPlainBytes = 1U << 20;

// Does it begin like something sealed, of any version?
[[nodiscard]] bool is_sealed(std::string_view bytes);
// 16 hexadecimal digits that name a key and tell nothing of it.
[[nodiscard]] std::string seal_key_id(std::string_view key);
// The id of the key that it was sealed with. Fails with malformed.
[[nodiscard]] Result<std::string> key_id_of_sealed(std::string_view sealed);

// `bound_to` is what it belongs to, a name: it opens with the same only. `key` has kSealKeyBytes. Fails with
// exhausted (more than kMostSealedPlainBytes), io (no randomness).
[[nodiscard]] Result<std::string> seal(std::string_view plain, std::string_view key,
                                       std::string_view bound_to, SealSuite suite);
// For the worked example: a nonce that is used twice with one key gives the key's secrets away.
[[nodiscard]] Result<std::string> seal_with_nonce(std::string_view plain, std::string_view key,
                                                  std::string_view bound_to, SealSuite suite,
                                                  std::string_view nonce);
// Nothing of the plain text comes out before all of it is proved. Fails with malformed (not this format, or
// changed, or bound to something else) or refused (sealed with another key; the text has both ids).
[[nodiscard]] Result<std::string> open_sealed(std::string_view sealed, std::string_view key,
                                              std::string_view bound_to);

}  // namespace outstation::crypto
