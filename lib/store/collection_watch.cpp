// SPDX-License-Identifier: GPL-3.0-or-later
// Usual distances, by device.
#include "lib/store/collection_watch.hpp"

#include <algorithm>

namespace outstation::store {
namespace {

bool is_gap(std::int64_t distance_ns, std::int64_t usual_ns) {
    return usual_ns > 0 && distance_ns > CollectionWatch::kShortestGap_ns &&
           distance_ns / CollectionWatch::kGapFactor > usual_ns;
}

// Within a quarter of each other.
bool alike(std::int64_t a, std::int64_t b) {
    return a <= b + b / 4 && b <= a + a / 4;
}

}  // namespace

// The usual distance falls at once and rises when a longer one is seen twice in a row: an interval that was
// changed is no row of gaps.
void CollectionWatch::learn(Device& device, std::int64_t distance_ns) {
    if (distance_ns <= 0) return;
    const bool longer = device.usual_ns > 0 && distance_ns > device.usual_ns + device.usual_ns / 2;
    if (!longer || alike(distance_ns, device.odd_ns)) {
        device.usual_ns = distance_ns;
        device.odd_ns = 0;
    } else {
        device.odd_ns = distance_ns;
    }
}

std::optional<CollectionWatch::Gap> CollectionWatch::see(const wire::SampleRecord& record) {
    const auto known = devices_.find(record.device);
    if (known == devices_.end() && devices_.size() >= kMaxDevices) return std::nullopt;
    const wire::WireStamp& stamp = record.stamp;
    if (known == devices_.end()) {
        devices_.emplace(record.device, Device{stamp.wall_ns, stamp.mono_ns, stamp.boot_id});
        return std::nullopt;
    }
    Device& device = known->second;
    const Device before = device;
    const bool restarted = stamp.boot_id != before.boot_id;
    device.wall_ns = stamp.wall_ns;
    device.mono_ns = stamp.mono_ns;
    device.boot_id = stamp.boot_id;
    const std::int64_t from = restarted ? before.wall_ns : before.mono_ns;
    const std::int64_t to = restarted ? stamp.wall_ns : stamp.mono_ns;
    std::int64_t distance_ns = 0;
    if (__builtin_sub_overflow(to, from, &distance_ns)) return std::nullopt;
    if (!restarted) learn(device, distance_ns);
    if (!is_gap(distance_ns, before.usual_ns) || before.told_from_ns == before.wall_ns) return std::nullopt;
    return Gap{record.device, before.wall_ns, stamp.wall_ns, restarted};
}

void CollectionWatch::recall(const wire::LedgerRecord& entry) {
    const auto known = devices_.find(entry.device);
    if (entry.account == wire::Account::not_collected && known != devices_.end())
        known->second.told_from_ns = entry.from_ns;
}

void CollectionWatch::keep_only(const std::set<std::string, std::less<>>& devices) {
    std::erase_if(devices_, [&devices](const auto& entry) { return !devices.contains(entry.first); });
}

std::vector<CollectionWatch::Gap> CollectionWatch::open(std::int64_t now_ns) const {
    std::vector<Gap> gaps;
    for (const auto& [name, device] : devices_) {
        std::int64_t distance_ns = 0;
        if (__builtin_sub_overflow(now_ns, device.wall_ns, &distance_ns)) continue;
        if (is_gap(distance_ns, device.usual_ns)) gaps.push_back({name, device.wall_ns, 0, false});
    }
    return gaps;
}

}  // namespace outstation::store
