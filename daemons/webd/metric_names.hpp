// SPDX-License-Identifier: GPL-3.0-or-later
// The metrics and labels that polld writes and pages need by name.
#pragma once

namespace outstation::webd::metric {

// One a device: 1 when the poll was answered, 0 when not.
inline constexpr const char* kUp = "up";
inline constexpr const char* kUptime = "sys_uptime_seconds";

inline constexpr const char* kIfInOctets = "if_in_octets_total";
inline constexpr const char* kIfOutOctets = "if_out_octets_total";
inline constexpr const char* kIfInErrors = "if_in_errors_total";
inline constexpr const char* kIfOutErrors = "if_out_errors_total";
inline constexpr const char* kIfAdmin = "if_admin_status";
inline constexpr const char* kIfOper = "if_oper_status";
inline constexpr const char* kIfSpeed = "if_speed_bits_per_second";
inline constexpr const char* kIfIndex = "if_index";  // labels
inline constexpr const char* kIfName = "if_name";
inline constexpr const char* kIfDescr = "if_descr";
inline constexpr const char* kIfAlias = "if_alias";
inline constexpr const char* kIfMac = "if_mac";
inline constexpr const char* kIfType = "if_type";

inline constexpr const char* kIfInfo =
    "if_info";  // always 1; its labels are what the interface says of itself

inline constexpr const char* kSensorStatus = "sensor_status";
inline constexpr const char* kSensorIndex = "sensor_index";  // labels
inline constexpr const char* kSensor = "sensor";

inline constexpr const char* kProcessorLoad = "hr_processor_load_ratio";
inline constexpr const char* kCpu = "cpu";  // label

inline constexpr const char* kStorageSize = "hr_storage_size_bytes";
inline constexpr const char* kStorageUsed = "hr_storage_used_bytes";
inline constexpr const char* kStorageIndex = "storage_index";  // labels
inline constexpr const char* kStorage = "storage";
inline constexpr const char* kKind = "kind";

}  // namespace outstation::webd::metric
