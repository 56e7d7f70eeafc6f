// SPDX-License-Identifier: GPL-3.0-or-later
// What the packs make of a device: plain values, each with the OID it came from. Units are base units (°C, V,
// A, W, Hz, rpm, percent, octets, bits per second); missing is empty, never zero.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "drivers/pack/oid.hpp"

namespace outstation::pack {

struct Device {
    std::string vendor;
    std::string kind;  // the class: network, server, power, ...
    std::string model;
    std::string version;
    std::string serial;
    std::string name;
    std::string object_id;
    std::string description;
};

struct Port {
    std::uint32_t index = 0;
    std::string name;
    std::string description;
    std::string alias;
    std::string type;
    std::string admin;
    std::string oper;
    std::optional<double> speed_bps;
    std::optional<double> in_octets;
    std::optional<double> out_octets;
};

// A measured value: a sensor, or with unit percent the load of a processor.
struct Reading {
    Oid oid;
    std::string kind;  // temperature, voltage, ...
    std::string unit;
    std::string label;
    std::string label_zh;
    double value = 0;
    std::string metric{};  // of the dictionary (metrics.hpp); the value is not yet in its unit
};

struct State {
    Oid oid;
    std::string label;
    std::string label_zh;
    double value = 0;
    std::string text;
    std::string severity;  // ok, warning, critical, unknown
};

struct Space {  // of memory or storage
    Oid oid;
    std::string label;
    std::optional<double> total_octets;  // empty: only the share is known
    std::optional<double> used_octets;
    std::optional<double> percent;
    std::string label_zh{};
};

struct Link {
    std::string protocol;
    std::string local_port;
    std::string remote_name;
    std::string remote_port;
    std::string remote_id{};  // chassis id or MAC
    std::string remote_address{};
};

struct Component {
    std::string kind;
    std::string name;
    std::string label;
    std::string model;
    std::string serial;
    std::string version{};  // of its software, else of its firmware
    Oid oid{};
};

// What a counter shows: all its digits, which a double does not have.
struct Count {
    std::uint64_t number = 0;
    double scale = 1;  // the value is so many times the number
};

struct MetricValue {
    Oid oid;
    std::string name;
    std::string type;  // gauge, counter, ... as the profile forces it, or empty
    double value = 0;
    std::map<std::string, std::string> tags;
    std::optional<Count> count{};  // of a counter
    std::uint64_t source = 0;      // what of the packs gives it, of one OID one; the same as long as they are
};

struct Findings {
    Device device;
    std::vector<Port> ports;
    std::vector<Reading> sensors;
    std::vector<State> states;
    std::vector<Reading> processors;
    std::vector<Space> memory;
    std::vector<Space> storage;
    std::vector<Link> links;
    std::vector<Component> inventory;
    std::vector<MetricValue> metrics;
};

}  // namespace outstation::pack
