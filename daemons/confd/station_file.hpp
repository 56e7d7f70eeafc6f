// SPDX-License-Identifier: GPL-3.0-or-later
// station.yaml as a struct: what the technician set. Parsing only; docs/guide/configuration.md is the
// reference.
#pragma once

#include <string>
#include <vector>

#include "lib/config/config.hpp"
#include "lib/crypto/sealed_box.hpp"
#include "lib/wire/config_messages.hpp"

namespace outstation::confd {

inline constexpr std::size_t kMaxDevices = 10'000;

// A credential names its secrets; they themselves lie in the secrets directory. A name that is empty is of a
// secret that the credential does not need.
struct CredentialRef {
    std::string name;
    std::string protocol;
    std::string community_secret;
    std::string user{};
    std::string auth_protocol{};
    std::string auth_secret{};
    std::string priv_protocol{};
    std::string priv_secret{};
    std::string context{};
    // Of one that was set in the browser: where it may go, as its first scope said.
    std::vector<std::string> subnets{};
    std::uint32_t port = 0;
    bool is_unsent = false;  // set since: the next scope is the first
};

struct StationFile {
    wire::StationConfig station;
    std::vector<wire::DeviceConfig> devices;
    std::vector<CredentialRef> credentials;
    std::vector<wire::DiscoveryScope> discovery{};
    wire::DiscoveryScope proposal{};  // what set-up proposes to search, beside the own subnets
    crypto::SealSuite seal_suite = crypto::SealSuite::aes_256_gcm;  // of secrets that are written
};

// The credentials that devices and discovery use: what polld may have. A credential that nothing uses is
// given to nobody.
[[nodiscard]] std::vector<CredentialRef> credentials_in_use(const StationFile& file);

// Reads everything; mistakes go to the mapping's document.
[[nodiscard]] StationFile read_station(config::Mapping root);

// Of a file of the same schema what people set in the browser: the station's name and site (`fixed`: it has
// them), credentials, discovery. Scopes may name credentials that are not in it.
[[nodiscard]] StationFile read_chosen(config::Mapping root);

// The devices of a file of the same schema, with the settings of `station`; `known`: a credential that is not
// there is a mistake.
enum class Credential { known, any };
[[nodiscard]] std::vector<wire::DeviceConfig> read_devices(config::Mapping& root, const StationFile& station,
                                                           Credential credential);

// A word of letters, digits, '.', '_' and '-', at most 64: what ids, credential and secret names are made of.
[[nodiscard]] bool is_word(std::string_view text);

}  // namespace outstation::confd
