// SPDX-License-Identifier: GPL-3.0-or-later
// Heads, names and spans of history files.
#include "lib/store/history/head.hpp"

#include <array>
#include <charconv>
#include <chrono>

#include "lib/store/journal/crc32c.hpp"

namespace outstation::store {
namespace {

constexpr std::string_view kMagic = "OSTNHIST";
constexpr std::array<std::string_view, kLevelCount> kLevelNames = {"raw", "m1", "m15", "h1"};
constexpr std::array<std::string_view, 3> kSpanNames = {"2h", "1d", "1mo"};
constexpr std::int64_t kHourNs = 3'600'000'000'000;
constexpr std::int64_t kDayNs = 24 * kHourNs;
constexpr std::int64_t kLastNs = 104'000 * kDayNs;  // in 2254
constexpr int kHexadecimal = 16;
constexpr int kDecimal = 10;

void put(std::string& out, std::uint64_t value, std::size_t octets) {
    for (std::size_t i = 0; i < octets; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

std::uint64_t get(std::string_view bytes, std::size_t at, std::size_t octets) {
    std::uint64_t out = 0;
    for (std::size_t i = octets; i-- > 0;) out = out << 8 | static_cast<unsigned char>(bytes[at + i]);
    return out;
}

std::chrono::year_month_day day_of(std::int64_t time_ns) {
    return std::chrono::sys_days(std::chrono::days(time_ns / kDayNs));
}

std::int64_t ns_of(const std::chrono::year_month_day& day) {
    return std::chrono::sys_days(day).time_since_epoch().count() * kDayNs;
}

std::string digits(std::uint64_t value, std::size_t width, int base = kDecimal) {
    std::array<char, 24> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value, base).ptr;
    std::string out(text.data(), end);
    if (out.size() < width) out.insert(0, width - out.size(), '0');
    return out;
}

std::string hour_name(std::int64_t start_ns) {
    const auto day = day_of(start_ns);
    return digits(static_cast<std::uint64_t>(static_cast<int>(day.year())), 4) +
           digits(static_cast<unsigned>(day.month()), 2) + digits(static_cast<unsigned>(day.day()), 2) + "T" +
           digits(static_cast<std::uint64_t>(start_ns % kDayNs / kHourNs), 2);
}

// Takes the part before the next '-' (or '.').
std::string_view take(std::string_view& rest) {
    const auto end = std::min(rest.find_first_of("-."), rest.size());
    const std::string_view out = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return out;
}

bool number(std::string_view text, std::uint64_t& out, int base = kDecimal) {
    const auto result = std::from_chars(text.data(), text.data() + text.size(), out, base);
    return result.ec == std::errc() && result.ptr == text.data() + text.size() && !text.empty();
}

bool parse_hour(std::string_view text, std::int64_t& out_ns) {
    std::uint64_t date = 0, hour = 0;
    if (text.size() != 11 || text[8] != 'T' || !number(text.substr(0, 8), date) ||
        !number(text.substr(9), hour) || hour > 23)
        return false;
    const std::chrono::year_month_day day(std::chrono::year(static_cast<int>(date / 10000)),
                                          std::chrono::month(static_cast<unsigned>(date / 100 % 100)),
                                          std::chrono::day(static_cast<unsigned>(date % 100)));
    if (!day.ok() || date / 10000 < 1970 || date / 10000 > 2254) return false;
    out_ns = ns_of(day) + static_cast<std::int64_t>(hour) * kHourNs;
    return true;
}

template <typename Names>
bool index_of(const Names& names, std::string_view name, std::uint8_t& out) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] != name) continue;
        out = static_cast<std::uint8_t>(i);
        return true;
    }
    return false;
}

}  // namespace

std::int64_t bucket_ns(Level level) {
    switch (level) {
        case Level::raw:
            return 0;
        case Level::m1:
            return kHourNs / 60;
        case Level::m15:
            return kHourNs / 4;
        case Level::h1:
            return kHourNs;
    }
    return 0;
}

std::int64_t span_start_ns(Span span, std::int64_t time_ns) {
    time_ns = std::min(std::max<std::int64_t>(time_ns, 0), kLastNs);
    if (span == Span::window) return time_ns - time_ns % (2 * kHourNs);
    if (span == Span::day) return time_ns - time_ns % kDayNs;
    const auto day = day_of(time_ns);
    return ns_of(day.year() / day.month() / std::chrono::day(1));
}

std::int64_t span_end_ns(Span span, std::int64_t start_ns) {
    if (span == Span::window) return start_ns + 2 * kHourNs;
    if (span == Span::day) return start_ns + kDayNs;
    const auto day = day_of(start_ns) + std::chrono::months(1);
    return ns_of(day.year() / day.month() / std::chrono::day(1));
}

std::string encode_head(const Head& head) {
    std::string out(kMagic);
    put(out, kHistoryVersion, 2);
    put(out, static_cast<std::uint8_t>(head.level), 1);
    put(out, static_cast<std::uint8_t>(head.span), 1);
    put(out, 0, 4);
    out.append(head.identity.station.data(), head.identity.station.size());
    put(out, head.identity.epoch, 8);
    put(out, static_cast<std::uint64_t>(head.start_ns), 8);
    put(out, head.sequences.first, 8);
    put(out, head.sequences.last, 8);
    put(out, static_cast<std::uint64_t>(head.t0_ns), 8);
    put(out, static_cast<std::uint64_t>(head.t1_ns), 8);
    put(out, head.records, 8);
    put(out, head.values, 8);
    put(out, head.minutes, 8);
    put(out, head.blocks, 4);
    put(out, head.devices, 4);
    put(out, 0, 4);
    put(out, crc32c(out), 4);
    return out;
}

Result<Head> parse_head(std::string_view bytes) {
    if (bytes.size() != kHeadOctets || !bytes.starts_with(kMagic) ||
        get(bytes, kHeadOctets - 4, 4) != crc32c(bytes.substr(0, kHeadOctets - 4)))
        return fail(ErrorCode::malformed, "the head is damaged");
    const std::uint64_t version = get(bytes, 8, 2);
    if (version == 0 || version > kHistoryVersion || get(bytes, 12, 4) != 0 || get(bytes, 10, 1) > 3 ||
        get(bytes, 11, 1) > 2)
        return fail(ErrorCode::refused, "history of version " + std::to_string(version) +
                                            " needs another version of this program");
    Head out;
    out.level = static_cast<Level>(bytes[10]);
    out.span = static_cast<Span>(bytes[11]);
    bytes.substr(16, 16).copy(out.identity.station.data(), out.identity.station.size());
    out.identity.epoch = get(bytes, 32, 8);
    out.start_ns = static_cast<std::int64_t>(get(bytes, 40, 8));
    out.sequences = {get(bytes, 48, 8), get(bytes, 56, 8)};
    out.t0_ns = static_cast<std::int64_t>(get(bytes, 64, 8));
    out.t1_ns = static_cast<std::int64_t>(get(bytes, 72, 8));
    out.records = get(bytes, 80, 8);
    out.values = get(bytes, 88, 8);
    out.minutes = get(bytes, 96, 8);
    out.blocks = static_cast<std::uint32_t>(get(bytes, 104, 4));
    out.devices = static_cast<std::uint32_t>(get(bytes, 108, 4));
    return out;
}

std::string history_name(const Head& head) {
    return std::string(kLevelNames[static_cast<std::size_t>(head.level)]) + "-" + hour_name(head.start_ns) +
           "-" + std::string(kSpanNames[static_cast<std::size_t>(head.span)]) + "-" +
           digits(head.identity.epoch, 12, kHexadecimal) + "-" + digits(head.sequences.first, 20) + ".db";
}

Result<Head> parse_history_name(std::string_view name) {
    const auto wrong = fail(ErrorCode::malformed, std::string(name) + ": not the name of a history file");
    Head out;
    std::uint8_t level = 0, span = 0;
    std::string_view rest = name;
    if (!index_of(kLevelNames, take(rest), level) || !parse_hour(take(rest), out.start_ns) ||
        !index_of(kSpanNames, take(rest), span) || !number(take(rest), out.identity.epoch, kHexadecimal) ||
        !number(take(rest), out.sequences.first) || rest != "db")
        return wrong;
    out.level = static_cast<Level>(level);
    out.span = static_cast<Span>(span);
    out.sequences.last = out.sequences.first;
    if (history_name(out) != name) return wrong;
    return out;
}

Result<Head> parse_bad_history_name(std::string_view name) {
    if (!name.ends_with(kBadHistory)) return fail(ErrorCode::malformed, "not a file that was set aside");
    return parse_history_name(name.substr(0, name.size() - kBadHistory.size()));
}

std::uint32_t history_seed(const Identity& identity, Level level) {
    std::string head(identity.station.data(), identity.station.size());
    put(head, identity.epoch, 8);
    put(head, static_cast<std::uint8_t>(level), 1);
    return crc32c(head);
}

}  // namespace outstation::store
