// SPDX-License-Identifier: GPL-3.0-or-later
// Inside lib/crypto only: owners of OpenSSL objects, and errors with OpenSSL's reason.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string_view>

#include "lib/model/result.hpp"

namespace outstation::crypto {

template <auto Free>
struct OpenSslFree {
    template <typename T>
    void operator()(T* object) const {
        Free(object);
    }
};
using PkeyPtr = std::unique_ptr<EVP_PKEY, OpenSslFree<EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, OpenSslFree<X509_free>>;
using BioPtr = std::unique_ptr<BIO, OpenSslFree<BIO_free>>;

// "what: the newest reason of this thread"; empties the thread's error queue.
[[nodiscard]] tl::unexpected<Error> fail_openssl(ErrorCode code, std::string_view what);

}  // namespace outstation::crypto
