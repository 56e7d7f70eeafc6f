// SPDX-License-Identifier: GPL-3.0-or-later
// A network of small agents for tests on virtual time: every address answers from one table of values; hooks
// lose, change and twist what is sent. Threads: the loop's. Ownership: the loop outlives it.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "drivers/snmp/datagram_socket.hpp"
#include "drivers/snmp/fake_usm.hpp"
#include "drivers/snmp/message.hpp"
#include "lib/event/sim_loop.hpp"

namespace outstation::snmp {

struct OidLess {
    bool operator()(const std::string& a, const std::string& b) const {
        return compare_oid(a, b) == std::strong_ordering::less;
    }
};
// By OID bytes: tag and content as they travel.
using FakeMib = std::map<std::string, std::pair<Tag, std::string>, OidLess>;

// The content of an INTEGER or counter.
[[nodiscard]] std::string encode_number(std::uint64_t value);

// What an agent read from a request; pdu `none` when it was not one.
struct FakeRequest {
    Version version = Version::v2c;
    Tag pdu = Tag::none;
    std::string community;
    std::uint32_t id = 0;
    std::int64_t repetitions = 0;
    std::vector<std::string> oids;
    std::vector<std::pair<Tag, std::string>> values;  // of a SET
};

struct FakeAnswer {
    std::vector<std::pair<std::string, std::pair<Tag, std::string>>> varbinds;
    std::int64_t status = 0;
    std::int64_t index = 0;
};

class FakeNetwork : public DatagramSocket {
  public:
    explicit FakeNetwork(SimLoop& loop) : loop_(loop) {}
    [[nodiscard]] int fd() const override { return 1000; }
    [[nodiscard]] std::size_t send(std::span<Datagram> datagrams, int& error) override;
    [[nodiscard]] std::span<const Datagram> receive() override;
    // What it answers, at once; empty: nothing.
    [[nodiscard]] std::string answer_to(std::string_view request);
    // A datagram that arrives `later`, whoever asked for it.
    void deliver(const Address& from, std::string bytes, Duration later);

    FakeMib mib;
    Duration delay = std::chrono::milliseconds(5);
    std::size_t max_varbinds = 10000;                              // an agent with little room
    std::function<bool(int request)> lost;                         // by number of the request, from 1
    std::function<bool(const FakeRequest&, FakeAnswer&)> corrupt;  // true: use this answer instead
    // The bytes before they leave; emptied: nothing is answered.
    std::function<void(const Address&, std::string&)> twist;
    FakeUsm* usm = nullptr;                          // speaks v3; otherwise such messages are not answered
    std::function<FakeUsm*(const Address&)> usm_of;  // who does at which address, if not all the same
    int sent = 0;
    std::size_t largest_request = 0;

  private:
    void serve(const Datagram& datagram);
    [[nodiscard]] std::string answer(const FakeRequest& request, const FakeUsm::Opened& opened);
    [[nodiscard]] std::string report(const FakeUsm::Opened& opened);
    [[nodiscard]] FakeAnswer respond(const FakeRequest& request) const;
    [[nodiscard]] FakeAnswer respond_to_set(const FakeRequest& request);
    [[nodiscard]] FakeAnswer respond_as_v1(const FakeRequest& request) const;

    SimLoop& loop_;
    std::vector<char> scratch_ = std::vector<char>(70000);
    struct Arrived {
        Address from;
        std::string bytes;
        MonoTime at;
    };
    std::deque<Arrived> arrived_;
    std::vector<Arrived> delivered_;
    std::vector<Datagram> out_;
    std::deque<Timer> timers_;
};

}  // namespace outstation::snmp
