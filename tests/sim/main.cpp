// SPDX-License-Identifier: GPL-3.0-or-later
// outstation-sim: plays SNMP devices on loopback addresses, from descriptions and recordings.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>

#include "lib/runtime/signals.hpp"
#include "tests/sim/room.hpp"
#include "tests/sim/server.hpp"
#include "tests/sim/snmprec.hpp"

namespace {

using namespace outstation;

constexpr std::size_t kMostShown = 10;  // of the lines that were left out

struct Options {
    std::string room;
    std::vector<std::string> devices;
    std::vector<std::string> behaviours;
    std::uint16_t port = 20161;
    std::string community_file;
    std::string users_file;
    bool list = false;
    bool list_behaviours = false;
    sim::AgentOptions agent;
};

constexpr char kFooter[] = R"(Examples:
  outstation-sim --room tests/sim/room/room.yaml
  outstation-sim --device 127.0.0.1:20161=switch.snmprec --behaves 'loss 5 %' --behaves 'restart every 10 min'
  outstation-sim --device '127.20.0.1*5000:20161=switch.snmprec'     5,000 devices at addresses of their own
  snmpbulkwalk -v2c -c public 127.0.0.1:20161 1.3.6.1.2.1.2
docs/guide/simulator.md has the format of rooms, descriptions and recordings.)";

void add_options(CLI::App& app, Options& options) {
    app.footer(kFooter);
    app.add_option("--room", options.room,
                   "room file: which devices, where, what they play, how they behave");
    app.add_option("--device", options.devices,
                   "ADDRESS[*COUNT]:PORT[+COUNT]=FILE, a recording (.snmprec) or a description (.yaml); may "
                   "be repeated");
    app.add_option("--behaves", options.behaviours,
                   "what every device does besides: 'NAME [AMOUNT] [from T] [until T] [every T] [for T]'; "
                   "may be repeated");
    app.add_flag("--behaviours", options.list_behaviours,
                 "only print all behaviours, with their amounts and times");
    app.add_option("--port", options.port, "port of the room's devices that name none")
        ->capture_default_str();
    app.add_option("--community-file", options.community_file,
                   "file whose first line is the community (default: public)");
    app.add_option("--users", options.users_file, "file with the users of SNMPv3, besides those of the room");
    app.add_flag("--list", options.list,
                 "only print id, name, address, port, class and location, a device a line");
    app.add_option("--max-message", options.agent.max_message_bytes, "largest answer in bytes")
        ->check(CLI::Range(484, 65507))
        ->capture_default_str();
}

Result<std::vector<sim::Device>> collect_devices(Options& options, sim::Library& library) {
    std::vector<sim::Device> out;
    if (!options.room.empty()) {
        auto room = sim::read_room(options.room, options.port, library);
        if (!room) return fail(room.error());
        out = std::move(room->devices);
        options.agent.users = std::move(room->users);
    }
    for (const std::string& argument : options.devices) {
        auto devices = sim::parse_device(argument, library);
        if (!devices) return devices;
        std::move(devices->begin(), devices->end(), std::back_inserter(out));
    }
    if (out.empty()) return fail(ErrorCode::config, "no device to play: --room or --device (--help)");
    if (out.size() > sim::kMaxDevices) return fail(ErrorCode::config, "more devices than can be played");
    std::vector<sim::Scheduled> behaviours;
    for (const std::string& text : options.behaviours) {
        const auto behaviour = sim::parse_behaviour(text);
        if (!behaviour) return fail(behaviour.error().in("--behaves"));
        behaviours.push_back(*behaviour);
    }
    sim::add_behaviours(out, behaviours, library);
    return out;
}

Result<void> read_secrets(Options& options) {
    if (!options.community_file.empty()) {
        const auto text = sim::read_text(options.community_file);
        if (!text) return fail(text.error());
        options.agent.community = text->substr(0, std::min<std::size_t>(text->find_first_of("\r\n"), 255));
    }
    if (options.users_file.empty()) return {};
    auto users = sim::read_users(options.users_file);
    if (!users) return fail(users.error());
    std::move(users->begin(), users->end(), std::back_inserter(options.agent.users));
    return {};
}

// Separated by tabs, for the one who makes a station's configuration from a room.
void list_devices(const std::vector<sim::Device>& devices) {
    for (const sim::Device& d : devices) {
        std::printf("%s\t%s\t%s\t%u\t%s\t%s\n", d.id.c_str(), d.name.c_str(), d.address.c_str(),
                    unsigned{d.port}, d.device_class.c_str(), d.location.c_str());
    }
}

void warn(const std::vector<std::string>& left_out) {
    for (std::size_t i = 0; i < left_out.size() && i < kMostShown; ++i)
        std::fprintf(stderr, "outstation-sim: left out: %s\n", left_out[i].c_str());
    if (left_out.size() > kMostShown)
        std::fprintf(stderr, "outstation-sim: and %zu more lines\n", left_out.size() - kMostShown);
}

Result<void> play(Options options, std::vector<sim::Device> devices) {
    auto loop = make_epoll_loop();
    if (!loop) return fail(loop.error());
    const auto signals = runtime::Signals::watch(**loop, {SIGTERM, SIGINT}, [&](int) { (*loop)->stop(); });
    if (!signals) return fail(signals.error());
    const std::size_t count = devices.size();
    const auto server = sim::Server::start(**loop, std::move(devices), std::move(options.agent));
    if (!server) return fail(server.error());
    std::printf("playing %zu devices\n", count);
    std::fflush(stdout);
    (*loop)->run();
    return {};
}

Result<void> run(Options options) {
    if (options.list_behaviours)
        return std::fputs(sim::describe_behaviours().c_str(), stdout), Result<void>{};
    sim::Library library;
    auto devices = collect_devices(options, library);
    if (!devices) return fail(devices.error());
    if (options.list) return list_devices(*devices), Result<void>{};
    if (const auto read = read_secrets(options); !read) return read;
    warn(library.left_out());
    return play(std::move(options), std::move(*devices));
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app("Plays SNMP devices (v1, v2c, v3) on loopback addresses.", "outstation-sim");
    add_options(app, options);
    CLI11_PARSE(app, argc, argv);
    const auto result = run(std::move(options));
    if (result) return 0;
    std::fprintf(stderr, "outstation-sim: %s\n", result.error().text.c_str());
    return 1;
}
