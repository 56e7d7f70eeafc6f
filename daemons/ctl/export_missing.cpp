// SPDX-License-Identifier: GPL-3.0-or-later
// Lines about what is not there.
#include "daemons/ctl/export_missing.hpp"

#include <iostream>
#include <utility>

#include "daemons/ctl/record_commands.hpp"
#include "daemons/ctl/time_text.hpp"
#include "lib/runtime/log.hpp"

namespace outstation::ctl {
namespace {

constexpr std::size_t kMostLines = 20;

std::string between(std::int64_t from_ns, std::int64_t to_ns) {
    if (from_ns == 0 && to_ns == 0) return "at an unknown time";
    return iso_time(from_ns) + " to " + (to_ns == 0 ? "now" : iso_time(to_ns));
}

std::string records(std::uint64_t first, std::uint64_t last) {
    if (first == 0) return "";
    return ", records " + std::to_string(first) + " to " + std::to_string(last);
}

}  // namespace

void Missing::tell(const std::string& line) {
    if (++lines_ <= kMostLines) std::cerr << "outstation: " << line << "\n";
}

void Missing::damaged(const std::vector<wire::DamagedSpan>& spans) {
    for (const wire::DamagedSpan& span : spans) {
        any_damage_ = true;
        // Every page of an answer tells it again.
        if (told_.size() > 10'000 ||
            !told_.emplace(span.first_sequence, span.last_sequence, span.from_ns, span.to_ns).second)
            continue;
        tell("damaged, not in the export: " + between(span.from_ns, span.to_ns) +
             records(span.first_sequence, span.last_sequence));
    }
}

void Missing::ledger_damaged(const std::vector<wire::DamagedSpan>& spans) {
    if (spans.empty() || std::exchange(told_of_ledger_, true)) return;
    tell("the gap ledger itself is damaged: more may be missing than is told here");
}

void Missing::entered(const wire::LedgerRecord& record) {
    if (record.account == wire::Account::damaged) any_damage_ = true;
    const std::string device = record.device.empty() ? "" : runtime::printable(record.device) + ", ";
    tell(std::string(wire::word_of(record.account)) + ": " + device + between(record.from_ns, record.to_ns) +
         records(record.first_sequence, record.last_sequence) + ", " + runtime::printable(record.reason));
}

void Missing::finish() const {
    if (lines_ > kMostLines)
        std::cerr << "outstation: and " << lines_ - kMostLines << " more: see `outstation ledger`\n";
}

}  // namespace outstation::ctl
