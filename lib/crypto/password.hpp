// SPDX-License-Identifier: GPL-3.0-or-later
// Password hashes by scrypt (RFC 7914), with their parameters in front, so that old hashes stay verifiable
// when the parameters grow. One call takes about 0.1 s and 32 MiB: call it on a worker thread.
#pragma once

#include <string>
#include <string_view>

#include "lib/model/result.hpp"

namespace outstation::crypto {

struct ScryptCost {
    unsigned log2_n = 15;
    unsigned r = 8;
    unsigned p = 1;
};

// "$scrypt$ln=15,r=8,p=1$SALT$HASH": 16 bytes of random salt and 32 bytes of hash, base64url.
[[nodiscard]] Result<std::string> hash_password(std::string_view password, ScryptCost cost = {});

// Is this the password of the hash? Fails with malformed when the hash breaks its format or asks for more
// than ln=18, r=16, p=4.
[[nodiscard]] Result<bool> verify_password(std::string_view password, std::string_view hash);

}  // namespace outstation::crypto
