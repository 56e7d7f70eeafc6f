// SPDX-License-Identifier: GPL-3.0-or-later
// Values as people read them, and numbers out of texts. Threads: any.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "drivers/pack/pack.hpp"
#include "drivers/pack/values.hpp"

namespace outstation::pack {

// plain: octets as text without what surrounds them (blanks, a closing zero), in hex when they are no text.
[[nodiscard]] std::string format_value(const Value& value, Format format);
// The number a text begins with: "25", " 24.5 C", "-3,2"; nothing for other texts and for infinities.
[[nodiscard]] std::optional<double> number_of(std::string_view text);
// The same as a count, to the last digit; a fraction is cut off. Nothing for what is below zero or over 64
// bits.
[[nodiscard]] std::optional<std::uint64_t> count_of(std::string_view text);
// A number without a needless fraction.
[[nodiscard]] std::string number_text(double number);
// A number is read by its powers of two; octets as BITS, whose bit 0 is the first of the first octet
// (RFC 3417 section 8).
[[nodiscard]] bool has_bit(const Value& value, unsigned bit);
[[nodiscard]] std::string trimmed(std::string_view text);
// What Opaque holds: Net-SNMP wraps an IEEE 754 single as 9f 78 04 and four bytes; anything else as it came.
[[nodiscard]] std::string opaque_text(const std::string& bytes);
// "192.0.2.1" of four bytes.
[[nodiscard]] std::string dotted_octets(const std::string& bytes);

}  // namespace outstation::pack
