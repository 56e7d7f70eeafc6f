// SPDX-License-Identifier: GPL-3.0-or-later
// When to fold.
#include "lib/store/state_keeper.hpp"

namespace outstation::store {
namespace {

using namespace std::chrono_literals;
// Changes come in bursts, and each transaction is a flush: questions do not wait for this.
constexpr Duration kGather = 5s;
constexpr Duration kRetry = 60s;

}  // namespace

StateKeeper::StateKeeper(Parts parts) : parts_(std::move(parts)) {
    arm(Duration::zero());
}

StateKeeper::~StateKeeper() {
    *alive_ = false;
}

void StateKeeper::wake() {
    again_ = true;
    if (!armed_) arm(kGather);
}

void StateKeeper::arm(Duration delay) {
    armed_ = true;
    timer_ = parts_.loop.after(delay, [this] { fold(); });
}

void StateKeeper::fold() {
    again_ = false;
    parts_.reader.submit([this, alive = alive_, states = parts_.states, &loop = parts_.loop] {
        const auto more = states->fold();
        loop.post(
            [this, alive, more, set_aside = states->take_set_aside(), left_out = states->take_left_out()] {
                if (*alive) on_folded(more, set_aside, left_out);
            });
    });
}

void StateKeeper::keep_only(std::set<std::string, std::less<>> devices) {
    parts_.reader.submit(
        [states = parts_.states, devices = std::move(devices)] { states->keep_only(devices); });
    wake();
}

void StateKeeper::on_folded(const Result<bool>& more, const std::optional<Error>& set_aside,
                            const std::vector<std::string>& left_out) {
    parts_.folded();
    for (const std::string& device : left_out) parts_.left_out(device);
    if (set_aside) parts_.set_aside(*set_aside);
    armed_ = false;
    if (!more) {
        const std::int64_t now_ns = parts_.loop.wall().time_since_epoch().count();
        failing_ = Failing{failing_ ? failing_->since_ns : now_ns, more.error().text};
        parts_.told(more.error());
        return arm(kRetry);
    }
    failing_.reset();
    if (*more && !set_aside) return arm(Duration::zero());
    if (*more || again_) arm(kGather);
}

}  // namespace outstation::store
