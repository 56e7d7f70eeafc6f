// SPDX-License-Identifier: GPL-3.0-or-later
// Commands that only the console may give: secrets, API tokens, a new password. Secrets come from standard
// input, never from arguments.
#pragma once

#include <string>

#include "daemons/ctl/station_commands.hpp"

namespace outstation::ctl {

[[nodiscard]] int set_secret(const Target& target, const std::string& name);
// Seals every secret with a new key.
[[nodiscard]] int rekey_secrets(const Target& target);
[[nodiscard]] int add_token(const Target& target, const std::string& name);
[[nodiscard]] int list_tokens(const Target& target);
[[nodiscard]] int remove_token(const Target& target, const std::string& name);
// The password of the first start, as long as nobody has changed it.
[[nodiscard]] int show_first_password(const Target& target);
[[nodiscard]] int reset_password(const Target& target, const std::string& user);
[[nodiscard]] int set_log_level(const Target& target, const std::string& daemon, const std::string& level);

}  // namespace outstation::ctl
