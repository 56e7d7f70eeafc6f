// SPDX-License-Identifier: GPL-3.0-or-later
// webd's App: certificate, listener, HTTP server, site.
#pragma once

#include <memory>

#include "daemons/webd/settings.hpp"
#include "daemons/webd/site.hpp"
#include "lib/http/tls_listener.hpp"
#include "lib/runtime/daemon.hpp"

namespace outstation::webd {

class App : public runtime::App {
  public:
    void stage(config::Mapping root) override { next_ = read_settings(std::move(root)); }
    void commit() override;
    [[nodiscard]] Result<void> start(runtime::Context& context) override;
    void drain(std::function<void()> drained) override;
    void describe(std::vector<wire::StatusField>& out) const override;
    void metrics(runtime::Metrics& out) const override;

  private:
    [[nodiscard]] Result<crypto::TlsServer> open_certificate();
    void load_files();
    [[nodiscard]] Result<void> listen(crypto::TlsServer tls);

    runtime::Context* context_ = nullptr;
    Settings next_;
    Settings settings_;
    std::string fingerprint_;
    std::unique_ptr<Site> site_;
    std::unique_ptr<http::Server> server_;
    std::unique_ptr<http::TlsListener> listener_;
};

}  // namespace outstation::webd
