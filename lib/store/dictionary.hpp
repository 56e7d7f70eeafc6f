// SPDX-License-Identifier: GPL-3.0-or-later
// The station's numbers for its series: from 1 on, given once, never given to another series. Threads: any.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "lib/model/result.hpp"
#include "lib/wire/records.hpp"

namespace outstation::store {

inline constexpr std::uint32_t kMaxSeries = 1U << 18;
inline constexpr std::size_t kMaxSeriesTextOctets = 1024;      // of one text of a definition
inline constexpr std::size_t kMaxDefinitionTextOctets = 4096;  // of all of them together
inline constexpr std::size_t kMaxLabels = 32;
// What definitions take in a frame beyond kCommonDefinitionOctets each is bounded for all of them together:
// so every frame has room for the definitions of all its values.
inline constexpr std::size_t kCommonDefinitionOctets = 320;
inline constexpr std::size_t kMaxExcessOctets = 3U << 20;

class Dictionary {
  public:
    // The number of the series with this device, metric, labels and kind; a new one if it was never seen. Oid
    // and scale may change, the number stays. Fails with exhausted at kMaxSeries and, for long definitions,
    // at kMaxExcessOctets; with malformed as check_series().
    [[nodiscard]] Result<std::uint32_t> define(const wire::SeriesDef& def);
    // As a journal frame has it: the number is given.
    void restore(const wire::SeriesDef& def);
    void restore_last(std::uint32_t last_series);

    [[nodiscard]] std::optional<wire::SeriesDef> find(std::uint32_t id) const;
    // Calls `visit` with the known definitions from id `first` on, in order, until it says false. It may not
    // ask the dictionary.
    using Visit = std::function<bool(const wire::SeriesDef& def)>;
    void visit(std::uint32_t first, const Visit& visit) const;
    // Whether each of these numbers is of a known series of this kind.
    [[nodiscard]] bool are_all(const std::vector<std::uint32_t>& ids, SeriesKind kind) const;
    // Of the series without labels.
    [[nodiscard]] std::optional<std::uint32_t> number_of(const std::string& device,
                                                         const std::string& metric) const;
    [[nodiscard]] std::uint32_t last() const;  // highest number ever given
    [[nodiscard]] std::size_t size() const;    // series that are known
    // Grows when a known series changes its oid or scale.
    [[nodiscard]] std::uint64_t changes() const { return changes_; }
    // Octets of the definition in a frame, at most.
    [[nodiscard]] std::size_t encoded_octets(std::uint32_t id) const;
    [[nodiscard]] static std::size_t encoded_octets(const wire::SeriesDef& def);

  private:
    [[nodiscard]] Result<void> check_room(const wire::SeriesDef& def, std::size_t freed_octets) const;
    void put(std::uint32_t id, const wire::SeriesDef& def);
    [[nodiscard]] std::uint32_t number_of(const wire::SeriesDef& def) const;  // 0: it has none
    void forget_number(std::uint32_t id);

    mutable std::mutex mutex_;
    std::deque<wire::SeriesDef>
        entries_;                      // by number - 1; an empty metric: number given, definition not known
    std::vector<std::uint8_t> kinds_;  // by number - 1: the kind, kUnknownKind where there is no definition
    // By a hash of what makes the series: its identity stands in the entry only.
    std::unordered_multimap<std::size_t, std::uint32_t> numbers_;
    std::size_t excess_octets_ = 0;
    std::atomic<std::uint64_t> changes_ = 0;
};

// Within the limits of a series: non-empty device and metric, a kind that there is, at most kMaxLabels
// labels, texts of at most kMaxSeriesTextOctets each and kMaxDefinitionTextOctets together. Else malformed,
// and which.
[[nodiscard]] Result<void> check_series(const wire::SeriesDef& def);

}  // namespace outstation::store
