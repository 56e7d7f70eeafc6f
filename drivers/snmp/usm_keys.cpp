// SPDX-License-Identifier: GPL-3.0-or-later
// Passphrase, user key, key of an engine; MACs, salts and IVs.
#include "drivers/snmp/usm_keys.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "lib/crypto/bytes.hpp"

namespace outstation::snmp {
namespace {

using crypto::WipedBytes;

constexpr std::size_t kPassphraseBytes = 1U << 20;  // RFC 3414 A.2: so much of the repeated passphrase
constexpr std::size_t kDesKeyBytes = 16;            // 8 of key, 8 of pre-IV

struct AuthSuite {
    std::string_view name;
    std::size_t mac_bytes;
    crypto::Hash hash;
};
constexpr std::array<AuthSuite, 7> kAuth = {{{"none", 0, crypto::Hash::md5},
                                             {"md5", 12, crypto::Hash::md5},
                                             {"sha1", 12, crypto::Hash::sha1},
                                             {"sha224", 16, crypto::Hash::sha224},
                                             {"sha256", 24, crypto::Hash::sha256},
                                             {"sha384", 32, crypto::Hash::sha384},
                                             {"sha512", 48, crypto::Hash::sha512}}};

using Kind = crypto::BlockCipher::Kind;
struct PrivSuite {
    std::string_view name;
    std::size_t key_bytes;
    Kind kind;
    bool repeats_passphrase;  // the way of the Reeder draft
};
constexpr std::array<PrivSuite, 7> kPriv = {{{"none", 0, Kind::des_cbc, false},
                                             {"des", kDesKeyBytes, Kind::des_cbc, false},
                                             {"aes128", 16, Kind::aes_128_cfb, false},
                                             {"aes192", 24, Kind::aes_192_cfb, false},
                                             {"aes256", 32, Kind::aes_256_cfb, false},
                                             {"aes192c", 24, Kind::aes_192_cfb, true},
                                             {"aes256c", 32, Kind::aes_256_cfb, true}}};

const AuthSuite& suite_of(AuthProtocol protocol) {
    return kAuth[static_cast<std::size_t>(protocol)];
}
const PrivSuite& suite_of(PrivProtocol protocol) {
    return kPriv[static_cast<std::size_t>(protocol)];
}

template <typename Protocol, std::size_t N, typename Suite>
Result<Protocol> parse_name(const std::array<Suite, N>& suites, std::string_view name) {
    const auto it =
        std::find_if(suites.begin(), suites.end(), [&](const Suite& suite) { return suite.name == name; });
    if (it == suites.end()) return fail(ErrorCode::malformed, "no protocol is called " + std::string(name));
    return static_cast<Protocol>(it - suites.begin());
}

WipedBytes joined(std::string_view a, std::string_view b) {
    WipedBytes both(a.size() + b.size());
    a.copy(both.bytes().data(), a.size());
    b.copy(both.bytes().data() + a.size(), b.size());
    return both;
}

Result<WipedBytes> hash_of_repeated(AuthProtocol protocol, std::string_view passphrase) {
    WipedBytes repeated(kPassphraseBytes);
    for (std::size_t at = 0; at < kPassphraseBytes; at += passphrase.size())
        passphrase.copy(repeated.bytes().data() + at, std::min(passphrase.size(), kPassphraseBytes - at));
    return crypto::hash_of(suite_of(protocol).hash, {repeated.view()});
}

// The bytes that follow `key` in a longer one.
Result<WipedBytes> extension_of(AuthProtocol auth, bool repeats_passphrase, const WipedBytes& key,
                                const WipedBytes& last, std::string_view engine_id) {
    // draft-blumenthal-aes-usm-04 section 3.1.2.1: the hash of all so far.
    if (!repeats_passphrase) return crypto::hash_of(suite_of(auth).hash, {key.view()});
    // draft-reeder-snmpv3-usm-3desede section 2.1: the last part as a passphrase.
    const auto user_key = hash_of_repeated(auth, last.view());
    if (!user_key) return fail(user_key.error());
    return localized_key(auth, user_key->view(), engine_id);
}

void put_number(char* at, std::uint64_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) at[i] = static_cast<char>(value >> 8 * (bytes - 1 - i));
}

}  // namespace

std::string_view auth_protocol_name(AuthProtocol protocol) {
    return suite_of(protocol).name;
}
std::string_view priv_protocol_name(PrivProtocol protocol) {
    return suite_of(protocol).name;
}
Result<AuthProtocol> parse_auth_protocol(std::string_view name) {
    return parse_name<AuthProtocol>(kAuth, name);
}
Result<PrivProtocol> parse_priv_protocol(std::string_view name) {
    return parse_name<PrivProtocol>(kPriv, name);
}
std::size_t mac_size(AuthProtocol protocol) {
    return suite_of(protocol).mac_bytes;
}

Result<WipedBytes> key_of_passphrase(AuthProtocol protocol, std::string_view passphrase) {
    if (passphrase.size() < kLeastPassphrase)
        return fail(ErrorCode::malformed, "a passphrase has less than 8 characters");
    return hash_of_repeated(protocol, passphrase);
}

Result<WipedBytes> localized_key(AuthProtocol protocol, std::string_view user_key,
                                 std::string_view engine_id) {
    return crypto::hash_of(suite_of(protocol).hash, {user_key, engine_id, user_key});  // RFC 3414 §2.6
}

Result<WipedBytes> privacy_key(AuthProtocol auth, PrivProtocol priv, std::string_view user_key,
                               std::string_view engine_id) {
    const PrivSuite& suite = suite_of(priv);
    auto last = localized_key(auth, user_key, engine_id);
    if (!last) return last;
    WipedBytes key(last->view());
    while (key.view().size() < suite.key_bytes) {
        auto next = extension_of(auth, suite.repeats_passphrase, key, *last, engine_id);
        if (!next) return next;
        key = joined(key.view(), next->view());
        last = std::move(next);
    }
    return WipedBytes(key.view().substr(0, suite.key_bytes));
}

Result<std::shared_ptr<const UsmUser>> UsmUser::make(std::string name, AuthProtocol auth,
                                                     std::string_view auth_passphrase, PrivProtocol priv,
                                                     std::string_view priv_passphrase) {
    if (name.empty() || name.size() > kMostUserName)
        return fail(ErrorCode::malformed, "a user's name has 1 to 32 bytes");
    if (priv != PrivProtocol::none && auth == AuthProtocol::none)
        return fail(ErrorCode::malformed, "there is no privacy without authentication");
    auto user = std::make_shared<UsmUser>();
    user->name = std::move(name);
    user->auth = auth;
    user->priv = priv;
    if (auth != AuthProtocol::none) {
        auto key = key_of_passphrase(auth, auth_passphrase);
        if (!key) return fail(key.error().in("authentication"));
        user->auth_key = std::move(*key);
    }
    if (priv != PrivProtocol::none) {
        auto key = key_of_passphrase(auth, priv_passphrase);
        if (!key) return fail(key.error().in("privacy"));
        user->priv_key = std::move(*key);
    }
    return user;
}

Result<UsmKeys> UsmKeys::make(const UsmUser& user, std::string_view engine_id) {
    const auto key = localized_key(user.auth, user.auth_key.view(), engine_id);
    if (!key) return fail(key.error());
    auto hmac = crypto::Hmac::make(suite_of(user.auth).hash, key->view());
    if (!hmac) return fail(hmac.error());
    UsmKeys keys(user.auth, std::move(*hmac));
    if (user.priv == PrivProtocol::none) return keys;
    if (const auto added = keys.add_privacy(user, engine_id); !added) return fail(added.error());
    return keys;
}

Result<void> UsmKeys::add_privacy(const UsmUser& user, std::string_view engine_id) {
    const auto key = privacy_key(user.auth, user.priv, user.priv_key.view(), engine_id);
    if (!key) return fail(key.error());
    const Kind kind = suite_of(user.priv).kind;
    const std::size_t cipher_bytes = crypto::BlockCipher::key_size(kind);
    auto cipher = crypto::BlockCipher::make(kind, key->view().substr(0, cipher_bytes));
    if (!cipher) return fail(cipher.error());
    // Two of us with one user at one engine must not use one salt twice: they begin anywhere.
    const auto start = crypto::random_bytes(kSaltBytes);
    if (!start) return fail(start.error());
    std::memcpy(&next_salt_, start->data(), kSaltBytes);
    if (kind == Kind::des_cbc) des_pre_iv_ = crypto::WipedBytes(key->view().substr(cipher_bytes));
    priv_ = user.priv;
    cipher_ = std::move(*cipher);
    return {};
}

bool UsmKeys::sign(std::initializer_list<std::string_view> parts, std::span<char> out) {
    crypto::HashBytes whole;
    if (out.size() != mac_size(auth_) || !hmac_.compute(parts, whole)) return false;
    std::copy_n(whole.begin(), out.size(), out.begin());
    return true;
}

bool UsmKeys::verify(std::initializer_list<std::string_view> parts, std::string_view mac) {
    crypto::HashBytes whole;
    return mac.size() == mac_size(auth_) && hmac_.compute(parts, whole) &&
           crypto::equal_in_constant_time({whole.data(), mac.size()}, mac);
}

// RFC 3414 section 8.1.1.1 for DES, RFC 3826 section 3.1.2.1 for AES.
std::string_view UsmKeys::make_iv(std::uint32_t boots, std::uint32_t time, std::string_view salt) {
    if (priv_ == PrivProtocol::des) {
        for (std::size_t i = 0; i < kSaltBytes; ++i)
            iv_[i] = static_cast<char>(static_cast<unsigned char>(salt[i]) ^
                                       static_cast<unsigned char>(des_pre_iv_.view()[i]));
        return {iv_.data(), kSaltBytes};
    }
    put_number(iv_.data(), boots, 4);
    put_number(iv_.data() + 4, time, 4);
    salt.copy(iv_.data() + 8, kSaltBytes);
    return {iv_.data(), iv_.size()};
}

bool UsmKeys::encrypt(std::uint32_t boots, std::uint32_t time, std::span<char> text, Salt& salt) {
    assert(cipher_.has_value());
    const std::uint64_t number = next_salt_++;
    put_number(salt.data(), number, kSaltBytes);
    if (priv_ == PrivProtocol::des) put_number(salt.data(), boots, 4);
    return cipher_->encrypt(make_iv(boots, time, {salt.data(), salt.size()}), text);
}

bool UsmKeys::decrypt(std::uint32_t boots, std::uint32_t time, std::string_view salt, std::string_view text,
                      std::span<char> out) {
    assert(cipher_.has_value());
    return salt.size() == kSaltBytes && cipher_->decrypt(make_iv(boots, time, salt), text, out);
}

}  // namespace outstation::snmp
