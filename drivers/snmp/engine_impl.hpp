// SPDX-License-Identifier: GPL-3.0-or-later
// What the engine is made of. Private to engine*.cpp: engine.cpp has devices and cycles, engine_exchange.cpp
// requests and answers, engine_clock.cpp looks, timeouts and deadlines.
#pragma once

#include "drivers/snmp/engine.hpp"
#include "drivers/snmp/learned.hpp"
#include "drivers/snmp/link.hpp"
#include "drivers/snmp/look_agenda.hpp"
#include "drivers/snmp/request_ids.hpp"
#include "drivers/snmp/round_trip.hpp"
#include "drivers/snmp/run.hpp"
#include "drivers/snmp/stream_link.hpp"

namespace outstation::snmp {

class Engine::Impl : private Link::User {
  public:
    Impl(Loop& loop, DatagramSocket* socket4, DatagramSocket* socket6, EngineOptions options);

    // As of Engine.
    [[nodiscard]] DeviceId add(Target target);
    void remove(DeviceId id);
    [[nodiscard]] bool busy(DeviceId id) const { return devices_.at(id)->run != nullptr; }
    [[nodiscard]] EngineState engine_state(DeviceId id) const;
    void inform(DeviceId id, const Known& known);
    [[nodiscard]] bool has_bulk(DeviceId id) const { return devices_.at(id)->memory.has_bulk(); }
    [[nodiscard]] Learned learned(DeviceId id) const;
    void poll(DeviceId id, std::shared_ptr<const Plan> plan, Duration deadline, Done done);
    void set(DeviceId id, std::vector<Setting> settings, Duration deadline, Done done);
    [[nodiscard]] const EngineCounters& counters() const { return counters_; }

  private:
    static constexpr std::size_t kMaxMessageBytes = 65536;

    struct Device {
        Device(Target target, MonoTime now)
            : address(target.address),
              transport(target.transport),
              session(std::move(target.security), target.known, now) {}
        Address address;
        Transport transport;
        Session session;
        std::shared_ptr<const Plan> plan;
        DeviceMemory memory;
        RoundTrip round_trip;
        std::unique_ptr<Run> run;
    };

    // Devices and cycles.
    Run& begin(Device& device, DeviceId id, Duration deadline, Done done);
    void start(Device& device);
    void end_later(Device& device);
    [[nodiscard]] std::unique_ptr<Run> take_run(Device& device);
    void keep(std::unique_ptr<Run> run);
    void settle_later();
    void settle();
    void report_ended();

    // Requests and answers.
    void proceed(Device& device);
    void build(Device& device);
    [[nodiscard]] bool write(Device& device, BackWriter& out);
    void enqueue(Device& device);
    [[nodiscard]] Link& link_of(const Device& device) { return device.address.is_v6() ? link6_ : link4_; }
    [[nodiscard]] bool pending(DeviceId id, Datagram& out) override;
    void on_sent(DeviceId id) override;
    void on_send_error(DeviceId id, int error) override;
    void on_datagram(const Datagram& datagram) override;
    void on_received() override { settle(); }
    void take(Device& device, const Incoming& incoming, const Datagram& datagram);
    void on_taken(Device& device, Taken& taken, std::size_t bytes);
    void stop_waiting(Run& run);

    // The clock.
    [[nodiscard]] bool reads_by_clock() const { return options_.receive_tick > Duration{0}; }
    [[nodiscard]] RoundTrip::Limits timeouts() const {
        return {options_.first_timeout, options_.min_timeout, options_.max_timeout};
    }
    void arm_clock();
    void on_clock();
    void look(std::size_t found);
    void expect_answer(Run& run);
    void sweep();
    void on_deadline(Device& device);
    void on_timeout(Device& device);
    void give_up(Device& device);

    Loop& loop_;
    EngineOptions options_;
    EngineCounters counters_;
    Link link4_;
    Link link6_;
    StreamLink streams_;
    std::vector<std::unique_ptr<Device>> devices_;
    std::vector<DeviceId> free_;
    std::vector<std::unique_ptr<Run>> runs_free_;
    std::vector<Run*> active_;
    RequestIds ids_;
    // Where answers are decrypted to; untouched pages cost nothing.
    std::unique_ptr<char[]> scratch_ = std::make_unique_for_overwrite<char[]>(kMaxMessageBytes);
    std::vector<DeviceId> ended_;
    std::vector<DeviceId> reported_;
    bool settling_ = false;  // settle() is under way or on its way
    LookAgenda agenda_;
    MonoTime swept_{};
    MonoTime soon_ = MonoTime::max();  // more has come than a look finds: the next one
    Timer clock_;                      // while a cycle is under way
    MonoTime clock_at_{};
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace outstation::snmp
