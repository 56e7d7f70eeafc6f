// SPDX-License-Identifier: GPL-3.0-or-later
// Errors with OpenSSL's reason.
#include "lib/crypto/openssl.hpp"

#include <openssl/err.h>

namespace outstation::crypto {

tl::unexpected<Error> fail_openssl(ErrorCode code, std::string_view what) {
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return fail(code, std::string(what) + ": " + (reason != nullptr ? reason : "no reason given"));
}

}  // namespace outstation::crypto
