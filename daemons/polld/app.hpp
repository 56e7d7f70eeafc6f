// SPDX-License-Identifier: GPL-3.0-or-later
// polld's App: sockets to the devices, connections to confd and stored, and the Poller between them.
#pragma once

#include <memory>

#include "daemons/polld/poller.hpp"
#include "lib/runtime/daemon.hpp"

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
    [[nodiscard]] Result<void> open_engine();
    void connect_to_stored();
    void make_poller();
    void connect_to_confd();
    void ask_for_config();
    void on_series_refused(const wire::SeriesRefused& refused);
    void serve_status();

    runtime::Context* context_ = nullptr;
    SeriesBook book_;
    std::unique_ptr<ipc::Client> confd_;
    std::unique_ptr<ipc::Client> stored_;
    std::unique_ptr<StoreLink> link_;
    std::unique_ptr<StateSource> states_;
    std::unique_ptr<Uplink> uplink_;
    std::unique_ptr<snmp::DatagramSocket> socket4_;
    std::unique_ptr<snmp::DatagramSocket> socket6_;
    std::unique_ptr<snmp::Engine> engine_;
    std::unique_ptr<Poller> poller_;
    Timer retry_;
};

}  // namespace outstation::polld
