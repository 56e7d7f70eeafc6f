// SPDX-License-Identifier: GPL-3.0-or-later
// Sums of sines: their integral is known, so a counter is exact at any time.
#include "tests/sim/motion.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

namespace outstation::sim {
namespace {

using snmp::Tag;

constexpr double kDay = 86400;
constexpr double kBusiestSecond = 7 * 3600;                // of the UTC day: the afternoon in China
constexpr std::array<double, 3> kUnrest = {47, 131, 419};  // periods in seconds

bool is_counter(Tag tag) {
    return tag == Tag::counter32 || tag == Tag::counter64;
}

// One sine: height and area since the start.
struct Sine {
    double period;
    double phase;  // at the start
    [[nodiscard]] double angle(double t) const { return 2 * std::numbers::pi * t / period + phase; }
    [[nodiscard]] double height(double t) const { return std::cos(angle(t)); }
    [[nodiscard]] double area(double t) const {
        return period / (2 * std::numbers::pi) * (std::sin(angle(t)) - std::sin(phase));
    }
};

Sine day(const SimTime& time) {
    return {kDay, 2 * std::numbers::pi * (std::fmod(time.started_wall_s, kDay) - kBusiestSecond) / kDay};
}

Sine unrest(std::uint32_t phase, std::size_t i) {
    const std::uint32_t mixed = (phase + 1) * 2654435761U * static_cast<std::uint32_t>(2 * i + 1);
    return {kUnrest[i], 2 * std::numbers::pi * static_cast<double>(mixed >> 8) / (1U << 24)};
}

template <typename Of>
double mean_of_unrest(std::uint32_t phase, Of of) {
    double sum = 0;
    for (std::size_t i = 0; i < kUnrest.size(); ++i) sum += of(unrest(phase, i));
    return sum / kUnrest.size();
}

std::uint64_t counter_at(const Motion& m, const SimTime& time) {
    const double t = time.elapsed_s;
    const double seconds = t + m.wave * day(time).area(t) +
                           m.jitter * mean_of_unrest(m.phase, [&](const Sine& s) { return s.area(t); });
    return static_cast<std::uint64_t>(m.start) +
           static_cast<std::uint64_t>(std::max(0.0, m.rate_per_s * seconds));
}

double gauge_at(const Motion& m, const SimTime& time) {
    const double t = time.elapsed_s;
    return m.start + m.wave * day(time).height(t) +
           m.jitter * mean_of_unrest(m.phase, [&](const Sine& s) { return s.height(t); });
}

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        if (end > 0) words.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

bool parse_number(std::string_view word, double& out) {
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), out);
    return error == std::errc{} && end == word.data() + word.size() && std::abs(out) < 1e19;
}

bool set_word(Motion& motion, std::string_view name, double value) {
    if (name == "rate") return motion.rate_per_s = value, value >= 0;
    if (name == "wave") return motion.wave = value, value >= 0;
    if (name == "jitter") return motion.jitter = value, value >= 0;
    if (name == "phase")
        return motion.phase = static_cast<std::uint32_t>(value), value >= 0 && value < 4294967296.0;
    return false;
}

}  // namespace

Result<Motion> parse_motion(Tag tag, std::string_view text) {
    const auto words = words_of(text);
    Motion motion;
    if (words.size() % 2 != 1 || !parse_number(words[0], motion.start))
        return fail(ErrorCode::malformed, "expected a number, then pairs of a word and a number");
    for (std::size_t i = 1; i < words.size(); i += 2) {
        double value = 0;
        if (!parse_number(words[i + 1], value) || !set_word(motion, words[i], value))
            return fail(ErrorCode::malformed,
                        "'" + std::string(words[i]) + "': expected rate, wave, jitter or phase");
    }
    if (is_counter(tag) && (motion.wave + motion.jitter >= 1 || motion.start < 0))
        return fail(ErrorCode::malformed, "this counter would go back");
    return motion;
}

std::uint64_t value_at(const Motion& motion, Tag tag, const SimTime& time) {
    switch (tag) {
        case Tag::counter64:
            return counter_at(motion, time);
        case Tag::counter32:
            return counter_at(motion, time) & UINT32_MAX;
        case Tag::time_ticks:
            return static_cast<std::uint64_t>(motion.start + time.elapsed_s * 100) & UINT32_MAX;
        case Tag::gauge32:
            return static_cast<std::uint64_t>(
                std::clamp(std::round(gauge_at(motion, time)), 0.0, 4294967295.0));
        default: {
            constexpr double kLeast = std::numeric_limits<std::int32_t>::min();
            constexpr double kMost = std::numeric_limits<std::int32_t>::max();
            const double value = std::clamp(std::round(gauge_at(motion, time)), kLeast, kMost);
            return static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
        }
    }
}

}  // namespace outstation::sim
