// SPDX-License-Identifier: GPL-3.0-or-later
// The one error type: a short reaction plus text with context. The only header that names tl::expected.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace outstation {

// What the caller can do about it.
enum class ErrorCode {
    timeout,    // no answer in time; trying again may help
    refused,    // a peer or the system said no (permission, connection refused, locked)
    malformed,  // bytes or text that break their format
    not_found,  // the thing named does not exist
    exhausted,  // a stated limit was reached
    io,         // the system failed below us
    config,     // a person must correct a configuration
    bug,        // our own invariant broke
};

[[nodiscard]] std::string_view error_code_name(ErrorCode code);

struct Error {
    ErrorCode code;
    std::string text;  // one line, English, with the context (file, line, field, peer); never a secret

    // The same error with more context in front: "context: text".
    [[nodiscard]] Error in(std::string_view context) const;
};

template <typename T = void>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string text) {
    return tl::unexpected<Error>(Error{code, std::move(text)});
}
[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
    return tl::unexpected<Error>(std::move(error));
}
// "what: strerror(number)" as an io error; EACCES, EPERM and ECONNREFUSED are refused, ENOENT is not_found.
[[nodiscard]] tl::unexpected<Error> fail_errno(std::string_view what, int number);

}  // namespace outstation
