// SPDX-License-Identifier: GPL-3.0-or-later
// What to read from a device, and what one cycle brought: flat arrays, one arena for bytes, nothing allocated
// a value.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/snmp/message.hpp"
#include "drivers/snmp/oid.hpp"
#include "lib/event/loop.hpp"

namespace outstation::snmp {

// A value to write, as it travels in BER: encode_oid() and a content that fits the tag.
struct Setting {
    std::string oid;
    Tag tag = Tag::none;
    std::string content;
};

// Shared by all devices that are polled alike. OIDs are BER bytes (encode_oid).
struct Plan {
    struct Table {
        std::vector<std::string> columns;  // walked side by side: rows of the same index
        std::uint32_t max_rows = 4096;     // a device that shows more is stopped with an error
        // Only whether there is anything below each column: its first value is read, by GETNEXT, and the
        // columns need not be of one table.
        bool first_only = false;
        // Of one column alone, a piece: the walk begins behind this index, and max_rows is its end, no error.
        bool is_piece = false;
        std::string after{};  // BER; empty: at the beginning
    };
    std::vector<std::string> scalars;  // with their .0
    std::vector<Table> tables;
};

// One value. Numbers are sign- or zero-extended to 64 bits; strings, addresses and OIDs lie in the arena.
struct Cell {
    Tag tag = Tag::none;  // none: the device does not have it; also the exceptions of RFC 3416 become none
    std::uint32_t length = 0;
    std::uint64_t number = 0;  // or the offset in the arena

    [[nodiscard]] bool present() const { return tag != Tag::none; }
    [[nodiscard]] bool is_number() const {
        return tag == Tag::integer || tag == Tag::counter32 || tag == Tag::gauge32 ||
               tag == Tag::time_ticks || tag == Tag::counter64;
    }
};

enum class CycleError : std::uint8_t {
    none,
    timeout,         // no answer to a request, retries included
    deadline,        // the whole cycle took too long
    refused,         // the kernel said that nobody listens there
    malformed,       // answers that break their format
    not_increasing,  // a walk went backwards or in a circle (RFC 3416 section 4.2.3 forbids it)
    endless,         // more rows or bytes than the plan allows
    agent,           // error-status that we cannot mend
    // SNMPv3; the first two come when asking again did not help.
    unknown_engine,   // the device does not know its own engine id, or changes it
    time_window,      // boots and time of the engine cannot be agreed upon
    unknown_user,     // the device does not have the user
    authentication,   // passphrase or protocol of authentication differ
    privacy,          // passphrase or protocol of privacy differ
    security_level,   // the device does not allow the level, or answered with a lower one
    unknown_context,  // the device does not have the context
    unauthentic,      // only answers that cannot be believed
    not_allowed,      // to be written to, by our own policy: nothing was sent
};
[[nodiscard]] std::string_view cycle_error_name(CycleError error);

struct TableRows {
    struct Index {
        std::uint32_t offset = 0;
        std::uint32_t length = 0;
    };
    std::vector<Index> indexes;           // of the rows, in the arena
    std::vector<Cell> cells;              // rows × columns
    CycleError error = CycleError::none;  // why it could not be read to its end: then it has no rows
    bool complete = false;                // its end was seen; otherwise it may have more rows than these
    [[nodiscard]] std::size_t rows() const { return indexes.size(); }
};

// What one cycle of one device gave. Valid only during the callback: the engine reuses it.
struct Cycle {
    std::vector<Cell> scalars;      // as Plan::scalars
    std::vector<TableRows> tables;  // as Plan::tables
    std::string arena;
    CycleError error = CycleError::none;          // the first that happened; what was read soundly is there
    CycleError scalars_error = CycleError::none;  // why some scalars could not be read
    std::string detail;                           // for people: which OID, which error-status
    std::string notice;                           // for people: what mended itself; empty: nothing
    Version version = Version::v2c;               // in which it was answered last
    bool answered = false;                        // at least one valid response came
    std::uint32_t requests = 0;
    std::uint32_t timeouts = 0;
    std::uint32_t values = 0;
    std::uint64_t octets = 0;  // of messages both ways, tries included, without UDP and IP
    Duration duration{0};
    Duration rtt{0};  // of the last answered request that was not sent again; 0: none

    [[nodiscard]] std::string_view bytes(const Cell& cell) const {
        return std::string_view(arena).substr(cell.number, cell.length);
    }
    [[nodiscard]] OidBytes index(const TableRows& table, std::size_t row) const {
        return std::string_view(arena).substr(table.indexes[row].offset, table.indexes[row].length);
    }
};

}  // namespace outstation::snmp
