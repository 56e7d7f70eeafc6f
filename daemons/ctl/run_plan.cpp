// SPDX-License-Identifier: GPL-3.0-or-later
// Directories, files and command lines of a station in the foreground.
#include "daemons/ctl/run_plan.hpp"

#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "lib/config/config.hpp"
#include "lib/config/yaml_text.hpp"
#include "lib/runtime/process.hpp"

namespace outstation::ctl {
namespace {

constexpr const char* kOrder[] = {"stored", "confd", "authd", "probed", "polld", "alertd", "webd"};

Result<void> write_webd_file(const RunOptions& options, const std::string& path) {
    std::string text = "# Written by `outstation run` at each start.\nlisten:\n  addresses: [";
    const std::vector<std::string> loopback = {"127.0.0.1"};
    const auto& addresses = options.addresses.empty() ? loopback : options.addresses;
    for (std::size_t i = 0; i < addresses.size(); ++i)
        text += (i == 0 ? "" : ", ") + config::in_quotes(addresses[i]);
    text += "]\n  port: " + std::to_string(options.port) + "\n";
    if (!options.ui_dir.empty()) text += "ui: " + config::in_quotes(options.ui_dir) + "\n";
    std::ofstream out(path, std::ios::trunc);
    out << text;
    out.close();
    if (!out) return fail_errno(path, errno);
    return {};
}

ChildSpec daemon_spec(const RunOptions& options, const std::string& name) {
    ChildSpec spec;
    spec.name = name;
    spec.notifies = true;
    spec.command = {options.bin_dir + "/outstation-" + name, "--run-dir", run_dir_of(options), "--state-dir",
                    options.state_dir + "/" + name};
    if (name == "confd")
        spec.command.insert(spec.command.end(), {"--config", options.state_dir + "/confd/station.yaml"});
    const std::string own_file = options.state_dir + "/" + name + "/" + name + ".yaml";
    if ((name == "polld" || name == "probed") && access(own_file.c_str(), F_OK) == 0)
        spec.command.insert(spec.command.end(), {"--config", own_file});
    if (name == "webd")
        spec.command.insert(spec.command.end(), {"--config", options.state_dir + "/webd/webd.yaml"});
    return spec;
}

Result<std::vector<ChildSpec>> read_extras(const std::string& file) {
    std::vector<ChildSpec> out;
    if (file.empty()) return out;
    auto document = config::Document::read(file);
    if (!document) return fail(document.error());
    auto root = document->root();
    for (auto& mapping : root.mappings("processes")) {
        ChildSpec spec;
        spec.name = mapping.required_text("name");
        spec.command = mapping.texts("command");
        if (spec.command.empty())
            mapping.problem("command", "'command': expected a list with the program and its arguments");
        out.push_back(std::move(spec));
    }
    if (const auto checked = document->check(); !checked) return fail(checked.error());
    return out;
}

}  // namespace

std::string run_dir_of(const RunOptions& options) {
    return options.state_dir + "/run";
}

Result<std::vector<ChildSpec>> plan_run(const RunOptions& options) {
    for (const std::string& directory : {options.state_dir, run_dir_of(options), options.state_dir + "/confd",
                                         options.state_dir + "/webd"}) {
        if (const auto made = runtime::make_directories(directory, 0700); !made) return fail(made.error());
    }
    if (const auto written = write_webd_file(options, options.state_dir + "/webd/webd.yaml"); !written)
        return fail(written.error());
    std::vector<ChildSpec> specs;
    for (const char* name : kOrder) specs.push_back(daemon_spec(options, name));
    auto extras = read_extras(options.with_file);
    if (!extras) return fail(extras.error());
    specs.insert(specs.begin(), extras->begin(), extras->end());
    return specs;
}

}  // namespace outstation::ctl
