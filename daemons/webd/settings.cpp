// SPDX-License-Identifier: GPL-3.0-or-later
// Reading webd.yaml.
#include "daemons/webd/settings.hpp"

#include <arpa/inet.h>

namespace outstation::webd {
namespace {

constexpr std::uint64_t kDefaultPort = 8443;

bool is_address(int family, const std::string& text) {
    in6_addr room{};
    return inet_pton(family, text.c_str(), &room) == 1;
}

std::vector<std::string> read_listen(config::Mapping listen) {
    const std::string port = std::to_string(listen.integer("port", kDefaultPort, 0, 65535));
    auto addresses = listen.texts("addresses");
    if (addresses.empty()) addresses = {"127.0.0.1"};
    std::vector<std::string> out;
    for (const std::string& address : addresses) {
        if (is_address(AF_INET, address)) {
            out.push_back(address + ":" + port);
        } else if (is_address(AF_INET6, address)) {
            out.push_back("[" + address + "]:" + port);
        } else {
            listen.problem("addresses",
                           "'addresses': expected IPv4 or IPv6 addresses, not '" + address + "'");
        }
    }
    return out;
}

}  // namespace

Settings read_settings(config::Mapping root) {
    Settings settings;
    settings.listen = read_listen(root.mapping("listen"));
    settings.ui_dir = root.text("ui", settings.ui_dir);
    settings.certificate_names = root.texts("certificate_names");
    return settings;
}

}  // namespace outstation::webd
