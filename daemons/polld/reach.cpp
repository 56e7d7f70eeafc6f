// SPDX-License-Identifier: GPL-3.0-or-later
// Questions to probed, and what their answers are worth.
#include "daemons/polld/reach.hpp"

#include <algorithm>
#include <utility>

#include "lib/model/address_range.hpp"

namespace outstation::polld {
namespace {

using namespace std::chrono_literals;

// What waits before ours in probed, its rate and its tries.
constexpr Duration kAnswer = 60s;

std::string for_people(const std::string& word) {
    if (word == "ipmi") return "IPMI";
    if (word == "arp") return "ARP";
    return word.rfind("tcp/", 0) == 0 ? "TCP " + word.substr(4) : word;
}

}  // namespace

void Reach::begin(std::uint32_t next, std::uint32_t total,
                  std::function<std::uint32_t(std::uint32_t)> address_at) {
    run_ = std::make_shared<Run>();
    run_->next = next;
    run_->total = total;
    run_->address_at = std::move(address_at);
    run_->is_alone = source_ == nullptr;
}

std::optional<Reach::Turn> Reach::take() {
    ask_more();
    Run& run = *run_;
    if (!run.answered.empty()) {
        Turn out = std::move(run.answered.front());
        run.answered.pop_front();
        return out;
    }
    if (run.is_alone && run.next < run.total) return Turn{run.next++, {}};
    const bool is_last = run.next >= run.total && run.asked.empty();
    if (run.silent.empty() || (!is_last && run.silent.size() < kMostSilent)) return std::nullopt;
    const std::uint32_t number = run.silent.front();
    run.silent.pop_front();
    return Turn{number, {}};
}

bool Reach::is_done() const {
    return run_->next >= run_->total && run_->asked.empty() && run_->answered.empty() && run_->silent.empty();
}

std::uint32_t Reach::next() const {
    std::uint32_t out = run_->next;
    if (!run_->asked.empty()) out = std::min(out, run_->asked.begin()->first);
    for (const Turn& turn : run_->answered) out = std::min(out, turn.number);
    for (const std::uint32_t number : run_->silent) out = std::min(out, number);
    return out;
}

std::uint32_t Reach::probed() const {
    std::uint32_t out = run_->next;
    for (const auto& [first, count] : run_->asked) out -= count;
    return out;
}

void Reach::ask_more() {
    Run& run = *run_;
    while (!run.is_alone && run.next < run.total && run.asked.size() < kMostQuestions &&
           run.silent.size() < kMostSilent) {
        wire::ProbeRequest request;
        const std::uint32_t first = run.next;
        for (; run.next < run.total && request.addresses.size() < kBatch; ++run.next)
            request.addresses.push_back(run.address_at(run.next));
        run.asked[first] = run.next - first;
        source_->probe(request,
                       [of = std::weak_ptr<Run>(run_), first](const Result<wire::ProbeReply>& reply) {
                           if (const auto still = of.lock()) on_reply(*still, first, reply);
                       });
    }
}

void Reach::on_reply(Run& run, std::uint32_t first, const Result<wire::ProbeReply>& reply) {
    const std::uint32_t count = run.asked.at(first);
    run.asked.erase(first);
    if (!reply) return on_failed(run, first, count, reply.error().text);
    if (reply->addresses.size() != count) return on_failed(run, first, count, "a short answer");
    for (std::uint32_t i = 0; i < count; ++i) {
        auto seen = seen_words(reply->addresses[i]);
        if (seen.empty()) run.silent.push_back(first + i);
        if (!seen.empty()) run.answered.push_back({first + i, std::move(seen)});
    }
    const std::string no_ping = "nobody was pinged: " + reply->icmp_problem;
    const bool is_known = std::find(run.problems.begin(), run.problems.end(), no_ping) != run.problems.end();
    if (reply->icmp_problem.empty() || is_known) return;
    run.problems.push_back(no_ping);
    run.unprobed = "ping";
}

// Nobody is left out for it: they are asked by SNMP as if nobody ever probed.
void Reach::on_failed(Run& run, std::uint32_t first, std::uint32_t count, const std::string& why) {
    for (std::uint32_t i = 0; i < count; ++i) run.answered.push_back({first + i, {}});
    run.unprobed = "all";
    if (!std::exchange(run.is_alone, true))
        run.problems.push_back("probed does not answer, so only SNMP is asked: " + why);
}

std::vector<std::string> seen_words(const wire::ProbedAddress& probed) {
    std::vector<std::string> out;
    if (probed.has_echo && !probed.is_own) out.emplace_back("ping");
    if (probed.has_pong) out.emplace_back(probed.has_ipmi ? "ipmi" : "asf");
    if (probed.is_own) return out;
    for (const std::uint32_t port : probed.open_ports) out.push_back("tcp/" + std::to_string(port));
    for (const std::uint32_t port : probed.refused_ports)
        out.push_back("tcp/" + std::to_string(port) + " refused");
    return out;
}

wire::Candidate make_silent_candidate(std::uint32_t address, std::vector<std::string> seen,
                                      const std::string& hardware) {
    wire::Candidate out;
    out.addresses = {ipv4_text(address)};
    out.mac = hardware;
    if (!hardware.empty()) seen.emplace_back("arp");
    if (seen.empty()) return out;
    std::string words;
    for (const std::string& word : seen) words += (words.empty() ? "" : ", ") + for_people(word);
    out.problem = "it is there (" + words + "), but answers no credential by SNMP";
    out.trouble = "silent";
    const bool has_ipmi = std::find(seen.begin(), seen.end(), "ipmi") != seen.end();
    if (has_ipmi) out.device_class = "bmc";
    out.seen = std::move(seen);
    return out;
}

void IpcProbeSource::probe(const wire::ProbeRequest& request, Answer answer) {
    client_.request<wire::ProbeReply>(request, kAnswer, std::move(answer));
}

}  // namespace outstation::polld
