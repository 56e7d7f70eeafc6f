// SPDX-License-Identifier: GPL-3.0-or-later
// RFC 3339 in UTC.
#include "daemons/ctl/time_text.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

namespace outstation::ctl {
namespace {

using namespace std::chrono;

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr int kFirstYear = 1970;
constexpr int kLastYear = 2200;

// Takes `digits` digits off the front.
bool take(std::string_view& text, std::size_t digits, int& out) {
    if (text.size() < digits) return false;
    out = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        if (text[i] < '0' || text[i] > '9') return false;
        out = out * 10 + (text[i] - '0');
    }
    text.remove_prefix(digits);
    return true;
}

bool take(std::string_view& text, char wanted) {
    if (text.empty() || text.front() != wanted) return false;
    text.remove_prefix(1);
    return true;
}

// ".25": what is behind the point, in nanoseconds.
bool take_fraction(std::string_view& text, std::int64_t& ns) {
    if (!take(text, '.')) return true;
    std::int64_t unit = kSecondNs;
    for (int digit = 0; take(text, 1, digit); ns += digit * unit) {
        unit /= 10;
        if (unit == 0) return false;
    }
    return unit != kSecondNs;
}

bool take_clock(std::string_view& text, std::int64_t& ns) {
    if (text.empty()) return true;
    int hour = 0, minute = 0, second = 0;
    if (!take(text, 'T') && !take(text, ' ')) return false;
    if (!take(text, 2, hour) || !take(text, ':') || !take(text, 2, minute)) return false;
    if (take(text, ':') && (!take(text, 2, second) || !take_fraction(text, ns))) return false;
    (void)take(text, 'Z');
    ns += (hour * 3600 + minute * 60 + second) * kSecondNs;
    return hour < 24 && minute < 60 && second < 60;
}

// "2026-11-21T10:00:00".
std::string seconds_of(std::int64_t wall_ns) {
    const sys_time<nanoseconds> time{nanoseconds(wall_ns)};
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(floor<seconds>(time - day));
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

}  // namespace

std::string iso_time(std::int64_t wall_ns) {
    const std::int64_t ms = floor<milliseconds>(nanoseconds(wall_ns)).count() % 1000;
    const std::int64_t part = ms < 0 ? ms + 1000 : ms;
    return seconds_of(wall_ns) + (part == 0 ? "Z" : fmt::format(".{:03}Z", part));
}

std::string exact_time(std::int64_t wall_ns) {
    const std::int64_t ns = wall_ns % kSecondNs;
    const std::int64_t part = ns < 0 ? ns + kSecondNs : ns;
    return seconds_of(wall_ns) + (part == 0 ? "Z" : fmt::format(".{:09}Z", part));
}

Result<std::int64_t> parse_time(std::string_view text) {
    const std::string whole(text);
    int y = 0, m = 0, d = 0;
    std::int64_t ns = 0;
    const bool read = take(text, 4, y) && take(text, '-') && take(text, 2, m) && take(text, '-') &&
                      take(text, 2, d) && take_clock(text, ns) && text.empty();
    const year_month_day date{year(y), month(static_cast<unsigned>(m)), day(static_cast<unsigned>(d))};
    if (!read || !date.ok() || y < kFirstYear || y > kLastYear)
        return fail(ErrorCode::config, "'" + whole + "' is no time: expected 2026-11-21T10:00:00Z");
    return sys_days(date).time_since_epoch().count() * 86400 * kSecondNs + ns;
}

std::int64_t now_ns() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

}  // namespace outstation::ctl
