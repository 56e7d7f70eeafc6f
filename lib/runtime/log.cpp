// SPDX-License-Identifier: GPL-3.0-or-later
// One line, one write().
#include "lib/runtime/log.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>

namespace outstation::runtime {
namespace {

constexpr std::size_t kMaxTextBytes = 2048;

std::string time_text() {
    timespec ts{};
    clock_gettime(CLOCK_REALTIME, &ts);
    tm utc{};
    gmtime_r(&ts.tv_sec, &utc);
    char text[32];
    const std::size_t n = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    return fmt::format("{}.{:03}Z", std::string_view(text, n), ts.tv_nsec / 1'000'000);
}

// Length of the well-formed UTF-8 character at the front (RFC 3629 section 4); 0 when there is none.
std::size_t utf8_length(std::string_view s) {
    const auto at = [&](std::size_t i) { return i < s.size() ? static_cast<unsigned char>(s[i]) : 0U; };
    const auto tail = [&](std::size_t i) { return (at(i) & 0xc0U) == 0x80U; };
    const unsigned c = at(0);
    if (c < 0x80) return 1;
    if (c >= 0xc2 && c <= 0xdf && tail(1)) return 2;
    if (c >= 0xe0 && c <= 0xef && tail(1) && tail(2)) {
        const bool overlong = c == 0xe0 && at(1) < 0xa0;
        const bool surrogate = c == 0xed && at(1) >= 0xa0;
        return overlong || surrogate ? 0 : 3;
    }
    if (c >= 0xf0 && c <= 0xf4 && tail(1) && tail(2) && tail(3)) {
        const bool overlong = c == 0xf0 && at(1) < 0x90;
        const bool beyond = c == 0xf4 && at(1) >= 0x90;
        return overlong || beyond ? 0 : 4;
    }
    return 0;
}

bool is_between(std::string_view first, std::string_view character, std::string_view last) {
    return first <= character && character <= last;
}

// A terminal obeys it, or shows what follows elsewhere: C0, C1 (ISO 6429), ends of lines, bidirectional
// overrides and isolates.
bool is_control(std::string_view character) {
    const auto c = static_cast<unsigned char>(character.front());
    return c < 0x20 || c == 0x7f || is_between("\xc2\x80", character, "\xc2\x9f") ||
           is_between("\xe2\x80\x8e", character, "\xe2\x80\x8f") ||
           is_between("\xe2\x80\xa8", character, "\xe2\x80\xae") ||
           is_between("\xe2\x81\xa6", character, "\xe2\x81\xa9");
}

}  // namespace

std::optional<Level> level_from(std::string_view name) {
    for (const Level level : {Level::error, Level::warning, Level::info, Level::debug}) {
        if (level_name(level) == name) return level;
    }
    return std::nullopt;
}

std::string_view level_name(Level level) {
    switch (level) {
        case Level::error:
            return "error";
        case Level::warning:
            return "warning";
        case Level::info:
            return "info";
        case Level::debug:
            return "debug";
    }
    return "info";
}

std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty() && out.size() < kMaxTextBytes) {
        const std::size_t n = utf8_length(text);
        const std::string_view character = text.substr(0, std::max<std::size_t>(n, 1));
        if (n == 0 || is_control(character) || character == "\\") {
            for (const char c : character) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        } else {
            out += character;
        }
        text.remove_prefix(character.size());
    }
    return out;
}

Log::Log(std::string daemon)
    : daemon_(std::move(daemon)), to_journal_(std::getenv("JOURNAL_STREAM") != nullptr) {}

void Log::write(Level level, std::string_view id, std::string_view text) {
    if (level > level_) return;
    std::string line = to_journal_ ? fmt::format("<{}>", static_cast<int>(level))
                                   : fmt::format("{} {:<7} {:<7}", time_text(), level_name(level), daemon_);
    line += fmt::format(" {} {}\n", id, printable(text));
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace outstation::runtime
