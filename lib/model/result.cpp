// SPDX-License-Identifier: GPL-3.0-or-later
// Names of error codes and errors made from errno.
#include "lib/model/result.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>

namespace outstation {

std::string_view error_code_name(ErrorCode code) {
    switch (code) {
        case ErrorCode::timeout:
            return "timeout";
        case ErrorCode::refused:
            return "refused";
        case ErrorCode::malformed:
            return "malformed";
        case ErrorCode::not_found:
            return "not_found";
        case ErrorCode::exhausted:
            return "exhausted";
        case ErrorCode::io:
            return "io";
        case ErrorCode::config:
            return "config";
        case ErrorCode::bug:
            return "bug";
    }
    return "bug";
}

Error Error::in(std::string_view context) const {
    return Error{code, std::string(context) + ": " + text};
}

tl::unexpected<Error> fail_errno(std::string_view what, int number) {
    ErrorCode code = ErrorCode::io;
    if (number == EACCES || number == EPERM || number == ECONNREFUSED) code = ErrorCode::refused;
    if (number == ENOENT) code = ErrorCode::not_found;
    return fail(code, std::string(what) + ": " + std::generic_category().message(number));
}

}  // namespace outstation
