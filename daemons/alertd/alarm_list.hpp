// SPDX-License-Identifier: GPL-3.0-or-later
// Pages of alarms as people look at them: the worst first, of these the newest. A page costs one look at
// every alarm, whatever stands behind it. Plain functions. Threads: any.
#pragma once

#include <optional>

#include "daemons/alertd/alarm_book.hpp"
#include "daemons/alertd/rules.hpp"
#include "lib/wire/alert_messages.hpp"

namespace outstation::alertd {

// The alarm that says that alarms are not recorded: it cannot be recorded itself. Its id and its rule.
inline constexpr const char* kStoreFailed = "store-failed";

// `store_failed`: that alarm, while there is one. Fails with malformed when the cursor is none of ours.
[[nodiscard]] Result<wire::AlarmList> list_alarms(const wire::AlarmListRequest& request,
                                                  const AlarmBook& book, const RuleSet& rules,
                                                  const std::optional<wire::StateRecord>& store_failed);
// In which a rule's values are: the last word of its metric's name ("celsius"), "ratio", "seconds" for what a
// forecast gives; empty where they have none.
[[nodiscard]] std::string unit_of(const Rule& rule);

}  // namespace outstation::alertd
