// SPDX-License-Identifier: GPL-3.0-or-later
// A long stream sealed with a passphrase: scrypt (RFC 7914) makes the key, chunks of 64 KiB are sealed with
// AES-256-GCM (NIST SP 800-38D), numbered, the last one marked. What is cut off, changed, put elsewhere or
// added is found. docs/formats/backup.md has every byte. Not here: files, and what the stream holds. Threads:
// one object by one thread at a time; making a key takes about 0.3 s and 32 MiB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "lib/crypto/password.hpp"
#include "lib/crypto/wiped_bytes.hpp"
#include "lib/model/result.hpp"

namespace outstation::crypto {

inline constexpr std::size_t kStreamHeaderBytes = 8 + 2 + 1 + 1 + 1 + 1 + 2 + 16 + 16;
static_assert(kStreamHeaderBytes == 48);
inline constexpr std::size_t kStreamSaltBytes = 16;
inline constexpr std::size_t kStreamChunkBytes = 65536;
inline constexpr std::size_t kStreamTagBytes = 16;
// As strong as OWASP asks of scrypt in 2024, in 32 MiB.
inline constexpr ScryptCost kStreamCost{15, 8, 3};
// A reader spends no more than this (256 MiB) on a header before it knows that the header is true.
inline constexpr ScryptCost kMostStreamCost{18, 8, 16};

class StreamCipher;

class SealedStreamWriter {
  public:
    // Fails with exhausted (cost above kMostStreamCost), io (no randomness).
    [[nodiscard]] static Result<SealedStreamWriter> make(std::string_view passphrase,
                                                         ScryptCost cost = kStreamCost);
    // For the worked example: a salt that is used twice with one passphrase gives both streams away.
    [[nodiscard]] static Result<SealedStreamWriter> make_with_salt(std::string_view passphrase,
                                                                   ScryptCost cost, std::string_view salt);
    SealedStreamWriter(SealedStreamWriter&&) noexcept;
    SealedStreamWriter& operator=(SealedStreamWriter&&) noexcept;
    ~SealedStreamWriter();

    // Seals more of the stream; what is ready for the file is appended to `sealed`.
    [[nodiscard]] Result<void> write(std::string_view plain, std::string& sealed);
    // The last chunk. Nothing may be written after it; without it the stream is not whole.
    [[nodiscard]] Result<void> finish(std::string& sealed);

  private:
    explicit SealedStreamWriter(std::unique_ptr<StreamCipher> cipher);
    std::unique_ptr<StreamCipher> cipher_;
    std::string header_;  // until it is written
    std::string plain_;   // not sealed yet
};

class SealedStreamReader {
  public:
    explicit SealedStreamReader(WipedBytes passphrase);
    SealedStreamReader(const SealedStreamReader&) = delete;
    SealedStreamReader& operator=(const SealedStreamReader&) = delete;
    ~SealedStreamReader();

    // Appends to `plain` what is proved so far. Fails with malformed (not this format, or changed), refused
    // (a version this program does not know, or another passphrase), exhausted (a header that asks for more
    // than kMostStreamCost).
    [[nodiscard]] Result<void> read(std::string_view sealed, std::string& plain);
    // The file ends here. Fails with malformed when the stream does not.
    [[nodiscard]] Result<void> finish(std::string& plain);

  private:
    [[nodiscard]] Result<void> open_header();

    WipedBytes passphrase_;
    std::unique_ptr<StreamCipher> cipher_;
    std::string sealed_;  // not opened yet
};

}  // namespace outstation::crypto
