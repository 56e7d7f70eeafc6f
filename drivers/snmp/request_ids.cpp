// SPDX-License-Identifier: GPL-3.0-or-later
// Ids from the kernel, linear probing.
#include "drivers/snmp/request_ids.hpp"

#include <sys/random.h>

#include <cstdlib>
#include <utility>

namespace outstation::snmp {
namespace {

constexpr std::size_t kFirstSlots = 64;

}  // namespace

RequestIds::RequestIds() : slots_(kFirstSlots) {}

// Not from a generator that could be run backwards: a device sees the ids that it is asked with.
std::uint32_t RequestIds::draw() {
    if (drawn_ == random_.size()) {
        // Up to 256 bytes come whole (getrandom(2)).
        const auto octets = static_cast<ssize_t>(sizeof random_);
        if (getrandom(random_.data(), sizeof random_, 0) != octets) std::abort();
        drawn_ = 0;
    }
    return std::exchange(random_[drawn_++], 0) >> 1U;
}

std::uint32_t RequestIds::make(std::uint32_t device) {
    if (2 * (used_ + 1) > slots_.size()) grow();
    for (;;) {
        const std::uint32_t id = draw();
        Slot& slot = slots_[place_of(id)];
        if (id == 0 || slot.id == id) continue;
        slot = {id, device};
        ++used_;
        return id;
    }
}

void RequestIds::release(std::uint32_t id) {
    std::size_t hole = place_of(id);
    if (id == 0 || slots_[hole].id != id) return;
    --used_;
    // What was pushed behind it moves up, so that no chain is broken.
    for (std::size_t at = after(hole); slots_[at].id != 0; at = after(at)) {
        const std::size_t mask = slots_.size() - 1;
        const std::size_t pushed = (at - slots_[at].id) & mask;
        if (pushed >= ((at - hole) & mask)) slots_[std::exchange(hole, at)] = slots_[at];
    }
    slots_[hole] = {};
}

const std::uint32_t* RequestIds::find(std::uint32_t id) const {
    const Slot& slot = slots_[place_of(id)];
    return id != 0 && slot.id == id ? &slot.device : nullptr;
}

std::size_t RequestIds::place_of(std::uint32_t id) const {
    std::size_t place = id & (slots_.size() - 1);
    while (slots_[place].id != 0 && slots_[place].id != id) place = after(place);
    return place;
}

void RequestIds::grow() {
    std::vector<Slot> before(2 * slots_.size());
    before.swap(slots_);
    for (const Slot& slot : before) {
        if (slot.id != 0) slots_[place_of(slot.id)] = slot;
    }
}

}  // namespace outstation::snmp
