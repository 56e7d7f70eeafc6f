// SPDX-License-Identifier: GPL-3.0-or-later
// export: samples, events or the gap ledger as CSV or JSON, asked of stored page by page.
#pragma once

#include <cstdint>
#include <string>

#include "daemons/ctl/export_rows.hpp"
#include "daemons/ctl/outcome.hpp"

namespace outstation::ctl {

inline constexpr std::int64_t kNoEndNs = 7'258'118'400'000'000'000;  // 2200-01-01

struct ExportOptions {
    std::string device;  // empty: all
    std::string metric;  // of samples; empty: all
    std::int64_t from_ns = 0;
    std::int64_t to_ns = kNoEndNs;  // not included
    RowFormat format = RowFormat::csv;
    std::string output = "-";
};

// What is missing is told on standard error. Exit codes: kDone, kAway when something asked for is damaged (or
// stored is away), or as every command.
[[nodiscard]] int export_samples(const Target& target, const ExportOptions& options);
[[nodiscard]] int export_events(const Target& target, const ExportOptions& options);
[[nodiscard]] int export_ledger(const Target& target, const ExportOptions& options);

}  // namespace outstation::ctl
