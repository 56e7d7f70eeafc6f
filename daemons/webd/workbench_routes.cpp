// SPDX-License-Identifier: GPL-3.0-or-later
// The workbench: recording a device, what packs make of it, and trying a draft. polld does all of it.
#include "daemons/webd/handlers.hpp"
#include "daemons/webd/json.hpp"
#include "daemons/webd/site.hpp"
#include "lib/wire/workbench_messages.hpp"

namespace outstation::webd {
namespace {

constexpr std::size_t kMostYaml = 48U << 10;
constexpr std::size_t kMostRecording = 16U << 20;
constexpr Duration kTrialTimeout = std::chrono::seconds(40);

Json status_json(const wire::RecordStatus& status) {
    return Json{{"state", status.state},
                {"subject", json_text(status.subject)},
                {"values", status.values},
                {"bytes", status.bytes},
                {"requests", status.requests},
                {"at", json_text(status.at)},
                {"started", json_time(status.started_ns)},
                {"ended", json_time(status.ended_ns)},
                {"problem", json_text(status.problem)},
                {"notes", json_texts(status.notes)},
                {"replaced", status.stand_ins},
                {"left_out", status.dropped}};
}

Json counts_json(const std::vector<wire::FoundCount>& counts) {
    Json out = Json::array();
    for (const wire::FoundCount& one : counts) out.push_back(Json{{"kind", one.kind}, {"count", one.count}});
    return out;
}

Json explained_json(const wire::ExplainReply& reply) {
    Json packs = Json::array();
    for (const wire::PackUse& one : reply.packs)
        packs.push_back(Json{{"name", one.name},
                             {"title", json_text(one.title)},
                             {"title_zh", json_text(one.title_zh)},
                             {"why", json_text(one.why)},
                             {"finds", counts_json(one.finds)}});
    return Json{{"vendor", json_text(reply.vendor)},       {"class", json_text(reply.device_class)},
                {"model", json_text(reply.model)},         {"version", json_text(reply.version)},
                {"object_id", json_text(reply.object_id)}, {"packs", std::move(packs)},
                {"finds", counts_json(reply.finds)},       {"draft", reply.draft}};
}

Json draft_json(const wire::DraftReply& reply) {
    Json mistakes = Json::array();
    for (const wire::DraftMistake& one : reply.mistakes)
        mistakes.push_back(Json{{"line", one.line}, {"column", one.column}, {"text", one.text}});
    Json findings = Json::array();
    for (const wire::DraftFinding& one : reply.findings)
        findings.push_back(Json{{"kind", one.kind},
                                {"label", json_text(one.label)},
                                {"label_zh", json_text(one.label_zh)},
                                {"value", json_text(one.value)},
                                {"unit", json_text(one.unit)},
                                {"oid", one.oid}});
    return Json{{"mistakes", std::move(mistakes)},     {"matches", reply.matches},
                {"findings", std::move(findings)},     {"more", reply.more},
                {"vendor", json_text(reply.vendor)},   {"class", json_text(reply.device_class)},
                {"model", json_text(reply.model)},     {"version", json_text(reply.version)},
                {"problem", json_text(reply.problem)}, {"read", json_time(reply.read_ns)}};
}

void ask_recorder(Site& site, const CallPtr& call, const wire::RecordRequest& request) {
    site.polld().client().request<wire::RecordStatus>(
        request, kChangeTimeout, [&site, call](const Result<wire::RecordStatus>& reply) {
            if (!reply) return answer_failure(*call, reply.error(), site.polld());
            call->reply(status_json(*reply));
        });
}

// Piece by piece, as polld gives it.
void fetch(Site& site, const CallPtr& call, const std::shared_ptr<std::string>& text) {
    site.polld().client().request<wire::RecordText>(
        wire::RecordTextRequest{text->size()}, kChangeTimeout,
        [&site, call, text](const Result<wire::RecordText>& part) {
            if (!part) return answer_failure(*call, part.error(), site.polld());
            *text += part->text;
            if (part->total > kMostRecording)
                return answer_failure(
                    *call,
                    Error{ErrorCode::exhausted,
                          "the recording is too large for a browser: outstation pack record"},
                    site.polld());
            if (text->size() < part->total && !part->text.empty()) return fetch(site, call, text);
            http::Response out = http::Response::of(200, "text/plain; charset=us-ascii", std::move(*text));
            out.with("Content-Disposition", "attachment; filename=\"recording.snmprec\"");
            call->reply(std::move(out));
        });
}

}  // namespace

void get_recording(Site& site, const CallPtr& call) {
    ask_recorder(site, call, {});
}

void post_recording(Site& site, const CallPtr& call) {
    wire::RecordRequest request;
    if (!read_body(*call, {{"action", 16, &request.action}, {"subject", 64, &request.subject}})) return;
    if (request.action != "start" && request.action != "cancel")
        return call->fail(400, "bad_request", "expected start or cancel", "action");
    ask_recorder(site, call, request);
}

void get_recording_text(Site& site, const CallPtr& call) {
    fetch(site, call, std::make_shared<std::string>());
}

void get_recording_packs(Site& site, const CallPtr& call) {
    site.polld().client().request<wire::ExplainReply>(
        wire::ExplainRequest{}, kChangeTimeout, [&site, call](const Result<wire::ExplainReply>& reply) {
            if (!reply) return answer_failure(*call, reply.error(), site.polld());
            call->reply(explained_json(*reply));
        });
}

void post_draft(Site& site, const CallPtr& call) {
    wire::DraftRequest request;
    std::string on;
    if (!read_body(*call, {{"yaml", kMostYaml, &request.yaml}, {"on", 16, &on}})) return;
    if (on != "recording" && on != "device")
        return call->fail(400, "bad_request", "expected recording or device", "on");
    request.live = on == "device";
    site.polld().client().request<wire::DraftReply>(
        request, kTrialTimeout, [&site, call](const Result<wire::DraftReply>& reply) {
            if (!reply) return answer_failure(*call, reply.error(), site.polld());
            call->reply(draft_json(*reply));
        });
}

}  // namespace outstation::webd
