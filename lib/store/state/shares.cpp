// SPDX-License-Identifier: GPL-3.0-or-later
// Two sums.
#include "lib/store/state/shares.hpp"

#include <algorithm>

namespace outstation::store {

static_assert(Shares::kFactOctets == 128 && Shares::kLeastTextOctets == 16 &&
              Shares::kPastOctets == 48);  // as in the statements below

Result<void> Shares::count(const Database& database) {
    *this = {};
    auto facts = Statement::prepare(
        database,
        "SELECT device, count(*), sum(128 + 2 * length(CAST(device || component || attribute || name AS "
        "BLOB)) "
        "+ 2 * max(16, length(CAST(value AS BLOB))) + max(16, length(CAST(reason AS BLOB)))), "
        "sum(value = '') FROM fact GROUP BY device");
    if (!facts) return fail(facts.error());
    for (;;) {
        const auto row = facts->step();
        if (!row) return fail(row.error());
        if (!*row) break;
        const std::string device(facts->text(0));
        add_fact(device, facts->integer(1), facts->integer(2));
        add_ended(device, facts->integer(3));
    }
    auto past = Statement::prepare(
        database, "SELECT coalesce(sum(48 + length(CAST(value || reason AS BLOB))), 0) FROM past");
    if (!past) return fail(past.error());
    if (const auto row = past->step(); !row) return fail(row.error());
    past_octets_ = past->integer(0);
    return {};
}

std::int64_t Shares::octets_of(const Fact& fact) {
    const std::size_t key = fact.device.size() + fact.component.size() + fact.attribute.size();
    const std::size_t value = std::max(fact.value.size(), kLeastTextOctets);
    const std::size_t reason = std::max(fact.reason.size(), kLeastTextOctets);
    return kFactOctets + static_cast<std::int64_t>(2 * (key + fact.name.size() + value) + reason);
}

std::int64_t Shares::past_octets_of(const Fact& fact) {
    return kPastOctets + static_cast<std::int64_t>(fact.value.size() + fact.reason.size());
}

void Shares::add_fact(const std::string& device, std::int64_t facts, std::int64_t octets) {
    FactShare& share = devices_[device];
    share.facts += facts;
    share.octets += octets;
    fact_octets_ += octets;
}

void Shares::forget(const std::string& device) {
    fact_octets_ -= of(device).octets;
    devices_.erase(device);
}

FactShare Shares::of(const std::string& device) const {
    const auto found = devices_.find(device);
    return found == devices_.end() ? FactShare() : found->second;
}

}  // namespace outstation::store
