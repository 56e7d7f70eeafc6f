// SPDX-License-Identifier: GPL-3.0-or-later
// outstation-sim: plays SNMP devices on loopback addresses, from descriptions and recordings.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>

#include "lib/runtime/signals.hpp"
#include "tests/sim/server.hpp"
#include "tests/sim/snmprec.hpp"

namespace {

using namespace outstation;

struct Options {
    std::string room;
    std::vector<std::string> devices;
    std::uint16_t port = 20161;
    std::string community_file;
    bool list = false;
    sim::AgentOptions agent;
};

void add_options(CLI::App& app, Options& options) {
    app.add_option("--room", options.room, "room file: which devices, where, and what they play");
    app.add_option("--device", options.devices, "ADDRESS:PORT[+COUNT]=FILE.snmprec; may be repeated");
    app.add_option("--port", options.port, "port of the room's devices that name none")
        ->capture_default_str();
    app.add_option("--community-file", options.community_file,
                   "file whose first line is the community (default: public)");
    app.add_flag("--list", options.list,
                 "only print id, name, address, port, class and location, a device a line");
    app.add_option("--max-message", options.agent.max_message_bytes, "largest answer in bytes")
        ->check(CLI::Range(484, 65507))
        ->capture_default_str();
}

Result<std::vector<sim::Device>> collect_devices(const Options& options) {
    std::vector<sim::Device> out;
    if (!options.room.empty()) {
        auto room = sim::read_room(options.room, options.port);
        if (!room) return room;
        out = std::move(*room);
    }
    for (const std::string& argument : options.devices) {
        auto devices = sim::parse_device(argument);
        if (!devices) return devices;
        out.insert(out.end(), devices->begin(), devices->end());
    }
    if (out.empty()) return fail(ErrorCode::config, "no device to play: --room or --device");
    if (out.size() > sim::kMaxDevices) return fail(ErrorCode::config, "more devices than can be played");
    return out;
}

// Separated by tabs, for the one who makes a station's configuration from a room.
void list_devices(const std::vector<sim::Device>& devices) {
    for (const sim::Device& d : devices) {
        std::printf("%s\t%s\t%s\t%u\t%s\t%s\n", d.id.c_str(), d.name.c_str(), d.address.c_str(),
                    unsigned{d.port}, d.device_class.c_str(), d.location.c_str());
    }
}

Result<void> run(Options options) {
    if (!options.community_file.empty()) {
        const auto text = sim::read_text(options.community_file);
        if (!text) return fail(text.error());
        options.agent.community = text->substr(0, std::min<std::size_t>(text->find_first_of("\r\n"), 255));
    }
    auto devices = collect_devices(options);
    if (!devices) return fail(devices.error());
    if (options.list) return list_devices(*devices), Result<void>{};
    auto loop = make_epoll_loop();
    if (!loop) return fail(loop.error());
    const auto signals = runtime::Signals::watch(**loop, {SIGTERM, SIGINT}, [&](int) { (*loop)->stop(); });
    if (!signals) return fail(signals.error());
    const std::size_t count = devices->size();
    const auto server = sim::Server::start(**loop, std::move(*devices), options.agent);
    if (!server) return fail(server.error());
    std::printf("playing %zu devices\n", count);
    std::fflush(stdout);
    (*loop)->run();
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app("Plays SNMP devices on loopback addresses.", "outstation-sim");
    add_options(app, options);
    CLI11_PARSE(app, argc, argv);
    const auto result = run(std::move(options));
    if (result) return 0;
    std::fprintf(stderr, "outstation-sim: %s\n", result.error().text.c_str());
    return 1;
}
