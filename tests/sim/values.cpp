// SPDX-License-Identifier: GPL-3.0-or-later
// Motion with a restart, a variation and an early wrap; forgeries by type.
#include "tests/sim/values.hpp"

#include <algorithm>

namespace outstation::sim {
namespace {

using snmp::Tag;

constexpr std::uint32_t kSpread = 2654435761U;  // neighbours get phases far apart

bool is_counter(Tag tag) {
    return tag == Tag::counter32 || tag == Tag::counter64;
}
bool is_number(Tag tag) {
    return tag == Tag::integer || tag == Tag::gauge32 || tag == Tag::time_ticks || is_counter(tag);
}

// How an instance moves on this device.
Motion motion_of(const Instance& instance, const DeviceClock& clock) {
    Motion motion;
    if (instance.motion != nullptr) {
        motion = *instance.motion;
    } else {
        std::uint64_t start = 0;
        (void)snmp::parse_unsigned(instance.content, start);
        motion.start = static_cast<double>(start);
        motion.rate_per_s = clock.growth_per_s;
    }
    motion.phase += clock.variation * kSpread;
    if (clock.is_fresh && (is_counter(instance.tag) || instance.tag == Tag::time_ticks)) motion.start = 0;
    return motion;
}

std::uint64_t number_at(const Motion& motion, Tag tag, const DeviceClock& clock) {
    std::uint64_t value = value_at(motion, tag, clock.time);
    if (tag == Tag::counter32 && clock.wrap_s > 0)
        value = (value - value_at(motion, tag, {clock.time.started_wall_s, clock.wrap_s})) & UINT32_MAX;
    return value;
}

std::string forged_content(Tag tag) {
    if (is_number(tag)) return number_content(tag, kForgedNumber);
    if (tag == Tag::oid) return {"\x2b\x06\x01\x04\x01\xdd\xbd\x88\x5e", 9};  // 1.3.6.1.4.1.195936478
    if (tag == Tag::ip_address) return {"\xc0\x00\x02\x42", 4};               // 192.0.2.66
    return kForgedText;
}

// What no value of the type has; of strings every content is possible.
std::string impossible_content(Tag tag, std::string_view content) {
    if (is_number(tag)) return std::string(12, '\x7f');
    if (tag == Tag::ip_address) return "\xc0\x02\x42";
    if (tag == Tag::oid) return "\x2b\x86";  // its last arc does not end
    return std::string(content);
}

}  // namespace

DeviceClock clock_of(const Conduct& conduct, const SimTime& time, std::uint32_t variation) {
    DeviceClock out{time, conduct.restarts > 0, variation, conduct.growth_per_s, conduct.wrap_s};
    if (out.is_fresh) {
        out.time.started_wall_s += conduct.restarted_s;
        out.time.elapsed_s = std::max(0.0, time.elapsed_s - conduct.restarted_s);
    }
    return out;
}

std::string_view content_at(const Instance& instance, const DeviceClock& clock, std::string& scratch) {
    const bool grows = clock.growth_per_s > 0 || clock.is_fresh;
    const bool wraps = clock.wrap_s > 0 && instance.tag == Tag::counter32;
    const bool goes = is_counter(instance.tag) || instance.tag == Tag::time_ticks;
    if (instance.motion == nullptr && !(goes && grows) && !wraps) return instance.content;
    scratch = number_content(instance.tag, number_at(motion_of(instance, clock), instance.tag, clock));
    return scratch;
}

void distort(const Conduct& conduct, Tag& tag, std::string_view& content, std::string& scratch) {
    if (conduct.lies_about_types) {
        tag = is_number(tag) ? Tag::octet_string : Tag::integer;
        scratch = forged_content(tag);
    } else if (conduct.is_mistyped) {
        scratch = impossible_content(tag, content);
    } else if (conduct.is_forged) {
        scratch = forged_content(tag);
    } else {
        return;
    }
    content = scratch;
}

}  // namespace outstation::sim
