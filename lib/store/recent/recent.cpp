// SPDX-License-Identifier: GPL-3.0-or-later
// Rows by device: closed chunks are shared with readers, the open one is copied for them.
#include "lib/store/recent/recent.hpp"

#include <algorithm>

namespace outstation::store {
namespace {

constexpr std::size_t kPlaceOctets = 64;  // of a chunk: what refers to it and counts who does

}  // namespace

void Recent::add(std::uint64_t first_sequence, const std::vector<wire::SampleRecord>& records) {
    const std::lock_guard lock(mutex_);
    for (const wire::SampleRecord& record : records) {
        const std::uint64_t sequence = first_sequence++;
        if (sequence <= last_sequence_ || sequence <= forgotten_) continue;
        last_sequence_ = sequence;
        const auto [device, is_new] = devices_.try_emplace(record.device);
        if (is_new) octets_ += octets_of(*device);
        OpenRows& open = device->second.open;
        const std::size_t before = open.octets();
        open.add(sequence, record);
        if (open.full()) {
            device->second.closed.push_back(std::make_shared<RowChunk>(open.pack()));
            octets_ += octets_of(*device->second.closed.back());
            open.clear();
        }
        octets_ += open.octets() - before;
    }
}

std::size_t Recent::octets_of(const RowChunk& chunk) {
    return chunk.octets() + kPlaceOctets;
}

std::size_t Recent::octets_of(const Devices::value_type& device) {
    return device.first.size() + sizeof device;
}

std::vector<Recent::Chunk> Recent::chunks_of(std::string_view name, std::uint64_t last_sequence,
                                             std::uint64_t& first_sequence) const {
    const std::lock_guard lock(mutex_);
    first_sequence = forgotten_ + 1;
    std::vector<Chunk> chunks;
    const auto found = devices_.find(name);
    if (found == devices_.end()) return chunks;
    const auto& [closed, open] = found->second;
    for (const Chunk& chunk : closed) {
        if (has_any(*chunk, last_sequence)) chunks.push_back(chunk);
    }
    if (!open.empty() && has_any(open, last_sequence))
        chunks.push_back(std::make_shared<RowChunk>(open.pack()));
    return chunks;
}

void Recent::read(std::string_view device, std::uint64_t last_sequence, const RowChunk::Take& take) const {
    std::uint64_t first_sequence = 0;
    std::vector<RowGroup> memory;
    for (const Chunk& chunk : chunks_of(device, last_sequence, first_sequence)) {
        if (!chunk->read(first_sequence, last_sequence, memory, take)) return;
    }
}

std::vector<std::string> Recent::devices(std::uint64_t last_sequence) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, device] : devices_) {
        const bool any = (!device.open.empty() && has_any(device.open, last_sequence)) ||
                         std::any_of(device.closed.begin(), device.closed.end(),
                                     [&](const Chunk& chunk) { return has_any(*chunk, last_sequence); });
        if (any) names.push_back(name);
    }
    return names;
}

void Recent::forget_to(std::uint64_t last_sequence) {
    const std::lock_guard lock(mutex_);
    forgotten_ = std::max(forgotten_, last_sequence);
    last_sequence_ = std::max(last_sequence_, forgotten_);
    for (auto it = devices_.begin(); it != devices_.end();) {
        auto& [closed, open] = it->second;
        std::erase_if(closed, [&](const Chunk& chunk) {
            const bool gone = chunk->last_sequence() <= forgotten_;
            if (gone) octets_ -= octets_of(*chunk);
            return gone;
        });
        if (!open.empty() && open.last_sequence() > forgotten_) {
            ++it;
            continue;
        }
        octets_ -= open.octets();
        open = OpenRows();
        if (closed.empty()) octets_ -= octets_of(*it);
        it = closed.empty() ? devices_.erase(it) : std::next(it);
    }
}

std::uint64_t Recent::last_sequence() const {
    const std::lock_guard lock(mutex_);
    return last_sequence_;
}

std::uint64_t Recent::first_sequence() const {
    const std::lock_guard lock(mutex_);
    return forgotten_ + 1;
}

std::size_t Recent::octets() const {
    const std::lock_guard lock(mutex_);
    return octets_;
}

}  // namespace outstation::store
