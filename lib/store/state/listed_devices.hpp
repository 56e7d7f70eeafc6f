// SPDX-License-Identifier: GPL-3.0-or-later
// Which devices were configured when the store heard of it last, on disk: what the journal still has of
// others counts as not known after a start, too. docs/formats/state.md has every byte. Blocks. Threads:
// functions.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "lib/store/journal/file_system.hpp"

namespace outstation::store {

struct ListedDevices {
    std::set<std::string, std::less<>> names;
    std::uint64_t before = 0;  // the record of `state` that came next then

    // A record of that number says nothing of the device any more.
    [[nodiscard]] bool forgot(std::uint64_t sequence, std::string_view device) const {
        return sequence < before && !names.contains(device);
    }
};

// Durable when it returns well. Fails with io, or exhausted when there is no room.
[[nodiscard]] Result<void> write_listed(FileSystem& files, const std::string& directory,
                                        const ListedDevices& listed);
// Where there is no such file, or none that can be read and is whole: one that forgot nothing.
[[nodiscard]] ListedDevices read_listed(FileSystem& files, const std::string& directory);

}  // namespace outstation::store
