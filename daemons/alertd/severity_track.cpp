// SPDX-License-Identifier: GPL-3.0-or-later
// Holding and letting go.
#include "daemons/alertd/severity_track.hpp"

#include <algorithm>

namespace outstation::alertd {

bool SeverityTrack::is_pending() const {
    if (milder_since_ != kNot) return true;
    return std::any_of(std::begin(kSeverities), std::end(kSeverities), [this](Severity severity) {
        return since_[index(severity)] != kNot && !is_on(severity);
    });
}

Severity SeverityTrack::update(const Reached& reached, std::int64_t t, std::int64_t hold_ns,
                               std::int64_t clear_ns) {
    Severity held = Severity::none;  // the worst that has been so for long enough
    for (const Severity severity : kSeverities) {
        std::int64_t& since = since_[index(severity)];
        if (!reached.has(severity)) {
            since = kNot;
            continue;
        }
        if (since == kNot) since = t;
        const bool enough = is_on(severity) || t - since >= hold_ns;
        if (enough && badness(severity) > badness(held)) held = severity;
    }
    if (badness(held) >= badness(told_)) {
        milder_since_ = kNot;
        return told_ = held;
    }
    if (milder_since_ == kNot) milder_since_ = t;
    if (t - milder_since_ >= clear_ns) {
        milder_since_ = kNot;
        told_ = held;
    }
    return told_;
}

void SeverityTrack::forget_pending() {
    milder_since_ = kNot;
    for (const Severity severity : kSeverities) {
        if (!is_on(severity)) since_[index(severity)] = kNot;
    }
}

std::int64_t SeverityTrack::since(std::int64_t t) const {
    if (told_ == Severity::none || since_[index(told_)] == kNot) return t;
    return since_[index(told_)];
}

}  // namespace outstation::alertd
