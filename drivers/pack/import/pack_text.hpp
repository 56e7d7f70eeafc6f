// SPDX-License-Identifier: GPL-3.0-or-later
// A pack as YAML, written: flow mappings, one rule a line. Private to the importers.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace outstation::pack {

// A scalar, in quotes when it needs them.
[[nodiscard]] std::string yaml_text(std::string_view text);
// "[a, b]" of what is YAML already.
[[nodiscard]] std::string yaml_list(const std::vector<std::string>& items);

// A text as a field of a rule, whatever is in it: names in braces and OIDs have a meaning there.
[[nodiscard]] std::string literal_field(std::string_view text);
// A text as a condition, where /.../ is an expression.
[[nodiscard]] std::string condition_text(std::string_view text);
// An expression for exactly these characters.
[[nodiscard]] std::string quoted_expression(std::string_view text);

// "{key: value, ...}" in the order in which the keys came; of two with one key the first counts.
class YamlMap {
  public:
    YamlMap& text(std::string_view key, std::string_view value) { return yaml(key, yaml_text(value)); }
    YamlMap& yaml(std::string_view key, std::string value);
    [[nodiscard]] bool empty() const { return entries_.empty(); }
    [[nodiscard]] std::string str() const;

  private:
    std::vector<std::pair<std::string, std::string>> entries_;
};

// A metric of somebody else: "snmp_", and _ for what a name cannot have.
[[nodiscard]] std::string foreign_metric(std::string_view name);
// The name of a pack or of its file: small letters, digits, "-".
[[nodiscard]] std::string pack_key(std::string_view name);
// Arcs with or without a leading dot, no final one; empty when it is none.
[[nodiscard]] std::string plain_oid(std::string_view text);

// "pack: ...", sections, rules.
class PackText {
  public:
    PackText(std::string_view key, std::string_view title);
    void match(const std::string& yaml) { head_ += "match: " + yaml + "\n"; }
    void add(const char* section, std::string rule);
    [[nodiscard]] bool empty() const { return rules_.empty(); }
    [[nodiscard]] std::string str() const;

  private:
    std::string head_;
    std::vector<std::pair<std::string, std::string>> rules_;  // section, rule
};

// Under KEY.yaml, or KEY-2.yaml when there is one.
void keep_pack(std::map<std::string, std::string>& packs, std::string_view key, const PackText& pack);

}  // namespace outstation::pack
