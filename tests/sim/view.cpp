// SPDX-License-Identifier: GPL-3.0-or-later
// GET, GETNEXT, GETBULK, and how a bad agent does them.
#include "tests/sim/view.hpp"

#include <algorithm>

namespace outstation::sim {
namespace {

using namespace snmp;

constexpr std::int64_t kMaxRepetitions = 1000;
constexpr std::int64_t kNoAccess = 6;  // RFC 3416 section 3
constexpr std::size_t kAnnouncedMore = 20;
constexpr std::string_view kGigantic = "\x84\xff\xff\xff\xff";                     // a length of 4 GiB
constexpr std::string_view kSysName("\x2b\x06\x01\x02\x01\x01\x05\0", 8);          // 1.3.6.1.2.1.1.5.0
constexpr std::string_view kNobodyAsked = "\x2b\x06\x01\x04\x01\x81\xfd\x59\x01";  // 1.3.6.1.4.1.32473.1

OidBytes without_last_arc(OidBytes oid) {
    do {
        oid.remove_suffix(1);
    } while (!oid.empty() && (static_cast<unsigned char>(oid.back()) & 0x80U) != 0);
    return oid;
}

bool is_under(OidBytes oid, OidBytes prefix) {
    return oid.size() > prefix.size() && oid.substr(0, prefix.size()) == prefix;
}

// The OID with its last arc plus one; empty when there is no more.
std::string successor(OidBytes oid) {
    const OidBytes prefix = without_last_arc(oid);
    std::uint64_t arc = 0;
    for (const char c : oid.substr(prefix.size())) arc = arc << 7 | (static_cast<unsigned char>(c) & 0x7fU);
    if (++arc > UINT32_MAX) return {};
    std::string out(1, static_cast<char>(arc & 0x7f));
    for (arc >>= 7; arc != 0; arc >>= 7) out.insert(out.begin(), static_cast<char>((arc & 0x7f) | 0x80));
    return std::string(prefix) + out;
}

// Tag and length of an element (X.690 section 8.1.3), at most 64 KiB long.
void put_head(std::string& out, Tag tag, std::size_t length) {
    out += static_cast<char>(tag);
    if (length >= 0x100) out += '\x82', out += static_cast<char>(length >> 8);
    if (length >= 0x80 && length < 0x100) out += '\x81';
    out += static_cast<char>(length & 0xff);
}
std::size_t head_size(std::size_t length) {
    return length < 0x80 ? 2 : length < 0x100 ? 3 : 4;
}

}  // namespace

void View::answer(const Request& request, std::size_t room) {
    room_ = room;
    if (conduct_.status != kNoError) return refuse(request, conduct_.status, 1);
    if (request.pdu == kSetRequest)
        return refuse(request, request.version == Version::v1 ? kNoSuchName : kNoAccess, 1);
    if (request.pdu == Tag::get_request) get(request);
    if (request.pdu == Tag::get_next_request) get_next(request);
    if (request.pdu == Tag::get_bulk_request) get_bulk(request);
    if (status_ == kNoError) finish();
}

// RFC 1157 section 4.1.2, RFC 3416 section 4.2.1: the values as they were asked, none of tooBig since v2.
void View::refuse(const Request& request, std::int64_t status, std::size_t index) {
    status_ = status;
    index_ = status == kTooBig || status == kAuthorizationError ? 0 : static_cast<std::int64_t>(index);
    list_.clear();
    if (status != kTooBig || request.version == Version::v1) list_ = request.varbinds;
}

void View::get(const Request& request) {
    const bool is_v1 = request.version == Version::v1;
    for (std::size_t i = 0; i < request.oids.size(); ++i) {
        const OidBytes oid = request.oids[i];
        const std::size_t at = mib_.find(oid);
        const bool is_there = at < mib_.size() && !(is_v1 && mib_.at(at).tag == Tag::counter64);
        if (!is_there && is_v1) return refuse(request, kNoSuchName, i + 1);
        const Tag absent =
            mib_.has_under(without_last_arc(oid)) ? Tag::no_such_instance : Tag::no_such_object;
        if (conduct_.has_other_oids
                ? !put(successor(oid), Tag::gauge32, number_content(Tag::gauge32, kForgedNumber))
                : !(is_there ? put_instance(mib_.at(at), oid) : put(oid, absent, {})))
            return refuse(request, kTooBig, 0);
    }
}

void View::get_next(const Request& request) {
    const bool is_v1 = request.version == Version::v1;
    for (std::size_t i = 0; i < request.oids.size(); ++i) {
        const Place place = next(request.oids[i], guess_, is_v1);
        if (place.oid().empty() && is_v1) return refuse(request, kNoSuchName, i + 1);
        if (!put_place(place, request.oids[i])) return refuse(request, kTooBig, 0);
        guess_ = place.at;
    }
}

// RFC 3416 section 4.2.3. What has no room is left out, from the end.
void View::get_bulk(const Request& request) {
    const auto& oids = request.oids;
    const auto single = static_cast<std::size_t>(
        std::clamp<std::int64_t>(request.non_repeaters, 0, static_cast<std::int64_t>(oids.size())));
    for (std::size_t i = 0; i < single; ++i) {
        if (!put_place(next(oids[i], guess_, false), oids[i])) return;
    }
    std::vector<Place> places;
    for (std::size_t i = single; i < oids.size(); ++i) places.push_back({oids[i], guess_});
    const auto rows = std::clamp<std::int64_t>(request.max_repetitions, 0, kMaxRepetitions);
    for (std::int64_t row = 0; row < rows; ++row) {
        bool ended = true;
        for (Place& place : places) {
            Place following = next(place.oid(), place.at, false);
            if (!put_place(following, place.oid())) return;
            if (following.oid().empty()) continue;
            ended = false;
            place = std::move(following);
            guess_ = place.at;
        }
        if (ended) return;
    }
}

View::Place View::next(OidBytes oid, std::size_t guess, bool is_v1) const {
    std::size_t at = mib_.after(oid, guess);
    while (is_v1 && at < mib_.size() && mib_.at(at).tag == Tag::counter64) ++at;  // RFC 3584 section 4.2.2.1
    if (conduct_.circle > 0 || conduct_.back > 0) at = bent(at, oid);
    if (conduct_.is_endless && !(at < mib_.size() && is_under(mib_.at(at).oid, without_last_arc(oid))))
        return {{}, mib_.size(), successor(oid)};
    return {at < mib_.size() ? mib_.at(at).oid : OidBytes{}, at};
}

// Where a walk goes that should go to `at`. It begins as it should, so that somebody follows it.
std::size_t View::bent(std::size_t at, OidBytes asked) const {
    if (at == 0 || mib_.at(at - 1).oid != asked) return at;
    if (conduct_.back > 0) return at - std::min<std::size_t>(at, conduct_.back);
    const OidBytes column = without_last_arc(asked);
    const std::size_t first = mib_.after(column);
    const bool leaves = at >= mib_.size() || !is_under(mib_.at(at).oid, column);
    return leaves || (at - first) % conduct_.circle == 0 ? first : at;
}

bool View::put_place(const Place& place, OidBytes asked) {
    if (!place.invented.empty())
        return put(place.invented, Tag::gauge32, number_content(Tag::gauge32, kForgedNumber));
    if (place.real.empty()) return put(asked, Tag::end_of_mib_view, {});
    return put_instance(mib_.at(place.at), place.real);
}

bool View::put_instance(const Instance& instance, OidBytes oid) {
    Tag tag = instance.tag;
    const bool is_name = !name_.empty() && instance.oid == kSysName;
    std::string_view content = is_name ? name_ : content_at(instance, clock_, scratch_);
    distort(conduct_, tag, content, scratch_);
    return put(oid, tag, content);
}

bool View::put(OidBytes oid, Tag tag, std::string_view content) {
    const std::size_t value_head =
        conduct_.has_bad_lengths ? 1 + kGigantic.size() : head_size(content.size());
    const std::size_t inside = head_size(oid.size()) + oid.size() + value_head + content.size();
    if (starts_.size() >= conduct_.most_varbinds || list_.size() + head_size(inside) + inside > room_)
        return false;
    starts_.push_back(list_.size());
    put_head(list_, Tag::sequence, inside);
    put_head(list_, Tag::oid, oid.size());
    list_ += oid;
    if (conduct_.has_bad_lengths) {
        list_ += static_cast<char>(tag);
        list_ += kGigantic;
    } else {
        // Announced longer, an element must not need a longer head.
        const bool lies = conduct_.is_truncated && content.size() + kAnnouncedMore < 0x80;
        put_head(list_, tag, content.size() + (lies ? kAnnouncedMore : 0));
    }
    list_ += content;
    return true;
}

void View::finish() {
    if (conduct_.has_extra)
        (void)put(kNobodyAsked, Tag::gauge32, number_content(Tag::gauge32, kForgedNumber));
    if (conduct_.filler_bytes > 0) {
        room_ = UINT16_MAX;
        const std::size_t left = room_ - std::min(room_, list_.size() + 600);
        (void)put(kNobodyAsked, Tag::octet_string,
                  std::string(std::min<std::size_t>(left, conduct_.filler_bytes), 'x'));
    }
    if (conduct_.is_shuffled) {
        std::string other;
        for (auto it = starts_.rbegin(); it != starts_.rend(); ++it)
            other += list_.substr(*it, (it == starts_.rbegin() ? list_.size() : *std::prev(it)) - *it);
        list_ = std::move(other);
    }
    if (conduct_.is_empty) list_.clear();
}

}  // namespace outstation::sim
