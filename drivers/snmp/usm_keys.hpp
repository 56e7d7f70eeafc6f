// SPDX-License-Identifier: GPL-3.0-or-later
// Users of the User-based Security Model and their keys (RFC 3414, RFC 3826, RFC 7860): from passphrases, for
// one engine, and what is done with them to a message. No message format is known here. Threads: a UsmUser
// is never changed; one UsmKeys by one thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lib/crypto/block_cipher.hpp"
#include "lib/crypto/keyed_hash.hpp"
#include "lib/model/result.hpp"

namespace outstation::snmp {

enum class AuthProtocol : std::uint8_t { none, md5, sha1, sha224, sha256, sha384, sha512 };
// AES of 192 and 256 bits needs more key than most hashes give. aes192 and aes256 lengthen it as
// draft-blumenthal-aes-usm-04 does, aes192c and aes256c as draft-reeder-snmpv3-usm-3desede does (Cisco and
// most others).
enum class PrivProtocol : std::uint8_t { none, des, aes128, aes192, aes256, aes192c, aes256c };

// Their names in configurations, lower case. Parsing fails with malformed.
[[nodiscard]] std::string_view auth_protocol_name(AuthProtocol protocol);
[[nodiscard]] std::string_view priv_protocol_name(PrivProtocol protocol);
[[nodiscard]] Result<AuthProtocol> parse_auth_protocol(std::string_view name);
[[nodiscard]] Result<PrivProtocol> parse_priv_protocol(std::string_view name);

inline constexpr std::size_t kLeastPassphrase = 8;  // RFC 3414 section 11.2
inline constexpr std::size_t kMostUserName = 32;    // RFC 3414 section 5
inline constexpr std::size_t kMostMacBytes = 48;
inline constexpr std::size_t kSaltBytes = 8;

// Of msgAuthenticationParameters: RFC 3414 sections 6.3.1 and 7.3.1, RFC 7860 section 4.
[[nodiscard]] std::size_t mac_size(AuthProtocol protocol);

// The three steps on the way to a key; `protocol` is not none. They fail with io when OpenSSL does not offer
// the hash, key_of_passphrase() with malformed when the passphrase is too short.
[[nodiscard]] Result<crypto::WipedBytes> key_of_passphrase(AuthProtocol protocol,
                                                           std::string_view passphrase);
[[nodiscard]] Result<crypto::WipedBytes> localized_key(AuthProtocol protocol, std::string_view user_key,
                                                       std::string_view engine_id);
// As long as the cipher needs it (DES: 16, of which 8 are for the IV).
[[nodiscard]] Result<crypto::WipedBytes> privacy_key(AuthProtocol auth, PrivProtocol priv,
                                                     std::string_view user_key, std::string_view engine_id);

// Who we are to all agents that know this user. Its keys are those of RFC 3414's Ku: not of an engine yet.
struct UsmUser {
    std::string name;
    AuthProtocol auth = AuthProtocol::none;
    PrivProtocol priv = PrivProtocol::none;
    crypto::WipedBytes auth_key;
    crypto::WipedBytes priv_key;

    // Hashes a megabyte a passphrase: once a credential, not once a device. Fails with malformed: no name,
    // privacy without authentication, a passphrase that is too short.
    [[nodiscard]] static Result<std::shared_ptr<const UsmUser>> make(std::string name, AuthProtocol auth,
                                                                     std::string_view auth_passphrase,
                                                                     PrivProtocol priv,
                                                                     std::string_view priv_passphrase);
};

using Salt = std::array<char, kSaltBytes>;

// A user's keys at one engine, ready for use.
class UsmKeys {
  public:
    // `user.auth` is not none. Fails with io.
    [[nodiscard]] static Result<UsmKeys> make(const UsmUser& user, std::string_view engine_id);

    // The MAC over the parts: mac_size() bytes into `out`. False: OpenSSL failed.
    [[nodiscard]] bool sign(std::initializer_list<std::string_view> parts, std::span<char> out);
    // Is `mac` whole, and that of the parts? Takes the same time for each wrong one.
    [[nodiscard]] bool verify(std::initializer_list<std::string_view> parts, std::string_view mac);

    // Privacy; only when the user has it. Salts never repeat. A text for DES is a multiple of 8 bytes.
    [[nodiscard]] bool encrypt(std::uint32_t boots, std::uint32_t time, std::span<char> text, Salt& salt);
    // `out` is as long as `text`. False: the salt or the text has a wrong size. A wrong key is not noticed.
    [[nodiscard]] bool decrypt(std::uint32_t boots, std::uint32_t time, std::string_view salt,
                               std::string_view text, std::span<char> out);

  private:
    UsmKeys(AuthProtocol auth, crypto::Hmac hmac) : auth_(auth), hmac_(std::move(hmac)) {}
    [[nodiscard]] Result<void> add_privacy(const UsmUser& user, std::string_view engine_id);
    [[nodiscard]] std::string_view make_iv(std::uint32_t boots, std::uint32_t time, std::string_view salt);

    AuthProtocol auth_;
    PrivProtocol priv_ = PrivProtocol::none;
    crypto::Hmac hmac_;
    std::optional<crypto::BlockCipher> cipher_;
    crypto::WipedBytes des_pre_iv_;
    std::array<char, 16> iv_{};
    std::uint64_t next_salt_ = 0;
};

}  // namespace outstation::snmp
