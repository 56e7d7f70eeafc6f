// SPDX-License-Identifier: GPL-3.0-or-later
// The poll engine as polld runs it: the real loop, the real socket, one callback a device and cycle.
#include <cstdio>
#include <cstdlib>

#include "drivers/snmp/engine.hpp"
#include "tests/bench/snmp/child.hpp"
#include "tests/bench/snmp/contenders.hpp"

namespace outstation::bench {
namespace {

using namespace std::chrono_literals;

class Product {
  public:
    explicit Product(const Work& work) : work_(work) {
        snmp::EngineOptions options;
        options.max_reply_bytes = kMaxReplyBytes;
        if (work.is_paced()) options.receive_tick = 2ms;  // as polld has it
        engine_ = std::make_unique<snmp::Engine>(*loop_, socket_.get(), nullptr, options);
        snmp::Security security{.community = kCommunity};
        if (work.is_v3)
            security = {.version = snmp::Version::v3,
                        .user = snmp::UsmUser::make(kUser, snmp::AuthProtocol::sha1, kAuthPassphrase,
                                                    snmp::PrivProtocol::aes128, kPrivPassphrase)
                                    .value()};
        for (std::size_t i = 0; i < work.devices; ++i) {
            (void)engine_->add({snmp::Address::parse(device_text(i), work.port).value(), security});
        }
    }
    void run(std::size_t cycles) {
        left_to_start_ = left_to_end_ = cycles;
        for (std::size_t i = 0; i < work_.window; ++i) start(static_cast<DeviceId>(i));
        loop_->run();
    }
    void run_paced() {
        left_to_end_ = work_.paced_cycles;
        left_to_start_ = 0;
        start_in_turn(0);
        loop_->run();
    }
    [[nodiscard]] std::uint64_t values() const { return values_; }
    [[nodiscard]] const snmp::EngineCounters& counters() const { return engine_->counters(); }

  private:
    using DeviceId = snmp::Engine::DeviceId;

    void start_in_turn(std::size_t turn) {
        if (turn == work_.paced_cycles) return;
        poll(static_cast<DeviceId>(turn % work_.devices));
        next_ = loop_->after(work_.gap, [this, turn] { start_in_turn(turn + 1); });
    }
    void start(DeviceId device) {
        --left_to_start_;
        poll(device);
    }
    void poll(DeviceId device) {
        engine_->poll(device, plan_, 30s,
                      [this](DeviceId done, const snmp::Cycle& cycle) { on_done(done, cycle); });
    }
    void on_done(DeviceId device, const snmp::Cycle& cycle) {
        if (cycle.error != snmp::CycleError::none || cycle.values != kValuesPerCycle) {
            std::fprintf(stderr, "bench_snmp: %u values, %s\n", cycle.values, cycle.detail.c_str());
            std::exit(1);
        }
        values_ += cycle.values;
        if (left_to_start_ > 0) start(static_cast<DeviceId>(work_.after(device)));
        if (--left_to_end_ == 0) loop_->stop();
    }

    Work work_;
    std::shared_ptr<const snmp::Plan> plan_ = make_plan();
    std::unique_ptr<Loop> loop_ = make_epoll_loop().value();
    std::unique_ptr<snmp::DatagramSocket> socket_ = snmp::open_datagram_socket(AF_INET).value();
    std::unique_ptr<snmp::Engine> engine_;
    std::size_t left_to_start_ = 0;
    std::size_t left_to_end_ = 0;
    std::uint64_t values_ = 0;
    Timer next_;
};

}  // namespace

Measured measure_product(const Work& work) {
    const std::uint64_t memory = own_resident_bytes();
    Product product(work);
    product.run(work.devices);
    const std::uint64_t values = product.values();
    const snmp::EngineCounters before = product.counters();
    const std::uint64_t cpu = own_cpu_us();
    if (work.is_paced()) {
        product.run_paced();
    } else {
        product.run(work.measured_cycles());
    }
    const std::uint64_t used = own_cpu_us() - cpu;
    return {used, product.values() - values, product.counters().requests - before.requests,
            product.counters().retries - before.retries, own_resident_bytes() - memory};
}

}  // namespace outstation::bench
