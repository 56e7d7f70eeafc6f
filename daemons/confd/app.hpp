// SPDX-License-Identifier: GPL-3.0-or-later
// confd's App: answers who may have what of the configuration, and tells everybody when it changed.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "daemons/confd/accepted_devices.hpp"
#include "daemons/confd/chosen_settings.hpp"
#include "daemons/confd/secrets.hpp"
#include "daemons/confd/station_file.hpp"
#include "lib/runtime/daemon.hpp"

namespace outstation::confd {

class App : public runtime::App {
  public:
    void stage(config::Mapping root) override { next_ = read_station(std::move(root)); }
    void commit() override;
    [[nodiscard]] Result<void> start(runtime::Context& context) override;
    void describe(std::vector<wire::StatusField>& out) const override;
    void metrics(runtime::Metrics& out) const override;

  private:
    [[nodiscard]] wire::ConfigReply reply_for(const ipc::Peer& peer);
    void answer_alarm_rules(ipc::Peer& peer, const ipc::Responder& responder);
    [[nodiscard]] std::vector<wire::Credential> open_credentials();
    [[nodiscard]] bool open_secret(const CredentialRef& reference, const std::string& name, std::string& out);
    void prepare_secrets();
    void rekey_secrets(const ipc::Peer& peer, const ipc::Responder& responder);
    [[nodiscard]] Result<void> begin_rekey();
    void rekey_in_steps();
    void end_rekey(const Result<void>& done);
    void changed();
    void put_secret(const ipc::Peer& peer, const wire::PutSecret& request, const ipc::Responder& responder);
    void announce();
    struct Caller {
        std::string name;
        bool is_console = false;
    };
    void serve_settings();
    template <typename Request>
    void serve_change(Result<void> (App::*change)(const Request& request, const Caller& caller));
    // Each in the file, in force and in the log when it returns.
    [[nodiscard]] Result<void> add_device(const wire::AddDevice& request, const Caller& caller);
    [[nodiscard]] Result<void> move_device(const wire::MoveDevice& request, const Caller& caller);
    [[nodiscard]] Result<void> name_station(const wire::NameStation& request, const Caller& caller);
    [[nodiscard]] Result<void> put_credential(const wire::PutCredential& request, const Caller& caller);
    [[nodiscard]] Result<void> set_scope(const wire::SetScope& request, const Caller& caller);
    void put_together();

    runtime::Context* context_ = nullptr;
    std::unique_ptr<Secrets> secrets_;
    StationFile next_;
    StationFile base_;     // station.yaml
    StationFile current_;  // with what was chosen, and the accepted devices
    std::unique_ptr<ChosenSettings> chosen_;
    std::unique_ptr<AcceptedDevices> accepted_;
    std::uint64_t generation_ = 0;
    std::map<std::uint64_t, std::weak_ptr<ipc::Peer>> subscribers_;
    struct Rekey {
        std::vector<std::string> names;  // to be sealed with the next key
        std::size_t done = 0;            // of them
        Timer next;
    };
    std::optional<Rekey> rekey_;  // under way
    std::vector<ipc::Responder> waiting_for_rekey_;
    std::set<std::string> told_;  // secrets whose failure was logged since the last change
};

// The console, and webd for a user who may.
[[nodiscard]] bool may_change_settings(const ipc::Peer& peer);

// Only polld's own user, our own user and root may have the credentials.
[[nodiscard]] bool may_have_credentials(const ipc::Peer& peer);

}  // namespace outstation::confd
