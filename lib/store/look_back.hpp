// SPDX-License-Identifier: GPL-3.0-or-later
// What the journal does not say any more when a store opens, because it was sealed: the latest values of
// series and the last records of devices that have given nothing since. Threads: one.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "lib/store/collection_watch.hpp"
#include "lib/store/device_states.hpp"
#include "lib/store/history/reader.hpp"
#include "lib/store/latest.hpp"

namespace outstation::store {

// Fills up what was read from the journal; all of them outlive it.
class LookBack {
  public:
    LookBack(const Dictionary& dictionary, const DeviceStates& states, LatestTable& latest,
             CollectionWatch& collection)
        : dictionary_(dictionary), states_(states), latest_(latest), collection_(collection) {}

    // As far back as HistoryReader::look_back goes.
    void run(HistoryReader& reader);

  private:
    struct Device {
        std::map<std::uint32_t, SeriesKind> series;  // without a value
        bool seen = false;                           // the journal had records that tell its usual distance
        std::vector<wire::WireStamp> stamps;         // of its records, newest first
    };
    [[nodiscard]] std::map<std::string, Device> wanted() const;
    [[nodiscard]] bool take(const std::string& name, Device& device, BlockReader& block);
    void take_values(const std::string& name, Device& device, BlockReader& block, const RowStamps& stamps);
    void take_stamps(const std::string& name, Device& device, const RowStamps& stamps) const;

    const Dictionary& dictionary_;
    const DeviceStates& states_;
    LatestTable& latest_;
    CollectionWatch& collection_;
};

}  // namespace outstation::store
