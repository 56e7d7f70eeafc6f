// SPDX-License-Identifier: GPL-3.0-or-later
// Three signs. What else fails in the store (sealing, the fold of states) keeps nothing from being recorded.
#include "daemons/alertd/store_watch.hpp"

#include <algorithm>

namespace outstation::alertd {

void StoreWatch::on_status(const wire::StoreStatus& status, MonoTime now) {
    answered_ = now;
    lag_ = Duration(status.durable_lag_ns) - std::chrono::milliseconds(status.flush_interval_ms);
    failing_ = status.failing;
}

void StoreWatch::on_outbox(Duration waits, const std::string& why) {
    waits_ = waits;
    if (waits == Duration{0}) why_.clear();
    if (!why.empty()) why_ = why;
}

std::string StoreWatch::trouble(MonoTime now) const {
    if (now - answered_ >= kPatience) return "stored does not answer";
    if (std::max(lag_, waits_) < kPatience) return {};
    const std::string& why = waits_ >= kPatience && !why_.empty() ? why_ : failing_;
    return why.empty() ? "what stored has accepted does not reach the disk" : why;
}

}  // namespace outstation::alertd
