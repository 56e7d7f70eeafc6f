// SPDX-License-Identifier: GPL-3.0-or-later
// polld's App: sockets to the devices, connections to confd and stored, and the Poller between them.
#pragma once

#include <memory>

#include "daemons/polld/aside.hpp"
#include "daemons/polld/poller.hpp"
#include "daemons/polld/recorder.hpp"
#include "daemons/polld/rediscovery.hpp"
#include "daemons/polld/sweep.hpp"
#include "daemons/polld/sweep_file.hpp"
#include "daemons/polld/workbench.hpp"
#include "lib/runtime/daemon.hpp"

namespace outstation::polld {

class App : public runtime::App {
  public:
    void stage(config::Mapping root) override;
    void commit() override;
    [[nodiscard]] Result<void> start(runtime::Context& context) override;
    void drain(std::function<void()> drained) override;
    void describe(std::vector<wire::StatusField>& out) const override;
    void metrics(runtime::Metrics& out) const override;

  private:
    [[nodiscard]] Result<void> open_engine();
    void read_packs();
    void connect_to_stored();
    void make_poller();
    void connect_to_confd();
    void ask_for_config();
    void take_config(wire::ConfigReply& config);
    void on_series_refused(const wire::SeriesRefused& refused);
    void serve_status();
    [[nodiscard]] Result<void> make_sweep();
    void make_rediscovery();
    void serve_sweep();
    void serve_differences();
    [[nodiscard]] wire::SweepStatus sweep_status() const;
    void start_sweep(const std::vector<std::string>& ranges, const ipc::Responder& responder);
    void configure_sweep(const wire::ConfigReply& config);
    void save_sweep();
    void watch_sweep();
    [[nodiscard]] Result<void> make_recorder();
    void serve_recorder();
    [[nodiscard]] Result<Recorder::Order> order_for(const std::string& subject) const;
    [[nodiscard]] bool may_see_recording(const ipc::Peer& peer, const ipc::Responder& responder) const;
    void try_draft(const wire::DraftRequest& request, const ipc::Responder& responder);
    void record(const ipc::Peer& peer, const wire::RecordRequest& request, const ipc::Responder& responder);

    runtime::Context* context_ = nullptr;
    std::string staged_packs_;
    std::string packs_folder_;
    PackShelf packs_;
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
    // Discovery has a socket and an engine of its own.
    Credentials sweep_credentials_;
    std::unique_ptr<snmp::DatagramSocket> sweep_socket_;
    std::unique_ptr<snmp::Engine> sweep_engine_;
    std::unique_ptr<ipc::Client> probed_;
    std::unique_ptr<ProbeSource> probes_;
    std::unique_ptr<Sweep> sweep_;
    std::unique_ptr<SweepFile> sweep_file_;
    std::unique_ptr<Rediscovery> rediscovery_;
    std::string swept_;  // the state of the sweep when it was looked at last
    bool is_sweep_unsaved_ = false;
    Timer watching_;
    // Recording, too.
    std::unique_ptr<snmp::DatagramSocket> record_socket4_;
    std::unique_ptr<snmp::DatagramSocket> record_socket6_;
    std::unique_ptr<snmp::Engine> record_engine_;
    std::unique_ptr<Recorder> recorder_;
    std::unique_ptr<Workbench> workbench_;
    std::unique_ptr<Aside> aside_;  // last: it is waited for first
    Timer retry_;
};

}  // namespace outstation::polld
