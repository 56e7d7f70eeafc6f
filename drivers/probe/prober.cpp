// SPDX-License-Identifier: GPL-3.0-or-later
// Address after address at the rate, each in two tries.
#include "drivers/probe/prober.hpp"

#include <algorithm>
#include <utility>

#include "drivers/probe/asf.hpp"
#include "drivers/probe/icmp.hpp"
#include "lib/crypto/bytes.hpp"

namespace outstation::probe {
namespace {

constexpr std::size_t kCookie = 16;

}  // namespace

Prober::Prober(Loop& loop, Network& network, Limits limits)
    : loop_(loop), network_(network), limits_(limits) {
    network_.listen({[this](std::uint32_t from, std::string_view message) { on_icmp(from, message); },
                     [this](std::uint32_t from, std::string_view datagram) { on_asf(from, datagram); }});
}

Result<void> Prober::probe(const std::vector<std::uint32_t>& addresses, const What& what, Done done) {
    if (waiting() + addresses.size() > limits_.most_waiting)
        return fail(ErrorCode::exhausted, "too many addresses wait to be probed");
    auto question = std::make_shared<Question>();
    question->what = what;
    question->what.ping = what.ping && network_.icmp_problem().empty();
    question->left = addresses.size();
    question->done = std::move(done);
    for (const std::uint32_t address : addresses) {
        Findings& findings = question->findings.emplace_back();
        findings.address = address;
        for (const std::uint16_t port : what.ports) findings.ports.push_back({port});
        queue_.push_back({question, question->findings.size() - 1});
    }
    if (addresses.empty()) loop_.post([question] { question->done({}); });
    pace();
    return {};
}

void Prober::pace() {
    if (next_ || queue_.empty()) return;
    next_ = loop_.at(std::max(next_at_, loop_.now()), [this] {
        next_.cancel();
        next_at_ = loop_.now() + Duration{std::chrono::seconds(1)} / limits_.addresses_per_second;
        if (hosts_.size() < limits_.most_at_once) begin_next();
        pace();
    });
}

void Prober::begin_next() {
    const std::uint64_t number = ++begun_;
    Host& host = hosts_[number];
    host.place = std::move(queue_.front());
    queue_.pop_front();
    host.cookie = crypto::random_bytes(kCookie).value_or("");
    host.tag = static_cast<std::uint8_t>(number % kAsfTags);
    host.findings().is_own = network_.is_own(host.findings().address);
    ++counters_.addresses;
    connect(number, host);
    ask(number);
}

void Prober::connect(std::uint64_t number, Host& host) {
    const Findings& findings = host.findings();
    for (std::size_t i = 0; i < findings.ports.size(); ++i) {
        auto connecting =
            network_.connect(findings.address, findings.ports[i].number, [this, number, i](PortState state) {
                Host& asked = hosts_.at(number);
                asked.findings().ports[i].state = state;
                --asked.undecided;
                on_answer(number);
            });
        count(connecting != nullptr);
        host.undecided += connecting ? 1 : 0;
        host.connecting.push_back(std::move(connecting));
    }
}

// What has not answered yet, or nothing any more.
void Prober::ask(std::uint64_t number) {
    Host& host = hosts_.at(number);
    if (host.tries++ == kTries || !host.awaits_any()) return finish(number);
    if (host.awaits_echo() && !host.cookie.empty()) send_echo(number, host);
    if (host.awaits_pong()) count(network_.send_asf(host.findings().address, encode_presence_ping(host.tag)));
    host.timer = loop_.after(kTimeout, [this, number] { ask(number); });
}

void Prober::send_echo(std::uint64_t number, Host& host) {
    while (echoes_.count(++sequence_) > 0) continue;
    echoes_[sequence_] = {number, loop_.now()};
    host.echoes.push_back(sequence_);
    count(network_.send_icmp(host.findings().address, encode_echo_request(sequence_, host.cookie)));
}

void Prober::on_icmp(std::uint32_t from, std::string_view message) {
    const auto echo = parse_echo_reply(message);
    const auto sent = echo ? echoes_.find(echo->sequence) : echoes_.end();
    if (sent == echoes_.end()) {
        ++counters_.unexpected;
        return;
    }
    const std::uint64_t number = sent->second.host;
    const Host& host = hosts_.at(number);
    Findings& findings = host.findings();
    if (findings.address != from || host.cookie != echo->data || findings.rtt) {
        ++counters_.unexpected;
        return;
    }
    findings.rtt = loop_.now() - sent->second.at;
    on_answer(number);
}

void Prober::on_asf(std::uint32_t from, std::string_view datagram) {
    const auto pong = parse_presence_pong(datagram);
    const auto asked = std::find_if(hosts_.begin(), hosts_.end(), [&pong, from](const auto& one) {
        const Host& host = one.second;
        return pong && host.findings().address == from && host.tag == pong->tag && host.awaits_pong();
    });
    if (asked == hosts_.end()) {
        ++counters_.unexpected;
        return;
    }
    Findings& findings = asked->second.findings();
    findings.has_pong = true;
    findings.has_ipmi = pong->has_ipmi;
    on_answer(asked->first);
}

void Prober::on_answer(std::uint64_t number) {
    ++counters_.answers;
    Host& host = hosts_.at(number);
    if (host.awaits_any()) return;
    // Later: a connection that calls back is not ended from inside.
    host.timer = loop_.after(Duration{0}, [this, number] { finish(number); });
}

void Prober::finish(std::uint64_t number) {
    const auto host = hosts_.find(number);
    for (const std::uint16_t sequence : host->second.echoes) echoes_.erase(sequence);
    const auto question = host->second.place.question;
    hosts_.erase(host);
    if (--question->left == 0) question->done(std::move(question->findings));
}

}  // namespace outstation::probe
