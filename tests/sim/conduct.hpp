// SPDX-License-Identifier: GPL-3.0-or-later
// How a device behaves at a moment: the sum of its behaviours (behaviours.hpp), as the parts of the agent ask
// for it. The default is a good device.
#pragma once

#include <cstdint>

namespace outstation::sim {

struct Conduct {
    // The way. Seconds; shares of 1.
    double latency_s = 0;
    double jitter_s = 0;
    double loss = 0;
    double duplicates = 0;
    std::uint32_t copies = 1;  // of each answer
    bool is_silent = false;
    bool from_other_address = false;
    bool from_other_port = false;

    // Its life. Seconds since the simulator began.
    std::uint32_t restarts = 0;
    double restarted_s = 0;
    bool is_renumbered = false;  // its interfaces

    // Its values.
    double growth_per_s = 0;  // of counters that stand still in a recording
    double wrap_s = 0;        // Counter32 reach their end so long after the start; 0: when they do
    bool is_forged = false;   // values that nobody may believe: kForgedNumber and kForgedText
    bool lies_about_types = false;
    bool is_mistyped = false;      // contents that their type cannot have
    bool is_truncated = false;     // announced longer than they are
    bool has_bad_lengths = false;  // announced to be gigantic

    // Its answers.
    std::uint32_t circle = 0;  // a walk comes back to where it was so many instances ago; 0: it does not
    std::uint32_t back = 0;    // GETNEXT gives the instance so many before the next; 0: it is honest
    bool is_endless = false;
    bool has_other_oids = false;
    bool is_shuffled = false;
    bool is_empty = false;
    bool has_extra = false;
    std::uint32_t filler_bytes = 0;  // of a value that nobody asked for
    std::uint32_t most_varbinds = UINT32_MAX;
    std::int64_t status = 0;      // of every answer
    std::uint32_t id_offset = 0;  // of the request id
    std::uint32_t forgeries = 0;  // answers with ids that nobody used, before the true one
    bool has_bulk = true;
    bool only_v1 = false;
    bool other_version = false;
    bool other_community = false;

    // Its bytes.
    bool is_random = false;
    bool is_cut = false;
    bool replays = false;  // its first answer again and again

    // Its SNMPv3 engine.
    bool shares_engine = false;  // with every other device of this kind
    bool is_second_engine = false;
    std::uint32_t boots_back = 0;   // so many less than it had
    bool is_never_in_time = false;  // finds every time wrong
    bool other_user = false;
    bool is_downgraded = false;            // answers without authentication and privacy
    std::uint32_t mac_bytes = UINT32_MAX;  // no more of the MAC is sent
    std::uint32_t reports = 0;             // of every kind, before the true answer
};

inline constexpr std::uint32_t kForgedNumber = 195936478;  // 0xbadc0de
inline constexpr char kForgedText[] = "forged";

}  // namespace outstation::sim
