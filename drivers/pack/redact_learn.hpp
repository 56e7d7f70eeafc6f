// SPDX-License-Identifier: GPL-3.0-or-later
// What of a recording's values is to be replaced wherever it stands: addresses, names, serial numbers. Pure.
// Threads: any once it is learned.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "drivers/pack/redact.hpp"
#include "drivers/pack/stand_ins.hpp"

namespace outstation::pack {

inline constexpr std::size_t kLeastName = 3;  // a shorter one is replaced only where it is one

class Learned {
  public:
    // Octets of an address, by their number; none that says nothing of where a device is.
    [[nodiscard]] bool has_address(const std::string& octets) const { return addresses_.count(octets) > 0; }
    // Within a text, or a whole one; in small letters.
    [[nodiscard]] bool has_name(const std::string& name) const { return names_.count(name) > 0; }
    [[nodiscard]] bool has_whole(const std::string& text) const {
        return names_.count(text) > 0 || wholes_.count(text) > 0;
    }
    [[nodiscard]] const std::vector<std::string>& secrets() const { return secrets_; }
    // So that one in other letters has the same stand-in.
    [[nodiscard]] std::string as_first_seen(std::string_view text) const;
    // The maker uses it: in small letters.
    [[nodiscard]] bool is_kept(const std::string& text) const { return kept_.count(text) > 0; }
    [[nodiscard]] static bool is_engine_id(std::string_view octets);

  private:
    friend Learned learn(const ValueTable& values, const Known& known);
    void take_keepers(const ValueTable& values, const Findings& findings);
    void take(const Oid& oid, const Value& value);
    void take_octets(const Oid& oid, const std::string& octets);
    void take_text(const Oid& oid, const std::string& octets);
    void take_findings(const Findings& findings);
    void take_index(const Oid& oid);
    void add_address(const std::string& octets);
    void add_name(std::string_view name);       // wherever it stands
    void add_host(std::string_view name);       // its parts, too
    void add_weak_name(std::string_view name);  // unless the maker uses it, too
    void add_whole(std::string_view text);

    std::unordered_set<std::string> addresses_;
    std::unordered_map<std::string, std::string> names_;   // small letters -> as it was first seen
    std::unordered_map<std::string, std::string> wholes_;  // likewise: as a whole value alone
    std::unordered_set<std::string> kept_;                 // words of the maker, in small letters
    std::vector<std::string> secrets_;
};
[[nodiscard]] Learned learn(const ValueTable& values, const Known& known);

}  // namespace outstation::pack
