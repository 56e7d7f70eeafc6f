// SPDX-License-Identifier: GPL-3.0-or-later
// Alarms: the list, one with its record from the journal, and a person's step.
#include <algorithm>

#include "daemons/webd/alarm_json.hpp"
#include "daemons/webd/damaged_json.hpp"
#include "daemons/webd/handlers.hpp"
#include "daemons/webd/site.hpp"

namespace outstation::webd {
namespace {

using wire::AlarmScope;
using wire::AlarmStep;
using wire::Severity;

constexpr Duration kActTimeout = std::chrono::seconds(10);
constexpr std::uint32_t kMostAsked = 500;  // states in one question to stored
constexpr int kMostQuestions = 20;         // for one alarm's record: stored looks at a part for each
constexpr std::uint64_t kRound = 4096;     // states: several times less than such a part
constexpr Duration kOldFor = std::chrono::minutes(10);
constexpr std::size_t kMostTextBytes = 1000;
constexpr std::size_t kMostTokenBytes = 64;
constexpr std::int64_t kLongestShelf = 366LL * 86'400;

constexpr std::pair<std::string_view, AlarmScope> kScopes[] = {
    {"active", AlarmScope::active}, {"shelved", AlarmScope::shelved}, {"cleared", AlarmScope::cleared}};
constexpr std::pair<std::string_view, Severity> kSeverities[] = {{"critical", Severity::critical},
                                                                 {"major", Severity::major},
                                                                 {"minor", Severity::minor},
                                                                 {"warning", Severity::warning}};
constexpr std::pair<std::string_view, AlarmStep> kSteps[] = {{"acknowledged", AlarmStep::acknowledged},
                                                             {"assigned", AlarmStep::assigned},
                                                             {"noted", AlarmStep::noted},
                                                             {"shelved", AlarmStep::shelved},
                                                             {"unshelved", AlarmStep::unshelved},
                                                             {"cleared", AlarmStep::cleared}};

// The value of a word; nothing, and 400 answered, when it is none of them.
template <typename T, std::size_t N>
std::optional<T> choice(const Call& call, std::string_view name, std::string_view word,
                        const std::pair<std::string_view, T> (&words)[N]) {
    std::string known;
    for (const auto& [text, value] : words) {
        if (text == word) return value;
        known += (known.empty() ? "" : ", ") + std::string(text);
    }
    call.fail(400, "bad_request", "expected one of " + known, std::string(name));
    return std::nullopt;
}

template <typename T, std::size_t N>
std::optional<T> choice_query(const Call& call, std::string_view name, T fallback,
                              const std::pair<std::string_view, T> (&words)[N]) {
    const auto word = call.request->query(name);
    return word ? choice(call, name, *word, words) : fallback;
}

std::optional<wire::AlarmListRequest> list_request(const Call& call) {
    const auto page = page_query(call);
    if (!page) return std::nullopt;
    const auto scope = choice_query(call, "scope", AlarmScope::active, kScopes);
    if (!scope) return std::nullopt;
    const auto severity = choice_query(call, "severity", Severity::none, kSeverities);
    if (!severity) return std::nullopt;
    const auto untaken = integer_query(call, "untaken", 0, 0, 1);
    if (!untaken) return std::nullopt;
    return wire::AlarmListRequest{*scope, *severity,    *untaken == 1,
                                  {},     page->cursor, static_cast<std::uint32_t>(page->limit)};
}

// alertd that refuses a question answers all the same.
void failed(const Call& call, const Error& error, const Upstream& alertd) {
    if (error.code == ErrorCode::malformed) return call.fail(400, "bad_request", error.text);
    if (error.code == ErrorCode::not_found) return call.fail(404, "not_found", error.text);
    if (error.code == ErrorCode::refused) return call.fail(409, "conflict", error.text);
    call.unavailable(error, alertd);
}

// That nothing was done is another answer than that nobody knows.
void step_failed(const Call& call, const Error& error, const Upstream& alertd) {
    if (error.code == ErrorCode::exhausted) return call.fail(503, "busy", error.text);
    failed(call, error, alertd);
}

void answer_list(Site& site, const Call& call, const Seen<wire::AlarmList>& seen) {
    const wire::AlarmList& list = *seen.value;
    Json items = Json::array();
    for (const wire::AlarmRow& row : list.alarms) items.push_back(alarm_json(row, *site.config()));
    Json body = page_json(std::move(items), list.total, list.next, site.now_ns());
    body["counts"] = counts_json(list.counts);
    body["behind"] = list.behind || !seen.fresh;
    call.reply(body);
}

// The record of one alarm on its way: stored knows the device, the rest is looked for here.
struct Search {
    Site& site;
    CallPtr call;
    wire::AlarmRow row;
    bool behind;
    wire::EventsRequest request;
    int asked = 0;
    std::uint64_t seen_from = UINT64_MAX;  // what was seen of the stream reaches down to here
    bool complete = false;
    Json steps = Json::array();
    std::vector<wire::DamagedSpan> damaged = {};

    // True when the step that the occurrence began with was seen.
    bool take(const wire::EventsReply& reply) {
        for (const wire::StoredState& event : reply.events) {
            const auto& alarm = event.record.alarm;
            if (event.sequence >= seen_from || !alarm || event.record.component != row.record.component ||
                alarm->rule != rule().rule)
                continue;
            if (alarm->revision < rule().occurrence) return true;
            steps.push_back(step_json(event));
            if (alarm->revision == rule().occurrence) return true;
        }
        return false;
    }
    // Behind the newest part from a round number on, where that is old already: the same questions again and
    // again, which are answered from memory.
    void go_on(const wire::EventsReply& reply) {
        seen_from = request.before_sequence = reply.next_before;
        if (asked > 1) return;
        const std::uint64_t round = (reply.next_before + kRound - 1) / kRound * kRound;
        if (reply.events.empty() || reply.events.front().sequence >= round) request.before_sequence = round;
    }
    void finish(bool has_record) const {
        call->reply(Json{{"alarm", alarm_json(row, *site.config())},
                         {"record", has_record ? steps : Json(nullptr)},
                         {"complete", complete},
                         {"damaged", damaged_json(damaged)},
                         {"behind", behind}});
    }

  private:
    [[nodiscard]] const wire::AlarmState& rule() const { return *row.record.alarm; }
};

void ask_record(const std::shared_ptr<Search>& search) {
    search->site.stored().ask<wire::EventsReply>(
        search->request,
        [search](const Seen<wire::EventsReply>& seen) {
            if (!seen.value) return search->finish(false);
            for (const wire::DamagedSpan& span : seen.value->damaged) {
                auto& known = search->damaged;
                if (std::find(known.begin(), known.end(), span) == known.end()) known.push_back(span);
            }
            search->complete = search->take(*seen.value);
            const bool more = seen.value->more && ++search->asked < kMostQuestions;
            if (search->complete || !more) return search->finish(true);
            search->go_on(*seen.value);
            ask_record(search);
        },
        search->asked == 0 ? Duration{0} : kOldFor);
}

void answer_one(Site& site, const CallPtr& call, const Seen<wire::AlarmList>& seen) {
    if (seen.value->alarms.empty() || !seen.value->alarms[0].record.alarm)
        return call->fail(404, "not_found", "there is no such alarm");
    const wire::AlarmRow& row = seen.value->alarms[0];
    wire::EventsRequest request{row.record.device, 0, kMostAsked, false, true};
    const auto search = std::make_shared<Search>(
        Search{site, call, row, seen.value->behind || !seen.fresh, std::move(request)});
    return is_volatile(row) ? search->finish(false) : ask_record(search);
}

// The body: {"step", "text", "for_s"}, and "token" of who may send it again.
std::optional<wire::AlarmAct> read_act(const Call& call, std::int64_t now_ns) {
    std::string step;
    wire::AlarmAct act;
    std::int64_t for_s = 0;
    if (!read_body(call,
                   {{"step", 32, &step},
                    {"text", kMostTextBytes, &act.text},
                    {"token", kMostTokenBytes, &act.token, true}},
                   {{"for_s", 0, kLongestShelf, &for_s}}))
        return std::nullopt;
    const auto known = choice(call, "step", step, kSteps);
    if (!known) return std::nullopt;
    act.id = call.request->params.at("id");
    act.step = *known;
    act.by = call.session.user;
    if (act.step == AlarmStep::shelved) act.until_ns = now_ns + for_s * 1'000'000'000;
    return act;
}

}  // namespace

// Not shared for a second as other answers are: who takes a step looks at once what came of it.
void get_alarms(Site& site, const CallPtr& call) {
    const auto request = list_request(*call);
    if (!request) return;
    site.alertd().ask<wire::AlarmList>(
        *request,
        [&site, call](const Seen<wire::AlarmList>& seen) {
            const bool refused = seen.error.code == ErrorCode::malformed && !seen.fresh;
            if (!seen.value || refused) return failed(*call, seen.error, site.alertd());
            answer_list(site, *call, seen);
        },
        Duration{0});
}

void get_alarm(Site& site, const CallPtr& call) {
    wire::AlarmListRequest request;
    request.id = call->request->params.at("id");
    request.limit = 1;
    site.alertd().ask<wire::AlarmList>(
        request,
        [&site, call](const Seen<wire::AlarmList>& seen) {
            if (!seen.value) return failed(*call, seen.error, site.alertd());
            answer_one(site, call, seen);
        },
        Duration{0});
}

void post_alarm_step(Site& site, const CallPtr& call) {
    const auto act = read_act(*call, site.now_ns());
    if (!act) return;
    site.alertd().client().request<wire::Done>(
        *act, kActTimeout, [&site, call](const Result<wire::Done>& reply) {
            if (!reply) return step_failed(*call, reply.error(), site.alertd());
            call->reply(http::Response::empty(204));
        });
}

}  // namespace outstation::webd
