// SPDX-License-Identifier: GPL-3.0-or-later
// The file as YAML of our own making, every text in quotes.
#include "daemons/confd/chosen_settings.hpp"

#include <algorithm>
#include <utility>

#include "lib/config/yaml_text.hpp"
#include "lib/crypto/private_file.hpp"
#include "lib/model/address_range.hpp"

namespace outstation::confd {
namespace {

constexpr std::size_t kMostNameBytes = 40;  // of a credential: its secrets have longer names
constexpr std::size_t kMostTextBytes = 200;
constexpr std::size_t kMostLevels = 8;            // of the site
constexpr std::size_t kShortestPassphrase = 8;    // RFC 3414 section 11.2
constexpr std::size_t kLongestSecretBytes = 256;  // that a person types

std::string list(const std::vector<std::string>& texts) {
    std::string out;
    for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + config::in_quotes(text);
    return "[" + out + "]";
}

std::string part(const char* key, const std::string& protocol, const std::string& secret) {
    if (secret.empty()) return "";
    return std::string(", ") + key + ": {" +
           (protocol.empty() ? "" : "protocol: " + config::in_quotes(protocol) + ", ") +
           "secret: " + config::in_quotes(secret) + "}";
}

std::string scope_text(const std::vector<std::string>& subnets, std::uint32_t port) {
    return "subnets: " + list(subnets) + ", port: " + std::to_string(port);
}

std::string credential_yaml(const CredentialRef& one) {
    return "  - {name: " + config::in_quotes(one.name) + ", protocol: " + config::in_quotes(one.protocol) +
           part("community", "", one.community_secret) +
           (one.user.empty() ? "" : ", user: " + config::in_quotes(one.user)) +
           part("auth", one.auth_protocol, one.auth_secret) +
           part("priv", one.priv_protocol, one.priv_secret) +
           (one.context.empty() ? "" : ", context: " + config::in_quotes(one.context)) +
           (one.subnets.empty() ? "" : ", limits: {" + scope_text(one.subnets, one.port) + "}") +
           (one.is_unsent ? ", unsent: true" : "") + "}\n";
}

std::string yaml_of(const StationFile& chosen) {
    std::string out =
        "# Written by confd: what was set in the browser. What station.yaml says goes before this.\n";
    if (chosen.station.fixed)
        out += "station: {name: " + config::in_quotes(chosen.station.name) +
               ", site: " + list(chosen.station.site_path) + "}\n";
    if (!chosen.credentials.empty()) out += "credentials:\n";
    for (const CredentialRef& one : chosen.credentials) out += credential_yaml(one);
    if (!chosen.discovery.empty()) out += "discovery:\n";
    for (const wire::DiscoveryScope& scope : chosen.discovery)
        out += "  - {" + scope_text(scope.subnets, scope.port) + ", credentials: " + list(scope.credentials) +
               "}\n";
    return out;
}

const CredentialRef* find(const StationFile& file, const std::string& name) {
    const auto one = std::find_if(file.credentials.begin(), file.credentials.end(),
                                  [&name](const CredentialRef& each) { return each.name == name; });
    return one == file.credentials.end() ? nullptr : &*one;
}

bool names(const wire::DiscoveryScope& scope, const CredentialRef& credential) {
    const auto& all = scope.credentials;
    return std::find(all.begin(), all.end(), credential.name) != all.end();
}

void limit(CredentialRef& credential, const wire::DiscoveryScope& scope) {
    credential.subnets = scope.subnets;
    credential.port = scope.port;
    credential.is_unsent = false;
}

// The first subnet of the scope that does not lie within the credential's; empty: none.
std::string beyond(const CredentialRef& credential, const wire::DiscoveryScope& scope) {
    if (credential.is_unsent) return {};
    std::vector<AddressRange> limits;
    for (const std::string& subnet : credential.subnets)
        if (const auto range = parse_range(subnet)) limits.push_back(*range);
    for (const std::string& subnet : scope.subnets) {
        const auto range = parse_range(subnet);
        if (range && (scope.port != credential.port || !is_within(*range, limits))) return subnet;
    }
    return {};
}

Result<StationFile> parse(const std::string& text, const std::string& path) {
    auto document = config::Document::parse(text, path);
    StationFile out = read_chosen(document.root());
    if (const auto checked = document.check(); !checked) return fail(checked.error());
    // Nobody says of them where they may go: where they go now.
    for (const wire::DiscoveryScope& scope : out.discovery)
        for (CredentialRef& one : out.credentials)
            if (one.subnets.empty() && !one.is_unsent && names(scope, one)) limit(one, scope);
    return out;
}

// One line for people.
bool is_line(const std::string& text) {
    return text.size() <= kMostTextBytes &&
           std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

bool is_secret(const std::string& text, std::size_t shortest) {
    return text.size() >= shortest && text.size() <= kLongestSecretBytes;
}

}  // namespace

// What was read before a mistake goes on.
Result<void> ChosenSettings::add_to(StationFile& station) {
    const auto read = this->read();
    is_readable_ = read.has_value();
    if (chosen_.station.fixed && !station.station.fixed) {
        station.station.name = chosen_.station.name;
        station.station.site_path = chosen_.station.site_path;
    }
    station.station.origin = wire::Origin::local;
    std::vector<wire::DiscoveryScope> scopes = chosen_.discovery;
    for (const CredentialRef& one : chosen_.credentials) {
        if (find(station, one.name) == nullptr) {
            station.credentials.push_back(one);
            continue;
        }
        // The scope meant the one of the browser, not that of station.yaml which now has its name.
        for (wire::DiscoveryScope& scope : scopes) std::erase(scope.credentials, one.name);
    }
    station.discovery.insert(station.discovery.end(), scopes.begin(), scopes.end());
    return read;
}

Result<void> ChosenSettings::read() {
    auto text = crypto::read_small_file(path_);
    if (!text && text.error().code != ErrorCode::not_found) return fail(text.error());
    if (!text) text = std::string();
    auto chosen = parse(*text, path_);
    if (!chosen) return fail(chosen.error());
    chosen_ = std::move(*chosen);
    text_ = std::move(*text);
    return {};
}

Result<void> ChosenSettings::name(const wire::NameStation& wish, const StationFile& station) {
    if (station.station.fixed) return fail(ErrorCode::refused, "station.yaml names the station");
    const auto& levels = wish.site_path;
    if (wish.name.empty() || !is_line(wish.name) || levels.size() > kMostLevels ||
        !std::all_of(levels.begin(), levels.end(),
                     [](const std::string& level) { return !level.empty() && is_line(level); }))
        return fail(ErrorCode::config, "expected a name, and at most " + std::to_string(kMostLevels) +
                                           " levels of the site, each one line");
    StationFile next = chosen_;
    next.station.name = wish.name;
    next.station.site_path = levels;
    next.station.fixed = true;
    return keep(next);
}

Result<StationFile> ChosenSettings::with(const CredentialRef& credential, const StationFile& station) const {
    const auto has_name = [&credential](const CredentialRef& one) { return one.name == credential.name; };
    if (std::any_of(station.credentials.begin(), station.credentials.end(), has_name))
        return fail(ErrorCode::refused, credential.name + " stands in station.yaml");
    StationFile next = chosen_;
    const auto known = std::find_if(next.credentials.begin(), next.credentials.end(), has_name);
    if (known != next.credentials.end()) {
        const std::string context = known->context;  // written by hand: the browser has none
        *known = credential;
        if (known->protocol == "snmp-v3" && known->context.empty()) known->context = context;
        return next;
    }
    if (next.credentials.size() >= kMostCredentials)
        return fail(ErrorCode::refused, "there are too many credentials");
    next.credentials.push_back(credential);
    return next;
}

Result<void> ChosenSettings::may_put(const CredentialRef& credential, const StationFile& station) const {
    const auto next = with(credential, station);
    if (!next) return fail(next.error());
    if (const auto read = checked(*next); !read) return fail(read.error());
    return {};
}

Result<void> ChosenSettings::put(const CredentialRef& credential, const StationFile& station) {
    const auto next = with(credential, station);
    return next ? keep(*next) : fail(next.error());
}

Result<void> ChosenSettings::set(const wire::DiscoveryScope& scope, const StationFile& station, By by) {
    if (scope.subnets.size() > kMostSubnets) return fail(ErrorCode::refused, "there are too many subnets");
    for (const std::string& name : scope.credentials)
        if (find(station, name) == nullptr && find(chosen_, name) == nullptr)
            return fail(ErrorCode::config, "no credential is named '" + name + "'");
    if (by == By::browser)
        if (const auto allowed = may_send(scope, station); !allowed) return allowed;
    StationFile next = chosen_;
    next.discovery = {scope};
    for (CredentialRef& one : next.credentials)
        if (names(scope, one) && (one.is_unsent || by == By::console)) limit(one, scope);
    return keep(next);
}

Result<void> ChosenSettings::may_send(const wire::DiscoveryScope& scope, const StationFile& station) const {
    for (const std::string& name : scope.credentials) {
        if (find(station, name) != nullptr)
            return fail(ErrorCode::refused,
                        "credential '" + name + "' stands in station.yaml, which alone says where it goes");
        if (const auto subnet = beyond(*find(chosen_, name), scope); !subnet.empty())
            return fail(ErrorCode::refused, "credential '" + name + "' does not go to " + subnet + " port " +
                                                std::to_string(scope.port) +
                                                ": set it again to send it there");
    }
    return {};
}

// As it will be read again.
Result<StationFile> ChosenSettings::checked(const StationFile& next) const {
    if (!is_readable_) return fail(ErrorCode::refused, path_ + " has mistakes and is not written over");
    return parse(yaml_of(next), "the settings");
}

Result<void> ChosenSettings::keep(const StationFile& next) {
    auto read = checked(next);
    if (!read) return fail(read.error());
    // Not over what somebody wrote into it meanwhile.
    const auto now = crypto::read_small_file(path_);
    if (!now && now.error().code != ErrorCode::not_found) return fail(now.error());
    if (now.value_or("") != text_)
        return fail(ErrorCode::refused, path_ + " was changed by hand: send SIGHUP to confd first");
    std::string text = yaml_of(next);
    if (const auto written = crypto::write_private_file(path_, text); !written) return written;
    chosen_ = std::move(*read);
    text_ = std::move(text);
    return {};
}

Result<CredentialRef> reference_of(const wire::Credential& credential) {
    CredentialRef out;
    out.name = credential.name;
    out.is_unsent = true;
    out.protocol = credential.protocol;
    if (!is_word(out.name) || out.name.size() > kMostNameBytes)
        return fail(ErrorCode::config, "name: expected at most " + std::to_string(kMostNameBytes) +
                                           " letters, digits, '.', '_' or '-'");
    const std::string secret = "browser." + out.name;
    if (out.protocol != "snmp-v3") {
        if (!is_secret(credential.community, 1)) return fail(ErrorCode::config, "community: expected one");
        out.community_secret = secret + ".community";
        return out;
    }
    out.user = credential.user;
    if (!is_line(out.user)) return fail(ErrorCode::config, "user: expected one line");
    const auto wants = [](const std::string& protocol) { return !protocol.empty(); };
    if ((wants(credential.auth_protocol) && !is_secret(credential.auth_passphrase, kShortestPassphrase)) ||
        (wants(credential.priv_protocol) && !is_secret(credential.priv_passphrase, kShortestPassphrase)))
        return fail(ErrorCode::config, "expected passphrases of at least " +
                                           std::to_string(kShortestPassphrase) + " characters");
    if (wants(credential.auth_protocol)) {
        out.auth_protocol = credential.auth_protocol;
        out.auth_secret = secret + ".auth";
    }
    if (wants(credential.priv_protocol)) {
        out.priv_protocol = credential.priv_protocol;
        out.priv_secret = secret + ".priv";
    }
    return out;
}

}  // namespace outstation::confd
