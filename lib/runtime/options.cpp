// SPDX-License-Identifier: GPL-3.0-or-later
// CLI11 behind one function.
#include "lib/runtime/options.hpp"

#include <CLI/CLI.hpp>

namespace outstation::runtime {
namespace {

std::string variable_or(const char* name, const std::string& fallback) {
    const char* value = std::getenv(name);
    return value == nullptr || *value == '\0' ? fallback : std::string(value);
}

}  // namespace

std::optional<Options> parse_options(const std::string& daemon, const std::string& summary, int argc,
                                     char** argv, int& exit_code) {
    Options out;
    out.state_dir = variable_or("STATE_DIRECTORY", "/var/lib/outstation/" + daemon);
    out.run_dir = variable_or("OUTSTATION_RUN_DIR", "/run/outstation");
    std::string level = "info";
    CLI::App app(summary, daemon);
    app.set_version_flag("--version", std::string(OUTSTATION_VERSION));
    app.add_option("--config", out.config_file, "YAML file of this daemon; without it the defaults hold");
    app.add_option("--state-dir", out.state_dir, "directory of this daemon's data")->capture_default_str();
    app.add_option("--run-dir", out.run_dir, "directory of the daemons' sockets")->capture_default_str();
    app.add_option("--log-level", level, "error, warning, info or debug")
        ->check(CLI::IsMember({"error", "warning", "info", "debug"}))
        ->capture_default_str();
    app.add_flag("--check-config", out.check_config, "read the configuration, tell what is wrong, and end");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        exit_code = app.exit(error) == 0 ? 0 : 2;
        return std::nullopt;
    }
    out.log_level = *level_from(level);
    return out;
}

}  // namespace outstation::runtime
