// SPDX-License-Identifier: GPL-3.0-or-later
// Looks whether anything answers at addresses: ICMP echo, the presence ping of management controllers, TCP
// ports (opened and reset at once). At a bounded rate; an answer counts only from the asked address, with the
// octets or the tag that were sent there, while it is awaited. No credential is sent anywhere. Threads: the
// loop's. Ownership: loop and network outlive it.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "drivers/probe/network.hpp"
#include "lib/event/loop.hpp"
#include "lib/model/result.hpp"

namespace outstation::probe {

struct What {
    bool ping = true;
    bool ipmi = true;
    std::vector<std::uint16_t> ports;  // of TCP
};

struct Port {
    std::uint16_t number = 0;
    PortState state = PortState::silent;
    bool operator==(const Port&) const = default;
};

// Of one address.
struct Findings {
    std::uint32_t address = 0;
    bool is_own = false;  // of this machine
    std::optional<Duration> rtt;
    bool has_pong = false;
    bool has_ipmi = false;
    std::vector<Port> ports;
};

class Prober {
  public:
    struct Limits {
        unsigned addresses_per_second = 40;
        std::size_t most_at_once = 256;   // addresses
        std::size_t most_waiting = 4096;  // likewise
    };
    struct Counters {
        std::uint64_t addresses = 0;
        std::uint64_t sent = 0;
        std::uint64_t not_sent = 0;  // the system did not take it
        std::uint64_t answers = 0;
        std::uint64_t unexpected = 0;  // malformed, or nobody waits for it
    };
    static constexpr Duration kTimeout{std::chrono::seconds(1)};  // of a try
    static constexpr unsigned kTries = 2;
    using Done = std::function<void(std::vector<Findings>)>;

    Prober(Loop& loop, Network& network, Limits limits);
    Prober(const Prober&) = delete;
    Prober& operator=(const Prober&) = delete;

    void set_rate(unsigned addresses_per_second) { limits_.addresses_per_second = addresses_per_second; }
    // Calls back once, never from inside this call, in the order of the addresses. exhausted: too many wait.
    [[nodiscard]] Result<void> probe(const std::vector<std::uint32_t>& addresses, const What& what,
                                     Done done);
    [[nodiscard]] std::size_t waiting() const { return queue_.size() + hosts_.size(); }
    [[nodiscard]] const Counters& counters() const { return counters_; }

  private:
    struct Question {
        What what;
        std::vector<Findings> findings;
        std::size_t left = 0;
        Done done;
    };
    struct Place {
        std::shared_ptr<Question> question;
        std::size_t index = 0;
    };
    struct Sent {
        std::uint64_t host = 0;
        MonoTime at;
    };
    struct Host {
        Place place;
        std::string cookie;  // the data of its echoes
        std::uint8_t tag = 0;
        unsigned tries = 0;
        std::vector<std::uint16_t> echoes;
        std::vector<std::unique_ptr<Connecting>> connecting;
        std::size_t undecided = 0;  // ports
        Timer timer;
        [[nodiscard]] Findings& findings() const { return place.question->findings[place.index]; }
        [[nodiscard]] bool awaits_echo() const { return place.question->what.ping && !findings().rtt; }
        [[nodiscard]] bool awaits_pong() const { return place.question->what.ipmi && !findings().has_pong; }
        [[nodiscard]] bool awaits_any() const { return undecided > 0 || awaits_echo() || awaits_pong(); }
    };

    void pace();
    void begin_next();
    void connect(std::uint64_t number, Host& host);
    void ask(std::uint64_t number);
    void send_echo(std::uint64_t number, Host& host);
    void on_icmp(std::uint32_t from, std::string_view message);
    void on_asf(std::uint32_t from, std::string_view datagram);
    void on_answer(std::uint64_t number);
    void finish(std::uint64_t number);
    void count(bool is_sent) { ++(is_sent ? counters_.sent : counters_.not_sent); }

    Loop& loop_;
    Network& network_;
    Limits limits_;
    Counters counters_;
    std::deque<Place> queue_;
    std::map<std::uint64_t, Host> hosts_;  // being probed
    std::uint64_t begun_ = 0;
    std::map<std::uint16_t, Sent> echoes_;  // awaited, by their sequence
    std::uint16_t sequence_ = 0;
    MonoTime next_at_{};
    Timer next_;
};

}  // namespace outstation::probe
