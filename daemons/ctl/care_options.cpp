// SPDX-License-Identifier: GPL-3.0-or-later
// Declaring the commands that care for the data.
#include "daemons/ctl/care_options.hpp"

#include <memory>

#include "daemons/ctl/backup_commands.hpp"
#include "daemons/ctl/export_command.hpp"
#include "daemons/ctl/time_text.hpp"
#include "daemons/ctl/top.hpp"
#include "daemons/ctl/verify.hpp"
#include "lib/config/config.hpp"

namespace outstation::ctl {
namespace {

constexpr auto kShortestInterval = std::chrono::milliseconds(100);
constexpr auto kLongestInterval = std::chrono::hours(1);

CLI::App* add_backup_command(CLI::App& app, const char* name, const char* help, BackupOptions& options) {
    auto* command = app.add_subcommand(name, help);
    command->add_option("file", options.file, "the backup; - for standard output or input")->required();
    command
        ->add_option("--passphrase-file", options.passphrase_file, "file whose first line is the passphrase")
        ->required();
    return command;
}

void add_backup(CLI::App& app, Target& target, int& exit_code, const CLI::Option& state_dir) {
    auto options = std::make_shared<BackupOptions>();
    add_backup_command(app, "backup", "Everything the station keeps, sealed in one file, while it goes on",
                       *options)
        ->callback([&target, &exit_code, options] { exit_code = back_up(target, *options); });
    auto check = std::make_shared<bool>(false);
    auto* restoring = add_backup_command(
        app, "restore", "Make a station out of a backup, in --state-dir, which must be empty", *options);
    restoring->add_flag("--check", *check, "only read and prove the backup; nothing is written");
    restoring->callback([&target, &exit_code, &state_dir, options, check] {
        if (*check) {
            exit_code = check_backup(target, *options);
            return;
        }
        if (state_dir.count() == 0) throw CLI::RequiredError("--state-dir");
        exit_code = restore(target, *options);
    });
}

// An option that is a time.
void add_time(CLI::App& command, const char* name, std::int64_t& time_ns, const char* help) {
    command
        .add_option_function<std::string>(
            name,
            [&time_ns, name](const std::string& text) {
                const auto parsed = parse_time(text);
                if (!parsed) throw CLI::ValidationError(name, parsed.error().text);
                time_ns = *parsed;
            },
            help)
        ->type_name("TIME");
}

void add_export(CLI::App& app, Target& target, int& exit_code) {
    auto* command = app.add_subcommand("export", "Samples, events or the gap ledger as CSV or JSON");
    command->require_subcommand(1);
    const auto kind = [&](const char* name, const char* help, auto run) {
        auto options = std::make_shared<ExportOptions>();
        auto format = std::make_shared<std::string>();
        auto* sub = command->add_subcommand(name, help);
        sub->add_option("device", options->device, "only of this device");
        if (std::string_view(name) == "samples")
            sub->add_option("--metric", options->metric, "only this metric");
        add_time(*sub, "--from", options->from_ns, "from this time on (UTC): 2026-11-21T10:00:00Z");
        add_time(*sub, "--to", options->to_ns, "up to this time");
        sub->add_option("--format", *format, "csv (default) or json, one object a line")
            ->check(CLI::IsMember({"csv", "json"}));
        sub->add_option("--output", options->output, "a file, there only when it is whole")
            ->capture_default_str();
        sub->callback([&target, &exit_code, options, format, run] {
            const bool json = *format == "json" || (format->empty() && target.json);
            options->format = json ? RowFormat::json : RowFormat::csv;
            exit_code = run(target, *options);
        });
    };
    kind("samples", "Values as they were measured, in the order of time for each device", &export_samples);
    kind("events", "Changes of state and attributes, newest first", &export_events);
    kind("ledger", "What was not collected, dropped or damaged, newest first", &export_ledger);
}

void add_top(CLI::App& app, Target& target, int& exit_code) {
    auto options = std::make_shared<TopOptions>();
    auto* command = app.add_subcommand("top", "How much flows through the station, until Ctrl-C");
    command->add_flag("--once", options->once, "one table, after one interval");
    command
        ->add_option_function<std::string>(
            "--interval",
            [options](const std::string& text) {
                const auto interval = config::parse_duration(text);
                if (!interval || *interval < kShortestInterval || *interval > kLongestInterval)
                    throw CLI::ValidationError("--interval", "expected 100 ms to 1 h, such as '2 s'");
                options->interval = *interval;
            },
            "between two looks (default: 2 s)")
        ->type_name("TIME");
    command->callback([&target, &exit_code, options] { exit_code = show_top(target, *options); });
}

}  // namespace

void add_care(CLI::App& app, Target& target, int& exit_code, const CLI::Option& state_dir) {
    add_backup(app, target, exit_code, state_dir);
    app.add_subcommand("verify", "Is everything on disk still what was written? Changes nothing")
        ->callback([&] { exit_code = verify(target); });
    add_export(app, target, exit_code);
    add_top(app, target, exit_code);
}

}  // namespace outstation::ctl
