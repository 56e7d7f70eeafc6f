// SPDX-License-Identifier: GPL-3.0-or-later
// probed's App: the prober, and the question it answers.
#pragma once

#include <memory>

#include "drivers/probe/prober.hpp"
#include "lib/runtime/daemon.hpp"
#include "lib/wire/probe_messages.hpp"

namespace outstation::probed {

struct Settings {
    probe::What what;
    unsigned addresses_per_second = 40;
};

class App : public runtime::App {
  public:
    void stage(config::Mapping root) override;
    void commit() override;
    [[nodiscard]] Result<void> start(runtime::Context& context) override;
    void describe(std::vector<wire::StatusField>& out) const override;
    void metrics(runtime::Metrics& out) const override;

  private:
    void answer(const wire::ProbeRequest& request, const ipc::Responder& responder);
    [[nodiscard]] std::string icmp_problem() const;

    Settings staged_;
    Settings settings_;
    runtime::Context* context_ = nullptr;
    std::unique_ptr<probe::Network> network_;
    std::unique_ptr<probe::Prober> prober_;
};

}  // namespace outstation::probed
