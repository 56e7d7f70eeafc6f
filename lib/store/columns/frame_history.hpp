// SPDX-License-Identifier: GPL-3.0-or-later
// What both sides of the frame codec remember since the last keyed frame: sources, and the state of their
// series. A source is a device with one list of series; a device that is asked different things in turn is
// several sources.
#pragma once

#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "lib/store/columns/frame_columns.hpp"
#include "lib/store/columns/integers.hpp"
#include "lib/store/columns/series_state.hpp"

namespace outstation::store {

namespace columns {

// Of one frame, and of everything remembered between frames.
inline constexpr std::size_t kMaxFrameRecords = 65'536;
inline constexpr std::size_t kMaxFrameValues = 1U << 20;
inline constexpr std::size_t kMaxSources = 1U << 18;
// Names of devices and boot ids: over all records of a frame; devices also over everything remembered.
inline constexpr std::size_t kMaxFrameNameOctets = 16U << 20;
// Sources of one device; more, and the next frame is keyed.
inline constexpr std::size_t kSourcesOfDevice = 16;

struct Source {
    std::string device;
    std::vector<std::uint32_t> counter_series, gauge_series;
    std::vector<SeriesState> states;        // counters, then gauges
    std::vector<std::uint64_t> gauge_bits;  // of the last record; the encoder's
    std::int64_t wall_ns = 0;
    std::int64_t step_ns = 0;
    bool stepped = false;

    [[nodiscard]] std::size_t size() const { return counter_series.size() + gauge_series.size(); }
    [[nodiscard]] std::int64_t expected_wall_ns() const {
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(wall_ns) +
                                         static_cast<std::uint64_t>(step_ns));
    }
    void saw_wall(std::int64_t now_ns);
    // Whether a record is from this source.
    [[nodiscard]] bool gave(const wire::SampleRecord& record) const;
};

// Parts of a frame's body beside the heads and escapes of its integer columns.
struct FrameParts {
    std::string hints;    // an octet a new series
    std::string forms;    // an octet a new gauge
    std::string changes;  // of form: how many gauges since the last change, then the new form
    std::string still;    // heads of values whose guess was always right of late
    std::string quiet;    // of those whose guess was nearly always right
    std::string busy;     // of the others
};
inline constexpr std::size_t kFramePartCount = 8;
inline constexpr std::uint8_t kFrameKeyed = 1;  // of the first octet; its other bits are zero

// The records of a frame that define their source, by the numbers of their counters and gauges. The first
// values of such records stand as one integer column a position.
using NewRecords = std::map<std::pair<std::size_t, std::size_t>, std::vector<std::size_t>>;

}  // namespace columns

class FrameHistory {
  public:
    // The number of the source of this record, or how many there are.
    [[nodiscard]] std::size_t find(const wire::SampleRecord& record);
    // Not there: nullptr.
    [[nodiscard]] const columns::Source* source_of(const wire::SampleRecord& record);
    // Adds the source of this record, which find() did not find.
    void define(const wire::SampleRecord& record);
    // Whether so many more surely fit.
    [[nodiscard]] bool has_room(std::size_t records, std::size_t more_values, std::size_t more_octets) const;

    std::vector<columns::Source> sources;
    std::unordered_map<std::string, std::vector<std::size_t>> by_device;
    std::size_t last_found = 0;
    std::size_t values = 0;       // of all sources
    std::size_t name_octets = 0;  // of their devices
    bool crowded = false;         // a device has more sources than kSourcesOfDevice
    bool usable = false;          // a keyed frame was seen and nothing failed since
};

}  // namespace outstation::store
