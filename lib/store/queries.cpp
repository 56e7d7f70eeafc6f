// SPDX-License-Identifier: GPL-3.0-or-later
// Reading the journal for events, replay and start.
#include "lib/store/queries.hpp"

#include <algorithm>

#include "lib/store/frame_writer.hpp"

namespace outstation::store {
namespace {

constexpr std::size_t kSegmentsForLatest = 2;

Result<wire::FrameBody> read_records(JournalView& view, std::size_t part, const FrameEntry& entry) {
    const auto bytes = view.read(part, entry);
    if (!bytes) return fail(bytes.error());
    return decode_frame(*bytes);
}

std::size_t octets_of(const wire::StateRecord& record) {
    return 128 + record.device.size() + record.kind.size() + record.component.size() + record.value.size() +
           record.reason.size();
}

std::size_t octets_of(const wire::SampleRecord& record) {
    return 128 + record.device.size() + 20 * record.size();
}

bool wanted(const wire::EventsRequest& request, const wire::StateRecord& record) {
    return (request.device.empty() || record.device == request.device) &&
           (request.attributes || record.kind != "attribute");
}

// Takes a frame's records newest first; false when the answer is full.
bool take_events(const wire::EventsRequest& request, const FrameEntry& entry, wire::FrameBody& body,
                 std::size_t& octets, wire::EventsReply& reply) {
    const std::uint32_t limit = request.limit == 0 ? kMaxEvents : std::min(request.limit, kMaxEvents);
    for (std::size_t i = body.states.size(); i-- > 0;) {
        const std::uint64_t sequence = entry.info.first_sequence + i;
        if (request.before_sequence != 0 && sequence >= request.before_sequence) continue;
        if (!wanted(request, body.states[i])) continue;
        octets += octets_of(body.states[i]);
        if (reply.events.size() >= limit || octets > kMaxAnswerOctets) {
            reply.more = true;
            return false;
        }
        reply.events.push_back({sequence, std::move(body.states[i])});
    }
    return true;
}

// Adds what the answer has room for; false when it is full.
template <typename Record>
bool take_records(const wire::ReplayRequest& request, const FrameEntry& entry, std::vector<Record>& from,
                  std::size_t& octets, std::vector<Record>& to, wire::ReplayReply& reply) {
    const std::uint32_t limit =
        request.limit == 0 ? kMaxReplayRecords : std::min(request.limit, kMaxReplayRecords);
    for (std::size_t i = 0; i < from.size(); ++i) {
        const std::uint64_t sequence = entry.info.first_sequence + i;
        if (sequence < request.first_sequence) continue;
        const std::size_t more = octets_of(from[i]);
        if (to.size() >= limit || (!to.empty() && octets + more > kMaxAnswerOctets)) {
            reply.more = true;
            return false;
        }
        octets += more;
        if (to.empty()) reply.first_sequence = sequence;
        to.push_back(std::move(from[i]));
    }
    return true;
}

void take_batches(const wire::FrameBody& body, wire::ReplayReply& reply) {
    const std::uint64_t end = reply.first_sequence + reply.samples.size() + reply.states.size();
    for (const auto& batch : body.batches) {
        if (batch.first_sequence < end && batch.first_sequence + batch.count > reply.first_sequence)
            reply.batches.push_back(batch);
    }
}

// False when the answer is full: records have begun, or there are too many gaps.
bool take_gap(const wire::ReplayRequest& request, const FrameEntry& entry, wire::ReplayReply& reply) {
    const bool begun = !reply.samples.empty() || !reply.states.empty();
    reply.more = begun || reply.gaps.size() >= kMaxReplayGaps;
    if (reply.more) return false;
    const std::uint64_t first = std::max(entry.info.first_sequence, request.first_sequence);
    reply.gaps.push_back({first, entry.end_sequence() - first});
    return true;
}

void recover_frame(StreamId id, const wire::FrameBody& body, bool newest, Dictionary& dictionary,
                   Recovered& out) {
    for (const auto& def : body.series) dictionary.restore(def);
    dictionary.restore_last(body.last_series);
    if (id == StreamId::state) {
        for (const auto& record : body.states) out.states.add(record);
    }
    if (!newest) return;
    Producers& producers = out.producers[id];
    for (const auto& mark : body.producers) producers.add({mark.daemon, mark.incarnation, mark.counter});
    for (const auto& batch : body.batches) producers.add({batch.daemon, batch.incarnation, batch.counter});
    for (const auto& record : body.samples) out.latest.add(record);
}

}  // namespace

Result<wire::EventsReply> find_events(JournalView view, const wire::EventsRequest& request) {
    wire::EventsReply reply;
    std::size_t octets = 0;
    for (std::size_t part = view.parts().size(); part-- > 0;) {
        if (request.before_sequence != 0 &&
            view.parts()[part].segment.header.first_sequence >= request.before_sequence)
            continue;
        const auto entries = view.entries(part);
        if (!entries) continue;
        for (auto entry = entries->rbegin(); entry != entries->rend(); ++entry) {
            if (entry->info.gap()) continue;
            if (request.before_sequence != 0 && entry->info.first_sequence >= request.before_sequence)
                continue;
            auto body = read_records(view, part, *entry);
            if (body && !take_events(request, *entry, *body, octets, reply)) return reply;
        }
    }
    return reply;
}

Result<wire::ReplayReply> replay(JournalView view, const wire::ReplayRequest& request) {
    wire::ReplayReply reply;
    std::size_t octets = 0;
    for (std::size_t part = 0; part < view.parts().size(); ++part) {
        if (view.parts()[part].segment.end_sequence <= request.first_sequence) continue;
        const auto entries = view.entries(part);
        if (!entries) continue;
        for (const FrameEntry& entry : *entries) {
            if (entry.end_sequence() <= request.first_sequence) continue;
            if (entry.info.gap()) {
                if (!take_gap(request, entry, reply)) return reply;
                continue;
            }
            const std::uint64_t end = reply.first_sequence + reply.samples.size() + reply.states.size();
            auto body = read_records(view, part, entry);
            const bool begun = !reply.samples.empty() || !reply.states.empty();
            if (begun && (!body || entry.info.first_sequence != end)) {
                reply.more = true;  // behind a hole: the next question starts there
                return reply;
            }
            if (!body) continue;
            const bool room = take_records(request, entry, body->samples, octets, reply.samples, reply) &&
                              take_records(request, entry, body->states, octets, reply.states, reply);
            take_batches(*body, reply);
            if (!room) return reply;
        }
    }
    return reply;
}

void recover_stream(StreamId id, JournalView view, Dictionary& dictionary, Recovered& out) {
    const std::size_t parts = view.parts().size();
    for (std::size_t part = 0; part < parts; ++part) {
        const bool newest = part + kSegmentsForLatest >= parts;
        const auto entries = view.entries(part);
        if (!entries) {
            out.damage.push_back({view.parts()[part].segment.path, 1, 0, entries.error().text});
            continue;
        }
        for (const FrameEntry& entry : *entries) {
            if (entry.info.gap()) continue;
            const bool defines = (entry.info.flags & (kFlagDefinitions | kFlagKeyed)) != 0;
            if (!newest && !defines && id != StreamId::state) continue;
            const auto body = read_records(view, part, entry);
            if (body) {
                recover_frame(id, *body, newest, dictionary, out);
            } else {
                out.damage.push_back({view.parts()[part].segment.path, entry.info.first_sequence,
                                      entry.end_sequence() - 1, body.error().text});
            }
        }
    }
}

}  // namespace outstation::store
