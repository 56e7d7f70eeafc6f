// SPDX-License-Identifier: GPL-3.0-or-later
// From what packs found to values of series. The instance OID is part of a series' identity
// (`sensor_index` and its like): two sensors may have the same name. What polld reads from every device is
// not told a second time. Several rules of a pack may give series of one metric and OID. Threads: the loop's.
#pragma once

#include <map>
#include <memory>
#include <optional>
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
    [[nodiscard]] std::size_t known() const { return known_count_; }
    // The series is one that packs gave.
    [[nodiscard]] bool has(std::uint32_t number) const;

  private:
    using Labels = std::vector<Label>;
    struct Known {
        std::uint64_t source = 0;  // MetricValue::source; 0: the only one of the metric and OID
        std::uint32_t number = SeriesBook::kNone;
        bool is_counter = false;
        Labels labels{};
        std::uint64_t translation = 0;  // in which it had a value last
    };
    using Variants = std::vector<Known>;
    struct Sample {
        const std::string& metric;
        const pack::Oid& oid;
        double value = 0;
        std::optional<pack::Count> count{};
        std::uint64_t source = 0;
    };
    // The first value of a series counts.
    void add(wire::SampleRecord& record, const Sample& found, Labels labels);
    void define(Known& known, const Sample& found, Labels labels);
    void forget();
    void add_reading(wire::SampleRecord& record, const pack::Reading& reading);
    void add_states(wire::SampleRecord& record, const std::vector<pack::State>& states);
    void add_spaces(wire::SampleRecord& record, const std::vector<pack::Space>& spaces,
                    const std::string& word);

    std::string device_;
    SeriesBook& book_;
    std::map<std::pair<std::string, pack::Oid>, Variants> known_;  // by metric and OID
    std::size_t known_count_ = 0;
    std::shared_ptr<const pack::Library> library_;  // that sources are of
    bool is_whole_ = false;                         // of the findings being translated
    std::uint64_t translations_ = 0;
};

}  // namespace outstation::polld
