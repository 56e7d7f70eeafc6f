// SPDX-License-Identifier: GPL-3.0-or-later
// Labels of if_info, by those that the other series have.
#include "daemons/webd/interface_indexes.hpp"

#include "daemons/webd/latest.hpp"
#include "daemons/webd/metric_names.hpp"

namespace outstation::webd {
namespace {

std::string key_of(const wire::SeriesDef& series, const std::string& mac) {
    return series.device + "\n" + label_of(series, metric::kIfName) + "\n" + mac;
}

}  // namespace

void InterfaceIndexes::add(const wire::LatestRow& info) {
    const std::string& mac = label_of(info.series, metric::kIfMac);
    for (const std::string& one : {std::string(), mac}) {
        Place& place = places_[key_of(info.series, one)];
        if (info.wall_ns >= place.wall_ns) place = {label_of(info.series, metric::kIfIndex), info.wall_ns};
        if (mac.empty()) return;
    }
}

const std::string& InterfaceIndexes::of(const wire::SeriesDef& series) const {
    if (const std::string& index = label_of(series, metric::kIfIndex); !index.empty()) return index;
    static const std::string kNone;
    if (label_of(series, metric::kIfName).empty()) return kNone;
    const auto found = places_.find(key_of(series, label_of(series, metric::kIfMac)));
    return found == places_.end() ? kNone : found->second.index;
}

}  // namespace outstation::webd
