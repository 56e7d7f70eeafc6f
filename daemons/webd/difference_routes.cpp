// SPDX-License-Identifier: GPL-3.0-or-later
// What discovery found to be new, changed or gone, and what somebody says to it.
#include <algorithm>

#include "daemons/webd/fleet.hpp"
#include "daemons/webd/handlers.hpp"
#include "daemons/webd/json.hpp"
#include "daemons/webd/site.hpp"
#include "lib/wire/discovery_messages.hpp"

namespace outstation::webd {
namespace {

constexpr const char* kActions[] = {"accept", "ignore", "restore"};

// null: there is nothing on this side.
Json side_json(const wire::Candidate& one) {
    if (one.addresses.empty()) return nullptr;
    return Json{{"addresses", json_texts(one.addresses)}, {"sys_name", json_text(one.sys_name)},
                {"vendor", json_text(one.vendor)},        {"model", json_text(one.model)},
                {"version", json_text(one.version)},      {"serial", json_text(one.serial)}};
}

Json difference_json(const wire::Difference& one, const wire::ConfigReply& config) {
    return Json{{"id", std::to_string(one.id)},
                {"kind", one.kind},
                {"device", json_text(one.device)},
                {"device_name", one.device.empty() ? Json(nullptr) : device_name_json(one.device, config)},
                {"differs", json_texts(one.differs)},
                {"before", side_json(one.before)},
                {"now", side_json(one.now)},
                {"found", json_time(one.found_ns)},
                {"first_seen", json_time(one.first_seen_ns)},
                {"last_seen", json_time(one.last_seen_ns)},
                {"ignored", one.ignored}};
}

void ask_differences(Site& site, const CallPtr& call,
                     std::function<void(const std::vector<wire::Difference>&)> then) {
    site.polld().client().request<wire::DifferencesReply>(
        wire::DifferencesRequest{}, kChangeTimeout,
        [&site, call, then = std::move(then)](const Result<wire::DifferencesReply>& reply) {
            if (!reply) return answer_failure(*call, reply.error(), site.polld());
            then(reply->differences);
        });
}

void settle(Site& site, const CallPtr& call, const wire::SettleDifference& request) {
    site.polld().client().request<wire::Done>(
        request, kChangeTimeout, [&site, call](const Result<wire::Done>& reply) {
            if (!reply) return answer_failure(*call, reply.error(), site.polld());
            call->reply(http::Response::empty(204));
        });
}

// Is polled where it is now, then it is right so.
void move(Site& site, const CallPtr& call, const wire::Difference& one,
          const wire::SettleDifference& request) {
    const wire::MoveDevice moved{one.device, one.now.addresses.front(), request.by};
    site.confd().client().request<wire::Done>(
        moved, kChangeTimeout, [&site, call, request](const Result<wire::Done>& reply) {
            if (!reply) return answer_failure(*call, reply.error(), site.confd());
            settle(site, call, request);
        });
}

}  // namespace

void get_differences(Site& site, const CallPtr& call) {
    ask_differences(site, call, [&site, call](const std::vector<wire::Difference>& all) {
        Json items = Json::array();
        for (const wire::Difference& one : all) items.push_back(difference_json(one, *site.config()));
        call->reply(Json{{"items", std::move(items)}});
    });
}

void post_difference(Site& site, const CallPtr& call) {
    std::string id;
    wire::SettleDifference request;
    if (!read_body(*call, {{"id", 20, &id}, {"action", 16, &request.action}})) return;
    if (std::find(std::begin(kActions), std::end(kActions), request.action) == std::end(kActions))
        return call->fail(400, "bad_request", "expected accept, ignore or restore", "action");
    request.by = call->session.user;
    ask_differences(site, call, [&site, call, request, id](const std::vector<wire::Difference>& all) mutable {
        const auto one = std::find_if(all.begin(), all.end(),
                                      [&id](const auto& each) { return std::to_string(each.id) == id; });
        if (one == all.end()) return call->fail(404, "not_found", "there is no such difference any more");
        request.id = one->id;
        if (request.action == "accept" && has_moved(*one)) return move(site, call, *one, request);
        settle(site, call, request);
    });
}

}  // namespace outstation::webd
