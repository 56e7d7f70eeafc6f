// SPDX-License-Identifier: GPL-3.0-or-later
// The discover commands.
#include "daemons/ctl/discover_commands.hpp"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "daemons/ctl/ask.hpp"
#include "daemons/ctl/table.hpp"
#include "lib/runtime/log.hpp"
#include "lib/wire/config_messages.hpp"
#include "lib/wire/poll_messages.hpp"

namespace outstation::ctl {
namespace {

using nlohmann::json;

Result<wire::SweepStatus> ask_sweep(const Target& target, const std::string& action,
                                    const std::vector<std::string>& ranges = {}) {
    return ask<wire::SweepStatus>(target.run_dir, "polld", wire::SweepRequest{action, ranges});
}

std::string status_line(const wire::SweepStatus& status) {
    std::string out = status.state + ": " + std::to_string(status.done) + " of " +
                      std::to_string(status.total) + " addresses, " + std::to_string(status.found) + " found";
    if (status.others > 0) out += ", " + std::to_string(status.others) + " that answer to no credential";
    for (const std::string& problem : status.problems) out += "\n" + runtime::printable(problem);
    return out;
}

int print_status(const Target& target, const wire::SweepStatus& status) {
    if (!target.json) {
        std::cout << status_line(status) << "\n";
        return kDone;
    }
    std::cout << json{{"state", status.state},           {"ranges", status.ranges},
                      {"total", status.total},           {"done", status.done},
                      {"found", status.found},           {"others", status.others},
                      {"probed", status.probed},         {"unprobed", status.unprobed},
                      {"started_ns", status.started_ns}, {"ended_ns", status.ended_ns},
                      {"problems", status.problems},     {"left_alone", status.left_alone},
                      {"next_ns", status.next_ns}}
                     .dump(2, ' ', false, json::error_handler_t::replace)
              << "\n";
    return kDone;
}

std::string joined(const std::vector<std::string>& words, const char* between) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : between) + word;
    return out;
}

json candidate_json(const wire::Candidate& one) {
    return {{"addresses", one.addresses},
            {"sys_name", one.sys_name},
            {"vendor", one.vendor},
            {"class", one.device_class},
            {"id", one.id},
            {"model", one.model},
            {"version", one.version},
            {"serial", one.serial},
            {"credential", one.credential},
            {"packs", one.packs},
            {"problem", one.problem},
            {"known_as", one.known_as},
            {"why", one.why},
            {"seen", one.seen},
            {"difference", one.difference},
            {"ignored", one.ignored}};
}

}  // namespace

int start_sweep(const Target& target, const std::vector<std::string>& ranges, bool detach) {
    auto status = ask_sweep(target, "start", ranges);
    while (status && !detach && status->state == "running") {
        if (!target.json && isatty(STDERR_FILENO) != 0)
            std::cerr << "\r" << status->done << " of " << status->total << ", " << status->found
                      << " found ";
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
        status = ask_sweep(target, "");
    }
    if (!status) return failed(target, status.error());
    if (!target.json && isatty(STDERR_FILENO) != 0) std::cerr << "\n";
    return print_status(target, *status);
}

int control_sweep(const Target& target, const std::string& action) {
    const auto status = ask_sweep(target, action == "status" ? "" : action);
    return status ? print_status(target, *status) : failed(target, status.error());
}

int list_candidates(const Target& target) {
    const auto reply = ask<wire::CandidatesReply>(target.run_dir, "polld", wire::CandidatesRequest{});
    if (!reply) return failed(target, reply.error());
    if (target.json) {
        json rows = json::array();
        for (const auto& one : reply->candidates) rows.push_back(candidate_json(one));
        std::cout << json{{"candidates", rows}}.dump(2, ' ', false, json::error_handler_t::replace) << "\n";
        return kDone;
    }
    Table table(
        {"ADDRESS", "NAME", "MAKER", "CLASS", "MODEL", "CREDENTIAL", "SEEN BY", "KNOWN AS", "PROBLEM"});
    const auto text = [](const std::string& of) { return of.empty() ? "-" : runtime::printable(of); };
    for (const auto& one : reply->candidates) {
        table.add({joined(one.addresses, " "), text(one.sys_name), text(one.vendor), text(one.device_class),
                   text(one.model), text(one.credential), text(joined(one.seen, ", ")), text(one.known_as),
                   text(one.ignored ? "ignored" : one.problem)});
    }
    std::cout << table.text();
    return kDone;
}

int ignore_candidate(const Target& target, const std::string& address, bool ignored) {
    const auto reply = ask<wire::Done>(target.run_dir, "polld", wire::IgnoreCandidate{address, ignored});
    return reply ? done(target, address + (ignored ? " is ignored" : " is not ignored any more"))
                 : failed(target, reply.error());
}

int accept_candidate(const Target& target, const AcceptOptions& options) {
    const auto reply = ask<wire::CandidatesReply>(target.run_dir, "polld", wire::CandidatesRequest{});
    if (!reply) return failed(target, reply.error());
    const auto& all = reply->candidates;
    const auto one = std::find_if(all.begin(), all.end(), [&options](const wire::Candidate& candidate) {
        const auto& addresses = candidate.addresses;
        return std::find(addresses.begin(), addresses.end(), options.address) != addresses.end();
    });
    if (one == all.end())
        return failed(target, {ErrorCode::not_found, options.address + " was not found by a sweep"});
    if (!one->known_as.empty())
        return failed(target, {ErrorCode::refused, options.address + " is " + one->known_as + " already"});
    if (one->credential.empty())
        return failed(target, {ErrorCode::refused, options.address + ": " + one->problem});
    wire::AddDevice request;
    request.device.id = options.id.empty() ? one->id : options.id;
    request.device.name = options.name.empty() ? one->sys_name : options.name;
    if (request.device.name.empty()) request.device.name = request.device.id;
    request.device.address = options.address;
    request.device.port = one->port;
    request.device.device_class = one->configured_class;
    request.device.location = options.location;
    request.device.credential = one->credential;
    const auto added = ask<wire::Done>(target.run_dir, "confd", request);
    return added ? done(target, request.device.id + " is polled from now on") : failed(target, added.error());
}

}  // namespace outstation::ctl
