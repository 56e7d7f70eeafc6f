// SPDX-License-Identifier: GPL-3.0-or-later
// Remembering answers.
#include "daemons/webd/upstream.hpp"

namespace outstation::webd {

const Upstream::Known* Upstream::find(const std::string& key) {
    const auto it = known_.find(key);
    if (it == known_.end()) return nullptr;
    turns_.splice(turns_.end(), turns_, it->second.turn);
    return &it->second;
}

void Upstream::keep(const std::string& key, std::shared_ptr<const void> value, std::size_t weight) {
    forget(key);
    turns_.push_back(key);
    known_.emplace(key, Known{std::move(value), loop_.now(), weight, std::prev(turns_.end())});
    kept_bytes_ += weight;
    while (known_.size() > kMostKept || kept_bytes_ > kMostKeptBytes) forget(std::string(turns_.front()));
}

void Upstream::forget(const std::string& key) {
    const auto it = known_.find(key);
    if (it == known_.end()) return;
    kept_bytes_ -= it->second.weight;
    turns_.erase(it->second.turn);
    known_.erase(it);
}

std::size_t weight_of(const wire::LatestReply& reply) {
    constexpr std::size_t kRow = sizeof(wire::LatestRow) + 300;  // with its texts
    return reply.rows.size() * kRow + 1024;
}

std::size_t weight_of(const wire::RangeReply& reply) {
    constexpr std::size_t kPoint = 4 * sizeof(double) + sizeof(std::uint32_t);
    std::size_t weight = 1024;
    for (const wire::RangeColumn& column : reply.columns)
        weight += sizeof column + 300 + (column.wall_ns.size() + column.count.size()) * kPoint;
    return weight;
}

std::size_t weight_of(const wire::EventsReply& reply) {
    return reply.events.size() * (sizeof(wire::StoredState) + 300) + 1024;
}

std::size_t weight_of(const wire::LedgerReply& reply) {
    return reply.entries.size() * (sizeof(wire::StoredLedger) + 100) + 1024;
}

std::size_t weight_of(const wire::FactsReply& reply) {
    std::size_t weight = 1024;
    for (const wire::FactRow& fact : reply.facts)
        weight += sizeof fact + 200 + fact.value.size() + fact.reason.size();
    return weight;
}

std::size_t weight_of(const wire::AlarmList& reply) {
    std::size_t weight = 1024;
    for (const wire::AlarmRow& row : reply.alarms) weight += sizeof row + 300 + row.record.text_octets();
    return weight;
}

}  // namespace outstation::webd
