// SPDX-License-Identifier: GPL-3.0-or-later
// Column widths, durations and sizes for people.
#include "daemons/ctl/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace outstation::ctl {
namespace {

struct CodeRange {
    std::uint32_t first;
    std::uint32_t last;
};
// The blocks of wide characters that occur in names (Unicode Standard Annex 11, W and F).
constexpr std::array kWide = {CodeRange{0x1100, 0x115f},   CodeRange{0x2e80, 0x303e},
                              CodeRange{0x3041, 0xa4cf},   CodeRange{0xac00, 0xd7a3},
                              CodeRange{0xf900, 0xfaff},   CodeRange{0xfe30, 0xfe6f},
                              CodeRange{0xff00, 0xff60},   CodeRange{0xffe0, 0xffe6},
                              CodeRange{0x1f300, 0x1faff}, CodeRange{0x20000, 0x3fffd}};
constexpr CodeRange kCombining{0x300, 0x36f};

bool within(const CodeRange& range, std::uint32_t code) {
    return code >= range.first && code <= range.last;
}

// The next character of text that is taken to be UTF-8.
std::uint32_t take_character(std::string_view& text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t n = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    std::uint32_t code = n == 1 ? lead : lead & (0x7fU >> n);
    for (std::size_t i = 1; i < std::min(n, text.size()); ++i)
        code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3fU);
    text.remove_prefix(std::min(n, text.size()));
    return code;
}

}  // namespace

std::size_t display_width(std::string_view utf8) {
    std::size_t width = 0;
    while (!utf8.empty()) {
        const std::uint32_t code = take_character(utf8);
        if (within(kCombining, code)) continue;
        const bool wide = std::any_of(kWide.begin(), kWide.end(),
                                      [&](const CodeRange& range) { return within(range, code); });
        width += wide ? 2 : 1;
    }
    return width;
}

std::string Table::text() const {
    std::vector<std::size_t> widths;
    for (const auto& row : rows_) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
    }
    std::string out;
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += row[i];
            if (i + 1 < row.size()) line.append(widths[i] - display_width(row[i]) + 2, ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    }
    return out;
}

std::string short_duration(double seconds) {
    const auto s = static_cast<std::uint64_t>(std::max(0.0, seconds));
    if (s < 60) return fmt::format("{} s", s);
    if (s < 3600) return fmt::format("{} min {} s", s / 60, s % 60);
    if (s < 86400) return fmt::format("{} h {} min", s / 3600, s % 3600 / 60);
    return fmt::format("{} d {} h", s / 86400, s % 86400 / 3600);
}

std::string short_bytes(double bytes) {
    constexpr std::array kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
    std::size_t unit = 0;
    while (bytes >= 1024 && unit + 1 < kUnits.size()) {
        bytes /= 1024;
        ++unit;
    }
    return fmt::format("{:.{}f} {}", bytes, unit == 0 ? 0 : 1, kUnits[unit]);
}

}  // namespace outstation::ctl
