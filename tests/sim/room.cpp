// SPDX-License-Identifier: GPL-3.0-or-later
// room.yaml and arguments to devices.
#include "tests/sim/room.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

namespace outstation::sim {
namespace {

using config::Document;
using config::Mapping;

struct Entry {
    Device device;
    std::string play;
    std::uint64_t count = 1;
    std::vector<Scheduled> behaviours;
};

Entry read_entry(Mapping& mapping, std::uint16_t port) {
    Entry out;
    out.device.id = mapping.required_text("id");
    out.device.address = mapping.required_text("address");
    if (!is_loopback(out.device.address))
        mapping.problem("address", "'address': expected a loopback address");
    out.device.port = static_cast<std::uint16_t>(mapping.integer("port", port, 1, 65535));
    out.device.location = mapping.text("location", "");
    out.play = mapping.required_text("play");
    out.device.name = mapping.text("name", out.device.id);
    out.device.device_class = mapping.text("class", "other");
    out.count = mapping.integer("count", 1, 1, kMaxDevices);
    for (const std::string& text : mapping.texts("behaves")) {
        const auto behaviour = parse_behaviour(text);
        if (behaviour) out.behaviours.push_back(*behaviour);
        if (!behaviour) mapping.problem("behaves", "'behaves': " + behaviour.error().text);
    }
    return out;
}

// The cables of the room, as each end sees them: one that does not speak LLDP sees nothing.
using Cables = std::map<std::string, std::vector<Beside>>;  // by device

std::string address_of(const std::vector<Entry>& entries, const std::string& id) {
    const auto found = std::find_if(entries.begin(), entries.end(),
                                    [&](const Entry& entry) { return entry.device.id == id; });
    return found == entries.end() ? "" : found->device.address;
}

Cables read_cables(Mapping& root, const std::vector<Entry>& entries) {
    Cables out;
    for (Mapping& mapping : root.mappings("links")) {
        const std::string a = mapping.required_text("a");
        const std::string a_port = mapping.required_text("a_port");
        const std::string b = mapping.required_text("b");
        const std::string b_port = mapping.text("b_port", "");
        const bool is_heard = mapping.boolean("lldp", true);
        if (address_of(entries, a).empty()) mapping.problem("a", "'a': no device of the room is called " + a);
        out[a].push_back({a_port, b, b_port, address_of(entries, b), is_heard});
        if (is_heard) out[b].push_back({b_port, a, a_port, address_of(entries, a), true});
    }
    return out;
}

Users users_of(Mapping& root) {
    Users out;
    for (Mapping& mapping : root.mappings("users")) {
        const auto auth = snmp::parse_auth_protocol(mapping.text("auth", "none"));
        const auto priv = snmp::parse_priv_protocol(mapping.text("priv", "none"));
        if (!auth) mapping.problem("auth", "'auth': " + auth.error().text);
        if (!priv) mapping.problem("priv", "'priv': " + priv.error().text);
        const std::string name = mapping.required_text("name");
        const std::string auth_phrase = mapping.text("auth_passphrase", "");
        const std::string priv_phrase = mapping.text("priv_passphrase", "");
        if (!auth || !priv) continue;
        auto user = snmp::UsmUser::make(name, *auth, auth_phrase, *priv, priv_phrase);
        if (user) out.push_back(std::move(*user));
        if (!user) mapping.problem("name", "'users': " + user.error().text);
    }
    return out;
}

// The n-th IPv4 address after this one, unless that is no loopback address any more.
std::optional<std::string> address_after(const std::string& address, std::uint64_t n) {
    in_addr v4{};
    if (n == 0) return address;
    if (inet_pton(AF_INET, address.c_str(), &v4) != 1) return std::nullopt;
    const std::uint64_t number = ntohl(v4.s_addr) + n;
    if (number >= 0x7fffffffU) return std::nullopt;
    return fmt::format("127.{}.{}.{}", number >> 16 & 0xff, number >> 8 & 0xff, number & 0xff);
}

// One device, or as many as its entry counts: all of them show what the first does, but their names.
Result<void> spread(Entry entry, Library& library, std::vector<Device>& out) {
    if (entry.count == 1) {
        out.push_back(std::move(entry.device));
        add_behaviours({&out.back(), 1}, entry.behaviours, library);
        return {};
    }
    const std::size_t first = out.size();
    for (std::uint64_t i = 0; i < entry.count; ++i) {
        const auto address = address_after(entry.device.address, i);
        if (!address)
            return fail(ErrorCode::config, entry.device.id + ": " + std::to_string(entry.count) +
                                               " devices need IPv4 loopback addresses from " +
                                               entry.device.address + " on");
        Device device = entry.device;
        device.id += fmt::format("-{:05}", i + 1);
        device.address = *address;
        device.sys_name = device.id;
        device.variation = static_cast<std::uint32_t>(i);
        out.push_back(std::move(device));
    }
    add_behaviours({&out[first], out.size() - first}, entry.behaviours, library);
    return {};
}

// A number between two places of a text, all of it.
std::optional<std::uint32_t> number_in(std::string_view text, std::uint32_t most) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value == 0 ||
        value > most)
        return std::nullopt;
    return value;
}

// The text before a mark; what follows it goes to `rest`, "1" when there is no mark.
std::string_view split(std::string_view text, char mark, std::string_view& rest) {
    const std::size_t at = text.rfind(mark);
    rest = at == text.npos ? "1" : text.substr(at + 1);
    return text.substr(0, at);
}

// Where devices stand that an argument names.
struct Places {
    std::string address;
    std::uint32_t addresses = 1;
    std::uint32_t port = 0;
    std::uint32_t ports = 1;
};

std::optional<Places> parse_places(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == text.npos) return std::nullopt;
    std::string_view addresses;
    std::string_view ports;
    std::string_view address = text.substr(0, colon);
    const auto port = number_in(split(text.substr(colon + 1), '+', ports), 65535);
    if (address.size() > 2 && address.front() == '[' && address.back() == ']') {
        address = address.substr(1, address.size() - 2);
        addresses = "1";
    } else {
        address = split(address, '*', addresses);
    }
    const auto address_count = number_in(addresses, kMaxDevices);
    const auto port_count = number_in(ports, 65535);
    if (!port || !port_count || !address_count || *port + *port_count - 1 > 65535) return std::nullopt;
    return Places{std::string(address), *address_count, *port, *port_count};
}

}  // namespace

bool is_loopback(const std::string& address) {
    in_addr v4{};
    if (inet_pton(AF_INET, address.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == 127;
    in6_addr v6{};
    return inet_pton(AF_INET6, address.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

void add_behaviours(std::span<Device> devices, const std::vector<Scheduled>& behaviours, Library& library) {
    if (behaviours.empty()) return;
    const bool renumbers = std::any_of(behaviours.begin(), behaviours.end(), [](const Scheduled& one) {
        return one.behaviour == find_behaviour("reindex");
    });
    for (Device& device : devices) {
        auto all = device.behaviours ? *device.behaviours : std::vector<Scheduled>{};
        all.insert(all.end(), behaviours.begin(), behaviours.end());
        device.behaviours = std::make_shared<const std::vector<Scheduled>>(std::move(all));
        if (renumbers) device.renumbered = library.renumbered(device.mib);
    }
}

Result<Room> read_room(const std::string& path, std::uint16_t port, Library& library) {
    auto document = Document::read(path);
    if (!document) return fail(document.error());
    auto root = document->root();
    std::vector<Entry> entries;
    for (Mapping& mapping : root.mappings("devices")) entries.push_back(read_entry(mapping, port));
    const Cables cables = read_cables(root, entries);
    Room out;
    out.users = users_of(root);
    if (const auto sound = document->check(); !sound) return fail(sound.error());
    const std::string folder = path.substr(0, path.rfind('/') + 1);
    for (Entry& entry : entries) {
        const auto beside = cables.find(entry.device.id);
        auto mib = library.load(folder + entry.play,
                                {entry.device.id, entry.device.location,
                                 beside == cables.end() ? std::vector<Beside>{} : beside->second});
        if (!mib) return fail(mib.error());
        entry.device.mib = std::move(*mib);
        if (const auto done = spread(std::move(entry), library, out.devices); !done)
            return fail(done.error());
    }
    return out;
}

Result<Users> read_users(const std::string& path) {
    auto document = Document::read(path);
    if (!document) return fail(document.error());
    auto root = document->root();
    Users users = users_of(root);
    if (const auto sound = document->check(); !sound) return fail(sound.error());
    return users;
}

Result<std::vector<Device>> parse_device(const std::string& argument, Library& library) {
    const std::size_t equals = argument.find('=');
    const auto places = parse_places(std::string_view(argument).substr(0, equals));
    if (equals == argument.npos || !places)
        return fail(ErrorCode::config,
                    "'" + argument.substr(0, 200) + "': expected ADDRESS[*COUNT]:PORT[+COUNT]=FILE");
    if (!is_loopback(places->address))
        return fail(ErrorCode::config,
                    places->address.substr(0, 80) + ": only loopback addresses are served");
    const std::string place = argument.substr(0, equals);
    const auto mib = library.load(argument.substr(equals + 1), {place, ""});
    if (!mib) return fail(mib.error());
    std::vector<Device> out;
    for (std::uint64_t i = 0; i < std::uint64_t{places->addresses} * places->ports && i < kMaxDevices; ++i) {
        const auto address = address_after(places->address, i / places->ports);
        if (!address) return fail(ErrorCode::config, place + ": goes beyond the IPv4 loopback addresses");
        Device device;
        device.address = *address;
        device.port = static_cast<std::uint16_t>(places->port + i % places->ports);
        device.id = place + "#" + std::to_string(i);
        device.mib = *mib;
        device.variation = static_cast<std::uint32_t>(i);
        out.push_back(std::move(device));
    }
    return out;
}

}  // namespace outstation::sim
