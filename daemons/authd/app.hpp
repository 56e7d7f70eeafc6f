// SPDX-License-Identifier: GPL-3.0-or-later
// authd's App: its messages, and who may send them.
#pragma once

#include <memory>

#include "daemons/authd/service.hpp"
#include "lib/runtime/daemon.hpp"

namespace outstation::authd {

class App : public runtime::App {
  public:
    void stage(config::Mapping) override {}  // nothing to configure yet
    void commit() override {}
    [[nodiscard]] Result<void> start(runtime::Context& context) override;
    void drain(std::function<void()> drained) override;
    void describe(std::vector<wire::StatusField>& out) const override;
    void metrics(runtime::Metrics& out) const override;

  private:
    void serve_webd(ipc::Server& server);
    void serve_console(ipc::Server& server);

    std::unique_ptr<ThreadWorker> worker_;
    std::unique_ptr<Service> service_;
};

}  // namespace outstation::authd
