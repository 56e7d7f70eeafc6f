// SPDX-License-Identifier: GPL-3.0-or-later
// Asking alertd.
#include "daemons/ctl/alarm_commands.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <tuple>

#include "daemons/ctl/alarm_json.hpp"
#include "daemons/ctl/ask.hpp"
#include "daemons/ctl/table.hpp"
#include "daemons/ctl/time_text.hpp"
#include "lib/config/config.hpp"
#include "lib/runtime/log.hpp"
#include "lib/wire/alert_messages.hpp"

namespace outstation::ctl {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using runtime::printable;

constexpr Duration kActTimeout = 15s;
constexpr Duration kTestTimeout = 10min;

void print(const json& value) {
    std::cout << value.dump(2, ' ', false, json::error_handler_t::replace) << "\n";
}

std::string handling(const wire::AlarmRow& row) {
    const wire::AlarmState& state = *row.record.alarm;
    if (!row.recorded) return "not recorded";
    if (!state.open) return "cleared";
    if (state.shelved_until_ns != 0) return "shelved until " + iso_time(state.shelved_until_ns);
    if (!state.assignee.empty()) return printable(state.assignee);
    return state.acknowledged_by.empty() ? "-" : "seen by " + printable(state.acknowledged_by);
}

void print_table(const std::vector<wire::AlarmRow>& alarms) {
    Table table({"ID", "SEVERITY", "DEVICE", "COMPONENT", "ALARM", "SINCE (UTC)", "HANDLING"});
    const auto text = [](const std::string& of) { return of.empty() ? std::string("-") : printable(of); };
    for (const auto& row : alarms) {
        const wire::AlarmState& state = *row.record.alarm;
        table.add({row.id, std::string(wire::word_of(state.severity)), text(row.record.device),
                   text(row.record.component), text(state.name_en), iso_time(state.since_ns), handling(row)});
    }
    std::cout << table.text();
}

Result<wire::AlarmsReply> read_alarms(const Target& target, bool cleared) {
    auto asker = Asker::connect(target.run_dir, "alertd");
    if (!asker) return fail(asker.error());
    wire::AlarmsReply all;
    wire::AlarmsRequest request;
    request.cleared = cleared;
    for (bool more = true; more;) {
        auto reply = asker->ask<wire::AlarmsReply>(request);
        if (!reply) return fail(reply.error());
        more = reply->more && !reply->alarms.empty();
        if (more) request.after = reply->alarms.back().id;
        all.behind |= reply->behind;
        for (wire::AlarmRow& row : reply->alarms) {
            if (row.record.alarm) all.alarms.push_back(std::move(row));
        }
    }
    std::stable_sort(all.alarms.begin(), all.alarms.end(), [](const auto& a, const auto& b) {
        const auto rank = [](const auto& row) {
            return std::tuple(!row.record.alarm->open, row.record.alarm->severity,
                              row.record.alarm->since_ns);
        };
        return rank(a) < rank(b);
    });
    return all;
}

// How long ago, or how long from now.
Result<std::int64_t> span_ns(const std::string& text) {
    const auto span = config::parse_duration(text);
    if (!span || span->count() <= 0)
        return fail(ErrorCode::config, "expected a time (like 30min, 2h or 3d), found '" + text + "'");
    return span->count();
}

json firing_json(const wire::Firing& firing) {
    json out = alarm_json(firing.record);
    out["times"] = firing.times;
    if (firing.cleared_ns != 0) out["cleared_ns"] = firing.cleared_ns;
    return out;
}

// Also what could not be looked at: an empty table would say that nothing happened.
std::string looked_at(const wire::RuleTestReply& reply) {
    std::string out = std::to_string(reply.records) + " records were looked at, ";
    out +=
        reply.first_ns == 0 ? "none with values\n" : "with values from " + iso_time(reply.first_ns) + " on\n";
    const auto add = [&out](std::uint64_t count, const char* what) {
        if (count != 0) out += std::to_string(count) + what;
    };
    add(reply.skipped, " records of values in between are not kept as they came\n");
    add(reply.damaged, " parts of the journal cannot be read\n");
    add(reply.left_out, " more times an alarm beside these would have been raised\n");
    return out;
}

void print_firings(const Target& target, const wire::RuleTestReply& reply) {
    if (target.json) {
        json rows = json::array();
        for (const auto& firing : reply.firings) rows.push_back(firing_json(firing));
        return print({{"firings", rows},
                      {"records", reply.records},
                      {"first_ns", reply.first_ns},
                      {"skipped", reply.skipped},
                      {"damaged", reply.damaged},
                      {"left_out", reply.left_out}});
    }
    Table table(
        {"FIRST RAISED (UTC)", "SEVERITY", "RULE", "DEVICE", "COMPONENT", "TIMES", "LAST CLEARED (UTC)"});
    for (const auto& firing : reply.firings) {
        const wire::StateRecord& record = firing.record;
        table.add({iso_time(record.alarm->raised_ns), std::string(wire::word_of(record.alarm->severity)),
                   printable(record.alarm->rule), printable(record.device),
                   record.component.empty() ? "-" : printable(record.component), std::to_string(firing.times),
                   firing.cleared_ns == 0 ? "still open" : iso_time(firing.cleared_ns)});
    }
    std::cout << table.text() << looked_at(reply);
}

}  // namespace

int show_alarms(const Target& target, bool cleared) {
    const auto reply = read_alarms(target, cleared);
    if (!reply) return failed(target, reply.error());
    if (target.json) {
        json rows = json::array();
        for (const auto& row : reply->alarms) {
            json one = alarm_json(row.record);
            one["id"] = row.id;
            one["recorded"] = row.recorded;
            rows.push_back(std::move(one));
        }
        print({{"alarms", rows}, {"behind", reply->behind}});
    } else {
        print_table(reply->alarms);
    }
    if (!reply->behind) return kDone;
    std::cerr << "outstation: alertd has not read the journal yet, or stored does not answer\n";
    return kAway;
}

int act_on_alarm(const Target& target, const std::string& id, wire::AlarmStep step, const std::string& text,
                 const std::string& span) {
    wire::AlarmAct act{id, step, "", text, 0};
    if (!span.empty()) {
        const auto ns = span_ns(span);
        if (!ns) return failed(target, ns.error());
        act.until_ns = now_ns() + *ns;
    }
    const auto reply = ask<wire::Done>(target.run_dir, "alertd", act, kActTimeout);
    if (!reply) return failed(target, reply.error());
    return done(target, id + ": " + std::string(wire::word_of(step)));
}

int test_rules(const Target& target, const std::string& file, const std::string& since) {
    const auto ns = span_ns(since);
    if (!ns) return failed(target, ns.error());
    std::ifstream in(file, std::ios::binary);
    if (!in) return failed(target, Error{ErrorCode::config, file + ": cannot be read"});
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    auto reply = ask<wire::RuleTestReply>(target.run_dir, "alertd",
                                          wire::RuleTestRequest{file, text, now_ns() - *ns}, kTestTimeout);
    if (!reply) return failed(target, reply.error());
    std::erase_if(reply->firings, [](const wire::Firing& firing) { return !firing.record.alarm; });
    print_firings(target, *reply);
    return kDone;
}

}  // namespace outstation::ctl
