// SPDX-License-Identifier: GPL-3.0-or-later
// From what packs found to values of series. The instance OID is part of a series' identity
// (`sensor_index` and its like): two sensors may have the same name. What polld reads from every device is
// not told a second time. Threads: the loop's.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "daemons/polld/device_packs.hpp"
#include "daemons/polld/series_book.hpp"
#include "lib/wire/records.hpp"

namespace outstation::polld {

class PackSeries {
  public:
    PackSeries(std::string device, SeriesBook& book) : device_(std::move(device)), book_(book) {}
    // More than a device may have series: a device that gives its instances other OIDs at each poll has no
    // values of the new ones until it is surveyed whole.
    static constexpr std::size_t kMostKnown = 8192;
    void translate(const DevicePacks::Found& found, wire::SampleRecord& record);
    [[nodiscard]] std::size_t known() const { return known_.size(); }

  private:
    using Labels = std::vector<Label>;
    struct Known {
        std::uint32_t number = SeriesBook::kNone;
        Labels labels;
        std::uint64_t translation = 0;  // in which it had a value last
    };
    // The first value of a metric and OID counts.
    void add(wire::SampleRecord& record, const std::string& metric, const pack::Oid& oid, Labels labels,
             double value);
    void add_reading(wire::SampleRecord& record, const pack::Reading& reading);
    void add_states(wire::SampleRecord& record, const std::vector<pack::State>& states);
    void add_spaces(wire::SampleRecord& record, const std::vector<pack::Space>& spaces,
                    const std::string& word);

    std::string device_;
    SeriesBook& book_;
    std::map<std::pair<std::string, pack::Oid>, Known> known_;  // by metric and OID
    bool is_whole_ = false;                                     // of the findings being translated
    std::uint64_t translations_ = 0;
};

}  // namespace outstation::polld
