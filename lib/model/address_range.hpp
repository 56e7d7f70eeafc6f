// SPDX-License-Identifier: GPL-3.0-or-later
// Subnets as people write them, and their addresses one after another. IPv4: an IPv6 subnet cannot be swept.
// Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/model/result.hpp"

namespace outstation {

struct AddressRange {
    std::uint32_t first = 0;
    std::uint32_t last = 0;  // inclusive
    [[nodiscard]] std::uint32_t size() const { return last - first + 1; }
    [[nodiscard]] bool contains(std::uint32_t address) const { return first <= address && address <= last; }
    [[nodiscard]] bool contains(const AddressRange& other) const {
        return contains(other.first) && contains(other.last);
    }
    bool operator==(const AddressRange&) const = default;
};

// "10.1.0.0/22" without the addresses of the net and of its broadcast, "10.1.0.7"; malformed, saying why.
[[nodiscard]] Result<AddressRange> parse_range(std::string_view text);
// All of it lies in the others, perhaps in several side by side.
[[nodiscard]] bool is_within(const AddressRange& range, const std::vector<AddressRange>& others);
[[nodiscard]] std::string ipv4_text(std::uint32_t address);
[[nodiscard]] Result<std::uint32_t> parse_ipv4(std::string_view text);

}  // namespace outstation
