// SPDX-License-Identifier: GPL-3.0-or-later
// What confd answers (types 200 to 299). Schema: config_messages.proto.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace outstation::wire {

enum class Origin : std::uint8_t { defaults = 0, local = 1, policy = 2 };

// The effective configuration, cut to what the asking daemon may have. The connection is told of changes from
// then on.
struct ConfigRequest {
    static constexpr const char* kName = "ConfigRequest";
    static constexpr std::uint16_t kType = 200;
    template <class V, class S>
    static void fields(V&, S&) {}
    bool operator==(const ConfigRequest&) const = default;
};

struct DeviceConfig {
    static constexpr const char* kName = "DeviceConfig";
    std::string id;  // stable
    std::string name;
    std::string address;  // IPv4 or IPv6 literal
    std::uint32_t port = 0;
    std::string device_class;
    std::string location;
    std::uint64_t interval_ms = 0;
    std::string credential;
    Origin origin = Origin::defaults;
    std::string transport{};  // "udp" or "tcp"; empty: "udp"
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.id);
        v(2, s.name);
        v(3, s.address);
        v(4, s.port);
        v(5, s.device_class);
        v(6, s.location);
        v(7, s.interval_ms);
        v(8, s.credential);
        v(9, s.origin);
        v(10, s.transport);
    }
    bool operator==(const DeviceConfig&) const = default;
};

// Handed to polld only.
struct Credential {
    static constexpr const char* kName = "Credential";
    std::string name;
    std::string protocol;   // "snmp-v1", "snmp-v2c", "snmp-v3"
    std::string community;  // v1, v2c
    std::string user{};     // v3, and all that follows
    std::string auth_protocol{};
    std::string auth_passphrase{};
    std::string priv_protocol{};
    std::string priv_passphrase{};
    std::string context{};
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.name);
        v(2, s.protocol);
        v(3, s.community);
        v(4, s.user);
        v(5, s.auth_protocol);
        v(6, s.auth_passphrase);
        v(7, s.priv_protocol);
        v(8, s.priv_passphrase);
        v(9, s.context);
    }
    bool operator==(const Credential&) const = default;
};

struct StationConfig {
    static constexpr const char* kName = "StationConfig";
    std::string name;
    std::vector<std::string> site_path;  // from the province down
    std::string zone;                    // IANA name
    std::uint64_t poll_interval_ms = 0;
    Origin origin = Origin::defaults;
    std::uint64_t flush_interval_ms = 0;
    std::uint64_t store_limit_bytes = 0;
    std::uint64_t retention_ms = 0;
    bool fixed{};                        // station.yaml says name or site: nobody else can
    std::uint64_t search_interval_ms{};  // after which discovery searches by itself; 0: never
    std::uint32_t search_minute{};       // of the day in `zone`, when that is a day or more
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.name);
        v(2, s.site_path);
        v(3, s.zone);
        v(4, s.poll_interval_ms);
        v(5, s.origin);
        v(6, s.flush_interval_ms);
        v(7, s.store_limit_bytes);
        v(8, s.retention_ms);
        v(9, s.fixed);
        v(10, s.search_interval_ms);
        v(11, s.search_minute);
    }
    bool operator==(const StationConfig&) const = default;
};

// Where discovery may look, and with what.
struct DiscoveryScope {
    static constexpr const char* kName = "DiscoveryScope";
    std::vector<std::string> subnets;      // "10.1.0.0/22"
    std::vector<std::string> credentials;  // names, in the order in which they are tried
    std::uint32_t port = 0;
    bool fixed{};  // stands in station.yaml
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.subnets);
        v(2, s.credentials);
        v(3, s.port);
        v(4, s.fixed);
    }
    bool operator==(const DiscoveryScope&) const = default;
};

// What anybody may know of a credential.
struct CredentialInfo {
    static constexpr const char* kName = "CredentialInfo";
    std::string name;
    std::string protocol;       // as in Credential, and what follows
    std::string user;           // v3
    std::string auth_protocol;  // empty: nothing is authenticated
    std::string priv_protocol;  // empty: nothing is encrypted
    bool fixed = false;         // stands in station.yaml
    // Of one that does not: where it may go; unless it was set since, then the next scope says so.
    std::vector<std::string> subnets{};
    std::uint32_t port{};
    bool unsent{};
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.name);
        v(2, s.protocol);
        v(3, s.user);
        v(4, s.auth_protocol);
        v(5, s.priv_protocol);
        v(6, s.fixed);
        v(7, s.subnets);
        v(8, s.port);
        v(9, s.unsent);
    }
    bool operator==(const CredentialInfo&) const = default;
};

struct ConfigReply {
    static constexpr const char* kName = "ConfigReply";
    static constexpr std::uint16_t kType = 201;
    std::uint64_t generation = 0;  // grows by one a change
    StationConfig station;
    std::vector<DeviceConfig> devices;
    std::vector<Credential> credentials;
    std::vector<DiscoveryScope> discovery = {};
    DiscoveryScope proposal = {};  // what set-up proposes to search beside the own subnets
    std::vector<CredentialInfo> known_credentials = {};
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.generation);
        v(2, s.station);
        v(3, s.devices);
        v(4, s.credentials);
        v(5, s.discovery);
        v(6, s.proposal);
        v(7, s.known_credentials);
    }
    bool operator==(const ConfigReply&) const = default;
};

// Pushed (message id 0) when the generation changed.
struct ConfigChanged {
    static constexpr const char* kName = "ConfigChanged";
    static constexpr std::uint16_t kType = 202;
    std::uint64_t generation = 0;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.generation);
    }
    bool operator==(const ConfigChanged&) const = default;
};

// Takes a device into the configuration, as if it stood in station.yaml; root, the owner of confd, and webd
// for a user may. Answered by Done; config when an id or a value is wrong, refused when the id is taken.
struct AddDevice {
    static constexpr const char* kName = "AddDevice";
    static constexpr std::uint16_t kType = 210;
    DeviceConfig device;
    std::string by;  // who asked, as webd knows it
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.device);
        v(2, s.by);
    }
    bool operator==(const AddDevice&) const = default;
};

// A device that was taken over answers at another address now. As AddDevice; not_found; refused when it
// stands in station.yaml.
struct MoveDevice {
    static constexpr const char* kName = "MoveDevice";
    static constexpr std::uint16_t kType = 214;
    std::string id;
    std::string address;
    std::string by;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.id);
        v(2, s.address);
        v(3, s.by);
    }
    bool operator==(const MoveDevice&) const = default;
};

// Names the station, unless station.yaml does. Root, the owner of confd, and webd for an administrator may do
// this and the two that follow. Answered by Done; config when a value is wrong, refused when station.yaml
// says something else.
struct NameStation {
    static constexpr const char* kName = "NameStation";
    static constexpr std::uint16_t kType = 211;
    std::string name;
    std::vector<std::string> site_path;  // from the province down
    std::string by;                      // who asked, as webd knows it
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.name);
        v(2, s.site_path);
        v(3, s.by);
    }
    bool operator==(const NameStation&) const = default;
};

// A credential with its secrets: a new one, or another in the place of one that was set so.
struct PutCredential {
    static constexpr const char* kName = "PutCredential";
    static constexpr std::uint16_t kType = 212;
    Credential credential;
    std::string by;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.credential);
        v(2, s.by);
    }
    bool operator==(const PutCredential&) const = default;
};

// Where discovery may look beside what station.yaml says; in the place of what was set so before.
struct SetScope {
    static constexpr const char* kName = "SetScope";
    static constexpr std::uint16_t kType = 213;
    DiscoveryScope scope;
    std::string by;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.scope);
        v(2, s.by);
    }
    bool operator==(const SetScope&) const = default;
};

// Puts a secret; only root and the owner of confd may. Answered by Done.
struct PutSecret {
    static constexpr const char* kName = "PutSecret";
    static constexpr std::uint16_t kType = 203;
    std::string name;
    std::string value;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.name);
        v(2, s.value);
    }
    bool operator==(const PutSecret&) const = default;
};

// Seals every secret with a new key; only root and the owner of confd may.
struct RekeySecrets {
    static constexpr const char* kName = "RekeySecrets";
    static constexpr std::uint16_t kType = 204;
    template <class V, class S>
    static void fields(V&, S&) {}
    bool operator==(const RekeySecrets&) const = default;
};

struct SecretsRekeyed {
    static constexpr const char* kName = "SecretsRekeyed";
    static constexpr std::uint16_t kType = 205;
    std::uint64_t count = 0;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.count);
    }
    bool operator==(const SecretsRekeyed&) const = default;
};

// The rules of alarms, as text: the file alarm-rules.yaml beside station.yaml. The connection is told of
// changes.
struct AlarmRulesRequest {
    static constexpr const char* kName = "AlarmRulesRequest";
    static constexpr std::uint16_t kType = 206;
    template <class V, class S>
    static void fields(V&, S&) {}
    bool operator==(const AlarmRulesRequest&) const = default;
};

struct AlarmRules {
    static constexpr const char* kName = "AlarmRules";
    static constexpr std::uint16_t kType = 207;
    bool present = false;  // false: there is no such file
    std::string text;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.present);
        v(2, s.text);
    }
    bool operator==(const AlarmRules&) const = default;
};

}  // namespace outstation::wire
