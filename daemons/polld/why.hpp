// SPDX-License-Identifier: GPL-3.0-or-later
// What the engine and the series book know of a device, as the answer to the question why. Pure functions.
#pragma once

#include <string>

#include "daemons/polld/device_packs.hpp"
#include "daemons/polld/pack_series.hpp"
#include "daemons/polld/series_book.hpp"
#include "drivers/snmp/learned.hpp"
#include "lib/event/loop.hpp"
#include "lib/wire/poll_messages.hpp"

namespace outstation::polld {

// "SNMPv2c"
[[nodiscard]] const char* protocol_name(snmp::Version version);

// The last exchange, what works, what each part costs. `offset` is wall clock less monotonic clock.
void tell_learned(const snmp::Learned& learned, std::int64_t offset_ns, wire::WhyReply& reply);
// The series of `wanted`'s device and metric: at most kMostSources.
inline constexpr std::size_t kMostSources = 256;
void tell_sources(const SeriesBook& book, const DevicePacks& packs, const PackSeries& of_packs,
                  const SeriesKey& wanted, wire::WhyReply& reply);

}  // namespace outstation::polld
