// SPDX-License-Identifier: GPL-3.0-or-later
// The devices that somebody took over from discovery: a file of confd's own beside station.yaml, with the
// same schema. Written whole and put in its place when it is on disk. Threads: the loop's.
#pragma once

#include <string>
#include <vector>

#include "daemons/confd/station_file.hpp"
#include "lib/model/result.hpp"

namespace outstation::confd {

class AcceptedDevices {
  public:
    explicit AcceptedDevices(std::string path) : path_(std::move(path)) {}
    // Those of the file whose id is not in `station`. config: the file has mistakes, and nothing is added. A
    // credential that is not there any more is no mistake: polld says so of the device.
    [[nodiscard]] Result<void> add_to(StationFile& station);
    // Into the file, then into `station`. config: a value is wrong; refused: the id or address is taken, or
    // the file cannot be read.
    [[nodiscard]] Result<void> add(const wire::DeviceConfig& device, StationFile& station);

  private:
    [[nodiscard]] Result<void> write(const std::vector<wire::DeviceConfig>& devices) const;

    std::string path_;
    std::vector<wire::DeviceConfig> devices_;  // of the file
    bool is_readable_ = true;
};

}  // namespace outstation::confd
