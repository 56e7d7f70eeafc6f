// SPDX-License-Identifier: GPL-3.0-or-later
// Declaring the commands that care for the data.
#include "daemons/ctl/care_options.hpp"

#include <memory>

#include "daemons/ctl/backup_commands.hpp"
#include "daemons/ctl/verify.hpp"

namespace outstation::ctl {
namespace {

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
    add_backup_command(app, "restore", "Make a station out of a backup, in --state-dir, which must be empty",
                       *options)
        ->callback([&target, &exit_code, &state_dir, options] {
            if (state_dir.count() == 0) throw CLI::RequiredError("--state-dir");
            exit_code = restore(target, *options);
        });
}

}  // namespace

void add_care(CLI::App& app, Target& target, int& exit_code, const CLI::Option& state_dir) {
    add_backup(app, target, exit_code, state_dir);
    app.add_subcommand("verify", "Is everything on disk still what was written? Changes nothing")
        ->callback([&] { exit_code = verify(target); });
}

}  // namespace outstation::ctl
