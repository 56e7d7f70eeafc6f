// SPDX-License-Identifier: GPL-3.0-or-later
// Printing outcomes.
#include "daemons/ctl/outcome.hpp"

#include <iostream>
#include <nlohmann/json.hpp>

#include "lib/runtime/log.hpp"

namespace outstation::ctl {

using nlohmann::json;

int failed(const Target& target, const Error& error) {
    if (target.json) {
        const json body{{"error", {{"code", error_code_name(error.code)}, {"message", error.text}}}};
        std::cerr << body.dump(-1, ' ', false, json::error_handler_t::replace) << "\n";
    } else {
        std::cerr << "outstation: " << runtime::printable(error.text) << "\n";
    }
    if (error.code == ErrorCode::timeout) return kAway;
    return error.code == ErrorCode::config ? kUsage : kFailed;
}

int done(const Target& target, const std::string& text) {
    std::cout << (target.json ? "{\"done\": true}" : text) << "\n";
    return kDone;
}

}  // namespace outstation::ctl
