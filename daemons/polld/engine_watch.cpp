// SPDX-License-Identifier: GPL-3.0-or-later
// Text to facts and back.
#include "daemons/polld/engine_watch.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "lib/crypto/bytes.hpp"

namespace outstation::polld {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDriftS = 60;  // less than half of the window of RFC 3414 section 2.2.3
constexpr std::size_t kMostIdDigits = 64;

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Empty when it is no even number of lower-case digits.
std::string from_hex(std::string_view text) {
    std::string out;
    if (text.size() % 2 != 0) return out;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit_of(text[i]);
        const int low = digit_of(text[i + 1]);
        if (high < 0 || low < 0) return {};
        out += static_cast<char>(high * 16 + low);
    }
    return out;
}

}  // namespace

EngineFacts EngineFacts::of(const snmp::EngineState& engine, std::int64_t wall_ns) {
    return {crypto::to_hex(engine.id), engine.boots, wall_ns / kSecond - engine.time};
}

EngineFacts EngineFacts::parse(const std::string& text) {
    char id[kMostIdDigits + 1];
    unsigned boots = 0;
    long long since = 0;
    EngineFacts out;
    if (std::sscanf(text.c_str(), "%64[0-9a-f] boots %u since %lld", id, &boots, &since) != 3) return out;
    return {id, boots, since};
}

std::string EngineFacts::text() const {
    return id + " boots " + std::to_string(boots) + " since " + std::to_string(since_s);
}

snmp::EngineState EngineFacts::engine(std::int64_t wall_ns) const {
    const std::int64_t time = std::clamp<std::int64_t>(wall_ns / kSecond - since_s, 0, INT32_MAX);
    return {from_hex(id), boots, static_cast<std::uint32_t>(time)};
}

bool EngineFacts::is_like(const EngineFacts& other) const {
    return id == other.id && boots == other.boots && std::abs(since_s - other.since_s) <= kDriftS;
}

}  // namespace outstation::polld
