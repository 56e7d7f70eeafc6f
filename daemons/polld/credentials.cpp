// SPDX-License-Identifier: GPL-3.0-or-later
// Names to protocols, passphrases to keys.
#include "daemons/polld/credentials.hpp"

#include <cstdlib>

#include "lib/crypto/bytes.hpp"

namespace outstation::polld {
namespace {

crypto::Hmac make_hmac() {
    auto key = crypto::random_bytes(32);
    auto hmac = key ? crypto::Hmac::make(crypto::Hash::sha256, *key) : fail(key.error());
    if (!hmac) std::abort();  // no random bytes or no SHA-256: nothing here can be kept secret
    crypto::wipe(*key);
    return std::move(*hmac);
}

Result<snmp::Security> make_user(const wire::Credential& given) {
    const auto auth = snmp::parse_auth_protocol(given.auth_protocol.empty() ? "none" : given.auth_protocol);
    const auto priv = snmp::parse_priv_protocol(given.priv_protocol.empty() ? "none" : given.priv_protocol);
    if (!auth) return fail(auth.error());
    if (!priv) return fail(priv.error());
    auto user = snmp::UsmUser::make(given.user, *auth, given.auth_passphrase, *priv, given.priv_passphrase);
    if (!user) return fail(user.error());
    return snmp::Security{snmp::Version::v3, {}, std::move(*user), given.context};
}

Credentials::Ready make_ready(const wire::Credential& given, std::uint64_t revision) {
    if (given.protocol == "snmp-v3")
        return {revision, "SNMPv3", !given.auth_protocol.empty(), make_user(given)};
    const bool first = given.protocol == "snmp-v1";
    return {revision, first ? "SNMPv1" : "SNMPv2c", false,
            snmp::Security{first ? snmp::Version::v1 : snmp::Version::v2c, given.community, {}, {}}};
}

}  // namespace

void wipe(wire::Credential& credential) {
    crypto::wipe(credential.community);
    crypto::wipe(credential.auth_passphrase);
    crypto::wipe(credential.priv_passphrase);
}

// A credential without a passphrase costs no OpenSSL, which is 2 MB of memory from its first use on.
std::string Credentials::fingerprint_of(const wire::Credential& credential) {
    std::string all;
    for (const std::string* field :
         {&credential.protocol, &credential.community, &credential.user, &credential.auth_protocol,
          &credential.auth_passphrase, &credential.priv_protocol, &credential.priv_passphrase,
          &credential.context}) {
        all += std::to_string(field->size()) + ":";
        all += *field;
    }
    if (credential.auth_passphrase.empty() && credential.priv_passphrase.empty()) return all;
    if (!hmac_) hmac_ = make_hmac();
    crypto::HashBytes digest{};
    if (!hmac_->compute({all}, digest)) std::abort();
    crypto::wipe(all);
    return {digest.data(), digest.size()};
}

void Credentials::update(const std::vector<wire::Credential>& given) {
    std::map<std::string, Entry> entries;
    for (const wire::Credential& credential : given) {
        std::string fingerprint = fingerprint_of(credential);
        const auto known = entries_.find(credential.name);
        if (known != entries_.end() && known->second.fingerprint == fingerprint) {
            entries.insert(entries_.extract(known));
        } else {
            entries.emplace(credential.name,
                            Entry{std::move(fingerprint), make_ready(credential, ++revisions_)});
        }
    }
    entries_ = std::move(entries);
}

const Credentials::Ready* Credentials::find(const std::string& name) const {
    const auto it = entries_.find(name);
    return it == entries_.end() ? nullptr : &it->second.ready;
}

std::vector<std::string> Credentials::all_names() const {
    std::vector<std::string> out;
    for (const auto& [name, entry] : entries_) {
        if (!entry.ready.security) continue;
        const snmp::Security& security = *entry.ready.security;
        for (const std::string& one :
             {security.community, security.user ? security.user->name : "", security.context})
            if (!one.empty()) out.push_back(one);
    }
    return out;
}

}  // namespace outstation::polld
