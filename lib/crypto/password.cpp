// SPDX-License-Identifier: GPL-3.0-or-later
// scrypt by OpenSSL, and the text around it.
#include "lib/crypto/password.hpp"

#include <openssl/evp.h>

#include <charconv>
#include <optional>

#include "lib/crypto/bytes.hpp"
#include "lib/crypto/openssl.hpp"

namespace outstation::crypto {
namespace {

constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;
constexpr ScryptCost kMostCost{18, 16, 4};
constexpr std::uint64_t kMemoryLimitBytes = 1ULL << 30U;

struct Hash {
    ScryptCost cost;
    std::string salt;
    std::string hash;
};

Result<std::string> scrypt(std::string_view password, std::string_view salt, ScryptCost cost) {
    std::string out(kHashBytes, '\0');
    const int done =
        EVP_PBE_scrypt(password.data(), password.size(), reinterpret_cast<const unsigned char*>(salt.data()),
                       salt.size(), 1ULL << cost.log2_n, cost.r, cost.p, kMemoryLimitBytes,
                       reinterpret_cast<unsigned char*>(out.data()), out.size());
    if (done != 1) return fail_openssl(ErrorCode::io, "scrypt");
    return out;
}

// Takes `before` off the front of `text`.
bool take(std::string_view& text, std::string_view before) {
    if (text.substr(0, before.size()) != before) return false;
    text.remove_prefix(before.size());
    return true;
}

bool take_number(std::string_view& text, unsigned most, unsigned& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number < 1 || number > most) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

std::optional<Hash> parse_hash(std::string_view text) {
    Hash hash;
    if (!take(text, "$scrypt$ln=") || !take_number(text, kMostCost.log2_n, hash.cost.log2_n) ||
        !take(text, ",r=") || !take_number(text, kMostCost.r, hash.cost.r) || !take(text, ",p=") ||
        !take_number(text, kMostCost.p, hash.cost.p) || !take(text, "$"))
        return std::nullopt;
    const auto middle = text.find('$');
    if (middle == std::string_view::npos) return std::nullopt;
    auto salt = parse_base64url(text.substr(0, middle));
    auto rest = parse_base64url(text.substr(middle + 1));
    if (!salt || !rest || salt->size() != kSaltBytes || rest->size() != kHashBytes) return std::nullopt;
    hash.salt = std::move(*salt);
    hash.hash = std::move(*rest);
    return hash;
}

}  // namespace

Result<std::string> hash_password(std::string_view password, ScryptCost cost) {
    const auto salt = random_bytes(kSaltBytes);
    if (!salt) return fail(salt.error());
    const auto hash = scrypt(password, *salt, cost);
    if (!hash) return fail(hash.error());
    return "$scrypt$ln=" + std::to_string(cost.log2_n) + ",r=" + std::to_string(cost.r) +
           ",p=" + std::to_string(cost.p) + "$" + to_base64url(*salt) + "$" + to_base64url(*hash);
}

Result<bool> verify_password(std::string_view password, std::string_view hash) {
    const auto parsed = parse_hash(hash);
    if (!parsed) return fail(ErrorCode::malformed, "password hash");
    const auto computed = scrypt(password, parsed->salt, parsed->cost);
    if (!computed) return fail(computed.error());
    return equal_in_constant_time(*computed, parsed->hash);
}

}  // namespace outstation::crypto
