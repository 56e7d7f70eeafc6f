// SPDX-License-Identifier: GPL-3.0-or-later
// The station's numbers for its series, from 1 on. One that came to disk is given to another series only when
// nothing on disk has it any more, and no other number is left (docs/decisions/0012). Definitions are kept as
// they go over the wire, which is a third of the memory and what latest values are answered with. Threads:
// any.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/model/result.hpp"
#include "lib/store/number_index.hpp"
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
    // at kMaxExcessOctets, unless a spare one makes room; with malformed as check_series().
    [[nodiscard]] Result<std::uint32_t> define(const wire::SeriesDef& def);
    // As a journal frame has it: the number is given.
    void restore(const wire::SeriesDef& def);
    void restore_last(std::uint32_t last_series);
    // A frame that uses this number is durable.
    void wrote(std::uint32_t id);

    // Most of the numbers, or of the room for long definitions, are given.
    [[nodiscard]] bool is_short() const;
    // Known numbers that nothing on disk and in memory has: from now on they may become others'. Each keeps
    // its definition until then, and is spare no more when its own series comes back.
    void spare(std::vector<std::uint32_t> ids);
    // How many more series can have one.
    [[nodiscard]] std::size_t numbers_left() const;

    [[nodiscard]] std::optional<wire::SeriesDef> find(std::uint32_t id) const;
    // Appends the definitions of these numbers, as an encoded wire::FrameBody has them; of those that are
    // known.
    void append_definitions(const std::vector<std::uint32_t>& ids, std::string& body) const;
    // The same as a chunk of history has them (docs/formats/history.md): each number is the difference from
    // the one before, and a device that is the one before is left out.
    void append_chunk(const std::vector<std::uint32_t>& ids, std::string& body) const;
    struct Wanted {
        std::uint32_t first = 1;    // from this number on
        const std::string& device;  // empty: all
        const std::string& metric;  // empty: all
    };
    struct Encoded {
        std::uint32_t id = 0;
        SeriesKind kind = SeriesKind::gauge;
        std::string_view bytes;  // of the wire::SeriesDef
    };
    // Calls `visit` with the known definitions that are wanted, in order, until it says false. It may not ask
    // the dictionary.
    using Visit = std::function<bool(const Encoded& def)>;
    void visit(const Wanted& wanted, const Visit& visit) const;
    // Whether each of these numbers is of a known series of this kind.
    [[nodiscard]] bool are_all(const std::vector<std::uint32_t>& ids, SeriesKind kind) const;
    // Of the series without labels.
    [[nodiscard]] std::optional<std::uint32_t> number_of(const std::string& device,
                                                         const std::string& metric) const;
    [[nodiscard]] std::uint32_t last() const;  // highest number ever given
    // The highest one on disk. Those behind it are as good as never given: a restart gives them again.
    [[nodiscard]] std::uint32_t last_on_disk() const { return last_on_disk_; }
    [[nodiscard]] std::size_t size() const;  // series that are known
    // Grows when a known series changes its oid or scale, and when a number becomes another's.
    [[nodiscard]] std::uint64_t changes() const { return changes_; }
    struct Changed {
        std::uint64_t changes = 0;       // so far
        std::vector<std::uint32_t> ids;  // whose definition is another now; one may be there twice
        bool all = false;                // too many to be known: perhaps each
    };
    [[nodiscard]] Changed changed_since(std::uint64_t changes) const;
    // Octets of the definition in a frame, at most.
    [[nodiscard]] std::size_t encoded_octets(std::uint32_t id) const;

  private:
    // An encoded definition: its number; device, metric, labels and kind, which make the series; oid and
    // scale. Not known: empty.
    struct Entry {
        std::string bytes;
        std::uint16_t id_octets = 0;
        std::uint16_t device_octets = 0;
        std::uint16_t series_octets = 0;  // with the device
        [[nodiscard]] std::string_view series() const {
            return std::string_view(bytes).substr(id_octets, series_octets);
        }
        [[nodiscard]] std::string_view meaning() const {
            return std::string_view(bytes).substr(id_octets + series_octets);
        }
        [[nodiscard]] std::string_view device() const { return series().substr(0, device_octets); }
        [[nodiscard]] std::string_view behind_device() const {
            return std::string_view(bytes).substr(id_octets + device_octets);
        }
        // Encoded, too; empty: any.
        [[nodiscard]] bool has(std::string_view device, std::string_view metric) const {
            return series().starts_with(device) && series().substr(device_octets).starts_with(metric);
        }
    };
    [[nodiscard]] static Entry entry_of(std::uint32_t id, wire::SeriesDef def);
    [[nodiscard]] static std::size_t excess_of(const Entry& entry);
    [[nodiscard]] Result<void> check_room(const Entry& entry, std::size_t freed_octets) const;
    [[nodiscard]] Result<std::uint32_t> define_again(std::uint32_t id, const wire::SeriesDef& def);
    [[nodiscard]] Result<std::uint32_t> define_new(const wire::SeriesDef& def);
    void keep(std::uint32_t id);  // it is spare no more
    [[nodiscard]] bool is_spare(std::uint32_t id) const {
        return id != 0 && id <= is_spare_.size() && is_spare_[id - 1];
    }
    void put(std::uint32_t id, Entry entry, SeriesKind kind);
    [[nodiscard]] std::uint32_t number_of(std::string_view series) const;  // 0: it has none
    void add_number(std::uint32_t id);
    void forget_number(std::uint32_t id);
    void note_change(std::uint32_t id);
    [[nodiscard]] bool knows(std::uint32_t id) const {
        return id != 0 && id <= entries_.size() && !entries_[id - 1].bytes.empty();
    }

    mutable std::mutex mutex_;
    std::deque<Entry> entries_;        // by number - 1
    std::vector<std::uint8_t> kinds_;  // by number - 1: the kind, kUnknownKind where there is no definition
    NumberIndex numbers_;              // by what makes the series
    std::size_t excess_octets_ = 0;
    std::vector<std::uint32_t> spares_;  // the longest definition last; those that were taken or kept, too
    std::vector<bool> is_spare_;         // by number - 1
    std::size_t spares_left_ = 0;
    std::atomic<std::uint32_t> last_on_disk_ = 0;
    std::atomic<std::uint64_t> changes_ = 0;
    std::deque<std::uint32_t> changed_;  // the last changes
};

// Within the limits of a series: non-empty device and metric, a kind that there is, at most kMaxLabels
// labels, texts of at most kMaxSeriesTextOctets each and kMaxDefinitionTextOctets together. Else malformed,
// and which.
[[nodiscard]] Result<void> check_series(const wire::SeriesDef& def);

}  // namespace outstation::store
