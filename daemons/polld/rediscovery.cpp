// SPDX-License-Identifier: GPL-3.0-or-later
// A look at the clock each minute; at the end of a sweep, the comparison.
#include "daemons/polld/rediscovery.hpp"

#include <algorithm>
#include <utility>

#include "daemons/polld/device_text.hpp"

namespace outstation::polld {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLook = 1min;

std::int64_t wall_ns(Loop& loop) {
    return loop.wall().time_since_epoch().count();
}

}  // namespace

Rediscovery::Rediscovery(Parts parts)
    : parts_(std::move(parts)), file_(parts_.loop, parts_.path, parts_.run), started_(parts_.loop.now()) {
    auto saved = file_.read();
    if (saved) last_ns_ = saved->last_search_ns;
    if (saved) known_.restore(std::move(*saved));
    if (!saved && saved.error().code != ErrorCode::not_found)
        parts_.note("KNOWN_UNREADABLE", saved.error().text);
    parts_.sweep.on_done([this] { on_swept(); });
    timer_ = parts_.loop.after(kLook, [this] { look(); });
}

void Rediscovery::configure(std::vector<std::string> subnets, SearchTimes times) {
    std::sort(subnets.begin(), subnets.end());
    subnets.erase(std::unique(subnets.begin(), subnets.end()), subnets.end());
    subnets_ = std::move(subnets);
    times_ = std::move(times);
    if (subnets_.empty() || last_ns_ != 0) return;
    last_ns_ = wall_ns(parts_.loop);
    save();
}

std::int64_t Rediscovery::next_ns() const {
    return subnets_.empty() || last_ns_ == 0 ? 0 : next_search_ns(last_ns_, times_);
}

void Rediscovery::look() {
    timer_ = parts_.loop.after(kLook, [this] { look(); });
    if (is_unsaved_) save();
    const std::int64_t now = wall_ns(parts_.loop);
    if (last_ns_ > now) last_ns_ = now;  // the clock was set back
    const std::int64_t next = next_ns();
    const std::string state = parts_.sweep.status().state;
    const bool is_busy = state == "running" || state == "paused";
    if (next != 0 && now >= next && !is_busy && parts_.loop.now() - started_ >= kSettle) search();
}

void Rediscovery::search() {
    last_ns_ = wall_ns(parts_.loop);
    save();
    if (const auto started = parts_.sweep.start(subnets_); !started)
        parts_.note("REDISCOVERY_REFUSED", started.error().text);
}

void Rediscovery::on_swept() {
    const wire::SweepStatus status = parts_.sweep.status();
    KnownDevices::Swept swept;
    for (const std::string& text : status.ranges)
        if (const auto range = parse_range(text)) swept.ranges.push_back(*range);
    swept.candidates = parts_.sweep.candidates();
    swept.ended_ns = wall_ns(parts_.loop);
    swept.is_polled = parts_.is_polled;
    swept.was_asked = [this, &status](const std::string& credential, const std::string& address) {
        const auto& left = status.left_alone;
        return std::find(left.begin(), left.end(), credential) == left.end() &&
               parts_.sweep.asks(credential, address);
    };
    const KnownDevices::News news = known_.compare(swept);
    if (!news.problem.empty()) parts_.sweep.add_problem("unanswered", news.problem);
    save();
    std::vector<wire::StateRecord> events;
    for (const wire::Difference& one : news.told) events.push_back(event_of(one));
    if (!events.empty()) parts_.events(std::move(events));
}

// Of what is not configured the address stands for the device.
wire::StateRecord Rediscovery::event_of(const wire::Difference& difference) const {
    const wire::Candidate& what = difference.kind == "vanished" ? difference.before : difference.now;
    wire::StateRecord out;
    out.device = difference.device.empty() ? what.addresses.front() : difference.device;
    out.stamp = parts_.stamp();
    out.kind = "discovery_" + difference.kind;
    out.component = clean_text(change_text(difference), kMaxLabelBytes);
    if (!difference.differs.empty()) out.reason = difference.differs.front();
    return out;
}

Result<std::string> Rediscovery::settle(std::uint64_t id, const std::string& action) {
    const auto standing = known_.differences();
    if (const auto settled = known_.settle(id, action); !settled) return fail(settled.error());
    save();
    const auto one = std::find_if(standing.begin(), standing.end(),
                                  [id](const wire::Difference& each) { return each.id == id; });
    return one->kind + (one->device.empty() ? "" : " " + one->device) + ": " + change_text(*one);
}

std::vector<wire::Difference> Rediscovery::differences() {
    known_.see_taken(parts_.sweep.candidates());
    return known_.differences();
}

void Rediscovery::mark(std::vector<wire::Candidate>& candidates) {
    for (const wire::Difference& one : differences()) {
        if (one.kind == "vanished" || one.ignored) continue;
        for (wire::Candidate& candidate : candidates)
            if (candidate.addresses == one.now.addresses)
                candidate.difference = wire::has_moved(one) ? "moved" : one.kind;
    }
}

wire::KnownState Rediscovery::state() const {
    wire::KnownState out = known_.saved();
    out.last_search_ns = last_ns_;
    return out;
}

// What cannot be written is tried again later.
void Rediscovery::save() {
    is_unsaved_ = !file_.write(state(), [this](const Error& error) {
        is_unsaved_ = true;
        parts_.note("KNOWN_NOT_SAVED", error.text);
    });
}

}  // namespace outstation::polld
