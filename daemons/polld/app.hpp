// SPDX-License-Identifier: GPL-3.0-or-later
// polld's App: devices from confd, cycles by the engine, records to stored.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "daemons/polld/series_book.hpp"
#include "daemons/polld/state_watch.hpp"
#include "daemons/polld/translator.hpp"
#include "daemons/polld/uplink.hpp"
#include "drivers/snmp/engine.hpp"
#include "lib/runtime/daemon.hpp"
#include "lib/wire/config_messages.hpp"
#include "lib/wire/poll_messages.hpp"

namespace outstation::polld {

class App : public runtime::App {
  public:
    void stage(config::Mapping) override {}
    void commit() override {}
    [[nodiscard]] Result<void> start(runtime::Context& context) override;
    void drain(std::function<void()> drained) override;
    void describe(std::vector<wire::StatusField>& out) const override;
    void metrics(runtime::Metrics& out) const override;

  private:
    // One configured device and all that is known of it here.
    struct Device {
        wire::DeviceConfig config;
        std::string community;  // empty: no credential could be had
        snmp::Engine::DeviceId engine_id = 0;
        bool in_engine = false;
        std::unique_ptr<Translator> translator;
        std::unique_ptr<StateWatch> watch;
        wire::PollStatus status;
        MonoTime due;
        unsigned failures = 0;
        Timer timer;
    };

    void connect_to_confd();
    void ask_for_config();
    void apply(const wire::ConfigReply& config);
    void add_device(const wire::DeviceConfig& config, const std::string& community);
    void schedule(Device& device);
    void poll(Device& device);
    void on_cycle(Device& device, const snmp::Cycle& cycle);
    void note_status(Device& device, const snmp::Cycle& cycle);
    void serve_status();

    runtime::Context* context_ = nullptr;
    SeriesBook book_;
    std::unique_ptr<ipc::Client> confd_;
    std::unique_ptr<ipc::Client> stored_;
    std::unique_ptr<StoreLink> link_;
    std::unique_ptr<Uplink> uplink_;
    std::unique_ptr<snmp::DatagramSocket> socket4_;
    std::unique_ptr<snmp::DatagramSocket> socket6_;
    std::unique_ptr<snmp::Engine> engine_;
    std::shared_ptr<const snmp::Plan> plan_ = standard_plan();
    std::map<std::string, Device> devices_;  // by id
    std::uint64_t polls_ = 0;
    std::uint64_t values_ = 0;
    std::uint64_t skipped_ = 0;   // polls that were due while the one before was not done
    Duration worst_lateness_{0};  // of a poll, since the start
    Timer retry_;
};

}  // namespace outstation::polld
