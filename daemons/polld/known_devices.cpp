// SPDX-License-Identifier: GPL-3.0-or-later
// Matching what was found with what is known.
#include "daemons/polld/known_devices.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "daemons/polld/candidates.hpp"

namespace outstation::polld {
namespace {

bool has(const std::vector<std::string>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

bool have_common(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    return std::any_of(a.begin(), a.end(), [&b](const std::string& one) { return has(b, one); });
}

bool differ(const std::string& before, const std::string& now) {
    return !before.empty() && !now.empty() && before != now;
}

bool are_same(const std::string& before, const std::string& now) {
    return !before.empty() && before == now;
}

bool is_in(const std::vector<AddressRange>& ranges, const std::string& address) {
    const auto number = parse_ipv4(address);
    return number && std::any_of(ranges.begin(), ranges.end(),
                                 [&number](const AddressRange& one) { return one.contains(*number); });
}

bool is_all_in(const std::vector<AddressRange>& ranges, const wire::Candidate& candidate) {
    return std::all_of(candidate.addresses.begin(), candidate.addresses.end(),
                       [&ranges](const std::string& address) { return is_in(ranges, address); });
}

// It said what it is.
bool is_device(const wire::Candidate& candidate) {
    return !candidate.credential.empty() && candidate.problem.empty() && !candidate.addresses.empty();
}

// At one address, by another name: and what tells devices apart differs, or the kind of system does.
bool is_another(const wire::Candidate& before, const wire::Candidate& now) {
    if (are_same(before.engine_id, now.engine_id) || are_same(before.serial, now.serial) ||
        are_same(before.mac, now.mac) || !differ(before.sys_name, now.sys_name))
        return false;
    return differ(before.serial, now.serial) || differ(before.engine_id, now.engine_id) ||
           differ(before.mac, now.mac) || before.object_id != now.object_id;
}

// Texts of which nobody asks are not kept.
wire::Candidate in_short(wire::Candidate candidate) {
    candidate.packs.clear();
    candidate.why.clear();
    candidate.description.clear();
    candidate.difference.clear();
    return candidate;
}

// The same thing said of it: told once.
bool is_told(const wire::Difference& before, const wire::Difference& now) {
    return before.kind == now.kind && before.differs == now.differs &&
           before.now.sys_name == now.now.sys_name && before.now.serial == now.now.serial &&
           before.now.model == now.now.model && before.now.version == now.now.version &&
           (now.now.addresses.empty() || has(before.now.addresses, now.now.addresses.front()));
}

// What it did not say this time it is still believed to be.
void keep_known(const wire::Candidate& before, wire::Candidate& now) {
    const std::pair<const std::string*, std::string*> texts[] = {
        {&before.sys_name, &now.sys_name}, {&before.serial, &now.serial},       {&before.model, &now.model},
        {&before.version, &now.version},   {&before.engine_id, &now.engine_id}, {&before.mac, &now.mac}};
    for (const auto& [known, text] : texts)
        if (text->empty()) *text = *known;
}

// As it is now, at these addresses and at those where it was; the first is the one that is polled.
void take(wire::Candidate& known, const wire::Candidate& now) {
    wire::Candidate out = in_short(now);
    keep_known(known, out);
    out.known_as = known.known_as;
    out.addresses = known.addresses;
    for (const std::string& one : now.addresses)
        if (!has(out.addresses, one)) out.addresses.push_back(one);
    known = std::move(out);
}

AddressRange range_of(const std::string& text) {
    const auto dash = text.find('-');
    const auto first = parse_ipv4(text.substr(0, dash));
    const auto last = parse_ipv4(dash == std::string::npos ? "" : text.substr(dash + 1));
    return first && last && *first <= *last ? AddressRange{*first, *last} : AddressRange{1, 0};
}

}  // namespace

std::vector<std::string> changed_fields(const wire::Candidate& before, const wire::Candidate& now) {
    std::vector<std::string> out;
    if (differ(before.serial, now.serial)) out.emplace_back("serial");
    if (differ(before.model, now.model)) out.emplace_back("model");
    if (differ(before.version, now.version)) out.emplace_back("version");
    if (differ(before.sys_name, now.sys_name)) out.emplace_back("name");
    return out;
}

std::string change_text(const wire::Difference& difference) {
    const auto name_of = [](const wire::Candidate& one) {
        return !one.sys_name.empty() ? one.sys_name : one.addresses.empty() ? "?" : one.addresses.front();
    };
    const auto text_of = [&](const wire::Candidate& one) {
        const std::string field = difference.differs.empty() ? "" : difference.differs.front();
        if (field == "serial") return one.serial;
        if (field == "model") return one.model;
        if (field == "version") return one.version;
        if (field == "address") return one.addresses.empty() ? std::string() : one.addresses.front();
        return name_of(one);
    };
    if (difference.kind == "new") return name_of(difference.now);
    if (difference.kind == "vanished") return name_of(difference.before);
    return text_of(difference.before) + " -> " + text_of(difference.now);
}

KnownDevices::News KnownDevices::compare(const Swept& swept) {
    News news;
    const Matches matches = match(swept.candidates);
    for (const auto& [at, match] : matches) see(swept, at, match, news);
    see_gone(swept, matches, news);
    octets_ = 0;
    for (const wire::Known& one : known_) octets_ += octets_of(one.what);
    std::set<const wire::Candidate*> known;
    for (const auto& [at, match] : matches) known.insert(match.now);
    for (const wire::Candidate& now : swept.candidates)
        if (is_device(now) && !known.contains(&now)) learn(swept, now, news);
    remember(swept.ranges);
    return news;
}

// All by what they are, wherever they are; then the others by where they are.
KnownDevices::Matches KnownDevices::match(const std::vector<wire::Candidate>& candidates) const {
    Places by_name;
    Places by_address;
    for (std::size_t at = 0; at < known_.size(); ++at) {
        by_name.emplace(known_[at].what.sys_name, at);
        for (const std::string& address : known_[at].what.addresses) by_address.emplace(address, at);
    }
    Matches out;
    std::vector<const wire::Candidate*> left;
    for (const wire::Candidate& now : candidates) {
        if (!is_device(now)) continue;
        const auto same = find(by_name, now.sys_name, out,
                               [&now](const auto& before) { return is_same_device(before, now); });
        if (same) out[*same] = {&now, false};
        if (!same) left.push_back(&now);
    }
    for (const wire::Candidate* now : left) {
        for (const std::string& address : now->addresses) {
            const auto there = find(by_address, address, out,
                                    [now](const auto& before) { return before.port == now->port; });
            if (!there) continue;
            out[*there] = {now, is_another(known_[*there].what, *now)};
            break;
        }
    }
    return out;
}

std::optional<std::size_t> KnownDevices::find(
    const Places& places, std::string_view key, const Matches& taken,
    const std::function<bool(const wire::Candidate& before)>& is_wanted) const {
    const auto [from, to] = places.equal_range(key);
    for (auto it = from; it != to; ++it)
        if (!taken.contains(it->second) && is_wanted(known_[it->second].what)) return it->second;
    return std::nullopt;
}

bool KnownDevices::was_looked_at(const wire::Candidate& candidate) const {
    return is_all_in(looked_, candidate);
}

// The first look at an address is no news. Of too many the one goes that is gone, or it is not learnt.
void KnownDevices::learn(const Swept& swept, const wire::Candidate& now, News& news) {
    wire::Candidate what = in_short(now);
    if (known_.size() >= kMost || octets_ + octets_of(what) > kMostOctets) {
        const auto gone = std::find_if(known_.begin(), known_.end(), [&swept](const wire::Known& one) {
            return one.what.known_as.empty() && one.last_seen_ns < swept.ended_ns;
        });
        if (gone == known_.end()) return;
        octets_ -= octets_of(gone->what);
        known_.erase(gone);
    }
    octets_ += octets_of(what);
    known_.push_back({std::move(what), swept.ended_ns, swept.ended_ns, {}, false});
    if (was_looked_at(now) && now.known_as.empty() && !now.ignored)
        tell(known_.back(), "new", {}, now, swept.ended_ns, news);
}

void KnownDevices::see(const Swept& swept, std::size_t at, const Match& match, News& news) {
    wire::Known& known = known_[at];
    const wire::Candidate& now = *match.now;
    const std::string usual = known.what.addresses.front();
    known.last_seen_ns = swept.ended_ns;
    known.gone = false;
    known.what.ignored = now.ignored;
    if (!now.known_as.empty() || has(now.addresses, usual)) known.what.known_as = now.known_as;
    std::vector<std::string> differs;
    if (match.is_other) differs.emplace_back("device");
    if (has_moved(swept, known.what, now)) differs.emplace_back("address");
    for (std::string& field : changed_fields(known.what, now)) differs.push_back(std::move(field));
    const bool is_taken = !known.what.known_as.empty();
    const bool is_new = known.difference.kind == "new" && !is_taken && !now.ignored;
    if (!differs.empty() && !is_new && (is_taken || !now.ignored))
        return tell(known, "changed", std::move(differs), now, swept.ended_ns, news);
    if (!is_new) known.difference = {};
    if (is_new) known.difference.now = in_short(now);
    take(known.what, now);
}

// Not where it was, though that was asked too, and where polling does not find it either.
bool KnownDevices::has_moved(const Swept& swept, const wire::Candidate& before, const wire::Candidate& now) {
    const bool is_polled = !before.known_as.empty() && swept.is_polled(before.known_as);
    return !is_polled && is_in(swept.ranges, before.addresses.front()) &&
           !have_common(before.addresses, now.addresses);
}

// Of those that were asked at all their addresses with the credential that they answered to.
void KnownDevices::see_gone(const Swept& swept, const Matches& matches, News& news) {
    std::set<std::string_view> there;
    for (const wire::Candidate& one : swept.candidates)
        there.insert(one.addresses.begin(), one.addresses.end());
    std::vector<wire::Known*> gone;
    std::size_t answered = 0;
    for (std::size_t at = 0; at < known_.size(); ++at) {
        wire::Known& known = known_[at];
        const wire::Candidate& what = known.what;
        const bool is_wanted = !what.ignored || !what.known_as.empty();
        const bool was_gone = known.gone || known.difference.kind == "vanished";
        if (!is_wanted || was_gone || !is_all_in(swept.ranges, what)) continue;
        const bool is_there = matches.contains(at) ||
                              (!what.known_as.empty() && swept.is_polled(what.known_as)) ||
                              std::any_of(what.addresses.begin(), what.addresses.end(),
                                          [&there](const auto& one) { return there.contains(one); });
        if (is_there) {
            ++answered;
        } else if (swept.was_asked(what.credential, what.addresses.front())) {
            gone.push_back(&known);
        }
    }
    if (answered < gone.size()) {
        news.problem = std::to_string(gone.size()) + " of " + std::to_string(gone.size() + answered) +
                       " known devices did not answer: none is told as gone, the line may be";
        return;
    }
    for (wire::Known* known : gone) tell(*known, "vanished", {}, {}, swept.ended_ns, news);
}

void KnownDevices::tell(wire::Known& known, std::string_view kind, std::vector<std::string> fields,
                        const wire::Candidate& now, std::int64_t at_ns, News& news) {
    wire::Difference next;
    next.kind = kind;
    next.device = known.what.known_as;
    if (kind != "new") next.before = known.what;
    next.now = in_short(now);
    next.differs = std::move(fields);
    next.found_ns = at_ns;
    next.first_seen_ns = known.first_seen_ns;
    next.last_seen_ns = known.last_seen_ns;
    known.difference.device = next.device;
    if (is_told(known.difference, next)) return;
    next.id = ++last_id_;
    known.difference = next;
    news.told.push_back(std::move(next));
}

// Neighbouring ranges become one; of too many the smallest is forgotten, and is new to us again.
void KnownDevices::remember(const std::vector<AddressRange>& ranges) {
    looked_.insert(looked_.end(), ranges.begin(), ranges.end());
    std::sort(looked_.begin(), looked_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<AddressRange> merged;
    for (const AddressRange& one : looked_) {
        if (!merged.empty() && one.first <= std::uint64_t{merged.back().last} + 1) {
            merged.back().last = std::max(merged.back().last, one.last);
        } else {
            merged.push_back(one);
        }
    }
    while (merged.size() > kMostRanges)
        merged.erase(std::min_element(merged.begin(), merged.end(),
                                      [](const auto& a, const auto& b) { return a.size() < b.size(); }));
    looked_ = std::move(merged);
}

Result<void> KnownDevices::settle(std::uint64_t id, std::string_view action) {
    const auto known = std::find_if(known_.begin(), known_.end(), [id](const wire::Known& one) {
        return !one.difference.kind.empty() && one.difference.id == id;
    });
    if (known == known_.end()) return fail(ErrorCode::not_found, "there is no such difference any more");
    wire::Difference& difference = known->difference;
    if (action == "ignore" || action == "restore") {
        difference.ignored = action == "ignore";
        return {};
    }
    if (action != "accept") return fail(ErrorCode::malformed, "expected accept, ignore or restore");
    if (difference.kind == "changed") {
        wire::Candidate now = std::move(difference.now);
        if (!has(difference.differs, "device")) keep_known(known->what, now);
        now.known_as = difference.device;
        known->what = std::move(now);
    }
    const bool is_gone = difference.kind == "vanished";
    difference = {};
    known->gone = is_gone;
    if (is_gone && known->what.known_as.empty()) known_.erase(known);
    return {};
}

std::vector<wire::Difference> KnownDevices::differences() const {
    std::vector<wire::Difference> out;
    for (const wire::Known& one : known_)
        if (!one.difference.kind.empty()) out.push_back(one.difference);
    const auto rank = [](const wire::Difference& one) {
        return (one.ignored ? 4 : 0) + (one.kind == "vanished" ? 0 : one.kind == "changed" ? 1 : 2);
    };
    std::stable_sort(out.begin(), out.end(),
                     [&rank](const auto& a, const auto& b) { return rank(a) < rank(b); });
    return out;
}

void KnownDevices::see_taken(const std::vector<wire::Candidate>& candidates) {
    for (wire::Known& known : known_) {
        if (known.difference.kind != "new") continue;
        const auto taken = std::find_if(candidates.begin(), candidates.end(), [&known](const auto& one) {
            return (!one.known_as.empty() || one.ignored) && has(one.addresses, known.what.addresses.front());
        });
        if (taken == candidates.end()) continue;
        known.what.known_as = taken->known_as;
        known.what.ignored = taken->ignored;
        known.difference = {};
    }
}

wire::KnownState KnownDevices::saved() const {
    wire::KnownState out{known_, {}, last_id_, 0};
    for (const AddressRange& one : looked_)
        out.looked.push_back(ipv4_text(one.first) + "-" + ipv4_text(one.last));
    return out;
}

void KnownDevices::restore(wire::KnownState saved) {
    known_ = std::move(saved.devices);
    std::erase_if(known_, [](const wire::Known& one) { return one.what.addresses.empty(); });
    last_id_ = saved.last_id;
    looked_.clear();
    for (const std::string& text : saved.looked)
        if (const AddressRange range = range_of(text); range.first <= range.last) looked_.push_back(range);
}

}  // namespace outstation::polld
