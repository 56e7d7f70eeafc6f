// SPDX-License-Identifier: GPL-3.0-or-later
// alarms, alarm ..., rule test.
#include "daemons/ctl/alarm_options.hpp"

#include <memory>

#include "daemons/ctl/alarm_commands.hpp"

namespace outstation::ctl {
namespace {

struct Act {
    std::string id;
    std::string text;
    std::string span;
};

// `text` names what is typed behind the id; nullptr: nothing is.
void add_act(CLI::App& alarm, Target& target, int& exit_code, const char* name, const char* what,
             wire::AlarmStep step, const char* text) {
    auto act = std::make_shared<Act>();
    auto* command = alarm.add_subcommand(name, what);
    command->add_option("id", act->id, "of the alarm")->required();
    if (text != nullptr) command->add_option(text, act->text)->required();
    if (step == wire::AlarmStep::shelved)
        command->add_option("--for", act->span, "how long: 30min, 2h, 3d")->required();
    command->callback([&target, &exit_code, act, step] {
        exit_code = act_on_alarm(target, act->id, step, act->text, act->span);
    });
}

}  // namespace

void add_alarms(CLI::App& app, Target& target, int& exit_code) {
    auto cleared = std::make_shared<bool>(false);
    auto* alarms = app.add_subcommand("alarms", "The open alarms, the worst first");
    alarms->add_flag("--cleared", *cleared, "also those that were cleared in the last day");
    alarms->callback([&target, &exit_code, cleared] { exit_code = show_alarms(target, *cleared); });

    auto* alarm = app.add_subcommand("alarm", "Something a person does to an alarm")->require_subcommand(1);
    using wire::AlarmStep;
    add_act(*alarm, target, exit_code, "ack", "Acknowledge it", AlarmStep::acknowledged, nullptr);
    add_act(*alarm, target, exit_code, "assign", "Say who sees to it", AlarmStep::assigned, "person");
    add_act(*alarm, target, exit_code, "note", "Write a note", AlarmStep::noted, "text");
    add_act(*alarm, target, exit_code, "shelve", "Silence it until a time", AlarmStep::shelved, nullptr);
    add_act(*alarm, target, exit_code, "unshelve", "Silence it no more", AlarmStep::unshelved, nullptr);
    add_act(*alarm, target, exit_code, "clear", "End it by hand, with a note", AlarmStep::cleared, "text");

    auto file = std::make_shared<std::string>();
    auto since = std::make_shared<std::string>("1d");
    auto* rule = app.add_subcommand("rule", "Rules of alarms")->require_subcommand(1);
    auto* test = rule->add_subcommand("test", "When the rules of a file would have raised alarms");
    test->add_option("file", *file, "a file like alarm-rules.yaml")->required();
    test->add_option("--since", *since, "how far back: 12h, 30d")->capture_default_str();
    test->callback([&target, &exit_code, file, since] { exit_code = test_rules(target, *file, *since); });
}

}  // namespace outstation::ctl
