// SPDX-License-Identifier: GPL-3.0-or-later
// What alertd answers.
#include <pwd.h>

#include <algorithm>

#include "daemons/alertd/app.hpp"
#include "daemons/alertd/rules_file.hpp"
#include "lib/runtime/process.hpp"

namespace outstation::alertd {
namespace {

constexpr std::uint32_t kMostRows = 1000;
constexpr std::size_t kMostTrials = 2;
constexpr const char* kWebd = "webd";

bool is_webd(const ipc::Peer& peer) {
    const auto users = runtime::uids_of({"outstation-webd"});
    return peer.hello().daemon == kWebd &&
           (peer.is_console() || std::find(users.begin(), users.end(), peer.uid()) != users.end());
}

std::string user_name(uid_t uid) {
    const passwd* user = getpwuid(uid);
    return user != nullptr ? user->pw_name : "uid " + std::to_string(uid);
}

}  // namespace

void App::serve() {
    ipc::Server& server = context_->server();
    server.on<wire::AlarmsRequest>(
        [this](ipc::Peer&, const wire::AlarmsRequest& request, const ipc::Responder& responder) {
            answer_alarms(request, responder);
        });
    server.on<wire::AlarmListRequest>(
        [this](ipc::Peer&, const wire::AlarmListRequest& request, const ipc::Responder& responder) {
            answer_list(request, responder);
        });
    server.on<wire::AlarmAct>([this](ipc::Peer& peer, const wire::AlarmAct& request,
                                     const ipc::Responder& responder) { act(peer, request, responder); });
    server.on<wire::RuleTestRequest>(
        [this](ipc::Peer& peer, const wire::RuleTestRequest& request, const ipc::Responder& responder) {
            test_rules(peer, request, responder);
        });
}

void App::answer_alarms(const wire::AlarmsRequest& request, const ipc::Responder& responder) const {
    wire::AlarmsReply reply;
    reply.behind = !follower_->is_live();
    if (store_failed_ && request.after.empty()) reply.alarms.push_back({kStoreFailed, *store_failed_, false});
    const std::size_t limit = request.limit == 0 ? kMostRows : std::min(request.limit, kMostRows);
    const auto& ids = keeper_.book().ids();
    // The alarm that is nowhere else stands before all ids.
    const std::string after = request.after == kStoreFailed ? "" : request.after;
    for (auto it = ids.upper_bound(after); it != ids.end(); ++it) {
        const Alarm* alarm = keeper_.book().find(it->second);
        if (alarm == nullptr || (!alarm->state().open && !request.cleared)) continue;
        if (reply.alarms.size() >= limit) {
            reply.more = true;
            break;
        }
        reply.alarms.push_back({alarm->id, alarm->newest, alarm->recorded});
    }
    responder.reply(reply);
}

void App::answer_list(const wire::AlarmListRequest& request, const ipc::Responder& responder) const {
    auto list = list_alarms(request, keeper_.book(), keeper_.rule_set(), store_failed_);
    if (!list) return responder.fail(list.error());
    list->behind = !follower_->is_live();
    list->partial = !knows_all_;
    responder.reply(*list);
}

void App::act(const ipc::Peer& peer, wire::AlarmAct act, const ipc::Responder& responder) {
    const bool web = is_webd(peer);
    if (!web && !peer.is_console())
        return responder.fail(Error{ErrorCode::refused, "only the console and webd act on alarms"});
    if (!web) act.by = user_name(peer.uid());
    if (!follower_->is_live())
        return responder.fail(Error{ErrorCode::exhausted, "the journal is not read yet, or stored is away"});
    const auto record = keeper_.act(act, now());
    if (!record) return responder.fail(record.error());
    const Alarm* alarm = keeper_.book().find(act.id);
    if (alarm != nullptr && alarm->recorded) return responder.reply(wire::Done{});
    waiting_.emplace(record->alarm->revision, responder);
}

void App::test_rules(ipc::Peer& peer, const wire::RuleTestRequest& request, const ipc::Responder& responder) {
    auto rules = parse_rules(request.text, request.file);
    if (!rules) return responder.fail(rules.error());
    if (trials_.size() >= kMostTrials)
        return responder.fail(Error{ErrorCode::exhausted, "other tests of rules are under way"});
    const std::uint64_t number = ++last_trial_;
    auto& trial = trials_[number];
    trial = std::make_unique<RuleTrial>(
        *stored_, *rules, request.since_ns, [asker = peer.weak_from_this()] { return !asker.expired(); },
        [this, number, responder](const Result<wire::RuleTestReply>& reply) {
            if (reply) responder.reply(*reply);
            if (!reply) responder.fail(reply.error());
            context_->loop().post([this, number] { trials_.erase(number); });
        });
    trial->start();
}

}  // namespace outstation::alertd
