// SPDX-License-Identifier: GPL-3.0-or-later
// Object identifiers as the BER content bytes they travel in (X.690 section 8.19). Prefix tests are byte
// compares because a sub-identifier ends itself; order needs the decoded arcs.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/model/result.hpp"

namespace outstation::snmp {

inline constexpr std::size_t kMaxArcs = 128;  // RFC 2578 section 3.5

using OidBytes = std::string_view;

// "1.3.6.1.2.1.1.3.0" to bytes; malformed when it is not an OID of at most kMaxArcs arcs of 32 bits.
[[nodiscard]] Result<std::string> encode_oid(std::string_view dotted);
[[nodiscard]] Result<std::string> decode_oid(OidBytes bytes);
// The arcs, as a table index: no joined first byte ("49.50" for an index of two arcs).
[[nodiscard]] std::string format_index(OidBytes suffix);
// Every sub-identifier is complete and fits 32 bits, and there are at most kMaxArcs.
[[nodiscard]] bool is_valid_oid(OidBytes bytes);
// Lexicographic order of the arcs; both must be valid.
[[nodiscard]] std::strong_ordering compare_oid(OidBytes a, OidBytes b);

}  // namespace outstation::snmp
