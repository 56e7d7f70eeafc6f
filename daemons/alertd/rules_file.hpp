// SPDX-License-Identifier: GPL-3.0-or-later
// The schema of alarm-rules.yaml (docs/formats/alarm-rules.md).
#pragma once

#include <memory>
#include <string>

#include "daemons/alertd/rules.hpp"
#include "lib/config/config.hpp"

namespace outstation::alertd {

inline constexpr std::size_t kMaxRules = 1000;

// Mistakes go to the mapping's document.
[[nodiscard]] RuleSet read_rules(config::Mapping root);
// Fails with config: every mistake with file, line, column and what was expected.
[[nodiscard]] Result<std::shared_ptr<const RuleSet>> parse_rules(const std::string& text,
                                                                 const std::string& file);
// The rules that hold where a station has no file of its own (default_rules.yaml here).
[[nodiscard]] std::string default_rules();

}  // namespace outstation::alertd
