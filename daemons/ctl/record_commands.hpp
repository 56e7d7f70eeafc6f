// SPDX-License-Identifier: GPL-3.0-or-later
// Commands that show records: journal (any stream, by sequence) and ledger (what nobody can look at, and
// why).
#pragma once

#include <cstdint>
#include <string>

#include "daemons/ctl/outcome.hpp"

namespace outstation::ctl {

// The durable records of a stream from a sequence on: one JSON line each with the batch it came in; a line
// for numbers that no record has
// (`gap`) and for records that cannot be read (`damaged`).
[[nodiscard]] int show_journal(const Target& target, const std::string& stream, std::uint64_t first,
                               std::uint64_t count);

// The newest `count` entries of the gap ledger, those that are not over yet first; `device` empty: of all.
[[nodiscard]] int show_ledger(const Target& target, const std::string& device, std::uint32_t count);

}  // namespace outstation::ctl
