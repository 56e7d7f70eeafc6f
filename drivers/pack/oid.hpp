// SPDX-License-Identifier: GPL-3.0-or-later
// Object identifiers as arcs, whose order is that of RFC 2578 section 7.10: what a pack and a recording are
// keyed by. Threads: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace outstation::pack {

using Oid = std::vector<std::uint32_t>;

inline constexpr std::size_t kMaxArcs = 128;  // RFC 2578 section 3.5

// "1.3.6.1.2.1.1.3.0", a leading dot allowed; nothing when it is not an OID.
[[nodiscard]] std::optional<Oid> parse_oid(std::string_view dotted);
[[nodiscard]] std::string format_oid(const Oid& oid);
[[nodiscard]] bool is_under(const Oid& oid, const Oid& root);
[[nodiscard]] Oid join(Oid root, const Oid& index);
// What follows `root` in an OID that is under it.
[[nodiscard]] Oid index_of(const Oid& oid, const Oid& root);
// A scalar's instance ends in .0 (RFC 2578 section 7.10); no column of a table does.
[[nodiscard]] bool is_scalar(const Oid& oid);

}  // namespace outstation::pack
