// SPDX-License-Identifier: GPL-3.0-or-later
// Datagrams in order of their arrival.
#include "tests/hostile/network.hpp"

namespace outstation::hostile {
namespace {

using namespace std::chrono_literals;
using snmp::Address;

constexpr Duration kWay = 2ms;  // there and back

std::string neighbour_of(std::string address) {
    ++address.back();  // the last digit of every device's address is even
    return address;
}

}  // namespace

class Network::Reply : public sim::Outbox {
  public:
    Reply(Network& network, const Played& from) : network_(network), from_(from) {}
    void send(std::string_view bytes, const sim::Departure& departure) override {
        const Address& address = departure.from_other_address ? from_.other_address
                                 : departure.from_other_port  ? from_.other_port
                                                              : from_.address;
        network_.deliver(address, bytes, kWay + departure.after);
    }

  private:
    Network& network_;
    const Played& from_;
};

Network::Network(SimLoop& loop, std::vector<sim::Device> devices, sim::AgentOptions options, Duration cost)
    : loop_(loop), agent_(std::move(options)), cost_(cost), started_(loop.now()) {
    for (sim::Device& device : devices) {
        const Address address = Address::parse(device.address, device.port).value();
        const Address other = Address::parse(neighbour_of(device.address), device.port).value();
        const Address port =
            Address::parse(device.address, static_cast<std::uint16_t>(device.port + 1)).value();
        sim::DeviceState state(device);
        devices_.emplace(address.text(), Played{std::move(device), std::move(state), address, other, port});
    }
}

std::uint64_t Network::requests(const std::string& address) const {
    const auto it = devices_.find(address);
    return it == devices_.end() ? 0 : it->second.requests;
}

std::uint64_t Network::held_bytes() const {
    std::uint64_t out = 0;
    for (const auto& [at, letter] : under_way_) out += letter.second.capacity();
    for (const Letter& letter : arrived_) out += letter.second.capacity();
    for (const Letter& letter : taken_) out += letter.second.capacity();
    return out;
}

std::size_t Network::send(std::span<snmp::Datagram> datagrams, int& error) {
    error = 0;
    const double elapsed_s = std::chrono::duration<double>(loop_.now() - started_).count();
    for (const snmp::Datagram& datagram : datagrams) {
        loop_.spend(cost_);
        const auto it = devices_.find(datagram.address.text());
        if (it == devices_.end()) continue;
        Played& played = it->second;
        ++played.requests;
        Reply reply(*this, played);
        agent_.receive(played.device, played.state, datagram.bytes, {1.7e9, elapsed_s}, reply);
    }
    return datagrams.size();
}

void Network::deliver(const Address& from, std::string_view bytes, Duration after) {
    under_way_.emplace(loop_.now() + after, Letter{from, bytes});
    arm();
}

void Network::arm() {
    if (under_way_.empty() || (timer_ && armed_at_ <= under_way_.begin()->first)) return;
    armed_at_ = under_way_.begin()->first;
    timer_ = loop_.at(armed_at_, [this] { arrive(); });
}

void Network::arrive() {
    while (!under_way_.empty() && under_way_.begin()->first <= loop_.now()) {
        arrived_.push_back(std::move(under_way_.begin()->second));
        under_way_.erase(under_way_.begin());
    }
    loop_.set_ready(fd(), Ready{true, false});
    timer_.cancel();
    arm();
}

std::span<const snmp::Datagram> Network::receive() {
    taken_.clear();
    out_.clear();
    while (!arrived_.empty() && taken_.size() < snmp::kBatch) {
        taken_.push_back(std::move(arrived_.front()));
        arrived_.pop_front();
    }
    for (const auto& [address, bytes] : taken_) out_.push_back({address, bytes});
    loop_.spend(cost_ * static_cast<int>(out_.size()));
    if (arrived_.empty()) loop_.set_ready(fd(), Ready{});
    return out_;
}

}  // namespace outstation::hostile
