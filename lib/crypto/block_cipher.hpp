// SPDX-License-Identifier: GPL-3.0-or-later
// AES-CFB (NIST SP 800-38A, 128-bit segments) and DES-CBC for protocols that name them. Nothing here is
// authenticated: the caller does that. The algorithms are fetched once a process, a key is prepared once.
// Threads: one object by one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "lib/model/result.hpp"

namespace outstation::crypto {

class BlockCipher {
  public:
    enum class Kind : std::uint8_t { des_cbc, aes_128_cfb, aes_192_cfb, aes_256_cfb };
    [[nodiscard]] static std::size_t key_size(Kind kind);  // 8, 16, 24, 32
    [[nodiscard]] static std::size_t iv_size(Kind kind);   // 8 or 16

    // Fails with bug when the key has another size, with io when this OpenSSL does not offer the algorithm.
    // DES is triple DES with one key three times, which is the same function: single DES would need the
    // legacy provider of OpenSSL 3.
    [[nodiscard]] static Result<BlockCipher> make(Kind kind, std::string_view key);
    BlockCipher(BlockCipher&&) noexcept;
    BlockCipher& operator=(BlockCipher&&) noexcept;
    ~BlockCipher();

    // In place. `iv` has iv_size() bytes; the size of a text for DES is a multiple of 8. False: OpenSSL
    // failed, or a size is wrong.
    [[nodiscard]] bool encrypt(std::string_view iv, std::span<char> text);
    // Into `out`, which is as long as `text` and does not overlap it.
    [[nodiscard]] bool decrypt(std::string_view iv, std::string_view text, std::span<char> out);

  private:
    struct Contexts;
    explicit BlockCipher(std::unique_ptr<Contexts> contexts);
    std::unique_ptr<Contexts> contexts_;
};

}  // namespace outstation::crypto
