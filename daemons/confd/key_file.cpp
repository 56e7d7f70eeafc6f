// SPDX-License-Identifier: GPL-3.0-or-later
// Reading and making the key file.
#include "daemons/confd/key_file.hpp"

#include <sys/stat.h>

#include <cerrno>

#include "lib/crypto/bytes.hpp"
#include "lib/crypto/private_file.hpp"
#include "lib/crypto/sealed_box.hpp"

namespace outstation::confd {
namespace {

constexpr std::string_view kPrefix = "outstation-key-1:";
constexpr std::size_t kCheckBytes = 8;
constexpr std::size_t kMostBytes = 256;

std::string check_of(std::string_view key) {
    const crypto::Digest digest = crypto::sha256(key);
    return std::string(digest.begin(), digest.begin() + kCheckBytes);
}

}  // namespace

Result<void> check_private(const std::string& path) {
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0) return fail_errno(path, errno);
    if (!S_ISREG(status.st_mode) || (status.st_mode & 077) != 0)
        return fail(ErrorCode::refused,
                    path + ": others than its owner may read the file (expected mode 0600)");
    return {};
}

Result<std::string> read_key(const std::string& path) {
    if (const auto is_private = check_private(path); !is_private) return fail(is_private.error());
    auto text = crypto::read_small_file(path, kMostBytes);
    if (!text) return fail(text.error());
    if (!text->empty() && text->back() == '\n') text->pop_back();
    const bool ours = std::string_view(*text).substr(0, kPrefix.size()) == kPrefix;
    auto bytes = crypto::parse_base64url(std::string_view(*text).substr(ours ? kPrefix.size() : 0));
    crypto::wipe(*text);
    const bool whole =
        ours && bytes && bytes->size() == crypto::kSealKeyBytes + kCheckBytes &&
        check_of(bytes->substr(0, crypto::kSealKeyBytes)) == bytes->substr(crypto::kSealKeyBytes);
    if (!whole) return fail(ErrorCode::malformed, path + ": not a whole key file");
    bytes->resize(crypto::kSealKeyBytes);
    return bytes;
}

Result<std::string> make_key(const std::string& path) {
    auto key = crypto::random_bytes(crypto::kSealKeyBytes);
    if (!key) return key;
    std::string checked = *key + check_of(*key);
    std::string coded = crypto::to_base64url(checked);
    std::string text;
    text.reserve(kMostBytes);
    text.append(kPrefix).append(coded).append("\n");
    const auto written = crypto::write_private_file(path, text);
    for (std::string* const each : {&checked, &coded, &text}) crypto::wipe(*each);
    if (!written) return fail(written.error());
    return key;
}

}  // namespace outstation::confd
