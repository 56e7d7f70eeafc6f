// SPDX-License-Identifier: GPL-3.0-or-later
// GET, GETNEXT, GETBULK.
#include "tests/sim/agent.hpp"

#include <algorithm>

namespace outstation::sim {
namespace {

using namespace snmp;

constexpr std::size_t kHeadBytes = 40;  // sequence, version, PDU, request-id, status, index, list, rounded up
constexpr std::int64_t kMaxRepetitions = 1000;

OidBytes without_last_arc(OidBytes oid) {
    do {
        oid.remove_suffix(1);
    } while (!oid.empty() && (static_cast<unsigned char>(oid.back()) & 0x80U) != 0);
    return oid;
}

}  // namespace

std::string_view Agent::answer(const Mib& mib, std::string_view datagram, const SimTime& time) {
    const auto request = parse_request(datagram);
    if (!request || request->community != options_.community) return {};
    list_.clear();
    room_ = std::min(options_.max_message_bytes, out_.size()) - kHeadBytes - options_.community.size();
    bool fits = true;
    if (request->pdu == Tag::get_request) fits = get(mib, *request, time);
    if (request->pdu == Tag::get_next_request) fits = get_next(mib, *request, time);
    if (request->pdu == Tag::get_bulk_request) get_bulk(mib, *request, time);
    if (!fits) list_.clear();  // RFC 3416 section 4.2.1: tooBig with an empty list
    BackWriter out(out_);
    out.put(list_);
    finish_request(out, Tag::response, request->community, request->id, fits ? kNoError : kTooBig, 0);
    return out.ok() ? out.bytes() : std::string_view{};
}

bool Agent::put(OidBytes oid, Tag tag, std::string_view content) {
    std::array<char, 2048> buffer;
    BackWriter varbind(buffer);
    varbind.element(tag, content);
    varbind.element(Tag::oid, oid);
    varbind.close(Tag::sequence, 0);
    if (!varbind.ok() || list_.size() + varbind.bytes().size() > room_) return false;
    list_ += varbind.bytes();
    return true;
}

bool Agent::put_instance(const Mib& mib, std::size_t at, OidBytes asked, const SimTime& time) {
    if (at >= mib.size()) return put(asked, Tag::end_of_mib_view, {});
    const Instance& instance = mib.at(at);
    return put(instance.oid, instance.tag, content_at(instance, time));
}

bool Agent::get(const Mib& mib, const Request& request, const SimTime& time) {
    return std::all_of(request.oids.begin(), request.oids.end(), [&](OidBytes oid) {
        const std::size_t at = mib.find(oid);
        if (at < mib.size()) return put_instance(mib, at, oid, time);
        const bool known = mib.has_under(without_last_arc(oid));
        return put(oid, known ? Tag::no_such_instance : Tag::no_such_object, {});
    });
}

bool Agent::get_next(const Mib& mib, const Request& request, const SimTime& time) {
    return std::all_of(request.oids.begin(), request.oids.end(),
                       [&](OidBytes oid) { return put_instance(mib, mib.after(oid), oid, time); });
}

// RFC 3416 section 4.2.3. What has no room is left out, from the end.
void Agent::get_bulk(const Mib& mib, const Request& request, const SimTime& time) {
    const auto& oids = request.oids;
    const auto single = static_cast<std::size_t>(
        std::clamp<std::int64_t>(request.non_repeaters, 0, static_cast<std::int64_t>(oids.size())));
    for (std::size_t i = 0; i < single; ++i) {
        if (!put_instance(mib, mib.after(oids[i]), oids[i], time)) return;
    }
    std::vector<std::size_t> at;
    for (std::size_t i = single; i < oids.size(); ++i) at.push_back(mib.after(oids[i]));
    const auto at_end = [&](std::size_t i) { return i >= mib.size(); };
    for (std::int64_t row = 0; row < std::clamp<std::int64_t>(request.max_repetitions, 0, kMaxRepetitions);
         ++row) {
        const bool ended = std::all_of(at.begin(), at.end(), at_end);
        for (std::size_t i = 0; i < at.size(); ++i) {
            const OidBytes asked = at_end(at[i]) && mib.size() > 0 && row > 0
                                       ? OidBytes(mib.at(mib.size() - 1).oid)
                                       : oids[single + i];
            if (!put_instance(mib, at[i], asked, time)) return;
            if (!at_end(at[i])) ++at[i];
        }
        if (ended) return;
    }
}

}  // namespace outstation::sim
