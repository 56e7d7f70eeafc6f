// SPDX-License-Identifier: GPL-3.0-or-later
// The room of the store's benchmark: what `telemetry` measures, in batches as a poller sends them, under
// definitions as it makes them.
#pragma once

#include <cstdint>
#include <vector>

#include "lib/store/store.hpp"
#include "tests/bench/store/telemetry.hpp"

namespace outstation::bench {

using Batches = std::vector<std::vector<wire::SampleRecord>>;

class Room {
  public:
    explicit Room(std::size_t devices) : telemetry_(devices), records_(&telemetry_.next()) {}

    // Its numbers of series are those that a new store gives in this order.
    void define(store::Store& store) const;
    // What comes between two flushes: the devices are spread over the `flushes` of a cycle. Cycles and
    // flushes come in their order.
    [[nodiscard]] Batches batches(std::size_t cycle, std::size_t flush, std::size_t flushes);
    // A counter that moves.
    [[nodiscard]] std::uint32_t a_series() const {
        return (*records_)[records_->size() / 2].counter_series[1];
    }

  private:
    Telemetry telemetry_;
    const std::vector<wire::SampleRecord>* records_;
    std::size_t cycle_ = 0;
};

[[nodiscard]] std::size_t values_of(const Batches& batches);

}  // namespace outstation::bench
