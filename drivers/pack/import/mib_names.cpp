// SPDX-License-Identifier: GPL-3.0-or-later
// Names of RFC 1213, 2578, 2790, 2863, 3418, 3433, 6933, 1628 and of Net-SNMP.
#include "drivers/pack/import/mib_names.hpp"

#include <algorithm>

namespace outstation::pack {
namespace {

struct Name {
    std::string_view name;
    std::string_view oid;
};

constexpr Name kNames[] = {
    {"iso", "1"},
    {"internet", "1.3.6.1"},
    {"mgmt", "1.3.6.1.2"},
    {"mib-2", "1.3.6.1.2.1"},
    {"private", "1.3.6.1.4"},
    {"enterprises", "1.3.6.1.4.1"},
    {"system", "1.3.6.1.2.1.1"},
    {"sysDescr", "1.3.6.1.2.1.1.1"},
    {"sysObjectID", "1.3.6.1.2.1.1.2"},
    {"sysUpTime", "1.3.6.1.2.1.1.3"},
    {"sysUpTimeInstance", "1.3.6.1.2.1.1.3.0"},
    {"sysContact", "1.3.6.1.2.1.1.4"},
    {"sysName", "1.3.6.1.2.1.1.5"},
    {"sysLocation", "1.3.6.1.2.1.1.6"},
    {"ifNumber", "1.3.6.1.2.1.2.1"},
    {"ifIndex", "1.3.6.1.2.1.2.2.1.1"},
    {"ifDescr", "1.3.6.1.2.1.2.2.1.2"},
    {"ifType", "1.3.6.1.2.1.2.2.1.3"},
    {"ifMtu", "1.3.6.1.2.1.2.2.1.4"},
    {"ifSpeed", "1.3.6.1.2.1.2.2.1.5"},
    {"ifPhysAddress", "1.3.6.1.2.1.2.2.1.6"},
    {"ifAdminStatus", "1.3.6.1.2.1.2.2.1.7"},
    {"ifOperStatus", "1.3.6.1.2.1.2.2.1.8"},
    {"ifLastChange", "1.3.6.1.2.1.2.2.1.9"},
    {"ifInOctets", "1.3.6.1.2.1.2.2.1.10"},
    {"ifInUcastPkts", "1.3.6.1.2.1.2.2.1.11"},
    {"ifInNUcastPkts", "1.3.6.1.2.1.2.2.1.12"},
    {"ifInDiscards", "1.3.6.1.2.1.2.2.1.13"},
    {"ifInErrors", "1.3.6.1.2.1.2.2.1.14"},
    {"ifInUnknownProtos", "1.3.6.1.2.1.2.2.1.15"},
    {"ifOutOctets", "1.3.6.1.2.1.2.2.1.16"},
    {"ifOutUcastPkts", "1.3.6.1.2.1.2.2.1.17"},
    {"ifOutNUcastPkts", "1.3.6.1.2.1.2.2.1.18"},
    {"ifOutDiscards", "1.3.6.1.2.1.2.2.1.19"},
    {"ifOutErrors", "1.3.6.1.2.1.2.2.1.20"},
    {"ifName", "1.3.6.1.2.1.31.1.1.1.1"},
    {"ifInMulticastPkts", "1.3.6.1.2.1.31.1.1.1.2"},
    {"ifInBroadcastPkts", "1.3.6.1.2.1.31.1.1.1.3"},
    {"ifOutMulticastPkts", "1.3.6.1.2.1.31.1.1.1.4"},
    {"ifOutBroadcastPkts", "1.3.6.1.2.1.31.1.1.1.5"},
    {"ifHCInOctets", "1.3.6.1.2.1.31.1.1.1.6"},
    {"ifHCInUcastPkts", "1.3.6.1.2.1.31.1.1.1.7"},
    {"ifHCInMulticastPkts", "1.3.6.1.2.1.31.1.1.1.8"},
    {"ifHCInBroadcastPkts", "1.3.6.1.2.1.31.1.1.1.9"},
    {"ifHCOutOctets", "1.3.6.1.2.1.31.1.1.1.10"},
    {"ifHCOutUcastPkts", "1.3.6.1.2.1.31.1.1.1.11"},
    {"ifHCOutMulticastPkts", "1.3.6.1.2.1.31.1.1.1.12"},
    {"ifHCOutBroadcastPkts", "1.3.6.1.2.1.31.1.1.1.13"},
    {"ifHighSpeed", "1.3.6.1.2.1.31.1.1.1.15"},
    {"ifAlias", "1.3.6.1.2.1.31.1.1.1.18"},
    {"hrSystemUptime", "1.3.6.1.2.1.25.1.1"},
    {"hrSystemNumUsers", "1.3.6.1.2.1.25.1.5"},
    {"hrSystemProcesses", "1.3.6.1.2.1.25.1.6"},
    {"hrMemorySize", "1.3.6.1.2.1.25.2.2"},
    {"hrStorageType", "1.3.6.1.2.1.25.2.3.1.2"},
    {"hrStorageDescr", "1.3.6.1.2.1.25.2.3.1.3"},
    {"hrStorageAllocationUnits", "1.3.6.1.2.1.25.2.3.1.4"},
    {"hrStorageSize", "1.3.6.1.2.1.25.2.3.1.5"},
    {"hrStorageUsed", "1.3.6.1.2.1.25.2.3.1.6"},
    {"hrStorageAllocationFailures", "1.3.6.1.2.1.25.2.3.1.7"},
    {"hrSWRunName", "1.3.6.1.2.1.25.4.2.1.2"},
    {"hrSWRunPath", "1.3.6.1.2.1.25.4.2.1.4"},
    {"hrSWRunParameters", "1.3.6.1.2.1.25.4.2.1.5"},
    {"hrSWRunType", "1.3.6.1.2.1.25.4.2.1.6"},
    {"hrSWRunStatus", "1.3.6.1.2.1.25.4.2.1.7"},
    {"hrSWRunPerfCPU", "1.3.6.1.2.1.25.5.1.1.1"},
    {"hrSWRunPerfMem", "1.3.6.1.2.1.25.5.1.1.2"},
    {"hrProcessorLoad", "1.3.6.1.2.1.25.3.3.1.2"},
    {"hrDeviceDescr", "1.3.6.1.2.1.25.3.2.1.3"},
    {"hrDeviceStatus", "1.3.6.1.2.1.25.3.2.1.5"},
    {"hrPrinterStatus", "1.3.6.1.2.1.25.3.5.1.1"},
    {"upsMIB", "1.3.6.1.2.1.33"},
    {"upsIdentManufacturer", "1.3.6.1.2.1.33.1.1.1"},
    {"upsIdentModel", "1.3.6.1.2.1.33.1.1.2"},
    {"upsBatteryStatus", "1.3.6.1.2.1.33.1.2.1"},
    {"upsSecondsOnBattery", "1.3.6.1.2.1.33.1.2.2"},
    {"upsEstimatedMinutesRemaining", "1.3.6.1.2.1.33.1.2.3"},
    {"upsEstimatedChargeRemaining", "1.3.6.1.2.1.33.1.2.4"},
    {"upsBatteryVoltage", "1.3.6.1.2.1.33.1.2.5"},
    {"upsBatteryCurrent", "1.3.6.1.2.1.33.1.2.6"},
    {"upsBatteryTemperature", "1.3.6.1.2.1.33.1.2.7"},
    {"upsInputFrequency", "1.3.6.1.2.1.33.1.3.3.1.2"},
    {"upsInputVoltage", "1.3.6.1.2.1.33.1.3.3.1.3"},
    {"upsOutputSource", "1.3.6.1.2.1.33.1.4.1"},
    {"upsOutputFrequency", "1.3.6.1.2.1.33.1.4.2"},
    {"upsOutputVoltage", "1.3.6.1.2.1.33.1.4.4.1.2"},
    {"upsOutputCurrent", "1.3.6.1.2.1.33.1.4.4.1.3"},
    {"upsOutputPower", "1.3.6.1.2.1.33.1.4.4.1.4"},
    {"upsOutputPercentLoad", "1.3.6.1.2.1.33.1.4.4.1.5"},
    {"entPhysicalDescr", "1.3.6.1.2.1.47.1.1.1.1.2"},
    {"entPhysicalClass", "1.3.6.1.2.1.47.1.1.1.1.5"},
    {"entPhysicalName", "1.3.6.1.2.1.47.1.1.1.1.7"},
    {"entPhysicalHardwareRev", "1.3.6.1.2.1.47.1.1.1.1.8"},
    {"entPhysicalFirmwareRev", "1.3.6.1.2.1.47.1.1.1.1.9"},
    {"entPhysicalSoftwareRev", "1.3.6.1.2.1.47.1.1.1.1.10"},
    {"entPhysicalSerialNum", "1.3.6.1.2.1.47.1.1.1.1.11"},
    {"entPhysicalModelName", "1.3.6.1.2.1.47.1.1.1.1.13"},
    {"entPhySensorType", "1.3.6.1.2.1.99.1.1.1.1"},
    {"entPhySensorValue", "1.3.6.1.2.1.99.1.1.1.4"},
    {"entPhySensorOperStatus", "1.3.6.1.2.1.99.1.1.1.5"},
    {"laLoad", "1.3.6.1.4.1.2021.10.1.3"},
    {"memTotalSwap", "1.3.6.1.4.1.2021.4.3"},
    {"memAvailSwap", "1.3.6.1.4.1.2021.4.4"},
    {"memTotalReal", "1.3.6.1.4.1.2021.4.5"},
    {"memAvailReal", "1.3.6.1.4.1.2021.4.6"},
    {"memTotalFree", "1.3.6.1.4.1.2021.4.11"},
    {"memBuffer", "1.3.6.1.4.1.2021.4.14"},
    {"memCached", "1.3.6.1.4.1.2021.4.15"},
    {"dskPercent", "1.3.6.1.4.1.2021.9.1.9"},
    {"ssCpuUser", "1.3.6.1.4.1.2021.11.9"},
    {"ssCpuSystem", "1.3.6.1.4.1.2021.11.10"},
    {"ssCpuIdle", "1.3.6.1.4.1.2021.11.11"},
};

bool is_numeric(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

std::string numeric_oid(std::string_view text) {
    if (const std::size_t module = text.find("::"); module != std::string_view::npos)
        text.remove_prefix(module + 2);
    if (!text.empty() && text.front() == '.') text.remove_prefix(1);
    const std::size_t dot = text.find('.');
    const std::string_view first = text.substr(0, dot);
    if (is_numeric(first)) return std::string(text);
    const auto* known = std::find_if(std::begin(kNames), std::end(kNames),
                                     [&](const Name& one) { return one.name == first; });
    if (known == std::end(kNames)) return {};
    return std::string(known->oid) + std::string(dot == std::string_view::npos ? "" : text.substr(dot));
}

}  // namespace outstation::pack
