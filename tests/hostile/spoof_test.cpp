// SPDX-License-Identifier: GPL-3.0-or-later
// M3: answers that are nearly right, by the hundred before each that is: from another address or port, with
// another id, community or signature, cut, and once more behind it. None is accepted, and each is counted.
// OUTSTATION_CAMPAIGN=N: N thousand of each version.
#include <gtest/gtest.h>

#include <algorithm>

#include "drivers/snmp/engine.hpp"
#include "drivers/snmp/fake_network.hpp"
#include "lib/event/sim_loop.hpp"
#include "tests/faults/findings.hpp"

namespace outstation::hostile {
namespace {

using namespace std::chrono_literals;
using namespace snmp;

constexpr std::uint64_t kValue = 4711;
constexpr std::size_t kBefore = 100;  // an answer
const std::string kUptime = encode_oid("1.3.6.1.2.1.1.3.0").value();
const std::string kEngineId("\x80\x00\x1f\x88\x04one", 8);

// The same message with another number where its id is: that of the message and that of the PDU.
std::string with_other_id(std::string bytes) {
    Incoming incoming;
    EXPECT_TRUE(parse_incoming(bytes, incoming));
    std::string id;
    for (int shift = 24; shift >= 0; shift -= 8) id += static_cast<char>(incoming.id >> shift);
    for (std::size_t at = bytes.find(id); at != std::string::npos; at = bytes.find(id, at + 1))
        bytes[at + 3] ^= 0x55;
    return bytes;
}

class Spoofed : public testing::TestWithParam<Version> {
  protected:
    Spoofed() {
        network_.mib[kUptime] = {Tag::time_ticks, encode_number(kValue)};
        network_.usm = &agent_;
        network_.twist = [this](const Address&, std::string& bytes) { spoof(bytes); };
        plan_->scalars = {kUptime};
    }
    // Around the answer that comes in `network_.delay`.
    void spoof(const std::string& bytes) {
        const std::size_t community = bytes.find("secret");
        for (std::size_t i = 0; i < kBefore; ++i) {
            std::string other = bytes;
            Address from = device_address_;
            if (i % 5 == 0) from = Address::parse("192.0.2." + std::to_string(2 + i), 161).value();
            if (i % 5 == 1) from = Address::parse("192.0.2.1", static_cast<std::uint16_t>(1000 + i)).value();
            if (i % 5 == 2) other = with_other_id(std::move(other));
            if (i % 5 == 3 && community != std::string::npos) other[community + i % 6] ^= 1;
            if (i % 5 == 3 && community == std::string::npos) other.back() ^= 1;  // not signed so
            if (i % 5 == 4) other.pop_back();
            network_.deliver(from, std::move(other), 1ms);
        }
        network_.deliver(device_address_, bytes, network_.delay + 1ms);
        spoofed_ += kBefore + 1;
    }
    [[nodiscard]] faults::Findings poll() {
        faults::Findings out;
        const std::uint64_t spoofed = spoofed_;
        const std::uint64_t counted = refused();
        engine_.poll(device_, plan_, 30s, [&](Engine::DeviceId, const Cycle& cycle) {
            if (cycle.error != CycleError::none || cycle.values != 1)
                out.add(&faults::Findings::lost, cycle.detail);
            if (cycle.scalars[0].number != kValue) out.add(&faults::Findings::phantom, "another value");
        });
        loop_.advance(1s);
        agent_.time += 1;
        if (refused() - counted != spoofed_ - spoofed)
            out.add(&faults::Findings::other, std::to_string(refused() - counted) + " were counted of " +
                                                  std::to_string(spoofed_ - spoofed));
        return out;
    }
    [[nodiscard]] std::uint64_t refused() const {
        const EngineCounters& counters = engine_.counters();
        return counters.malformed + counters.unexpected_source + counters.late_or_unknown;
    }
    [[nodiscard]] Security security() const {
        return {.version = GetParam(),
                .community = "secret",
                .user = GetParam() == Version::v3 ? user_ : nullptr};
    }

    std::shared_ptr<const UsmUser> user_ =
        UsmUser::make("reader", AuthProtocol::sha256, "authentication", PrivProtocol::none, "").value();
    std::uint64_t spoofed_ = 0;
    SimLoop loop_;
    FakeNetwork network_{loop_};
    FakeUsm agent_{kEngineId, user_};
    Engine engine_{loop_, &network_, nullptr, {}};
    std::shared_ptr<Plan> plan_ = std::make_shared<Plan>();
    Address device_address_ = Address::parse("192.0.2.1", 161).value();
    Engine::DeviceId device_ = engine_.add({device_address_, security(), {kEngineId, 7, 1000}});
};

TEST_P(Spoofed, NoAnswerIsAcceptedButTheOneThatWasAskedFor) {
    faults::Tally tally("M3", "spoofed answers around one that is right");
    const std::uint64_t wanted = faults::campaign_size(20) * 1000;
    for (std::uint64_t polls = 0; spoofed_ < wanted; ++polls) {
        if (!tally.count(poll(), "poll " + std::to_string(polls))) break;
    }
    EXPECT_GT(engine_.counters().malformed, 0U);
    EXPECT_GT(engine_.counters().unexpected_source, 0U);
    EXPECT_GT(engine_.counters().late_or_unknown, 0U);
    EXPECT_GE(spoofed_, wanted);
}

INSTANTIATE_TEST_SUITE_P(Versions, Spoofed, testing::Values(Version::v2c, Version::v3),
                         [](const auto& param) {
                             return std::string(param.param == Version::v3 ? "v3" : "v2c");
                         });

}  // namespace
}  // namespace outstation::hostile
