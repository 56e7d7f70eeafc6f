// SPDX-License-Identifier: GPL-3.0-or-later
// A value of a thing, and what a record of the stream `state` says as one. Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lib/wire/records.hpp"

namespace outstation::store {

// `component` is empty for the device itself, `interface:7` for the interface told by that number (only
// its name where no record said which it is); `attribute` is `state` (up, down) or an attribute's name.
// Without a value it is so no more.
struct Fact {
    std::string device;
    std::string component;
    std::string attribute;
    std::string value;
    std::string reason;
    std::int64_t since_ns = 0;   // stamp of the record that said so first
    std::int64_t until_ns = 0;   // stamp of the record that said otherwise; 0: it is so now
    std::uint64_t sequence = 0;  // of the record that said so first
    std::string name{};          // that the component has now; empty for the device itself
    bool operator==(const Fact&) const = default;
};

// Without an attribute: the component is gone, with all its attributes. Nothing for a record that changes no
// state (device_restarted, for one).
[[nodiscard]] std::optional<Fact> fact_of(std::uint64_t sequence, const wire::StateRecord& record);

}  // namespace outstation::store
