// SPDX-License-Identifier: GPL-3.0-or-later
// Segments that the device could not read and that would otherwise be unlinked: they are renamed to NAME.bad
// and kept for a person, until room is needed. Nothing reads them. Threads: octets(), stuck_octets(),
// files(), stuck() and take_news() any; the rest one at a time, the journal's writer. Ownership: the file
// system outlives it.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/store/journal/format.hpp"
#include "lib/store/journal/segment.hpp"

namespace outstation::store {

// The segment that a file NAME.bad was; fails with malformed for any other name.
[[nodiscard]] Result<SegmentName> parse_set_aside_name(std::string_view name);

class SetAside {
  public:
    explicit SetAside(FileSystem& files) : files_(files) {}

    // Counts those that are there. One that cannot even be opened counts as `otherwise` octets.
    void find(const std::string& directory, const std::vector<std::string>& names, std::uint64_t otherwise);
    // Renames a segment. The caller syncs the directory.
    [[nodiscard]] Result<void> take(const Segment& segment);
    // Unlinks all of them that it can, because room is needed. Returns how many.
    std::size_t drop();
    // Tries those again that drop() could not unlink.
    void drop_stuck();

    [[nodiscard]] std::uint64_t octets() const;
    // Of those that drop() could not unlink, and why it could not.
    [[nodiscard]] std::uint64_t stuck_octets() const;
    [[nodiscard]] std::optional<Error> stuck() const;
    [[nodiscard]] std::size_t files() const;
    // Paths of those that were renamed since the last call.
    [[nodiscard]] std::vector<std::string> take_news();

  private:
    struct Kept {
        std::string path;
        std::uint64_t octets = 0;
        std::optional<Error> stuck = {};
    };
    std::size_t drop_those(const std::function<bool(const Kept&)>& wanted);

    FileSystem& files_;
    mutable std::mutex mutex_;  // guards what follows
    std::vector<Kept> kept_;
    std::vector<std::string> news_;
};

}  // namespace outstation::store
