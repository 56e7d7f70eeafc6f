// SPDX-License-Identifier: GPL-3.0-or-later
// The station's numbers for its series: from 1 on, given once, never given to another series. Threads: any.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "lib/model/result.hpp"
#include "lib/wire/records.hpp"

namespace outstation::store {

inline constexpr std::uint32_t kMaxSeries = 1U << 18;

class Dictionary {
  public:
    // The number of the series with this device, metric, labels and kind; a new one if it was never seen. Oid
    // and scale may change, the number stays. Fails with exhausted at kMaxSeries, with malformed when a text
    // is empty or too long.
    [[nodiscard]] Result<std::uint32_t> define(const wire::SeriesDef& def);
    // As a journal frame has it: the number is given.
    void restore(const wire::SeriesDef& def);
    void restore_last(std::uint32_t last_series);

    [[nodiscard]] std::optional<wire::SeriesDef> find(std::uint32_t id) const;
    [[nodiscard]] std::optional<SeriesKind> kind_of(std::uint32_t id) const;
    // Of the series without labels.
    [[nodiscard]] std::optional<std::uint32_t> number_of(const std::string& device,
                                                         const std::string& metric) const;
    [[nodiscard]] std::uint32_t last() const;  // highest number ever given
    [[nodiscard]] std::size_t size() const;    // series that are known
    // Grows when a known series changes its oid or scale.
    [[nodiscard]] std::uint64_t changes() const { return changes_; }
    // Octets of the definition in a frame, at most.
    [[nodiscard]] std::size_t encoded_octets(std::uint32_t id) const;

  private:
    void put(std::uint32_t id, const wire::SeriesDef& def);

    mutable std::mutex mutex_;
    std::deque<wire::SeriesDef>
        entries_;  // by number - 1; an empty metric: number given, definition not known
    std::unordered_map<std::string, std::uint32_t> numbers_;
    std::atomic<std::uint64_t> changes_ = 0;
};

// Within the limits of a series: non-empty device and metric, at most 32 labels, no text above 1 KiB, a kind
// that there is.
[[nodiscard]] Result<void> check_series(const wire::SeriesDef& def);

}  // namespace outstation::store
