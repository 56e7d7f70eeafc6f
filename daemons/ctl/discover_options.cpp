// SPDX-License-Identifier: GPL-3.0-or-later
// Declaring the discover commands.
#include "daemons/ctl/discover_options.hpp"

#include <memory>

#include "daemons/ctl/discover_commands.hpp"

namespace outstation::ctl {

namespace {

void add_differences(CLI::App& discover, const Target& target, int& exit_code) {
    discover.add_subcommand("diff", "What is new, changed or gone since it was known")
        ->callback([&target, &exit_code] { exit_code = list_differences(target); });
    const std::pair<const char*, const char*> actions[] = {
        {"accept", "It is right so; a device that moved is polled at its new address"},
        {"ignore", "Do not tell it again unless it becomes another"},
        {"restore", "Do not ignore it any more"}};
    for (const auto& [action, help] : actions) {
        const std::string word = action;
        auto id = std::make_shared<std::uint64_t>(0);
        auto* settle = discover.add_subcommand(word + "-diff", help);
        settle->add_option("number", *id, "as discover diff shows it")->required();
        settle->callback(
            [&target, &exit_code, id, word] { exit_code = settle_difference(target, *id, word); });
    }
}

}  // namespace

void add_discover(CLI::App& app, const Target& target, int& exit_code) {
    auto* discover = app.add_subcommand("discover", "Looks for devices that are there and not configured");
    auto ranges = std::make_shared<std::vector<std::string>>();
    auto detach = std::make_shared<bool>(false);
    discover->add_option("ranges", *ranges, "10.1.0.0/22 or an address, within the scopes of station.yaml");
    discover->add_flag("--detach", *detach, "do not wait for the end");
    discover->callback([&target, &exit_code, discover, ranges, detach] {
        if (!discover->get_subcommands().empty()) return;
        exit_code = ranges->empty() ? control_sweep(target, "status") : start_sweep(target, *ranges, *detach);
    });
    const std::pair<const char*, const char*> actions[] = {{"status", "How far it is"},
                                                           {"pause", "Ask no further address for now"},
                                                           {"resume", "Go on after a pause"},
                                                           {"stop", "End it"}};
    for (const auto& [action, help] : actions) {
        const std::string word = action;
        discover->add_subcommand(word, help)->callback([&target, &exit_code, word] {
            exit_code = control_sweep(target, word);
        });
    }
    discover->add_subcommand("list", "What was found, trouble first")->callback([&target, &exit_code] {
        exit_code = list_candidates(target);
    });
    for (const bool ignored : {true, false}) {
        auto* ignore = discover->add_subcommand(
            ignored ? "ignore" : "restore",
            ignored ? "Leave a device out, in later sweeps too" : "Do not leave it out any more");
        auto address = std::make_shared<std::string>();
        ignore->add_option("address", *address, "one of its addresses")->required();
        ignore->callback([&target, &exit_code, address, ignored] {
            exit_code = ignore_candidate(target, *address, ignored);
        });
    }
    add_differences(*discover, target, exit_code);
    auto options = std::make_shared<AcceptOptions>();
    auto* accept = discover->add_subcommand("accept", "Take a device into the configuration");
    accept->add_option("address", options->address, "one of its addresses")->required();
    accept->add_option("--id", options->id, "its id; else what it calls itself");
    accept->add_option("--name", options->name, "its name for people");
    accept->add_option("--location", options->location, "where it stands");
    accept->callback([&target, &exit_code, options] { exit_code = accept_candidate(target, *options); });
}

}  // namespace outstation::ctl
