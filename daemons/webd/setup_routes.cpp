// SPDX-License-Identifier: GPL-3.0-or-later
// Set-up: what a new station still needs, and what an administrator says. Secrets go to confd and never come
// back.
#include "daemons/webd/handlers.hpp"
#include "daemons/webd/json.hpp"
#include "daemons/webd/networks.hpp"
#include "daemons/webd/site.hpp"
#include "lib/crypto/bytes.hpp"
#include "lib/http/message.hpp"
#include "lib/wire/control_messages.hpp"

namespace outstation::webd {
namespace {

constexpr std::uint32_t kUsualPort = 161;

Json network_json(const std::string& subnet, std::uint32_t port, const std::string& interface) {
    const auto range = parse_range(subnet);
    return Json{{"subnet", clean_text(subnet)},
                {"addresses", range ? Json(range->size()) : Json(nullptr)},
                {"port", port},
                {"interface", json_text(interface)}};
}

// What the station is prepared for goes before what it is plugged into.
Json networks_json(const wire::ConfigReply& config) {
    Json out = Json::array();
    for (const std::string& subnet : config.proposal.subnets)
        out.push_back(network_json(subnet, config.proposal.port, ""));
    for (const Network& network : read_networks())
        out.push_back(network_json(network.subnet, kUsualPort, network.interface));
    return out;
}

// Where a credential may go; null: the next scope that names it says so, or station.yaml does.
Json limits_json(const wire::CredentialInfo& one) {
    if (one.fixed || one.unsent) return nullptr;
    return Json{{"subnets", json_texts(one.subnets)}, {"port", one.port}};
}

Json credentials_json(const wire::ConfigReply& config) {
    Json out = Json::array();
    for (const wire::CredentialInfo& one : config.known_credentials)
        out.push_back({{"name", clean_text(one.name)},
                       {"protocol", one.protocol},
                       {"user", json_text(one.user)},
                       {"auth_protocol", json_text(one.auth_protocol)},
                       {"priv_protocol", json_text(one.priv_protocol)},
                       {"fixed", one.fixed},
                       {"limits", limits_json(one)}});
    return out;
}

Json scopes_json(const wire::ConfigReply& config) {
    Json out = Json::array();
    for (const wire::DiscoveryScope& scope : config.discovery)
        out.push_back({{"subnets", json_texts(scope.subnets)},
                       {"credentials", json_texts(scope.credentials)},
                       {"port", scope.port},
                       {"fixed", scope.fixed}});
    return out;
}

Json setup_json(const wire::ConfigReply& config) {
    return Json{{"needed", needs_setup(config)},
                {"station",
                 {{"name", clean_text(config.station.name)},
                  {"site_path", json_texts(config.station.site_path)},
                  {"fixed", config.station.fixed}}},
                {"networks", networks_json(config)},
                {"credentials", credentials_json(config)},
                {"scopes", scopes_json(config)}};
}

// Answers with the set-up as it is then.
template <typename Request>
void change(Site& site, const CallPtr& call, const Request& request) {
    site.confd().client().template request<wire::Done>(
        request, kChangeTimeout, [&site, call](const Result<wire::Done>& reply) {
            if (!reply) return answer_failure(*call, reply.error(), site.confd());
            site.confd().client().template request<wire::ConfigReply>(
                wire::ConfigRequest{}, kChangeTimeout,
                [&site, call](const Result<wire::ConfigReply>& config) {
                    if (!config) return answer_failure(*call, config.error(), site.confd());
                    call->reply(setup_json(*config));
                });
        });
}

std::vector<std::string> levels_of(const std::string& site) {
    std::vector<std::string> out;
    for (std::size_t from = 0; from <= site.size();) {
        const std::size_t to = std::min(site.find('/', from), site.size());
        if (const auto level = http::trim(std::string_view(site).substr(from, to - from)); !level.empty())
            out.emplace_back(level);
        from = to + 1;
    }
    return out;
}

}  // namespace

bool needs_setup(const wire::ConfigReply& config) {
    return config.devices.empty();
}

void get_setup(Site& site, const CallPtr& call) {
    call->reply(setup_json(*site.config()));
}

void post_setup_station(Site& site, const CallPtr& call) {
    wire::NameStation request;
    std::string place;
    if (!read_body(*call, {{"name", 200, &request.name}, {"site", 2000, &place}})) return;
    request.site_path = levels_of(place);
    request.by = call->session.user;
    change(site, call, request);
}

void post_setup_credential(Site& site, const CallPtr& call) {
    wire::PutCredential request;
    wire::Credential& to = request.credential;
    if (!read_body(*call, {{"name", 64, &to.name},
                           {"protocol", 16, &to.protocol},
                           {"community", 256, &to.community, true},
                           {"user", 64, &to.user, true},
                           {"auth_protocol", 16, &to.auth_protocol, true},
                           {"auth_passphrase", 256, &to.auth_passphrase, true},
                           {"priv_protocol", 16, &to.priv_protocol, true},
                           {"priv_passphrase", 256, &to.priv_passphrase, true}}))
        return;
    request.by = call->session.user;
    change(site, call, request);
    for (std::string* secret : {&to.community, &to.auth_passphrase, &to.priv_passphrase})
        crypto::wipe(*secret);
}

void post_setup_scope(Site& site, const CallPtr& call) {
    std::string subnets;
    std::string credentials;
    std::int64_t port = 0;
    if (!read_body(*call, {{"subnets", 2000, &subnets}, {"credentials", 4000, &credentials}},
                   {{"port", 1, 65535, &port}}))
        return;
    wire::SetScope request;
    request.scope = {words_of(subnets), words_of(credentials), static_cast<std::uint32_t>(port)};
    request.by = call->session.user;
    change(site, call, request);
}

}  // namespace outstation::webd
