// SPDX-License-Identifier: GPL-3.0-or-later
// The file as YAML of our own making: one device a line, every text in quotes.
#include "daemons/confd/accepted_devices.hpp"

#include <algorithm>
#include <filesystem>

#include "lib/crypto/private_file.hpp"

namespace outstation::confd {
namespace {

// A YAML double-quoted scalar (YAML 1.2 section 7.3.1); what is below a blank becomes one.
std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return out + "\"";
}

std::string yaml_of(const std::vector<wire::DeviceConfig>& devices) {
    std::string out =
        "# Written by confd: devices taken over from discovery. What station.yaml says goes before this.\n";
    out += "devices:\n";
    for (const wire::DeviceConfig& device : devices) {
        out += "  - {id: " + quoted(device.id) + ", name: " + quoted(device.name) +
               ", address: " + quoted(device.address) + ", port: " + std::to_string(device.port) +
               ", class: " + quoted(device.device_class) + ", location: " + quoted(device.location) +
               ", credential: " + quoted(device.credential) + "}\n";
    }
    return out;
}

Result<std::vector<wire::DeviceConfig>> parse(const std::string& text, const std::string& path,
                                              const StationFile& station) {
    auto document = config::Document::parse(text, path);
    auto root = document.root();
    auto devices = read_devices(root, station, Credential::any);
    if (auto checked = document.check(); !checked) return fail(checked.error());
    return devices;
}

}  // namespace

Result<void> AcceptedDevices::add_to(StationFile& station) {
    devices_.clear();
    is_readable_ = true;
    std::error_code error;
    if (!std::filesystem::exists(path_, error)) return {};
    is_readable_ = false;
    const auto text = crypto::read_small_file(path_);
    if (!text) return fail(text.error());
    auto known = parse(*text, path_, station);
    if (!known) return fail(known.error());
    devices_ = std::move(*known);
    is_readable_ = true;
    for (const wire::DeviceConfig& device : devices_) {
        const bool is_there = std::any_of(station.devices.begin(), station.devices.end(),
                                          [&device](const auto& other) { return other.id == device.id; });
        if (!is_there && station.devices.size() < kMaxDevices) station.devices.push_back(device);
    }
    return {};
}

Result<void> AcceptedDevices::add(const wire::DeviceConfig& device, StationFile& station) {
    if (!is_readable_) return fail(ErrorCode::refused, path_ + " has mistakes and is not written over");
    for (const wire::DeviceConfig& other : station.devices) {
        if (other.id == device.id) return fail(ErrorCode::refused, device.id + " is there already");
        if (other.address == device.address && other.port == device.port)
            return fail(ErrorCode::refused, device.address + " is " + other.id + " already");
    }
    if (station.devices.size() >= kMaxDevices) return fail(ErrorCode::refused, "there are too many devices");
    const auto& credentials = station.credentials;
    if (std::none_of(credentials.begin(), credentials.end(),
                     [&device](const CredentialRef& one) { return one.name == device.credential; }))
        return fail(ErrorCode::config, "no credential is named '" + device.credential + "'");
    auto devices = devices_;
    std::erase_if(devices, [&device](const auto& other) { return other.id == device.id; });
    devices.push_back(device);
    // What is written can be read again, as it was meant.
    auto read = parse(yaml_of(devices), "the device", station);
    if (!read) return fail(read.error());
    if (const auto written = write(devices); !written) return written;
    devices_ = std::move(*read);
    station.devices.push_back(devices_.back());
    return {};
}

Result<void> AcceptedDevices::write(const std::vector<wire::DeviceConfig>& devices) const {
    return crypto::write_private_file(path_, yaml_of(devices));
}

}  // namespace outstation::confd
