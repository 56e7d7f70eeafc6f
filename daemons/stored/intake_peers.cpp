// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers of producers' series.
#include "daemons/stored/intake_peers.hpp"

#include <algorithm>

#include "lib/runtime/process.hpp"

namespace outstation::stored {
namespace {

constexpr std::uint32_t kRefused = 0;

template <typename Value>
Result<void> translate_column(const std::unordered_map<std::uint32_t, std::uint32_t>& numbers,
                              std::vector<std::uint32_t>& column, std::vector<Value>& values) {
    if (column.size() != values.size()) return fail(ErrorCode::malformed, "columns of different length");
    std::size_t kept = 0;
    for (std::size_t i = 0; i < column.size(); ++i) {
        const auto found = numbers.find(column[i]);
        if (found == numbers.end())
            return fail(ErrorCode::malformed, "series " + std::to_string(column[i]) + " was not defined");
        if (found->second == kRefused) continue;
        column[kept] = found->second;
        values[kept++] = values[i];
    }
    column.resize(kept);
    values.resize(kept);
    return {};
}

}  // namespace

wire::SeriesRefused IntakePeers::define(const ipc::Peer& peer, const wire::DefineSeries& message,
                                        store::Store& store) {
    wire::SeriesRefused refused;
    Numbers& numbers = numbers_[peer.number()];
    for (const auto& def : message.series) {
        const bool known = numbers.contains(def.id);
        const bool room = known || (numbers.size() < store::kMaxSeries && all_numbers_ < kMaxNumbers);
        const auto id =
            room ? store.define(def)
                 : Result<std::uint32_t>(fail(ErrorCode::exhausted, "too many series on the connections"));
        if (!id) refused.series.push_back({def.id, id.error().text});
        if (room) numbers[def.id] = id.value_or(kRefused);
        all_numbers_ += room && !known ? 1 : 0;
    }
    return refused;
}

Result<void> IntakePeers::translate(const ipc::Peer& peer, std::vector<wire::SampleRecord>& records) const {
    static const Numbers kNone;
    const auto found = numbers_.find(peer.number());
    const Numbers& numbers = found == numbers_.end() ? kNone : found->second;
    for (auto& record : records) {
        if (const auto ok = translate_column(numbers, record.counter_series, record.counters); !ok) return ok;
        if (const auto ok = translate_column(numbers, record.gauge_series, record.gauges); !ok) return ok;
    }
    return {};
}

bool IntakePeers::is_newest(const ipc::Peer& peer) {
    std::uint64_t& newest = newest_[{peer.hello().daemon, peer.hello().incarnation}];
    newest = std::max(newest, peer.number());
    return newest == peer.number();
}

void IntakePeers::forget(const ipc::Peer& peer) {
    const auto numbers = numbers_.find(peer.number());
    if (numbers != numbers_.end()) {
        all_numbers_ -= numbers->second.size();
        numbers_.erase(numbers);
    }
    const auto found = newest_.find({peer.hello().daemon, peer.hello().incarnation});
    if (found != newest_.end() && found->second == peer.number()) newest_.erase(found);
}

bool may_append(const ipc::Peer& peer) {
    const std::string& name = peer.hello().daemon;
    if (name.empty() || name.size() > kMaxNameOctets) return false;
    static const auto kAllowed =
        runtime::uids_of({"outstation-polld", "outstation-confd", "outstation-authd", "outstation-alertd"});
    return peer.is_console() || std::find(kAllowed.begin(), kAllowed.end(), peer.uid()) != kAllowed.end();
}

bool may_append(const ipc::Peer& peer, const std::vector<wire::StateRecord>& records) {
    static const auto kAlertd = runtime::uids_of({"outstation-alertd"});
    const bool is_alertd =
        peer.hello().daemon == "alertd" &&
        (peer.is_console() || std::find(kAlertd.begin(), kAlertd.end(), peer.uid()) != kAlertd.end());
    return is_alertd || std::none_of(records.begin(), records.end(), [](const wire::StateRecord& record) {
               return record.alarm.has_value();
           });
}

}  // namespace outstation::stored
