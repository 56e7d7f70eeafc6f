// SPDX-License-Identifier: GPL-3.0-or-later
// Commands about alarms: what is open, what people do, what rules would have done.
#pragma once

#include <string>

#include "daemons/ctl/outcome.hpp"
#include "lib/wire/records.hpp"

namespace outstation::ctl {

// The open alarms (also those that were cleared in the last day), the worst and then the oldest first.
// Exit code 3: what is printed lacks what alertd has not read yet.
[[nodiscard]] int show_alarms(const Target& target, bool cleared);
// A person's step, done when it is on disk. `span` is how long a shelf holds ("2h").
[[nodiscard]] int act_on_alarm(const Target& target, const std::string& id, wire::AlarmStep step,
                               const std::string& text, const std::string& span);
// What the rules of a file would have raised since that long ago ("30d").
[[nodiscard]] int test_rules(const Target& target, const std::string& file, const std::string& since);

}  // namespace outstation::ctl
