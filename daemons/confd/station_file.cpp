// SPDX-License-Identifier: GPL-3.0-or-later
// The schema of station.yaml.
#include "daemons/confd/station_file.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "lib/model/address_range.hpp"

namespace outstation::confd {
namespace {

using namespace std::chrono_literals;
using config::Mapping;

std::uint64_t to_ms(Duration value) {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(value).count());
}

bool is_address(const std::string& text) {
    unsigned char buffer[16];
    return inet_pton(AF_INET, text.c_str(), buffer) == 1 || inet_pton(AF_INET6, text.c_str(), buffer) == 1;
}

std::string word(Mapping& mapping, std::string_view key, std::string value) {
    if (!value.empty() && !is_word(value)) {
        mapping.problem(key,
                        "'" + std::string(key) + "': expected letters, digits, '.', '_' or '-', at most 64");
    }
    return value;
}

void read_name(Mapping& station, wire::StationConfig& out) {
    out.fixed = station.has("name") || station.has("site");
    out.name = station.text("name", "Outstation");
    out.site_path = station.texts("site");
}

// "03:30"; what is no time of a day is told.
std::uint32_t read_minute(Mapping& mapping, std::string_view key, const std::string& text) {
    const auto digit = [&text](std::size_t at) { return static_cast<unsigned>(text[at] - '0'); };
    const bool has_shape =
        text.size() == 5 && text[2] == ':' && text.find_first_not_of("0123456789:") == text.npos;
    const unsigned hour = has_shape ? digit(0) * 10 + digit(1) : 24;
    const unsigned minute = has_shape ? digit(3) * 10 + digit(4) : 60;
    if (hour < 24 && minute < 60) return hour * 60 + minute;
    mapping.problem(key, "'" + std::string(key) + "': expected a time of the day as \"03:30\"");
    return 0;
}

void read_rediscovery(Mapping mapping, wire::StationConfig& out) {
    const bool is_off = mapping.text("every", "24h") == "off";
    out.search_interval_ms = is_off ? 0 : to_ms(mapping.duration("every", 24h, 1h, 24h * 90));
    out.search_minute = read_minute(mapping, "at", mapping.text("at", "03:30"));
}

wire::StationConfig read_settings(Mapping root) {
    wire::StationConfig out;
    out.origin = root.keys().empty() ? wire::Origin::defaults : wire::Origin::local;
    auto station = root.mapping("station");
    read_name(station, out);
    out.zone = station.time_zone("zone", "Asia/Shanghai");
    read_rediscovery(root.mapping("rediscovery"), out);
    auto polling = root.mapping("polling");
    out.poll_interval_ms = to_ms(polling.duration("interval", 60s, 5s, 1h));
    auto store = root.mapping("store");
    out.flush_interval_ms = to_ms(store.duration("flush_interval", 10s, 1s, 60s));
    out.store_limit_bytes = store.bytes("limit", 8ULL << 30, 64ULL << 20, 1ULL << 42);
    out.retention_ms = to_ms(store.duration("retention", 90 * 24h, 1h, 24h * 3650));
    return out;
}

std::string read_secret(Mapping mapping) {
    return word(mapping, "secret", mapping.required_text("secret"));
}

std::string limited_text(Mapping& mapping, std::string_view key, std::string value) {
    constexpr std::size_t kMostBytes = 32;  // RFC 3411 section 5, SnmpAdminString (SIZE(0..32))
    if (value.size() > kMostBytes)
        mapping.problem(key, "'" + std::string(key) + "': expected at most 32 bytes");
    return value;
}

// A user of SNMPv3. Its level follows from what is there.
void read_user(Mapping& mapping, CredentialRef& out) {
    out.user = limited_text(mapping, "user", mapping.required_text("user"));
    out.context = limited_text(mapping, "context", mapping.text("context", ""));
    if (mapping.has("auth")) {
        auto auth = mapping.mapping("auth");
        out.auth_protocol =
            auth.choice("protocol", "sha256", {"md5", "sha1", "sha224", "sha256", "sha384", "sha512"});
        out.auth_secret = read_secret(auth);
    }
    if (mapping.has("priv")) {
        auto priv = mapping.mapping("priv");
        out.priv_protocol =
            priv.choice("protocol", "aes128", {"des", "aes128", "aes192", "aes256", "aes192c", "aes256c"});
        out.priv_secret = read_secret(priv);
        if (out.auth_secret.empty()) mapping.problem("priv", "'priv': there is no privacy without 'auth'");
    }
}

void read_subnets(Mapping& mapping, wire::DiscoveryScope& out) {
    out.subnets = mapping.texts("subnets");
    out.port = static_cast<std::uint32_t>(mapping.integer("port", 161, 1, 65535));
    for (const std::string& subnet : out.subnets)
        if (const auto range = parse_range(subnet); !range)
            mapping.problem("subnets", "'subnets': " + range.error().text);
    if (out.subnets.empty()) mapping.problem("subnets", "'subnets': expected a list of subnets");
}

void read_limits(Mapping mapping, CredentialRef& out) {
    wire::DiscoveryScope limits;
    read_subnets(mapping, limits);
    out.subnets = std::move(limits.subnets);
    out.port = limits.port;
}

enum class Source { station, browser };

CredentialRef read_credential(Mapping mapping, Source source) {
    CredentialRef out;
    out.name = word(mapping, "name", mapping.required_text("name"));
    out.protocol = mapping.choice("protocol", "snmp-v2c", {"snmp-v1", "snmp-v2c", "snmp-v3"});
    if (out.protocol == "snmp-v3") {
        read_user(mapping, out);
    } else {
        out.community_secret = read_secret(mapping.mapping("community"));
    }
    if (source == Source::station) return out;
    out.is_unsent = mapping.boolean("unsent", false);
    if (mapping.has("limits")) read_limits(mapping.mapping("limits"), out);
    return out;
}

wire::DeviceConfig read_device(Mapping mapping, const wire::StationConfig& station, wire::Origin origin) {
    wire::DeviceConfig out;
    out.id = word(mapping, "id", mapping.required_text("id"));
    out.name = mapping.text("name", out.id);
    out.address = mapping.required_text("address");
    if (!out.address.empty() && !is_address(out.address)) {
        mapping.problem("address", "'address': expected an IPv4 or IPv6 address, found '" +
                                       out.address.substr(0, 80) + "'");
    }
    out.port = static_cast<std::uint32_t>(mapping.integer("port", 161, 1, 65535));
    out.transport = mapping.choice("transport", "udp", {"udp", "tcp"});
    out.device_class = mapping.choice(
        "class", "other",
        {"switch", "router", "firewall", "server", "storage", "ups", "pdu", "sensor", "printer", "other"});
    out.location = mapping.text("location", "");
    out.interval_ms =
        to_ms(mapping.duration("interval", std::chrono::milliseconds(station.poll_interval_ms), 5s, 1h));
    out.credential = mapping.required_text("credential");
    out.origin = origin;
    return out;
}

// Calls `problem` for each name that was there before.
void refuse_double(std::set<std::string>& seen, const std::string& name, Mapping& mapping,
                   std::string_view key) {
    if (!name.empty() && !seen.insert(name).second) mapping.problem(key, "'" + name + "' is there twice");
}

// `known`: the names that scopes may have; null: any.
std::vector<wire::DiscoveryScope> read_discovery(Mapping& root, const std::set<std::string>* known) {
    std::vector<wire::DiscoveryScope> out;
    for (Mapping& mapping : root.mappings("discovery")) {
        wire::DiscoveryScope scope;
        read_subnets(mapping, scope);
        scope.credentials = mapping.texts("credentials");
        scope.fixed = known != nullptr;
        for (const std::string& name : scope.credentials)
            if (known != nullptr && known->count(name) == 0)
                mapping.problem("credentials", "no credential is named '" + name.substr(0, 80) + "'");
        if (scope.credentials.empty())
            mapping.problem("credentials", "'credentials': expected a list of names");
        out.push_back(std::move(scope));
    }
    return out;
}

std::set<std::string> read_credentials(Mapping& root, std::vector<CredentialRef>& out, Source source) {
    std::set<std::string> names;
    for (Mapping& mapping : root.mappings("credentials")) {
        out.push_back(read_credential(mapping, source));
        refuse_double(names, out.back().name, mapping, "name");
    }
    return names;
}

}  // namespace

bool is_word(std::string_view text) {
    return !text.empty() && text.size() <= 64 && text.front() != '.' &&
           std::all_of(text.begin(), text.end(), [](unsigned char c) {
               return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
           });
}

std::vector<CredentialRef> credentials_in_use(const StationFile& file) {
    std::set<std::string> used;
    for (const wire::DeviceConfig& device : file.devices) used.insert(device.credential);
    for (const wire::DiscoveryScope& scope : file.discovery)
        used.insert(scope.credentials.begin(), scope.credentials.end());
    std::vector<CredentialRef> out;
    for (const CredentialRef& credential : file.credentials) {
        if (used.contains(credential.name)) out.push_back(credential);
    }
    return out;
}

StationFile read_station(Mapping root) {
    StationFile out;
    out.station = read_settings(root);
    const std::string cipher =
        root.mapping("secrets").choice("cipher", "aes-256-gcm", {"aes-256-gcm", "sm4"});
    if (cipher == "sm4") out.seal_suite = crypto::SealSuite::sm4_ctr_hmac_sm3;
    const auto credentials = read_credentials(root, out.credentials, Source::station);
    out.discovery = read_discovery(root, &credentials);
    if (root.has("setup")) {
        auto setup = root.mapping("setup");
        read_subnets(setup, out.proposal);
    }
    out.devices = read_devices(root, out, Credential::known);
    return out;
}

StationFile read_chosen(Mapping root) {
    StationFile out;
    auto station = root.mapping("station");
    read_name(station, out.station);
    read_credentials(root, out.credentials, Source::browser);
    out.discovery = read_discovery(root, nullptr);
    return out;
}

std::vector<wire::DeviceConfig> read_devices(Mapping& root, const StationFile& station,
                                             Credential credential) {
    std::set<std::string> credentials;
    for (const CredentialRef& one : station.credentials) credentials.insert(one.name);
    std::vector<wire::DeviceConfig> out;
    std::set<std::string> devices;
    auto mappings = root.mappings("devices");
    if (mappings.size() > kMaxDevices)
        root.problem("devices", "more than " + std::to_string(kMaxDevices) + " devices");
    for (Mapping& mapping : mappings) {
        out.push_back(read_device(mapping, station.station, station.station.origin));
        const wire::DeviceConfig& device = out.back();
        refuse_double(devices, device.id, mapping, "id");
        if (credential == Credential::known && !device.credential.empty() &&
            credentials.count(device.credential) == 0) {
            mapping.problem("credential", "no credential is named '" + device.credential.substr(0, 80) + "'");
        }
    }
    return out;
}

}  // namespace outstation::confd
