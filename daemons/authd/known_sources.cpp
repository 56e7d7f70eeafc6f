// SPDX-License-Identifier: GPL-3.0-or-later
// Reads and writes known-sources.yaml, and cuts addresses to what they are counted under.
#include "daemons/authd/known_sources.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "lib/config/config.hpp"
#include "lib/config/yaml_text.hpp"

namespace outstation::authd {

std::string source_key(const std::string& address) {
    in6_addr ip{};
    if (inet_pton(AF_INET6, address.substr(0, address.find('%')).c_str(), &ip) != 1) return address;
    char text[INET6_ADDRSTRLEN] = "";
    if (IN6_IS_ADDR_V4MAPPED(&ip)) return inet_ntop(AF_INET, &ip.s6_addr[12], text, sizeof text);
    if (IN6_IS_ADDR_LINKLOCAL(&ip) || IN6_IS_ADDR_LOOPBACK(&ip)) return address;
    std::memset(&ip.s6_addr[8], 0, 8);
    return std::string(inet_ntop(AF_INET6, &ip, text, sizeof text)) + "/64";
}

Result<KnownSources> KnownSources::read(const std::string& path) {
    auto document = config::Document::read(path);
    if (!document) return fail(document.error());
    KnownSources known;
    auto root = document->root();
    for (auto& mapping : root.mappings("known_sources"))
        known.add(mapping.required_text("user"), mapping.required_text("source"));
    if (const auto checked = document->check(); !checked) return fail(checked.error());
    return known;
}

std::string KnownSources::encode() const {
    std::string text = "# Written by authd.\n";
    if (!of_user_.empty()) text += "known_sources:\n";
    for (const auto& [user, sources] : of_user_) {
        for (const std::string& source : sources)
            text +=
                "  - {user: " + config::in_quotes(user) + ", source: " + config::in_quotes(source) + "}\n";
    }
    return text;
}

bool KnownSources::add(const std::string& user, const std::string& source) {
    auto& sources = of_user_[user];
    const bool known = std::erase(sources, source) > 0;
    sources.push_back(source);
    if (sources.size() > kSourcesOfUser) sources.pop_front();
    return !known;
}

bool KnownSources::has(const std::string& user, const std::string& source) const {
    const auto it = of_user_.find(user);
    return it != of_user_.end() &&
           std::find(it->second.begin(), it->second.end(), source) != it->second.end();
}

}  // namespace outstation::authd
