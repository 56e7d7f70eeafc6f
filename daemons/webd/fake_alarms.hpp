// SPDX-License-Identifier: GPL-3.0-or-later
// For tests: an alertd with one alarm, and the states of its device as stored has them.
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "lib/ipc/server.hpp"
#include "lib/wire/alert_messages.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::webd {

struct FakeAlarms {
    std::int64_t now_ns = 0;
    std::string component;
    std::optional<wire::AlarmList> list{};  // answered to whatever is asked
    std::optional<Error> act_error{};
    std::uint64_t head = 0;  // so many states stand in front of all; a question looks at 15,000

    wire::AlarmListRequest asked{};
    wire::AlarmAct acted{};
    int states_asked = 0;

    // One alarm, whatever is asked for, but "none" and the one that is not recorded.
    void serve(ipc::Server& server) {
        server.on<wire::AlarmListRequest>(
            [this](ipc::Peer&, const wire::AlarmListRequest& request, const ipc::Responder& responder) {
                asked = request;
                if (request.cursor == "bad")
                    return responder.fail(Error{ErrorCode::malformed, "not a cursor"});
                responder.reply(list ? *list : list_of(request));
            });
        server.on<wire::AlarmAct>(
            [this](ipc::Peer&, const wire::AlarmAct& act, const ipc::Responder& responder) {
                acted = act;
                if (act_error) return responder.fail(*act_error);
                responder.reply(wire::Done{});
            });
    }
    [[nodiscard]] wire::StateRecord step(wire::AlarmStep step, std::uint64_t revision,
                                         const std::string& by) const {
        wire::StateRecord record;
        record.device = "sw-1";
        record.component = component;
        record.kind = wire::kAlarmKind;
        record.stamp.wall_ns = now_ns - 60'000'000'000;
        wire::AlarmState& state = record.alarm.emplace();
        state.rule = "hot";
        state.step = step;
        state.revision = revision;
        state.occurrence = 5;
        state.open = true;
        state.severity = wire::Severity::critical;
        state.raised_ns = state.since_ns = record.stamp.wall_ns;
        state.by = by;
        state.name_zh = "热";
        state.name_en = "Hot";
        state.value = 75.5;
        return record;
    }
    // Of the alarm and of others, newest first, in two parts behind those in front of all.
    wire::EventsReply steps(std::uint64_t before) {
        constexpr std::uint64_t kLooked = 15'000;
        ++states_asked;
        const std::uint64_t from = before == 0 ? head + 21 : before;
        wire::EventsReply reply;
        reply.more = true;
        reply.next_before = from > 21 ? from - std::min(kLooked, from - 21) : from > 17 ? 17 : 9;
        if (from <= 21) reply.events = from > 17 ? newer() : from > 9 ? older() : reply.events;
        return reply;
    }

  private:
    [[nodiscard]] wire::AlarmList list_of(const wire::AlarmListRequest& request) const {
        wire::AlarmList reply;
        if (request.id != "none")
            reply.alarms = {{request.id == "store-failed" ? request.id : "0a31",
                             step(wire::AlarmStep::noted, 8, "li"), true, "celsius"}};
        reply.next = "1:2:0a31";
        reply.total = 2;
        reply.counts.critical = 1;
        return reply;
    }
    [[nodiscard]] std::vector<wire::StoredState> newer() const {
        wire::StateRecord other_rule = step(wire::AlarmStep::raised, 7, "");
        other_rule.alarm->rule = "wet";
        wire::StateRecord other_place = step(wire::AlarmStep::raised, 6, "");
        other_place.component = "rack";
        return {{20, step(wire::AlarmStep::noted, 8, "li")}, {19, other_rule}, {18, other_place}};
    }
    [[nodiscard]] std::vector<wire::StoredState> older() const {
        wire::StateRecord down;
        down.device = "sw-1";
        down.kind = "device_down";
        return {{16, down},
                {15, step(wire::AlarmStep::raised, 5, "")},
                {14, step(wire::AlarmStep::cleared, 4, "")}};
    }
};

}  // namespace outstation::webd
