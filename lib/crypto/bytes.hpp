// SPDX-License-Identifier: GPL-3.0-or-later
// Random bytes, SHA-256, constant-time comparison and the text forms of bytes. Threads: pure functions, any
// thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/model/result.hpp"

namespace outstation::crypto {

using Digest = std::array<std::uint8_t, 32>;

// From the kernel-seeded generator of OpenSSL. Fails with io when it has no entropy.
[[nodiscard]] Result<std::string> random_bytes(std::size_t count);
// `length` characters of `alphabet` (2 to 256 characters), each equally likely. Fails like random_bytes().
[[nodiscard]] Result<std::string> random_text(std::size_t length, std::string_view alphabet);

[[nodiscard]] Digest sha256(std::string_view bytes);

// Equal? The time depends on the lengths only.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

// Overwrites a secret so that the compiler does not leave it out.
void wipe(std::string& secret);

[[nodiscard]] std::string to_hex(std::string_view bytes);  // lower case
[[nodiscard]] std::string to_hex(const Digest& digest);
// RFC 4648 §5 without padding. Parsing fails with malformed on any other character, on an impossible length
// and on bits that are not zero behind the last byte: one value has one text.
[[nodiscard]] std::string to_base64url(std::string_view bytes);
[[nodiscard]] Result<std::string> parse_base64url(std::string_view text);

}  // namespace outstation::crypto
