// SPDX-License-Identifier: GPL-3.0-or-later
// The file as YAML of our own making: one device a line, every text in quotes.
#include "daemons/confd/accepted_devices.hpp"

#include <algorithm>
#include <utility>

#include "lib/crypto/private_file.hpp"
#include "lib/model/address_range.hpp"

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

// An interval that is the station's goes with it when that changes.
std::string polling_of(const wire::DeviceConfig& device, const wire::StationConfig& station) {
    std::string out;
    if (!device.transport.empty() && device.transport != "udp") out += ", transport: " + device.transport;
    if (device.interval_ms != 0 && device.interval_ms != station.poll_interval_ms)
        out += ", interval: " + std::to_string(device.interval_ms) + "ms";
    return out;
}

std::string yaml_of(const std::vector<wire::DeviceConfig>& devices, const wire::StationConfig& station) {
    std::string out =
        "# Written by confd: devices taken over from discovery. What station.yaml says goes before this.\n";
    out += "devices:\n";
    for (const wire::DeviceConfig& device : devices) {
        out += "  - {id: " + quoted(device.id) + ", name: " + quoted(device.name) +
               ", address: " + quoted(device.address) + ", port: " + std::to_string(device.port) +
               ", class: " + quoted(device.device_class) + ", location: " + quoted(device.location) +
               ", credential: " + quoted(device.credential) + polling_of(device, station) + "}\n";
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

// What was read before a mistake goes on.
Result<void> AcceptedDevices::add_to(StationFile& station) {
    const auto read = this->read(station);
    is_readable_ = read.has_value();
    std::size_t left_out = 0;
    for (const wire::DeviceConfig& device : devices_) {
        const bool is_there = std::any_of(station.devices.begin(), station.devices.end(),
                                          [&device](const auto& other) { return other.id == device.id; });
        if (is_there) continue;
        if (station.devices.size() < kMaxDevices) {
            station.devices.push_back(device);
        } else {
            ++left_out;
        }
    }
    if (!read || left_out == 0) return read;
    return fail(ErrorCode::exhausted, path_ + ": " + std::to_string(left_out) + " devices are over the " +
                                          std::to_string(kMaxDevices) + " of a station and left out");
}

Result<void> AcceptedDevices::read(const StationFile& station) {
    auto text = crypto::read_small_file(path_);
    if (!text && text.error().code != ErrorCode::not_found) return fail(text.error());
    if (!text) text = std::string();
    auto devices = parse(*text, path_, station);
    if (!devices) return fail(devices.error());
    devices_ = std::move(*devices);
    text_ = std::move(*text);
    return {};
}

Result<void> AcceptedDevices::add(const wire::DeviceConfig& device, StationFile& station) {
    if (!is_readable_) return fail(ErrorCode::refused, path_ + " cannot be read and is not written over");
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
    if (const auto kept = keep(devices, station); !kept) return kept;
    station.devices.push_back(devices_.back());
    return {};
}

Result<void> AcceptedDevices::move(const std::string& id, const std::string& address, StationFile& station) {
    if (!is_readable_) return fail(ErrorCode::refused, path_ + " cannot be read and is not written over");
    const auto has_id = [&id](const auto& one) { return one.id == id; };
    const auto there = std::find_if(station.devices.begin(), station.devices.end(), has_id);
    if (there == station.devices.end()) return fail(ErrorCode::not_found, "there is no device " + id);
    auto devices = devices_;
    const auto moved = std::find_if(devices.begin(), devices.end(), has_id);
    if (moved == devices.end() || !(*moved == *there))
        return fail(ErrorCode::refused, id + " stands in station.yaml: change its address there");
    for (const wire::DeviceConfig& other : station.devices)
        if (other.address == address && other.port == there->port)
            return fail(ErrorCode::refused, address + " is " + other.id + " already");
    moved->address = address;
    if (const auto kept = keep(devices, station); !kept) return kept;
    there->address = address;
    return {};
}

// What is written can be read again, as it was meant.
Result<void> AcceptedDevices::keep(const std::vector<wire::DeviceConfig>& devices,
                                   const StationFile& station) {
    std::string text = yaml_of(devices, station.station);
    auto read = parse(text, "the device", station);
    if (!read) return fail(read.error());
    if (const auto written = write(std::move(text)); !written) return written;
    devices_ = std::move(*read);
    return {};
}

// Not over what somebody wrote into it meanwhile.
Result<void> AcceptedDevices::write(std::string text) {
    const auto now = crypto::read_small_file(path_);
    if (!now && now.error().code != ErrorCode::not_found) return fail(now.error());
    if (now.value_or("") != text_)
        return fail(ErrorCode::refused, path_ + " was changed by hand: send SIGHUP to confd first");
    if (const auto written = crypto::write_private_file(path_, text); !written) return written;
    text_ = std::move(text);
    return {};
}

bool is_in_scope(const StationFile& station, const wire::DeviceConfig& device) {
    const auto address = parse_ipv4(device.address);
    if (!address) return false;
    return std::any_of(station.discovery.begin(), station.discovery.end(), [&](const auto& scope) {
        const auto& names = scope.credentials;
        return scope.port == device.port &&
               std::find(names.begin(), names.end(), device.credential) != names.end() &&
               std::any_of(scope.subnets.begin(), scope.subnets.end(), [&](const std::string& subnet) {
                   const auto range = parse_range(subnet);
                   return range && range->contains(*address);
               });
    });
}

}  // namespace outstation::confd
