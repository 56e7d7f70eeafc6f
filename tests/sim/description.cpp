// SPDX-License-Identifier: GPL-3.0-or-later
// SNMPv2-MIB, IF-MIB, HOST-RESOURCES-MIB, ENTITY-MIB and ENTITY-SENSOR-MIB of a described device; LLDP-MIB
// and BRIDGE-MIB of one that is connected.
#include "tests/sim/description.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <map>

namespace outstation::sim {
namespace {

using config::Mapping;
using namespace std::chrono_literals;

constexpr double kMeanPacketBytes = 740;

double number(Mapping& mapping, std::string_view key, double fallback) {
    const std::string text = mapping.text(key, "");
    if (text.empty()) return fallback;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        mapping.problem(key, "'" + std::string(key) + "': expected a number");
    return value;
}

std::vector<std::uint64_t> numbers(Mapping& mapping, std::string_view key) {
    std::vector<std::uint64_t> out;
    for (const std::string& text : mapping.texts(key)) {
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc{} || end != text.data() + text.size())
            mapping.problem(key, "'" + std::string(key) + "': expected numbers");
        out.push_back(value);
    }
    return out;
}

bool contains(const std::vector<std::uint64_t>& list, std::uint64_t value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

// "GigabitEthernet1/0/{}" with the number in it.
std::string numbered(const std::string& pattern, std::uint64_t n) {
    const std::size_t at = pattern.find("{}");
    return at == pattern.npos ? pattern : pattern.substr(0, at) + std::to_string(n) + pattern.substr(at + 2);
}

std::uint32_t mixed_phase(const std::string& name, std::uint32_t what) {
    const auto seed = static_cast<std::uint32_t>(std::hash<std::string>{}(name));
    std::uint32_t mixed = (seed ^ (what * 2654435761U)) * 2246822519U;
    mixed ^= mixed >> 15;
    return mixed * 3266489917U;
}

// Of a port of the device; of port 0 its chassis.
std::string mac_of(const std::string& device, std::uint64_t port) {
    return fmt::format("02{:08x}{:02x}", mixed_phase(device, 0), port & 0xff);
}

class Writer {
  public:
    explicit Writer(const Identity& identity) : identity_(identity) {}

    void text(std::string_view oid, std::string_view value) { line(oid, "4", value); }
    void integer(std::string_view oid, std::int64_t value) { line(oid, "2", std::to_string(value)); }
    void gauge(std::string_view oid, std::uint64_t value) { line(oid, "66", std::to_string(value)); }
    void line(std::string_view oid, std::string_view tag, std::string_view value) {
        out_ += fmt::format("1.3.6.1.2.1.{}|{}|{}\n", oid, tag, value);
    }
    void lldp(std::string_view oid, std::string_view tag, std::string_view value) {
        out_ += fmt::format("1.0.8802.1.1.2.1.{}|{}|{}\n", oid, tag, value);
    }
    void note_port(const std::string& name, std::uint64_t index) { ports_[name] = index; }
    [[nodiscard]] const std::map<std::string, std::uint64_t>& ports() const { return ports_; }
    // A number between 0 and 1 that is always the same for this device and `what`.
    [[nodiscard]] double share(std::uint32_t what) const { return phase(what) / 4294967296.0; }
    [[nodiscard]] std::uint32_t phase(std::uint32_t what) const { return mixed_phase(identity_.name, what); }
    [[nodiscard]] const Identity& identity() const { return identity_; }
    [[nodiscard]] std::string take() { return std::move(out_); }

  private:
    Identity identity_;
    std::map<std::string, std::uint64_t> ports_;  // indexes by name
    std::string out_;
};

void write_system(Writer& out, Mapping mapping) {
    out.text("1.1.0", mapping.required_text("descr"));
    out.line("1.2.0", "6", mapping.required_text("object_id"));
    const auto up = mapping.duration("uptime", 24h, 0s, 24h * 490);
    out.line("1.3.0", "67~",
             std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(up).count() / 10));
    out.text("1.4.0", mapping.text("contact", ""));
    out.text("1.5.0", out.identity().name);
    out.text("1.6.0", out.identity().location);
    out.integer("1.7.0", static_cast<std::int64_t>(mapping.integer("services", 72, 0, 127)));
}

// One port: everything that IF-MIB says about it.
struct Port {
    std::uint64_t index;
    std::string name;
    std::string alias;
    std::uint64_t type;
    double speed_mbps;
    bool admin_up;
    bool up;
    double in_share;  // of the speed
    double out_share;
    double wave;
    double errors_per_s;
};

void write_octets(Writer& out, const Port& port, bool in) {
    const double share = port.up ? (in ? port.in_share : port.out_share) : 0;
    const double octets = share * port.speed_mbps * 125000;
    const auto phase = out.phase(static_cast<std::uint32_t>(port.index * 2 + (in ? 0 : 1)));
    const auto motion = [&](double rate) {
        return fmt::format("{:.0f} rate {:.3f} wave {} jitter 0.25 phase {}", rate * 8.7e5, rate, port.wave,
                           phase);
    };
    const auto n = port.index;
    out.line(fmt::format("2.2.1.{}.{}", in ? 10 : 16, n), "65~", motion(octets));
    out.line(fmt::format("31.1.1.1.{}.{}", in ? 6 : 10, n), "70~", motion(octets));
    out.line(fmt::format("2.2.1.{}.{}", in ? 11 : 17, n), "65~", motion(octets / kMeanPacketBytes));
    out.line(fmt::format("31.1.1.1.{}.{}", in ? 7 : 11, n), "70~", motion(octets / kMeanPacketBytes));
    out.line(fmt::format("2.2.1.{}.{}", in ? 14 : 20, n), "65~",
             fmt::format("0 rate {:.4f}", in && port.up ? port.errors_per_s : 0));
    out.line(fmt::format("2.2.1.{}.{}", in ? 13 : 19, n), "65~",
             fmt::format("0 rate {:.4f}", port.up ? port.errors_per_s / 4 : 0));
}

void write_port(Writer& out, const Port& port) {
    const auto n = port.index;
    const auto at = [n](const char* column) { return fmt::format("{}.{}", column, n); };
    out.integer(at("2.2.1.1"), static_cast<std::int64_t>(n));
    out.text(at("2.2.1.2"), port.name);
    out.integer(at("2.2.1.3"), static_cast<std::int64_t>(port.type));
    out.integer(at("2.2.1.4"), 1500);
    out.gauge(at("2.2.1.5"), static_cast<std::uint64_t>(std::min(port.speed_mbps * 1e6, 4294967295.0)));
    out.line(at("2.2.1.6"), "4x", mac_of(out.identity().name, n));
    out.integer(at("2.2.1.7"), port.admin_up ? 1 : 2);
    out.integer(at("2.2.1.8"), port.up ? 1 : 2);
    out.line(at("2.2.1.9"), "67", "0");
    write_octets(out, port, true);
    write_octets(out, port, false);
    out.text(at("31.1.1.1.1"), port.name);
    out.gauge(at("31.1.1.1.15"), static_cast<std::uint64_t>(port.speed_mbps));
    out.text(at("31.1.1.1.18"), port.alias);
    out.note_port(port.name, n);
}

std::uint64_t write_ports(Writer& out, Mapping mapping, std::uint64_t next_index) {
    const std::string name = mapping.required_text("name");
    const std::string alias = mapping.text("alias", "");
    const auto count = mapping.integer("count", 1, 1, 1000);
    const auto first = mapping.integer("first", 1);
    const auto down = numbers(mapping, "down");
    const auto disabled = numbers(mapping, "disabled");
    const auto faulty = numbers(mapping, "faulty");
    Port port{};
    port.type = mapping.integer("type", 6, 1, 400);
    port.speed_mbps = number(mapping, "speed_mbps", 1000);
    const double in = number(mapping, "in", 0.05);
    const double sent = number(mapping, "out", 0.05);
    port.wave = number(mapping, "wave", 0.6);
    for (std::uint64_t i = first; i < first + count; ++i) {
        port.index = next_index++;
        port.name = numbered(name, i);
        port.alias = numbered(alias, i);
        port.admin_up = !contains(disabled, i);
        port.up = port.admin_up && !contains(down, i);
        const auto what = static_cast<std::uint32_t>(port.index);
        // Ports of one kind are not equally busy.
        const double busy = count == 1 ? 1 : std::pow(10, out.share(what) * 2 - 1.5);
        port.in_share = std::min(in * busy, 0.7);
        port.out_share = std::min(sent * busy, 0.7);
        port.errors_per_s = contains(faulty, i) ? 0.4 : 0;
        write_port(out, port);
    }
    return next_index;
}

void write_interfaces(Writer& out, std::vector<Mapping> groups) {
    std::uint64_t next_index = 1;
    for (Mapping& group : groups) next_index = write_ports(out, group, next_index);
    if (next_index > 1) out.integer("2.1.0", static_cast<std::int64_t>(next_index - 1));
}

// hrStorageTypes (RFC 2790 section 4).
const std::map<std::string, int>& storage_types() {
    static const std::map<std::string, int> types = {
        {"other", 1}, {"ram", 2}, {"virtual-memory", 3}, {"fixed-disk", 4}};
    return types;
}

void write_storage(Writer& out, Mapping mapping, std::uint32_t index) {
    constexpr std::uint64_t kUnit = 4096;
    const auto at = [index](int column) { return fmt::format("25.2.3.1.{}.{}", column, index); };
    const auto units = mapping.bytes("size", 1ULL << 30, kUnit, 1ULL << 42) / kUnit;
    const double used = number(mapping, "used", 0.5) * static_cast<double>(units);
    const std::string kind =
        mapping.choice("kind", "fixed-disk", {"other", "ram", "virtual-memory", "fixed-disk"});
    out.integer(at(1), index);
    out.line(at(2), "6", fmt::format("1.3.6.1.2.1.25.2.1.{}", storage_types().at(kind)));
    out.text(at(3), mapping.required_text("name"));
    out.integer(at(4), kUnit);
    out.integer(at(5), static_cast<std::int64_t>(units));
    out.line(at(6), "2~",
             fmt::format("{:.0f} wave {:.0f} jitter {:.0f} phase {}", used,
                         used * number(mapping, "wave", 0.01), used * 0.004, out.phase(index + 500)));
}

void write_processors(Writer& out, Mapping mapping) {
    const auto count = static_cast<std::uint32_t>(mapping.integer("count", 1, 1, 512));
    const double load = number(mapping, "load", 20);
    const double wave = number(mapping, "wave", 10);
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint32_t index = 196608 + i;
        out.integer(fmt::format("25.3.2.1.1.{}", index), index);
        out.line(fmt::format("25.3.2.1.2.{}", index), "6", "1.3.6.1.2.1.25.3.1.3");
        out.line(fmt::format("25.3.3.1.2.{}", index), "2~",
                 fmt::format("{:.1f} wave {} jitter 6 phase {}", load + out.share(i + 900) * 4, wave,
                             out.phase(i + 900)));
    }
}

void write_host(Writer& out, Mapping mapping) {
    if (mapping.keys().empty()) return;
    const auto memory = mapping.bytes("memory", 16ULL << 30, 1ULL << 20, 1ULL << 44);
    out.line("25.1.1.0", "67~", "380000000");
    out.line("25.1.5.0", "66", std::to_string(mapping.integer("users", 1, 0, 10000)));
    out.line("25.1.6.0", "66~",
             fmt::format("{} wave 6 jitter 4 phase 9", mapping.integer("processes", 180, 1, 100000)));
    out.integer("25.2.2.0", static_cast<std::int64_t>(memory / 1024));
    std::uint32_t index = 0;
    for (Mapping& storage : mapping.mappings("storage")) write_storage(out, storage, ++index);
    write_processors(out, mapping.mapping("processors"));
}

// EntitySensorDataType (RFC 3433).
const std::map<std::string, std::pair<int, const char*>>& sensor_types() {
    static const std::map<std::string, std::pair<int, const char*>> types = {
        {"other", {1, ""}},   {"volts-ac", {3, "V"}}, {"volts-dc", {4, "V"}}, {"amperes", {5, "A"}},
        {"watts", {6, "W"}},  {"hertz", {7, "Hz"}},   {"celsius", {8, "°C"}}, {"percent-rh", {9, "%RH"}},
        {"rpm", {10, "rpm"}}, {"truth", {12, ""}},
    };
    return types;
}

void write_sensor(Writer& out, Mapping mapping, std::uint32_t index) {
    std::vector<std::string> words;
    for (const auto& [word, type] : sensor_types()) words.push_back(word);
    const auto [type, unit] = sensor_types().at(mapping.choice("type", "other", words));
    const auto digits = mapping.integer("precision", 1, 0, 6);
    const double scale = std::pow(10, digits);
    const std::string name = mapping.required_text("name");
    out.text(fmt::format("47.1.1.1.1.2.{}", index), name);
    out.integer(fmt::format("47.1.1.1.1.5.{}", index), 8);  // sensor
    out.text(fmt::format("47.1.1.1.1.7.{}", index), name);
    const auto at = [index](int column) { return fmt::format("99.1.1.1.{}.{}", column, index); };
    out.integer(at(1), type);
    out.integer(at(2), 9);  // units
    out.integer(at(3), static_cast<std::int64_t>(digits));
    out.line(at(4), "2~",
             fmt::format("{:.3f} wave {:.3f} jitter {:.3f} phase {}", number(mapping, "value", 0) * scale,
                         number(mapping, "wave", 0) * scale, number(mapping, "jitter", 0) * scale,
                         out.phase(index + 2000)));
    out.integer(at(5), mapping.boolean("works", true) ? 1 : 3);
    out.text(at(6), mapping.text("unit", unit));
}

constexpr int kMacAddress = 4;     // LldpChassisIdSubtype
constexpr int kInterfaceName = 5;  // LldpPortIdSubtype

void write_lldp(Writer& out, const Beside& beside, std::uint64_t port) {
    const auto local = [port](int column) { return fmt::format("3.7.1.{}.{}", column, port); };
    const auto remote = [port](int column) { return fmt::format("4.1.1.{}.0.{}.1", column, port); };
    out.lldp(local(2), "2", std::to_string(kInterfaceName));
    out.lldp(local(3), "4", beside.port);
    out.lldp(local(4), "4", beside.port);
    out.lldp(remote(4), "2", std::to_string(kMacAddress));
    out.lldp(remote(5), "4x", mac_of(beside.name, 0));
    out.lldp(remote(6), "2", std::to_string(kInterfaceName));
    out.lldp(remote(7), "4", beside.remote_port);
    out.lldp(remote(8), "4", beside.remote_port);
    out.lldp(remote(9), "4", beside.name);
    if (!beside.address.empty())
        out.lldp(fmt::format("4.2.1.3.0.{}.1.1.4.{}", port, beside.address), "2", "2");
}

// What was learned of a device that has its first port here.
void write_learned(Writer& out, const Beside& beside, std::uint64_t port) {
    const std::string mac = mac_of(beside.name, 1);
    std::string index;
    for (std::size_t at = 0; at < mac.size(); at += 2)
        index += fmt::format(".{}", std::stoul(mac.substr(at, 2), nullptr, 16));
    out.integer(fmt::format("17.1.4.1.2.{}", port), static_cast<std::int64_t>(port));
    out.integer("17.4.3.1.2" + index, static_cast<std::int64_t>(port));
    out.integer("17.4.3.1.3" + index, 3);  // learned
}

void write_beside(Writer& out, Mapping& root) {
    const Identity& identity = out.identity();
    if (identity.beside.empty()) return;
    out.lldp("3.1.0", "2", std::to_string(kMacAddress));
    out.lldp("3.2.0", "4x", mac_of(identity.name, 0));
    out.lldp("3.3.0", "4", identity.name);
    for (const Beside& beside : identity.beside) {
        const auto port = out.ports().find(beside.port);
        if (port == out.ports().end()) {
            root.problem("interfaces", "'interfaces': the room has a cable at " + beside.port);
        } else if (beside.is_heard) {
            write_lldp(out, beside, port->second);
        } else {
            write_learned(out, beside, port->second);
        }
    }
}

}  // namespace

std::string describe(Mapping root, const Identity& identity) {
    Writer out(identity);
    write_system(out, root.mapping("system"));
    write_interfaces(out, root.mappings("interfaces"));
    write_host(out, root.mapping("host"));
    std::uint32_t index = 1000;
    for (Mapping& sensor : root.mappings("sensors")) write_sensor(out, sensor, ++index);
    write_beside(out, root);
    return out.take();
}

}  // namespace outstation::sim
