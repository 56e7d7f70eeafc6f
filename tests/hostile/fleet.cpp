// SPDX-License-Identifier: GPL-3.0-or-later
// A small switch with numbers of its own, many times.
#include "tests/hostile/fleet.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "tests/sim/snmprec.hpp"

namespace outstation::hostile {
namespace {

constexpr char kCommunity[] = "fleet";
constexpr char kUser[] = "poller";
constexpr char kAuthPassphrase[] = "only for this test";
constexpr char kPrivPassphrase[] = "of devices that are not there";
constexpr int kInterfaces = 6;

// Lines of a recording, each number another one.
class Text {
  public:
    explicit Text(std::size_t device) : next_(1'000'000 + device * 1000) {}
    void line(const std::string& oid, int tag, const std::string& value) {
        out_ += fmt::format("1.3.6.1.2.1.{}|{}|{}\n", oid, tag, value);
    }
    void number(const std::string& oid, int tag) { line(oid, tag, std::to_string(next_++)); }
    [[nodiscard]] const std::string& text() const { return out_; }

  private:
    std::size_t next_;
    std::string out_;
};

void put_system(Text& out, const std::string& id) {
    out.line("1.1.0", 4, "a small switch, " + id);
    out.line("1.2.0", 6, "1.3.6.1.4.1.32473.1");
    out.number("1.3.0", 67);
    out.line("1.4.0", 4, "nobody");
    out.line("1.5.0", 4, id);
    out.line("1.6.0", 4, "rack " + id);
    out.line("2.1.0", 2, std::to_string(kInterfaces));
    out.number("25.2.2.0", 2);
    out.number("25.1.5.0", 66);
    out.number("25.1.6.0", 66);
}

void put_interfaces(Text& out) {
    for (int i = 1; i <= kInterfaces; ++i) {
        const auto at = [i](const char* column) { return fmt::format("{}.{}", column, i); };
        out.line(at("2.2.1.1"), 2, std::to_string(i));
        out.line(at("2.2.1.2"), 4, fmt::format("port{}", i));
        out.line(at("2.2.1.3"), 2, "6");
        out.number(at("2.2.1.5"), 66);
        out.line(at("2.2.1.6"), 4, fmt::format("mac{:03}", i));
        for (const char* status : {"2.2.1.7", "2.2.1.8"}) out.line(at(status), 2, "1");
        for (const char* counter : {"2.2.1.10", "2.2.1.13", "2.2.1.14", "2.2.1.16", "2.2.1.19", "2.2.1.20"})
            out.number(at(counter), 65);
        out.line(at("31.1.1.1.1"), 4, fmt::format("port{}", i));
        for (const char* counter : {"31.1.1.1.6", "31.1.1.1.7", "31.1.1.1.10", "31.1.1.1.11"})
            out.number(at(counter), 70);
        out.number(at("31.1.1.1.15"), 66);
        out.line(at("31.1.1.1.18"), 4, fmt::format("to {}", i));
    }
}

void put_hardware(Text& out) {
    for (int i = 1; i <= 2; ++i) {
        const auto at = [i](const char* column) { return fmt::format("{}.{}", column, i); };
        out.line(at("25.2.3.1.2"), 6, "1.3.6.1.2.1.25.2.1.4");
        out.line(at("25.2.3.1.3"), 4, fmt::format("disk {}", i));
        out.line(at("25.2.3.1.4"), 2, "4096");
        out.number(at("25.2.3.1.5"), 2);
        out.number(at("25.2.3.1.6"), 2);
        out.line(at("25.3.3.1.2"), 2, std::to_string(30 + i));
        out.line(at("47.1.1.1.1.2"), 4, fmt::format("sensor {}", i));
        out.line(at("47.1.1.1.1.7"), 4, fmt::format("sensor {}", i));
        out.line(at("99.1.1.1.1"), 2, "8");
        out.line(at("99.1.1.1.2"), 2, "9");
        out.line(at("99.1.1.1.3"), 2, "0");
        out.number(at("99.1.1.1.4"), 2);
        out.line(at("99.1.1.1.5"), 2, "1");
    }
}

std::shared_ptr<const sim::Mib> mib_of(std::size_t number, const std::string& id) {
    Text text(number);
    put_system(text, id);
    put_interfaces(text);
    put_hardware(text);
    auto recording = sim::parse_snmprec(text.text());
    if (!recording.left_out.empty()) std::abort();  // a slip above
    return std::make_shared<const sim::Mib>(std::move(recording.mib));
}

// What it does tells for which versions alone it is.
bool is_only_for(std::string_view versions, const std::string& behaviour) {
    const std::string_view what = sim::parse_behaviour(behaviour).value().behaviour->what;
    return what.substr(0, versions.size()) == versions;
}

}  // namespace

std::vector<std::string> hostile_behaviours() {
    std::vector<std::string> out;
    for (const sim::Behaviour& one : sim::all_behaviours()) {
        if (one.kind == sim::Behaviour::Kind::hostile) out.emplace_back(one.name);
    }
    return out;
}

void Fleet::add_good(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) add("", i % 5 == 0 ? "v3" : i % 10 == 1 ? "v1" : "v2c");
}

void Fleet::add_hostile(const std::string& behaviour) {
    if (!is_only_for("v3:", behaviour)) add(behaviour, "v2c");
    if (!is_only_for("v1, v2c:", behaviour)) add(behaviour, "v3");
}

void Fleet::add(const std::string& behaviour, const std::string& credential) {
    const std::size_t n = members_.size();
    Member member;
    member.behaviour = behaviour;
    member.credential = credential;
    member.device.id = fmt::format("{}-{}-{}", behaviour.empty() ? "good" : behaviour, credential, n);
    // Every other address: what answers from its neighbour's is from nobody.
    member.device.address = fmt::format("127.77.{}.{}", n * 2 / 256, n * 2 % 256);
    member.device.port = port_;
    member.device.mib = mib_of(n, member.device.id);
    if (!behaviour.empty())
        member.device.behaviours =
            std::make_shared<const std::vector<sim::Scheduled>>(1, sim::parse_behaviour(behaviour).value());
    members_.push_back(std::move(member));
}

std::vector<sim::Device> Fleet::devices() const {
    std::vector<sim::Device> out;
    for (const Member& member : members_) out.push_back(member.device);
    return out;
}

sim::AgentOptions Fleet::agent_options() {
    return {kCommunity,
            {snmp::UsmUser::make(kUser, snmp::AuthProtocol::sha256, kAuthPassphrase,
                                 snmp::PrivProtocol::aes128, kPrivPassphrase)
                 .value()}};
}

wire::ConfigReply Fleet::config(std::uint64_t interval_ms, bool with_hostile) const {
    wire::ConfigReply out;
    for (const Member& member : members_) {
        if (!with_hostile && !member.is_good()) continue;
        wire::DeviceConfig device;
        device.id = member.device.id;
        device.address = member.device.address;
        device.port = member.device.port;
        device.interval_ms = interval_ms;
        device.credential = member.credential;
        out.devices.push_back(std::move(device));
    }
    out.credentials = {{"v1", "snmp-v1", kCommunity},
                       {"v2c", "snmp-v2c", kCommunity},
                       {"v3", "snmp-v3", "", kUser, "sha256", kAuthPassphrase, "aes128", kPrivPassphrase}};
    return out;
}

}  // namespace outstation::hostile
