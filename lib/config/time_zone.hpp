// SPDX-License-Identifier: GPL-3.0-or-later
// Names of time zones against the zoneinfo database that the C library reads. Threads: any.
#pragma once

#include <string>
#include <string_view>

namespace outstation::config {

enum class ZoneAnswer { known, unknown, no_database };

// $TZDIR, or /usr/share/zoneinfo: tzset(3).
[[nodiscard]] std::string zoneinfo_directory();
// Whether the name ("Asia/Shanghai") is that of a file of the database, as RFC 8536 writes it. `no_database`
// when there is not even UTC. A name never leads out of the directory.
[[nodiscard]] ZoneAnswer look_up_zone(std::string_view name, const std::string& directory);

}  // namespace outstation::config
