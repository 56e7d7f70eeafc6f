// SPDX-License-Identifier: GPL-3.0-or-later
// The parts of a pack that occur in every section: fields, patterns, OIDs, templates. Mistakes are told at
// their place in the document. Private to the reader.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/pack/pack.hpp"
#include "lib/config/config.hpp"

namespace outstation::pack {

// Names that a template may use; `index`, `value` and `oid` are known everywhere.
using Names = std::set<std::string, std::less<>>;

// The names between braces in a template.
[[nodiscard]] std::vector<std::string> names_in(std::string_view text);
[[nodiscard]] Oid read_oid(config::Mapping& from, std::string_view key);  // empty, with a problem, when wrong
[[nodiscard]] std::optional<Pattern> read_pattern(config::Mapping& from, std::string_view key);
[[nodiscard]] std::vector<std::string> read_texts(config::Mapping& from, std::string_view key);
[[nodiscard]] std::vector<Pattern> read_patterns(config::Mapping& from, std::string_view key);
[[nodiscard]] std::map<std::string, std::string> read_map(config::Mapping& from, std::string_view key);
[[nodiscard]] std::string read_template(config::Mapping& from, std::string_view key, const Names& names);
[[nodiscard]] Format read_format(config::Mapping& from);
// One source: {OID ...}, {text ...}, {sum ...}. `depth`: how many sums and their like it stands in.
[[nodiscard]] Source read_source(config::Mapping& from, const Names& names, int depth = 0);
// What is common to sources: format, extract, match_pattern and match_value, map, skip, scale_factor.
void read_modifiers(config::Mapping& from, Source& out);
[[nodiscard]] Field read_field(config::Mapping& from, std::string_view key, const Names& names,
                               int depth = 0);

}  // namespace outstation::pack
