// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers with units: durations and sizes.
#include <array>
#include <charconv>

#include "lib/config/config.hpp"

namespace outstation::config {
namespace {

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

// number, optional spaces, unit; refuses overflow.
template <std::size_t N>
std::optional<std::uint64_t> parse_quantity(std::string_view text, const std::array<Unit, N>& units) {
    std::uint64_t number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    if (text.empty() && number == 0) return 0;
    for (const Unit& unit : units) {
        if (unit.name != text) continue;
        if (number > std::numeric_limits<std::int64_t>::max() / unit.factor) return std::nullopt;
        return number * unit.factor;
    }
    return std::nullopt;
}

constexpr std::uint64_t kMs = 1'000'000;
constexpr std::array kDurations = {Unit{"ms", kMs}, Unit{"s", 1000 * kMs}, Unit{"min", 60'000 * kMs},
                                   Unit{"h", 3'600'000 * kMs}, Unit{"d", 86'400'000 * kMs}};
constexpr std::array kSizes = {Unit{"B", 1}, Unit{"KiB", 1U << 10}, Unit{"MiB", 1U << 20},
                               Unit{"GiB", 1U << 30}, Unit{"TiB", 1ULL << 40}};

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
    const auto ns = parse_quantity(text, kDurations);
    if (!ns) return std::nullopt;
    return Duration(static_cast<std::int64_t>(*ns));
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
    return parse_quantity(text, kSizes);
}

std::string format_duration(Duration value) {
    const auto ns = static_cast<std::uint64_t>(value.count());
    const Unit* best = &kDurations.front();
    for (const Unit& unit : kDurations) {
        if (ns != 0 && ns % unit.factor == 0) best = &unit;
    }
    return std::to_string(ns / best->factor) + " " + std::string(best->name);
}

}  // namespace outstation::config
