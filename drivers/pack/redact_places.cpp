// SPDX-License-Identifier: GPL-3.0-or-later
// The tables.
#include "drivers/pack/redact_places.hpp"

#include <algorithm>
#include <utility>

namespace outstation::pack {
namespace {

template <typename What>
using Places = std::vector<std::pair<Oid, What>>;

// nullptr: nothing is said of it.
template <typename What>
const What* find(const Places<What>& places, const Oid& oid) {
    const auto at = std::find_if(places.begin(), places.end(),
                                 [&oid](const auto& place) { return is_under(oid, place.first); });
    return at == places.end() ? nullptr : &at->second;
}

template <typename What>
Places<What> places_of(std::initializer_list<std::pair<const char*, What>> texts) {
    Places<What> out;
    for (const auto& [text, what] : texts) out.emplace_back(parse_oid(text).value_or(Oid{}), what);
    return out;
}

const Places<Secret>& secrets() {
    static const Places<Secret> kSecrets = places_of<Secret>({
        {"1.3.6.1.2.1.1.4", Secret::name},                // sysContact, RFC 3418
        {"1.3.6.1.2.1.1.5", Secret::name},                // sysName
        {"1.3.6.1.2.1.1.6", Secret::name},                // sysLocation
        {"1.3.6.1.2.1.2.2.1.6", Secret::mac},             // ifPhysAddress, RFC 2863
        {"1.3.6.1.2.1.31.1.1.1.18", Secret::text},        // ifAlias
        {"1.3.6.1.2.1.3.1.1.2", Secret::mac},             // atPhysAddress, RFC 1213
        {"1.3.6.1.2.1.4.22.1.2", Secret::mac},            // ipNetToMediaPhysAddress
        {"1.3.6.1.2.1.4.35.1.4", Secret::mac},            // ipNetToPhysicalPhysAddress, RFC 4293
        {"1.3.6.1.2.1.17.1.1", Secret::mac},              // dot1dBaseBridgeAddress, RFC 4188
        {"1.3.6.1.2.1.17.4.3.1.1", Secret::mac},          // dot1dTpFdbAddress
        {"1.3.6.1.2.1.17.7.1.4.3.1.1", Secret::text},     // dot1qVlanStaticName, RFC 4363
        {"1.3.6.1.2.1.25.1.4", Secret::text},             // hrSystemInitialLoadParameters, RFC 2790
        {"1.3.6.1.2.1.25.4.2.1.5", Secret::text},         // hrSWRunParameters: command lines
        {"1.3.6.1.2.1.43.5.1.1.4", Secret::text},         // prtGeneralCurrentOperator, RFC 3805
        {"1.3.6.1.2.1.43.5.1.1.5", Secret::text},         // prtGeneralServicePerson
        {"1.3.6.1.2.1.43.5.1.1.16", Secret::name},        // prtGeneralPrinterName
        {"1.3.6.1.2.1.43.5.1.1.17", Secret::name},        // prtGeneralSerialNumber
        {"1.3.6.1.2.1.33.1.1.5", Secret::text},           // upsIdentName, RFC 1628
        {"1.3.6.1.2.1.33.1.1.6", Secret::text},           // upsIdentAttachedDevices
        {"1.3.6.1.2.1.47.1.1.1.1.11", Secret::name},      // entPhysicalSerialNum, RFC 6933
        {"1.3.6.1.2.1.47.1.1.1.1.14", Secret::text},      // entPhysicalAlias
        {"1.3.6.1.2.1.47.1.1.1.1.15", Secret::name},      // entPhysicalAssetID
        {"1.3.6.1.2.1.47.1.1.1.1.18", Secret::text},      // entPhysicalUris
        {"1.3.6.1.2.1.47.1.1.1.1.19", Secret::name},      // entPhysicalUUID
        {"1.3.6.1.2.1.2.2.1.22", Secret::dropped},        // ifSpecific: of no use, and an address with some
        {"1.3.6.1.6.3.10.2.1.1", Secret::engine},         // snmpEngineID, RFC 3411
        {"1.3.6.1.6.3.12", Secret::dropped},              // targets, RFC 3413
        {"1.3.6.1.6.3.13", Secret::dropped},              // notifications
        {"1.3.6.1.6.3.14", Secret::dropped},              // proxies
        {"1.3.6.1.6.3.15", Secret::dropped},              // users, RFC 3414
        {"1.3.6.1.6.3.16", Secret::dropped},              // access by group, RFC 3415
        {"1.3.6.1.6.3.18", Secret::dropped},              // communities, RFC 3584
        {"1.0.8802.1.1.2.1.3.2", Secret::name},           // lldpLocChassisId
        {"1.0.8802.1.1.2.1.4.1.1.5", Secret::name},       // lldpRemChassisId
        {"1.0.8802.1.1.2.1.3.3", Secret::name},           // lldpLocSysName, IEEE 802.1AB
        {"1.0.8802.1.1.2.1.3.7.1.4", Secret::text},       // lldpLocPortDesc: often the alias
        {"1.0.8802.1.1.2.1.4.1.1.8", Secret::text},       // lldpRemPortDesc
        {"1.0.8802.1.1.2.1.4.1.1.9", Secret::name},       // lldpRemSysName
        {"1.3.6.1.4.1.9.2.1.3", Secret::name},            // Cisco: hostName
        {"1.3.6.1.4.1.9.2.1.61", Secret::dropped},        // authentication of TFTP hosts
        {"1.3.6.1.4.1.9.3.6.3", Secret::name},            // chassisId: the serial number
        {"1.3.6.1.4.1.9.9.23.1.2.1.1.6", Secret::name},   // cdpCacheDeviceId
        {"1.3.6.1.4.1.9.9.23.1.2.1.1.10", Secret::name},  // cdpCacheVTPMgmtDomain
        {"1.3.6.1.4.1.9.9.23.1.2.1.1.17", Secret::name},  // cdpCacheSysName
        {"1.3.6.1.4.1.9.9.23.1.3.4", Secret::name},       // cdpGlobalDeviceId
        {"1.3.6.1.4.1.9.9.46.1.2.1.1.2", Secret::name},   // managementDomainName
        {"1.3.6.1.4.1.9.9.46.1.3.1.1.4", Secret::text},   // vtpVlanName
        {"1.3.6.1.4.1.14179.2.1.1.1.2", Secret::name},    // Airespace: SSID
        {"1.3.6.1.4.1.14179.2.1.4.1.3", Secret::name},    // user of a wireless client
        {"1.3.6.1.4.1.14823.2.2.1.5.2.1.7.1.2", Secret::name},  // Aruba: SSID
        {"1.3.6.1.4.1.41112.1.6.1.2.1.6", Secret::name},        // Ubiquiti: SSID
        {"1.3.6.1.4.1.41112.1.4.5.1.2", Secret::name},          // SSID
        {"1.3.6.1.4.1.14988.1.1.1.1.1.5", Secret::name},        // MikroTik: SSID
        {"1.3.6.1.4.1.14988.1.1.1.3.1.4", Secret::name},        // SSID
        {"1.3.6.1.4.1.14988.1.1.7.3", Secret::name},            // serial number
        {"1.3.6.1.4.1.2011.10.2.6.1.2", Secret::name},          // H3C: SSID
        {"1.3.6.1.4.1.2021.8.1.3", Secret::text},               // Net-SNMP: extCommand
        {"1.3.6.1.4.1.2021.2.1.103", Secret::text},             // prErrFixCmd
        {"1.3.6.1.4.1.8072.1.3.2.2.1", Secret::text},           // nsExtendCommand and its arguments
        {"1.3.6.1.4.1.77.1.2", Secret::dropped},                // LAN Manager: users, shares and sessions
        {"1.3.6.1.4.1.77.1.4", Secret::dropped},                // its domains
    });
    return kSecrets;
}

const Places<bool>& maker_texts() {
    static const Places<bool> kMaker = places_of<bool>({
        {"1.3.6.1.2.1.1.1", true},            // sysDescr
        {"1.3.6.1.2.1.2.2.1.2", true},        // ifDescr
        {"1.3.6.1.2.1.31.1.1.1.1", true},     // ifName
        {"1.3.6.1.2.1.25.3.2.1.3", true},     // hrDeviceDescr
        {"1.3.6.1.2.1.25.2.3.1.3", true},     // hrStorageDescr
        {"1.3.6.1.2.1.25.6.3.1.2", true},     // hrSWInstalledName
        {"1.3.6.1.2.1.25.4.2.1.2", true},     // hrSWRunName
        {"1.3.6.1.2.1.33.1.1", true},         // the identity of a UPS; its names are told above
        {"1.3.6.1.2.1.47.1.1.1.1.2", true},   // entPhysicalDescr
        {"1.3.6.1.2.1.47.1.1.1.1.7", true},   // entPhysicalName
        {"1.3.6.1.2.1.47.1.1.1.1.8", true},   // entPhysicalHardwareRev
        {"1.3.6.1.2.1.47.1.1.1.1.9", true},   // entPhysicalFirmwareRev
        {"1.3.6.1.2.1.47.1.1.1.1.10", true},  // entPhysicalSoftwareRev
        {"1.3.6.1.2.1.47.1.1.1.1.12", true},  // entPhysicalMfgName
        {"1.3.6.1.2.1.47.1.1.1.1.13", true},  // entPhysicalModelName
    });
    return kMaker;
}

// The parts of an index behind the entry and its column: 4 an IPv4 address, m a hardware address, i an
// address with its type and length, l one with its length, s one arc, o an OID with its length.
const Places<const char*>& layouts() {
    static const Places<const char*> kLayouts = places_of<const char*>({
        {"1.3.6.1.2.1.3.1.1", "ss4"},           // atTable
        {"1.3.6.1.2.1.4.20.1", "4"},            // ipAddrTable
        {"1.3.6.1.2.1.4.21.1", "4"},            // ipRouteTable
        {"1.3.6.1.2.1.4.22.1", "s4"},           // ipNetToMediaTable
        {"1.3.6.1.2.1.4.24.4.1", "44s4"},       // ipCidrRouteTable, RFC 4292
        {"1.3.6.1.2.1.4.24.7.1", "isoi"},       // inetCidrRouteTable
        {"1.3.6.1.2.1.4.32.1", "si"},           // ipAddressPrefixTable
        {"1.3.6.1.2.1.4.34.1", "i"},            // ipAddressTable
        {"1.3.6.1.2.1.4.35.1", "si"},           // ipNetToPhysicalTable
        {"1.3.6.1.2.1.4.37.1", "i"},            // ipDefaultRouterTable
        {"1.3.6.1.2.1.6.13.1", "4s4s"},         // tcpConnTable
        {"1.3.6.1.2.1.6.19.1", "isis"},         // tcpConnectionTable, RFC 4022
        {"1.3.6.1.2.1.6.20.1", "is"},           // tcpListenerTable
        {"1.3.6.1.2.1.7.5.1", "4s"},            // udpTable
        {"1.3.6.1.2.1.7.7.1", "isis"},          // udpEndpointTable, RFC 4113
        {"1.3.6.1.2.1.14.2.1", "4"},            // ospfAreaTable, RFC 4750
        {"1.3.6.1.2.1.14.4.1", "4s44"},         // ospfLsdbTable
        {"1.3.6.1.2.1.14.7.1", "4s"},           // ospfIfTable
        {"1.3.6.1.2.1.14.8.1", "4ss"},          // ospfIfMetricTable
        {"1.3.6.1.2.1.14.10.1", "4s"},          // ospfNbrTable
        {"1.3.6.1.2.1.15.3.1", "4"},            // bgpPeerTable, RFC 4273
        {"1.3.6.1.2.1.15.6.1", "4s4"},          // bgp4PathAttrTable
        {"1.3.6.1.2.1.17.4.3.1", "m"},          // dot1dTpFdbTable
        {"1.3.6.1.2.1.17.7.1.2.2.1", "sm"},     // dot1qTpFdbTable
        {"1.3.6.1.2.1.17.7.1.3.1.1", "sm"},     // dot1qStaticUnicastTable
        {"1.0.8802.1.1.2.1.3.8.1", "sl"},       // lldpLocManAddrTable
        {"1.0.8802.1.1.2.1.4.2.1", "ssssl"},    // lldpRemManAddrTable
        {"1.3.6.1.4.1.9.9.187.1.2.5.1", "sl"},  // cbgpPeer2Table
    });
    return kLayouts;
}

// One that fits is added, and `at` goes behind it. False: the index is another.
bool take_part(const Oid& oid, char part, std::size_t& at, std::vector<IndexAddress>& out) {
    std::size_t length = part == '4' ? 4 : part == 'm' ? 6 : 1;
    if (part == 'i') ++at;  // its type
    if (part == 'i' || part == 'l' || part == 'o') {
        if (at >= oid.size()) return false;
        length = oid[at++];
    }
    if (length > oid.size() - std::min(at, oid.size())) return false;
    if (part != 's' && part != 'o') {
        // A zone follows some (RFC 4001): the address is what stands before it.
        const std::size_t octets = length == 8 ? 4 : length == 20 ? 16 : length;
        if (octets == 4 || octets == 6 || octets == 16) out.push_back({at, octets});
    }
    at += length;
    return true;
}

}  // namespace

std::optional<Secret> secret_at(const Oid& oid) {
    const Secret* found = find(secrets(), oid);
    return found == nullptr ? std::nullopt : std::optional(*found);
}

bool is_maker_text(const Oid& oid) {
    return find(maker_texts(), oid) != nullptr && !secret_at(oid);
}

std::vector<IndexAddress> addresses_in_index(const Oid& oid) {
    std::vector<IndexAddress> out;
    for (const auto& [entry, layout] : layouts()) {
        if (!is_under(oid, entry)) continue;
        std::size_t at = entry.size() + 1;
        for (const char* part = layout; *part != '\0'; ++part)
            if (!take_part(oid, *part, at, out)) break;
    }
    std::erase_if(out, [&oid](const IndexAddress& one) {
        return std::any_of(oid.begin() + static_cast<std::ptrdiff_t>(one.begin),
                           oid.begin() + static_cast<std::ptrdiff_t>(one.begin + one.length),
                           [](std::uint32_t arc) { return arc > 255; });
    });
    return out;
}

}  // namespace outstation::pack
