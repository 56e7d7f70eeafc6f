// SPDX-License-Identifier: GPL-3.0-or-later
// One pass: count everything, keep what is wanted, sort what the page needs.
#include "daemons/alertd/alarm_list.hpp"

#include <algorithm>
#include <charconv>

namespace outstation::alertd {
namespace {

constexpr std::uint32_t kMostRows = 500;

// Where an alarm stands in the list.
struct Place {
    std::uint8_t severity = 0;  // less is worse
    std::int64_t newest = 0;    // negative time
    std::string_view id;
    auto operator<=>(const Place&) const = default;
};

struct Row {
    Place place;
    const std::string* id;
    const wire::StateRecord* record;
    bool recorded;
};

wire::AlarmScope scope_of(const wire::AlarmState& state) {
    if (!state.open) return wire::AlarmScope::cleared;
    return state.shelved_until_ns != 0 ? wire::AlarmScope::shelved : wire::AlarmScope::active;
}

bool is_taken(const wire::AlarmState& state) {
    return !state.acknowledged_by.empty() || !state.assignee.empty();
}

// Of a cleared one the time of its end counts.
Place place_of(const std::string& id, const wire::StateRecord& record) {
    const wire::AlarmState& state = *record.alarm;
    return {static_cast<std::uint8_t>(state.severity), -(state.open ? state.raised_ns : state.since_ns), id};
}

std::string text_of(const Place& place) {
    return std::to_string(place.severity) + ":" + std::to_string(place.newest) + ":" + std::string(place.id);
}

std::optional<Place> place_from(std::string_view text) {
    Place place;
    const char* end = text.data() + text.size();
    auto at = std::from_chars(text.data(), end, place.severity);
    if (at.ec != std::errc{} || at.ptr == end || *at.ptr != ':') return std::nullopt;
    at = std::from_chars(at.ptr + 1, end, place.newest);
    if (at.ec != std::errc{} || at.ptr == end || *at.ptr != ':') return std::nullopt;
    place.id = std::string_view(at.ptr + 1, static_cast<std::size_t>(end - at.ptr - 1));
    return place;
}

void count(wire::AlarmCounts& counts, const wire::AlarmState& state) {
    const auto scope = scope_of(state);
    if (scope == wire::AlarmScope::cleared) ++counts.cleared;
    if (scope == wire::AlarmScope::shelved) ++counts.shelved;
    if (scope != wire::AlarmScope::active) return;
    if (state.severity == Severity::critical) ++counts.critical;
    if (state.severity == Severity::major) ++counts.major;
    if (state.severity == Severity::minor) ++counts.minor;
    if (state.severity == Severity::warning) ++counts.warning;
    if (!is_taken(state)) ++counts.untaken;
}

bool is_wanted(const wire::AlarmListRequest& request, const std::string& id, const wire::AlarmState& state) {
    return (request.scope == wire::AlarmScope::any || request.scope == scope_of(state)) &&
           (request.severity == Severity::none || request.severity == state.severity) &&
           (!request.untaken || !is_taken(state)) && (request.id.empty() || request.id == id);
}

std::string unit_of(const RuleSet& rules, const std::string& id) {
    const auto rule = std::find_if(rules.rules.begin(), rules.rules.end(),
                                   [&id](const Rule& known) { return known.id == id; });
    return rule == rules.rules.end() ? std::string() : alertd::unit_of(*rule);
}

// Puts the rows behind `after` into the reply, as many as fit.
void take_page(std::vector<Row> rows, const std::optional<Place>& after, std::size_t limit,
               const RuleSet& rules, wire::AlarmList& reply) {
    if (after) std::erase_if(rows, [&after](const Row& row) { return row.place <= *after; });
    const std::size_t shown = std::min(limit, rows.size());
    std::partial_sort(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(shown), rows.end(),
                      [](const Row& a, const Row& b) { return a.place < b.place; });
    for (std::size_t i = 0; i < shown; ++i)
        reply.alarms.push_back(
            {*rows[i].id, *rows[i].record, rows[i].recorded, unit_of(rules, rows[i].record->alarm->rule)});
    if (rows.size() > shown) reply.next = text_of(rows[shown - 1].place);
}

}  // namespace

std::string unit_of(const Rule& rule) {
    if (rule.kind == RuleKind::forecast) return "seconds";
    if (rule.kind != RuleKind::threshold) return {};
    if (!rule.of.empty()) return "ratio";
    const std::size_t last = rule.metric.rfind('_');
    return last == std::string::npos ? std::string() : rule.metric.substr(last + 1);
}

Result<wire::AlarmList> list_alarms(const wire::AlarmListRequest& request, const AlarmBook& book,
                                    const RuleSet& rules,
                                    const std::optional<wire::StateRecord>& store_failed) {
    const auto after = place_from(request.cursor);
    if (!request.cursor.empty() && !after) return fail(ErrorCode::malformed, "not a cursor");
    static const std::string failed_id = kStoreFailed;
    wire::AlarmList reply;
    std::vector<Row> rows;
    const auto look = [&](const std::string& id, const wire::StateRecord& record, bool recorded) {
        count(reply.counts, *record.alarm);
        if (is_wanted(request, id, *record.alarm))
            rows.push_back({place_of(id, record), &id, &record, recorded});
    };
    if (store_failed) look(failed_id, *store_failed, false);
    for (const auto& [id, key] : book.ids()) {
        const Alarm* alarm = book.find(key);
        if (alarm != nullptr) look(alarm->id, alarm->newest, alarm->recorded);
    }
    reply.total = static_cast<std::uint32_t>(rows.size());
    const std::size_t limit = request.limit == 0 ? kMostRows : std::min(request.limit, kMostRows);
    take_page(std::move(rows), after, limit, rules, reply);
    return reply;
}

}  // namespace outstation::alertd
