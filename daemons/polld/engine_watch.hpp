// SPDX-License-Identifier: GPL-3.0-or-later
// What is told of the SNMPv3 engine of a device, as the attribute `snmp_engine`: its id, how often it booted
// and since when it runs. stored keeps it, so that polld need not ask for it after a start, and sees what
// changed meanwhile. Pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "drivers/snmp/usm_session.hpp"

namespace outstation::polld {

inline constexpr const char* kEngineAttribute = "snmp_engine";
// Another device that has the same engine; empty: none.
inline constexpr const char* kSharedAttribute = "snmp_engine_shared";
// The id of the other engine that answers in turn with this one; empty: none.
inline constexpr const char* kPairAttribute = "snmp_engine_pair";
// How it is asked, as what is configured did not work; empty: as configured.
inline constexpr const char* kFallbackAttribute = "snmp_fallback";
inline constexpr const char* kFallbackV1 = "SNMPv1";
inline constexpr const char* kFallbackNext = "GETNEXT";

// "80001f8804 boots 7 since 1763626320": hexadecimal, and seconds since 1970 UTC.
struct EngineFacts {
    std::string id;  // hexadecimal; empty: not known
    std::uint32_t boots = 0;
    std::int64_t since_s = 0;

    [[nodiscard]] static EngineFacts of(const snmp::EngineState& engine, std::int64_t wall_ns);
    // Nothing known when the text is none of ours.
    [[nodiscard]] static EngineFacts parse(const std::string& text);
    [[nodiscard]] std::string text() const;
    // What it is now, if it has gone on running.
    [[nodiscard]] snmp::EngineState engine(std::int64_t wall_ns) const;
    // The same but for what clocks drift.
    [[nodiscard]] bool is_like(const EngineFacts& other) const;
};

}  // namespace outstation::polld
