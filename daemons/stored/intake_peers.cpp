// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers of producers' series.
#include "daemons/stored/intake_peers.hpp"

#include <algorithm>

#include "lib/runtime/process.hpp"
#include "lib/store/dictionary.hpp"

namespace outstation::stored {
namespace {

Result<void> translate_column(const std::unordered_map<std::uint32_t, std::uint32_t>& numbers,
                              std::vector<std::uint32_t>& column) {
    for (std::uint32_t& id : column) {
        const auto found = numbers.find(id);
        if (found == numbers.end())
            return fail(ErrorCode::malformed, "series " + std::to_string(id) + " was not defined");
        id = found->second;
    }
    return {};
}

}  // namespace

Result<void> IntakePeers::define(const ipc::Peer& peer, const wire::DefineSeries& message,
                                 store::Store& store) {
    Numbers& numbers = numbers_[peer.number()];
    for (const auto& def : message.series) {
        if (numbers.size() >= store::kMaxSeries && !numbers.contains(def.id))
            return fail(ErrorCode::exhausted, "too many series on one connection");
        const auto id = store.define(def);
        if (!id) return fail(id.error());
        numbers[def.id] = *id;
    }
    return {};
}

Result<void> IntakePeers::translate(const ipc::Peer& peer, std::vector<wire::SampleRecord>& records) const {
    static const Numbers kNone;
    const auto found = numbers_.find(peer.number());
    const Numbers& numbers = found == numbers_.end() ? kNone : found->second;
    for (auto& record : records) {
        if (const auto ok = translate_column(numbers, record.counter_series); !ok) return ok;
        if (const auto ok = translate_column(numbers, record.gauge_series); !ok) return ok;
    }
    return {};
}

bool may_append(const ipc::Peer& peer) {
    static const auto kAllowed =
        runtime::uids_of({"outstation-polld", "outstation-confd", "outstation-authd"});
    return peer.is_console() || std::find(kAllowed.begin(), kAllowed.end(), peer.uid()) != kAllowed.end();
}

}  // namespace outstation::stored
