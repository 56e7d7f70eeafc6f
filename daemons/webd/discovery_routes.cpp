// SPDX-License-Identifier: GPL-3.0-or-later
// Discovery: the sweep, what it found, and taking a device into the configuration.
#include <algorithm>

#include "daemons/webd/handlers.hpp"
#include "daemons/webd/json.hpp"
#include "daemons/webd/site.hpp"
#include "lib/wire/poll_messages.hpp"

namespace outstation::webd {
namespace {

constexpr const char* kActions[] = {"start", "pause", "resume", "stop"};

Json sweep_json(const wire::SweepStatus& status) {
    return Json{{"state", status.state},
                {"ranges", json_texts(status.ranges)},
                {"total", status.total},
                {"done", status.done},
                {"found", status.found},
                {"others", status.others},
                {"started", json_time(status.started_ns)},
                {"ended", json_time(status.ended_ns)},
                {"problems", json_texts(status.problems)},
                {"problem_kinds", json_texts(status.kinds)},
                {"left_alone", json_texts(status.left_alone)},
                {"next", json_time(status.next_ns)},
                {"probed", status.probed},
                {"unprobed", json_text(status.unprobed)}};
}

bool is_at(const wire::Candidate& candidate, const std::string& address) {
    const auto& addresses = candidate.addresses;
    return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

// The configured device at any of its addresses and its port, as it is now: polld knew it when it swept. Who
// did not answer has no port. Empty: none.
std::string known_as(const wire::Candidate& candidate, const wire::ConfigReply& config) {
    const auto device = std::find_if(
        config.devices.begin(), config.devices.end(), [&candidate](const wire::DeviceConfig& one) {
            return is_at(candidate, one.address) && (candidate.port == 0 || one.port == candidate.port);
        });
    return device == config.devices.end() ? std::string() : device->id;
}

Json candidate_json(const wire::Candidate& one, const wire::ConfigReply& config) {
    return Json{{"addresses", json_texts(one.addresses)},
                {"sys_name", json_text(one.sys_name)},
                {"vendor", json_text(one.vendor)},
                {"class", json_text(one.device_class)},
                {"model", json_text(one.model)},
                {"version", json_text(one.version)},
                {"serial", json_text(one.serial)},
                {"credential", json_text(one.credential)},
                {"packs", json_texts(one.packs)},
                {"problem", json_text(one.problem)},
                {"known_as", json_text(known_as(one, config))},
                {"suggested_id", json_text(one.id)},
                {"why", json_texts(one.why)},
                {"seen", json_texts(one.seen)},
                {"suggested_class", json_text(one.configured_class)},
                {"trouble", json_text(one.trouble)},
                {"ignored", one.ignored},
                {"difference", json_text(one.difference)},
                {"object_id", json_text(one.object_id)},
                {"description", json_text(one.description)}};
}

void ask_sweep(Site& site, const CallPtr& call, const wire::SweepRequest& request) {
    site.polld().client().request<wire::SweepStatus>(
        request, kChangeTimeout, [&site, call](const Result<wire::SweepStatus>& reply) {
            if (!reply) return answer_failure(*call, reply.error(), site.polld());
            call->reply(sweep_json(*reply));
        });
}

// What somebody wants: an address that was found; the rest may be empty.
struct Wish {
    std::string address;
    std::string id;
    std::string name;
    std::string location;
};

void add(Site& site, const CallPtr& call, const wire::Candidate& candidate, const Wish& wish) {
    wire::AddDevice request;
    request.by = call->session.user;
    wire::DeviceConfig& device = request.device;
    device.id = wish.id.empty() ? candidate.id : wish.id;
    device.name = !wish.name.empty()            ? wish.name
                  : !candidate.sys_name.empty() ? candidate.sys_name
                                                : device.id;
    device.address = wish.address;
    device.port = candidate.port;
    device.device_class = candidate.configured_class;
    device.location = wish.location;
    device.credential = candidate.credential;
    site.confd().client().request<wire::Done>(
        request, kChangeTimeout, [&site, call, id = device.id](const Result<wire::Done>& reply) {
            if (!reply) return answer_failure(*call, reply.error(), site.confd());
            call->reply(Json{{"id", id}});
        });
}

void accept(Site& site, const CallPtr& call, const std::vector<wire::Candidate>& candidates,
            const Wish& wish) {
    const auto one =
        std::find_if(candidates.begin(), candidates.end(),
                     [&wish](const wire::Candidate& candidate) { return is_at(candidate, wish.address); });
    if (one == candidates.end()) return call->fail(404, "not_found", "no sweep found this address");
    const std::string known = known_as(*one, *site.config());
    if (!known.empty()) return call->fail(409, "conflict", "it is " + known + " already");
    if (one->credential.empty() || !one->problem.empty())
        return call->fail(409, "conflict", one->problem.empty() ? "no credential fits" : one->problem);
    add(site, call, *one, wish);
}

}  // namespace

void answer_failure(const Call& call, const Error& error, const Upstream& daemon) {
    if (error.code == ErrorCode::malformed || error.code == ErrorCode::config)
        return call.fail(400, "bad_request", error.text);
    if (error.code == ErrorCode::refused) return call.fail(409, "conflict", error.text);
    if (error.code == ErrorCode::not_found) return call.fail(404, "not_found", error.text);
    call.unavailable(error, daemon);
}

std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> out(1);
    for (const char c : text) {
        if (c != ' ') {
            out.back() += c;
        } else if (!out.back().empty()) {
            out.emplace_back();
        }
    }
    if (out.back().empty()) out.pop_back();
    return out;
}

void get_discovery(Site& site, const CallPtr& call) {
    ask_sweep(site, call, {});
}

void post_discovery(Site& site, const CallPtr& call) {
    std::string action;
    std::string ranges;
    if (!read_body(*call, {{"action", 16, &action}, {"ranges", 2000, &ranges}})) return;
    if (std::find(std::begin(kActions), std::end(kActions), action) == std::end(kActions))
        return call->fail(400, "bad_request", "expected start, pause, resume or stop", "action");
    ask_sweep(site, call, {action, words_of(ranges)});
}

void get_candidates(Site& site, const CallPtr& call) {
    site.polld().client().request<wire::CandidatesReply>(
        wire::CandidatesRequest{}, kChangeTimeout, [&site, call](const Result<wire::CandidatesReply>& reply) {
            if (!reply) return answer_failure(*call, reply.error(), site.polld());
            Json items = Json::array();
            for (const wire::Candidate& one : reply->candidates)
                items.push_back(candidate_json(one, *site.config()));
            call->reply(Json{{"items", std::move(items)}});
        });
}

void post_candidate(Site& site, const CallPtr& call) {
    wire::IgnoreCandidate request;
    std::string action;
    if (!read_body(*call, {{"address", 64, &request.address}, {"action", 16, &action}})) return;
    if (action != "ignore" && action != "restore")
        return call->fail(400, "bad_request", "expected ignore or restore", "action");
    request.ignored = action == "ignore";
    request.by = call->session.user;
    site.polld().client().request<wire::Done>(
        request, kChangeTimeout, [&site, call](const Result<wire::Done>& reply) {
            if (!reply) return answer_failure(*call, reply.error(), site.polld());
            call->reply(http::Response::empty(204));
        });
}

void post_discovered_device(Site& site, const CallPtr& call) {
    Wish wish;
    if (!read_body(*call, {{"address", 64, &wish.address},
                           {"id", 64, &wish.id},
                           {"name", 200, &wish.name},
                           {"location", 200, &wish.location}}))
        return;
    site.polld().client().request<wire::CandidatesReply>(
        wire::CandidatesRequest{}, kChangeTimeout,
        [&site, call, wish = std::move(wish)](const Result<wire::CandidatesReply>& reply) {
            if (!reply) return answer_failure(*call, reply.error(), site.polld());
            accept(site, call, reply->candidates, wish);
        });
}

}  // namespace outstation::webd
