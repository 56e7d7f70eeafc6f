// SPDX-License-Identifier: GPL-3.0-or-later
// Gives numbers to series: polld's own, dense from 1, the same for a series as long as the process lives.
// Bounded for each device and in total, so that a device that renames its ports at every poll costs itself
// alone. A start of polld begins with an empty book. Threads: the loop's.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "lib/model/record.hpp"

namespace outstation::polld {

class SeriesBook {
  public:
    // Definitions, changed ones too.
    struct Limits {
        std::uint32_t per_device = 4096;  // about 340 interfaces
        std::uint32_t total = 131'072;    // half of what stored can number; the goal is 60,000
    };
    static constexpr std::uint32_t kNone = 0;

    SeriesBook() : SeriesBook(Limits{}) {}
    explicit SeriesBook(Limits limits) : limits_(limits) {}
    SeriesBook(const SeriesBook&) = delete;
    SeriesBook& operator=(const SeriesBook&) = delete;

    // The series' number; a new one when the key is new. A changed scale or OID is a new definition of the
    // same number. kNone when the key is new and a limit is reached.
    std::uint32_t number_of(const SeriesInfo& info);
    [[nodiscard]] const SeriesInfo& info(std::uint32_t number) const { return infos_[number - 1]; }
    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(infos_.size()); }
    // Grows with each new or changed definition; changed_since(0) is every number.
    [[nodiscard]] std::size_t version() const { return log_.size(); }
    [[nodiscard]] std::vector<std::uint32_t> changed_since(std::size_t version) const;

    // stored takes no values of this series, on this connection.
    void leave_out(std::uint32_t number);
    void forget_left_out() { left_out_.clear(); }
    [[nodiscard]] bool is_left_out(std::uint32_t number) const {
        return number < left_out_.size() && left_out_[number];
    }

    // Called once a device and limit, when a definition had to be turned away first. `total`: the limit of
    // all.
    void on_full(std::function<void(const std::string& device, bool total)> callback) {
        on_full_ = std::move(callback);
    }
    [[nodiscard]] const Limits& limits() const { return limits_; }
    [[nodiscard]] std::uint64_t turned_away() const { return turned_away_; }

  private:
    struct Account {
        std::uint32_t definitions = 0;
        bool full = false;
    };
    [[nodiscard]] bool may_define(const std::string& device);

    // Numbers in the order of their keys, which are kept once, in infos_.
    struct ByKey {
        using is_transparent = void;
        const std::deque<SeriesInfo>& infos;
        [[nodiscard]] const SeriesKey& key(std::uint32_t number) const { return infos[number - 1].key; }
        bool operator()(std::uint32_t a, std::uint32_t b) const { return key(a) < key(b); }
        bool operator()(std::uint32_t a, const SeriesKey& b) const { return key(a) < b; }
        bool operator()(const SeriesKey& a, std::uint32_t b) const { return a < key(b); }
    };

    Limits limits_;
    std::deque<SeriesInfo> infos_;
    std::set<std::uint32_t, ByKey> by_key_{ByKey{infos_}};
    std::vector<std::uint32_t> log_;           // numbers in the order of their definitions
    std::map<std::string, Account> accounts_;  // by device
    std::vector<bool> left_out_;               // by number
    bool total_full_ = false;
    std::uint64_t turned_away_ = 0;
    std::function<void(const std::string&, bool)> on_full_;
};

}  // namespace outstation::polld
