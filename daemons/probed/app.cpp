// SPDX-License-Identifier: GPL-3.0-or-later
// Wiring of probed.
#include "daemons/probed/app.hpp"

#include <charconv>
#include <optional>
#include <utility>

#include "drivers/probe/sockets.hpp"

namespace outstation::probed {
namespace {

constexpr std::uint32_t kMostPort = 65535;
constexpr unsigned kMostRate = 200;    // addresses a second
constexpr std::uint16_t kHttps = 443;  // Redfish, DMTF DSP0266

std::optional<std::uint16_t> parse_port(const std::string& text) {
    std::uint16_t out = 0;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, out);
    if (parsed.ec != std::errc{} || parsed.ptr != end || out == 0) return std::nullopt;
    return out;
}

std::vector<std::uint16_t> read_ports(config::Mapping& root) {
    if (!root.has("tcp_ports")) return {kHttps};
    std::vector<std::uint16_t> out;
    for (const std::string& text : root.texts("tcp_ports")) {
        if (const auto port = parse_port(text)) {
            out.push_back(*port);
        } else {
            root.problem("tcp_ports", "'tcp_ports': expected ports from 1 to 65535, not " + text);
        }
    }
    if (out.size() > wire::ProbeRequest::kMostPorts)
        root.problem("tcp_ports", "'tcp_ports': expected at most " +
                                      std::to_string(wire::ProbeRequest::kMostPorts) + " ports");
    return out;
}

wire::ProbedAddress answer_of(const probe::Findings& found) {
    wire::ProbedAddress out;
    out.address = found.address;
    out.is_own = found.is_own;
    out.has_echo = found.rtt.has_value();
    out.rtt_ns = static_cast<std::uint64_t>(found.rtt.value_or(Duration{0}).count());
    out.has_pong = found.has_pong;
    out.has_ipmi = found.has_ipmi;
    for (const probe::Port& port : found.ports) {
        if (port.state == probe::PortState::open) out.open_ports.push_back(port.number);
        if (port.state == probe::PortState::refused) out.refused_ports.push_back(port.number);
    }
    return out;
}

}  // namespace

void App::stage(config::Mapping root) {
    staged_.what.ping = root.boolean("ping", true);
    staged_.what.ipmi = root.boolean("ipmi", true);
    staged_.what.ports = read_ports(root);
    staged_.addresses_per_second = static_cast<unsigned>(
        root.integer("addresses_per_second", Settings{}.addresses_per_second, 1, kMostRate));
}

void App::commit() {
    settings_ = staged_;
    if (prober_) prober_->set_rate(settings_.addresses_per_second);
}

Result<void> App::start(runtime::Context& context) {
    context_ = &context;
    auto network = probe::open_sockets(context.loop());
    if (!network) return fail(network.error());
    network_ = std::move(*network);
    if (!network_->icmp_problem().empty()) context.log().warning("NO_PING", network_->icmp_problem());
    probe::Prober::Limits limits;
    limits.addresses_per_second = settings_.addresses_per_second;
    prober_ = std::make_unique<probe::Prober>(context.loop(), *network_, limits);
    context.server().on<wire::ProbeRequest>(
        [this](ipc::Peer&, const wire::ProbeRequest& request, const ipc::Responder& responder) {
            answer(request, responder);
        });
    return {};
}

void App::answer(const wire::ProbeRequest& request, const ipc::Responder& responder) {
    if (request.addresses.size() > wire::ProbeRequest::kMostAddresses ||
        request.ports.size() > wire::ProbeRequest::kMostPorts)
        return responder.fail(Error{ErrorCode::malformed, "too many addresses or ports in one question"});
    probe::What what = settings_.what;
    if (!request.ports.empty()) what.ports.clear();
    for (const std::uint32_t port : request.ports) {
        if (port == 0 || port > kMostPort)
            return responder.fail(Error{ErrorCode::malformed, "no port: " + std::to_string(port)});
        what.ports.push_back(static_cast<std::uint16_t>(port));
    }
    const auto begun = prober_->probe(request.addresses, what,
                                      [this, responder](const std::vector<probe::Findings>& findings) {
                                          wire::ProbeReply reply;
                                          for (const probe::Findings& found : findings)
                                              reply.addresses.push_back(answer_of(found));
                                          reply.icmp_problem = icmp_problem();
                                          responder.reply(reply);
                                      });
    if (!begun) responder.fail(begun.error());
}

std::string App::icmp_problem() const {
    return settings_.what.ping ? network_->icmp_problem() : "turned off by the configuration of probed";
}

void App::describe(std::vector<wire::StatusField>& out) const {
    if (!prober_) return;
    const std::string problem = icmp_problem();
    out.push_back({"ping", problem.empty() ? "yes" : "no: " + problem});
    out.push_back({"addresses waiting", std::to_string(prober_->waiting())});
}

void App::metrics(runtime::Metrics& out) const {
    if (!prober_) return;
    const probe::Prober::Counters& counters = prober_->counters();
    out.counter("probed_addresses", "Addresses probed.", counters.addresses);
    out.counter("probed_sent", "Echo requests, presence pings and connections begun.", counters.sent);
    out.counter("probed_not_sent", "Of these, what the system did not take.", counters.not_sent);
    out.counter("probed_answers", "Answers of any kind.", counters.answers);
    out.counter("probed_unexpected", "Datagrams that are no answer, or that nobody waited for.",
                counters.unexpected);
    out.gauge("probed_waiting", "Addresses that wait or are being probed.",
              static_cast<double>(prober_->waiting()));
}

}  // namespace outstation::probed
