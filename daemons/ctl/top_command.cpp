// SPDX-License-Identifier: GPL-3.0-or-later
// Looking at a station again and again.
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <thread>

#include "daemons/ctl/ask.hpp"
#include "daemons/ctl/top.hpp"

namespace outstation::ctl {
namespace {

// The cursor goes to the first place; each line is cleared behind its end, and what is below the last.
constexpr const char* kHome = "\x1b[H";
constexpr const char* kClearLine = "\x1b[K\n";
constexpr const char* kClearBelow = "\x1b[J";
constexpr const char* kClearAll = "\x1b[2J";

std::string content(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

DaemonLook look_at_daemon(const Target& target, const std::string& name) {
    DaemonLook out;
    out.name = name;
    auto asker = Asker::connect(target.run_dir, name);
    if (!asker) return out;
    const auto status = asker->ask<wire::StatusReply>(wire::StatusRequest{});
    if (!status) return out;
    out.running = true;
    out.pid = status->pid;
    out.started_ns = status->started_ns;
    out.rss_bytes = status->rss_bytes;
    out.worst_loop_lag_ns = status->worst_loop_lag_ns;
    if (const auto metrics = asker->ask<wire::MetricsReply>(wire::MetricsRequest{}))
        out.metrics = parse_metrics(metrics->text);
    const std::string process = "/proc/" + std::to_string(out.pid);
    out.cpu_ns = parse_cpu_ns(content(process + "/stat"), sysconf(_SC_CLK_TCK));
    out.written_bytes = parse_written_bytes(content(process + "/io"));
    return out;
}

std::string redrawn(const std::string& text) {
    std::string out = kHome;
    for (const char c : text) {
        if (c == '\n') {
            out += kClearLine;
        } else {
            out += c;
        }
    }
    return out + kClearBelow;
}

void print(const Target& target, const TopOptions& options, const StationLook& before,
           const StationLook& after) {
    if (target.json) {
        std::cout << top_json(before, after) << "\n";
    } else if (options.once || isatty(STDOUT_FILENO) != 1) {
        std::cout << top_text(before, after);
    } else {
        std::cout << redrawn(top_text(before, after));
    }
    std::cout << std::flush;
}

bool all_run(const StationLook& look) {
    for (const DaemonLook& daemon : look.daemons) {
        if (!daemon.running) return false;
    }
    return look.store.has_value();
}

}  // namespace

StationLook look_at(const Target& target) {
    StationLook out;
    for (const char* name : kDaemons) out.daemons.push_back(look_at_daemon(target, name));
    if (auto asker = Asker::connect(target.run_dir, "stored")) {
        if (auto devices = ask_states(*asker)) out.devices = std::move(*devices);
        if (auto store = asker->ask<wire::StoreStatus>(wire::StoreStatusRequest{}))
            out.store = std::move(*store);
    }
    out.at = std::chrono::steady_clock::now().time_since_epoch();
    return out;
}

int show_top(const Target& target, const TopOptions& options) {
    const bool redraws = !options.once && !target.json && isatty(STDOUT_FILENO) == 1;
    StationLook before = look_at(target);
    if (options.once && !find_daemon(before, "stored")->running)
        return failed(target, Error{ErrorCode::timeout, "stored does not run here (" + target.run_dir + ")"});
    if (redraws) std::cout << kClearAll;
    for (;;) {
        std::this_thread::sleep_for(options.interval);
        StationLook after = look_at(target);
        print(target, options, before, after);
        if (options.once) return all_run(after) ? kDone : kAway;
        if (!std::cout) return kFailed;  // nobody reads any more
        before = std::move(after);
    }
}

}  // namespace outstation::ctl
