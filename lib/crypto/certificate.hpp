// SPDX-License-Identifier: GPL-3.0-or-later
// The station's own certificate for browsers: a P-256 key and a self-signed certificate, made at the first
// start and kept. People compare its fingerprint. Threads: any; blocks on the disk.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "lib/model/result.hpp"

namespace outstation::crypto {

struct StationCertificate {
    std::string certificate_path;  // PEM
    std::string key_path;          // PEM, mode 0600
    std::string sha256;            // of the DER: upper-case hex, colons between the bytes
};

struct CertificateRequest {
    std::vector<std::string> dns_names;     // besides localhost
    std::vector<std::string> ip_addresses;  // besides 127.0.0.1 and ::1
    std::chrono::system_clock::time_point now = std::chrono::system_clock::now();
};

// Valid for 10 years from `now`, or from the start of 2026 when the box's clock is not set yet.
inline constexpr std::chrono::hours kCertificateLifetime{24 * 3653};

// Reads station.key and station.crt of the folder, or makes what is missing. A key that cannot be read, or a
// certificate that does not belong to it, is an error and never replaced: people may have pinned it.
[[nodiscard]] Result<StationCertificate> ensure_station_certificate(const std::string& folder,
                                                                    const CertificateRequest& request);

}  // namespace outstation::crypto
