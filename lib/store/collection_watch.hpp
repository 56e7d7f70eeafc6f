// SPDX-License-Identifier: GPL-3.0-or-later
// Sees when nothing was collected from a device: two of its records are much further apart than they usually
// are. Distances are measured on the monotonic clock within a boot, so that a step of the wall clock is no
// gap. Threads: one.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lib/wire/records.hpp"

namespace outstation::store {

class CollectionWatch {
  public:
    static constexpr std::size_t kMaxDevices = 65536;  // more are not watched
    // A gap is longer than this many usual distances, and than kShortestGap_ns.
    static constexpr std::int64_t kGapFactor = 3;
    static constexpr std::int64_t kShortestGap_ns = 3'000'000'000;

    struct Gap {
        std::string device;
        std::int64_t from_ns = 0;  // stamp of the last record before
        std::int64_t to_ns = 0;    // stamp of the first record behind; 0: not over
        bool restarted = false;    // the box booted in between
    };
    // The gap that ends with this record, unless the ledger has it.
    [[nodiscard]] std::optional<Gap> see(const wire::SampleRecord& record);
    // A record from before the store was opened.
    void recall(const wire::SampleRecord& record) { static_cast<void>(see(record)); }
    [[nodiscard]] bool knows(const std::string& device) const { return devices_.contains(device); }
    // An entry of the ledger from then, after all records: the gap behind the device's last record may be in
    // it although the record that ended it was lost and comes again.
    void recall(const wire::LedgerRecord& entry);
    // Devices that nobody asks any more: nothing of them is missing.
    void forget(const std::string& device) { devices_.erase(device); }
    void keep_only(const std::set<std::string, std::less<>>& devices);
    // Gaps that are open at a moment of the wall clock, by device.
    [[nodiscard]] std::vector<Gap> open(std::int64_t now_ns) const;

  private:
    struct Device {
        std::int64_t wall_ns = 0;
        std::int64_t mono_ns = 0;
        std::string boot_id;
        std::int64_t usual_ns = 0;  // distance between records; 0: not known yet
        std::int64_t odd_ns = 0;    // a longer distance seen last; twice in a row makes it the usual one
        std::optional<std::int64_t> told_from_ns{};  // where the last gap begins that the ledger has
    };
    static void learn(Device& device, std::int64_t distance_ns);

    std::map<std::string, Device, std::less<>> devices_;
};

}  // namespace outstation::store
