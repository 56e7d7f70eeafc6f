// SPDX-License-Identifier: GPL-3.0-or-later
// The raster of polls.
#include "daemons/polld/schedule.hpp"

namespace outstation::polld {

Duration phase_of(std::string_view device, Duration interval) {
    std::uint64_t hash = 0xcbf29ce484222325U;  // FNV-1a
    for (const char c : device) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    hash ^= hash >> 29;
    return Duration(static_cast<std::int64_t>(hash % static_cast<std::uint64_t>(interval.count())));
}

MonoTime first_due(MonoTime now, Duration interval, Duration phase) {
    const Duration into = (now - MonoTime{}) % interval;
    const MonoTime due = now - into + phase;
    return due > now ? due : due + interval;
}

MonoTime next_poll(MonoTime started, MonoTime now, Duration interval, Duration phase, unsigned intervals) {
    const MonoTime due = first_due(started + interval * (intervals - 1), interval, phase);
    return due > now ? due : first_due(now, interval, phase);
}

unsigned backed_off(unsigned failures) {
    return failures < 3 ? 1 : failures < 6 ? 2 : 4;
}

}  // namespace outstation::polld
