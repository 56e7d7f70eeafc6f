// SPDX-License-Identifier: GPL-3.0-or-later
// outstation: the command of people at the console.
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <climits>
#include <cstdlib>

#include "daemons/ctl/alarm_options.hpp"
#include "daemons/ctl/care_options.hpp"
#include "daemons/ctl/console_commands.hpp"
#include "daemons/ctl/discover_options.hpp"
#include "daemons/ctl/links_command.hpp"
#include "daemons/ctl/pack_options.hpp"
#include "daemons/ctl/record_commands.hpp"
#include "daemons/ctl/run_command.hpp"
#include "daemons/ctl/state_commands.hpp"
#include "daemons/ctl/statement_command.hpp"
#include "daemons/ctl/station_commands.hpp"
#include "daemons/ctl/station_place.hpp"
#include "daemons/ctl/why_command.hpp"

namespace {

using namespace outstation::ctl;

std::string variable_or(const char* name, const std::string& fallback) {
    const char* value = std::getenv(name);
    return value == nullptr || *value == '\0' ? fallback : std::string(value);
}

std::string default_state_dir() {
    return variable_or("XDG_STATE_HOME", variable_or("HOME", "/root") + "/.local/state") + "/outstation";
}

constexpr const char* kApplianceDir = "/var/lib/outstation";

// What saves or proves the data is not done to a station that was not meant.
void must_be_one(const CLI::App& app, const StationPlace& place) {
    if (place.other.empty() || !(app.got_subcommand("backup") || app.got_subcommand("verify"))) return;
    throw CLI::ValidationError("--state-dir", "there are two stations, in " + place.directory + " and in " +
                                                  place.other + ": say which");
}

std::string default_run_dir() {
    const std::string own = default_state_dir() + "/run";
    const bool exists = access(own.c_str(), F_OK) == 0;
    return variable_or("OUTSTATION_RUN_DIR", exists ? own : "/run/outstation");
}

std::string own_directory() {
    char path[PATH_MAX];
    const ssize_t n = readlink("/proc/self/exe", path, sizeof path);
    const std::string text(path, n > 0 ? static_cast<std::size_t>(n) : 0);
    return text.substr(0, text.rfind('/'));
}

std::string absolute(const std::string& path) {
    char resolved[PATH_MAX];
    if (path.empty() || path.front() == '/' || getcwd(resolved, sizeof resolved) == nullptr) return path;
    return std::string(resolved) + "/" + path;
}

void add_run(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<RunOptions>();
    options->state_dir = default_state_dir();
    options->bin_dir = own_directory();
    auto* run = app.add_subcommand("run", "Run a station in the foreground until Ctrl-C");
    run->add_option("--state", options->state_dir, "directory of everything the station keeps")
        ->capture_default_str();
    run->add_option("--bin", options->bin_dir, "directory of the daemons");
    run->add_option("--ui", options->ui_dir, "the built web UI");
    run->add_option("--with", options->with_file, "YAML file with extra processes to run");
    run->add_option("--port", options->port, "HTTPS port")
        ->check(CLI::Range(1, 65535))
        ->capture_default_str();
    run->add_option("--listen", options->addresses, "addresses to listen on (default: loopback only)");
    run->add_flag("--check", options->check,
                  "stop once a first value is on disk: exit code 0; 1 when none comes");
    run->callback([options, &exit_code] {
        options->state_dir = absolute(options->state_dir);
        options->ui_dir = absolute(options->ui_dir);
        exit_code = run_station(*options);
    });
}

void add_looking(CLI::App& app, Target& target, int& exit_code) {
    app.add_subcommand("status", "The daemons: do they run, how much do they use")->callback([&] {
        exit_code = show_status(target);
    });
    app.add_subcommand("devices", "The devices and their state")->callback([&] {
        exit_code = show_devices(target);
    });
    auto device = std::make_shared<std::string>();
    auto metric = std::make_shared<std::string>();
    auto* show = app.add_subcommand("show", "One device: attributes and latest values");
    show->add_option("device", *device, "its id")->required();
    show->add_option("metric", *metric, "only this metric");
    show->callback(
        [&target, &exit_code, device, metric] { exit_code = show_device(target, *device, *metric); });

    auto* why = app.add_subcommand("why", "One device: how it is polled, what came of it, what was learned");
    why->add_option("device", *device, "its id")->required();
    why->add_option("metric", *metric, "and where the values of this metric come from");
    why->callback([&target, &exit_code, device, metric] { exit_code = show_why(target, *device, *metric); });

    app.add_subcommand("statement", "What the station asks of devices, class by class: to be printed")
        ->callback([&] { exit_code = show_statement(target); });
    auto* links = app.add_subcommand("links", "What is connected to what, and who says so");
    links->add_option("device", *device, "only the links of this one");
    links->callback([&target, &exit_code, device] { exit_code = show_links(target, *device); });

    auto stream = std::make_shared<std::string>("samples");
    auto first = std::make_shared<std::uint64_t>(1);
    auto count = std::make_shared<std::uint64_t>(1000);
    auto* journal = app.add_subcommand("journal", "Durable records of a stream, one JSON line each");
    journal->add_option("--stream", *stream, "state, samples, logs, flows, audit, jobs or ledger")
        ->capture_default_str();
    journal->add_option("--from", *first, "first sequence")->capture_default_str();
    journal->add_option("--count", *count, "at most so many")->capture_default_str();
    journal->callback([&target, &exit_code, stream, first, count] {
        exit_code = show_journal(target, *stream, *first, *count);
    });

    auto of_device = std::make_shared<std::string>();
    auto entries = std::make_shared<std::uint32_t>(50);
    auto* ledger = app.add_subcommand("ledger", "What was not collected, dropped or damaged, and why");
    ledger->add_option("device", *of_device, "only what concerns this device");
    ledger->add_option("--count", *entries, "the newest so many")->capture_default_str();
    ledger->callback(
        [&target, &exit_code, of_device, entries] { exit_code = show_ledger(target, *of_device, *entries); });
}

void add_states(CLI::App& app, Target& target, int& exit_code) {
    auto words = std::make_shared<std::vector<std::string>>();
    auto limit = std::make_shared<std::uint32_t>(50);
    auto* search = app.add_subcommand("search", "Where words stand in what devices say of themselves");
    search->add_option("words", *words, "all of them are looked for, each as a beginning")->required();
    search->add_option("--limit", *limit, "at most so many")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    search->callback([&target, &exit_code, words, limit] {
        std::string typed;
        for (const std::string& word : *words) typed.append(word).append(" ");
        exit_code = search_states(target, typed, *limit);
    });

    auto device = std::make_shared<std::string>();
    auto at = std::make_shared<std::string>();
    auto* states = app.add_subcommand("states", "State and attributes of a device and its components");
    states->add_option("device", *device, "its id")->required();
    states->add_option("--at", *at, "as they were at this time (UTC): 2026-11-21T10:00:00Z");
    states->callback([&target, &exit_code, device, at] { exit_code = show_states(target, *device, *at); });
}

void add_token(CLI::App& app, Target& target, int& exit_code, const std::shared_ptr<std::string>& name) {
    auto* token = app.add_subcommand("token", "API tokens (read-only)")->require_subcommand(1);
    auto* add = token->add_subcommand("add", "Make a token and print it once");
    add->add_option("name", *name)->required();
    add->callback([&target, &exit_code, name] { exit_code = outstation::ctl::add_token(target, *name); });
    token->add_subcommand("list", "Names of the tokens")->callback([&] { exit_code = list_tokens(target); });
    auto* remove = token->add_subcommand("remove", "Make a token worthless");
    remove->add_option("name", *name)->required();
    remove->callback([&target, &exit_code, name] { exit_code = remove_token(target, *name); });
}

void add_console(CLI::App& app, Target& target, int& exit_code) {
    auto name = std::make_shared<std::string>();
    auto level = std::make_shared<std::string>();
    auto* secret =
        app.add_subcommand("secret", "Secrets that the configuration names")->require_subcommand(1);
    auto* set = secret->add_subcommand("set", "Store a secret, read from standard input");
    set->add_option("name", *name)->required();
    set->callback([&target, &exit_code, name] { exit_code = set_secret(target, *name); });
    secret->add_subcommand("rekey", "Seal every secret with a new key")->callback([&] {
        exit_code = rekey_secrets(target);
    });
    auto* password = app.add_subcommand("password", "Passwords of people")->require_subcommand(1);
    password->add_subcommand("first", "Print the password of the first start, while nobody has changed it")
        ->callback([&] { exit_code = show_first_password(target); });
    auto* reset = password->add_subcommand(
        "reset", "Set a new password, read from standard input, without the old one");
    reset->add_option("user", *name)->required();
    reset->callback([&target, &exit_code, name] { exit_code = reset_password(target, *name); });
    add_token(app, target, exit_code, name);
    auto* log = app.add_subcommand("log-level", "Change how much a daemon logs, until it restarts");
    log->add_option("daemon", *name)->required();
    log->add_option("level", *level, "error, warning, info or debug")->required();
    log->callback([&target, &exit_code, name, level] { exit_code = set_log_level(target, *name, *level); });
}

}  // namespace

int main(int argc, char** argv) {
    Target target;
    int exit_code = 0;
    CLI::App app("Outstation: an edge monitoring station.", "outstation");
    app.require_subcommand(1);
    app.set_version_flag("--version", std::string("outstation " OUTSTATION_VERSION));
    std::string state_dir;
    auto* run_dir = app.add_option("--run-dir", target.run_dir, "directory of the daemons' sockets");
    auto* state =
        app.add_option("--state-dir", state_dir, "a station started with `outstation run --state DIR`")
            ->excludes(run_dir);
    app.add_flag("--json", target.json, "JSON instead of a table");
    app.fallthrough();
    app.parse_complete_callback([&] {
        const StationPlace place = find_station(default_state_dir(), kApplianceDir);
        if (state->count() == 0) must_be_one(app, place);
        target.state_dir = absolute(state->count() > 0 ? state_dir : place.directory);
        if (target.run_dir.empty())
            target.run_dir = state->count() > 0 ? state_dir + "/run" : default_run_dir();
    });
    add_run(app, exit_code);
    add_looking(app, target, exit_code);
    add_states(app, target, exit_code);
    add_alarms(app, target, exit_code);
    add_console(app, target, exit_code);
    add_care(app, target, exit_code, *state);
    const std::string bin_dir = own_directory();
    add_packs(app, target, exit_code, bin_dir);
    add_discover(app, target, exit_code);
    app.add_subcommand("version", "Print the version")->callback([&target] {
        std::cout << (target.json ? "{\"version\": \"" OUTSTATION_VERSION "\"}"
                                  : "outstation " OUTSTATION_VERSION)
                  << "\n";
    });
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? kDone : kUsage;
    }
    return exit_code;
}
