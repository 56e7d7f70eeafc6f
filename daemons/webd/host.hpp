// SPDX-License-Identifier: GPL-3.0-or-later
// The box itself: processor, memory, disk, clock. What the sandbox hides is not known. Threads: one.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "lib/event/loop.hpp"

namespace outstation::webd {

class Host {
  public:
    explicit Host(std::string data_dir) : data_dir_(std::move(data_dir)) {}
    // The contract's schema Host. The processor's share is that since the call before, of at least a second.
    [[nodiscard]] nlohmann::ordered_json json(MonoTime now);

  private:
    void measure_cpu(MonoTime now);

    std::string data_dir_;
    MonoTime measured_{};
    std::uint64_t busy_ = 0;
    std::uint64_t total_ = 0;
    std::optional<double> cpu_ratio_;
};

}  // namespace outstation::webd
