// SPDX-License-Identifier: GPL-3.0-or-later
// Epochs and the file that keeps them.
#include "lib/store/journal/epochs.hpp"

#include <sys/random.h>

#include <algorithm>
#include <cstdlib>

#include "lib/store/journal/packing.hpp"

namespace outstation::store {
namespace {

// An epoch is shown to people and to JSON readers, which keep 53 bits.
constexpr std::uint64_t kEpochMask = (std::uint64_t{1} << 48) - 1;

// 24 octets never block or fail once the system has booted.
void fill_random(void* out, std::size_t octets) {
    if (getrandom(out, octets, 0) != static_cast<ssize_t>(octets)) std::abort();
}

std::uint64_t random_epoch() {
    std::uint64_t out = 0;
    fill_random(&out, sizeof out);
    return std::max<std::uint64_t>(out & kEpochMask, 1);
}

}  // namespace

Identity random_identity() {
    Identity out;
    fill_random(out.station.data(), out.station.size());
    out.epoch = random_epoch();
    return out;
}

bool Epochs::has(const Identity& other) const {
    if (other.station != identity.station) return false;
    return other.epoch == identity.epoch ||
           std::any_of(former.begin(), former.end(),
                       [&other](const FormerEpoch& each) { return each.epoch == other.epoch; });
}

// An epoch that gave no number of the stream ended where the one before it did.
const FormerEpoch* Epochs::former_at(StreamId stream, std::uint64_t sequence) const {
    const FormerEpoch* found = nullptr;
    for (const FormerEpoch& each : former) {
        const std::uint64_t last = each.last_of(stream);
        if (last >= sequence && (found == nullptr || last < found->last_of(stream))) found = &each;
    }
    return found;
}

Identity Epochs::at(StreamId stream, std::uint64_t sequence) const {
    const FormerEpoch* const found = former_at(stream, sequence);
    return found == nullptr ? identity : Identity{identity.station, found->epoch};
}

std::uint64_t Epochs::last_at(StreamId stream, std::uint64_t sequence) const {
    const FormerEpoch* const found = former_at(stream, sequence);
    return found == nullptr ? FormerEpoch::kOpen : found->last_of(stream);
}

std::uint64_t Epochs::first_sequence(StreamId stream) const {
    std::uint64_t last = 0;
    for (const FormerEpoch& each : former) {
        if (each.last_of(stream) != FormerEpoch::kOpen) last = std::max(last, each.last_of(stream));
    }
    return last + 1;
}

void Epochs::begin() {
    if (identity.epoch != 0) {
        FormerEpoch& ended = former.emplace_back();
        ended.epoch = identity.epoch;
        ended.last.fill(FormerEpoch::kOpen);
    }
    if (former.size() > kMaxFormerEpochs) former.erase(former.begin());
    do {
        identity.epoch = random_epoch();
    } while (std::any_of(former.begin(), former.end(),
                         [this](const FormerEpoch& each) { return each.epoch == identity.epoch; }));
}

void Epochs::end_at(StreamId stream, std::uint64_t last) {
    for (FormerEpoch& each : former) each.last_of(stream) = std::min(each.last_of(stream), last);
}

void Epochs::add_found(const SegmentHeader& header) {
    if (header.identity.station != identity.station) return;
    for (FormerEpoch& each : former) {
        std::uint64_t& last = each.last_of(header.stream);
        if (last == FormerEpoch::kOpen) last = header.first_sequence - 1;
    }
    const std::uint64_t epoch = header.identity.epoch;
    auto found = std::find_if(former.begin(), former.end(),
                              [epoch](const FormerEpoch& each) { return each.epoch == epoch; });
    if (found == former.end()) found = former.insert(former.end(), FormerEpoch{epoch, {}});
    found->last_of(header.stream) = FormerEpoch::kOpen;
}

std::size_t epochs_octets(const Epochs& epochs) {
    if (epochs.former.empty()) return kIdentityOctets;
    return kIdentityOctets + epochs.former.size() * kFormerEpochOctets + 4 + 4;
}

std::string encode_epochs(const Epochs& epochs, std::int64_t created_ns) {
    std::string out =
        encode_identity(epochs.identity, created_ns, static_cast<std::uint32_t>(epochs.former.size()));
    if (epochs.former.empty()) return out;
    Packer table;
    for (const FormerEpoch& each : epochs.former) {
        table.put(each.epoch);
        for (const std::uint64_t last : each.last) table.put(last);
    }
    table.put_crc().put(std::uint32_t{0});
    return out += table.take();
}

Result<Epochs> parse_epochs(std::string_view bytes) {
    std::uint32_t count = 0;
    const auto identity = parse_identity(bytes.substr(0, kIdentityOctets), &count);
    if (!identity) return fail(identity.error());
    Epochs out(*identity);
    if (count == 0) return out;
    const std::string_view table = bytes.substr(kIdentityOctets);
    const std::size_t octets = count * kFormerEpochOctets;
    if (count > kMaxFormerEpochs || table.size() != octets + 4 + 4 || !crc_holds(table, octets))
        return fail(ErrorCode::malformed, "the former epochs are damaged");
    Unpacker in(table);
    for (std::uint32_t i = 0; i < count; ++i) {
        FormerEpoch& each = out.former.emplace_back();
        each.epoch = in.get<std::uint64_t>();
        for (std::uint64_t& last : each.last) last = in.get<std::uint64_t>();
    }
    return out;
}

}  // namespace outstation::store
