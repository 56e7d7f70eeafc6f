// SPDX-License-Identifier: GPL-3.0-or-later
// Rows by device: closed chunks are shared with readers, the open one is copied for them.
#include "lib/store/recent/recent.hpp"

#include <algorithm>

namespace outstation::store {
namespace {

bool has_any(const RowChunk& chunk, std::uint64_t forgotten, std::uint64_t last_sequence) {
    return chunk.rows() > 0 && chunk.last_sequence() > forgotten && chunk.first_sequence() <= last_sequence;
}

}  // namespace

void Recent::add(std::uint64_t first_sequence, const std::vector<wire::SampleRecord>& records) {
    const std::lock_guard lock(mutex_);
    for (const wire::SampleRecord& record : records) {
        const std::uint64_t sequence = first_sequence++;
        if (sequence <= last_sequence_ || sequence <= forgotten_) continue;
        last_sequence_ = sequence;
        Device& device = devices_[record.device];
        device.open.add(sequence, record);
        if (!device.open.full()) continue;
        device.open.close();
        device.closed.push_back(std::make_shared<RowChunk>(std::move(device.open)));
        device.open = RowChunk();
    }
}

std::vector<Recent::Chunk> Recent::chunks_of(std::string_view name, std::uint64_t last_sequence,
                                             std::uint64_t& first_sequence) const {
    const std::lock_guard lock(mutex_);
    first_sequence = forgotten_ + 1;
    std::vector<Chunk> chunks;
    const auto found = devices_.find(name);
    if (found == devices_.end()) return chunks;
    for (const Chunk& chunk : found->second.closed) {
        if (has_any(*chunk, forgotten_, last_sequence)) chunks.push_back(chunk);
    }
    if (has_any(found->second.open, forgotten_, last_sequence))
        chunks.push_back(std::make_shared<RowChunk>(found->second.open));
    return chunks;
}

void Recent::read(std::string_view device, std::uint64_t last_sequence, const RowChunk::Take& take) const {
    std::uint64_t first_sequence = 0;
    bool more = true;
    for (const Chunk& chunk : chunks_of(device, last_sequence, first_sequence)) {
        chunk->read([&](std::uint64_t sequence, const wire::SampleRecord& record) {
            if (sequence > last_sequence) return more = false;
            if (sequence < first_sequence) return true;
            return more = take(sequence, record);
        });
        if (!more) return;
    }
}

std::vector<std::string> Recent::devices(std::uint64_t last_sequence) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, device] : devices_) {
        const bool any = std::any_of(device.closed.begin(), device.closed.end(), [&](const Chunk& chunk) {
            return has_any(*chunk, forgotten_, last_sequence);
        });
        if (any || has_any(device.open, forgotten_, last_sequence)) names.push_back(name);
    }
    return names;
}

void Recent::forget_to(std::uint64_t last_sequence) {
    const std::lock_guard lock(mutex_);
    forgotten_ = std::max(forgotten_, last_sequence);
    last_sequence_ = std::max(last_sequence_, forgotten_);
    for (auto it = devices_.begin(); it != devices_.end();) {
        Device& device = it->second;
        std::erase_if(device.closed,
                      [&](const Chunk& chunk) { return chunk->last_sequence() <= forgotten_; });
        if (device.open.rows() > 0 && device.open.last_sequence() <= forgotten_) device.open = RowChunk();
        const bool empty = device.closed.empty() && device.open.rows() == 0;
        it = empty ? devices_.erase(it) : std::next(it);
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
    std::size_t octets = 0;
    for (const auto& [name, device] : devices_) {
        octets += name.size() + sizeof(Device) + device.open.octets();
        for (const Chunk& chunk : device.closed) octets += chunk->octets();
    }
    return octets;
}

}  // namespace outstation::store
