// SPDX-License-Identifier: GPL-3.0-or-later
// Declaring the pack commands.
#include "daemons/ctl/pack_options.hpp"

#include <unistd.h>

#include <memory>

#include "daemons/ctl/pack_commands.hpp"
#include "daemons/ctl/pack_record.hpp"

namespace outstation::ctl {
namespace {

// Beside a build, or of the installed station.
std::string shipped_packs(const std::string& bin_dir) {
    const std::string beside = bin_dir + "/../share/outstation/packs/snmp";
    return access(beside.c_str(), R_OK) == 0 ? beside : "/usr/share/outstation/packs/snmp";
}

void add_import(CLI::App& pack, const Target& target, int& exit_code) {
    auto options = std::make_shared<ImportOptions>();
    auto* import = pack.add_subcommand("import", "Definitions of others as packs, and what was not taken");
    import->add_option("format", options->format, "what they are written for")
        ->required()
        ->check(CLI::IsMember({"datadog", "snmp_exporter", "zabbix", "librenms"}));
    import->add_option("files", options->files, "definitions, or folders of them")->required();
    import->add_option("--out", options->output, "the directory for the packs")->required();
    import->callback([&target, &exit_code, options] { exit_code = import_packs(target, *options);
});
}  // namespace

void add_recording(CLI::App& pack, const Target& target, int& exit_code,
                   const std::shared_ptr<TryOptions>& packs) {
    auto recording = std::make_shared<RecordOptions>();
    auto* record = pack.add_subcommand("record", "All that a device says, redacted, as a recording");
    record->add_option("device", recording->subject, "its id, or an address that discovery found")
        ->required();
    record->add_option("-o,--output", recording->output,
                       "the file; else DEVICE.snmprec; - for standard output");
    record->add_flag("--no-redaction", recording->plain, "as it is, with all names and addresses; root only");
    record->callback([&target, &exit_code, recording] { exit_code = record_device(target, *recording); });

    auto redaction = std::make_shared<RedactOptions>();
    auto* redact = pack.add_subcommand("redact", "A recording without what tells whose it is");
    redact->add_option("recording", redaction->recording, "an snmprec file")->required();
    redact->add_option("-o,--output", redaction->output, "the file; else standard output");
    redact->callback([&target, &exit_code, redaction, packs] {
        redaction->folder = packs->folder;
        exit_code = redact_recording(target, *redaction);
    });
}

}  // namespace outstation::ctl

void add_packs(CLI::App& app, const Target& target, int& exit_code, const std::string& bin_dir) {
    auto* pack = app.add_subcommand("pack", "Device packs, tried on recordings")->require_subcommand(1);
    auto options = std::make_shared<TryOptions>();
    options->folder = shipped_packs(bin_dir);
    pack->add_option("--packs", options->folder, "folder of packs")->capture_default_str();

    auto files = std::make_shared<std::vector<std::string>>();
    auto* check = pack->add_subcommand("check", "Every mistake of packs, with file, line and column");
    check->add_option("files", *files, "packs, or folders of packs")->required();
    check->callback([&target, &exit_code, files] { exit_code = check_packs(target, *files); });

    auto recording = std::make_shared<std::string>();
    auto* explain = pack->add_subcommand("explain", "Which packs a recorded device gets, and why");
    explain->add_option("recording", *recording, "an snmprec file")->required();
    explain->callback([&target, &exit_code, options, recording] {
        exit_code = explain_packs(target, options->folder, *recording);
    });

    auto* trying = pack->add_subcommand("try", "What packs find in a recorded device");
    trying
        ->add_option("arguments", options->arguments,
                     "[PACK] RECORDING; with --export RECORDING... or folders")
        ->required();
    trying->add_option("--export", options->export_format, "write NAME.json for each recording")
        ->check(CLI::IsMember({"facts"}));
    trying->add_option("--out", options->output, "the directory for them");
    trying->callback([&target, &exit_code, options] { exit_code = try_packs(target, *options); });
    add_import(*pack, target, exit_code);
    add_recording(*pack, target, exit_code, options);
}

}  // namespace outstation::ctl
