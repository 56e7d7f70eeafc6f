// SPDX-License-Identifier: GPL-3.0-or-later
// Writes what lib/config reads.
#pragma once

#include <string>
#include <string_view>

namespace outstation::config {

// A YAML double-quoted scalar (YAML 1.2 §7.3.1) of text without control characters.
[[nodiscard]] inline std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

}  // namespace outstation::config
