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
    // Those of the file whose id is not in `station`. config, io: the file has mistakes or cannot be read,
    // and those of before are added; exhausted: some have no room. A credential that is not there any more is
    // no mistake: polld says so of the device.
    [[nodiscard]] Result<void> add_to(StationFile& station);
    // Into the file, then into `station`. config: a value is wrong; refused: the id or address is taken, the
    // file cannot be read, or somebody changed it since it was read.
    [[nodiscard]] Result<void> add(const wire::DeviceConfig& device, StationFile& station);
    // The same with its address. not_found; refused also when station.yaml says it.
    [[nodiscard]] Result<void> move(const std::string& id, const std::string& address, StationFile& station);

  private:
    [[nodiscard]] Result<void> read(const StationFile& station);
    [[nodiscard]] Result<void> keep(const std::vector<wire::DeviceConfig>& devices,
                                    const StationFile& station);
    [[nodiscard]] Result<void> write(std::string text);

    std::string path_;
    std::string text_;  // of the file, as it was read or written last; empty: there is none
    std::vector<wire::DeviceConfig> devices_;
    bool is_readable_ = true;
};

// A scope of discovery sends the device's credential to its address and port.
[[nodiscard]] bool is_in_scope(const StationFile& station, const wire::DeviceConfig& device);

}  // namespace outstation::confd
